# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of settings: every kind, in the order that works, and what is refused before anything is sent."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa, Phone
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import (
    SettingsWish,
    check_devices,
    compare,
)

OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT")
OTP = Mfa(enabled=True, state="ACTIVE", factor_type="OTP", enforcement_level="DEFAULT")
SMS, LOCKED = OTP._replace(factor_type="SMS"), OTP._replace(state="LOCKED")
REQUIRED = OTP._replace(enforcement_level="REQUIRED")
DEVICE, NEW = Device("d", "x", verified=True), Device("n", "x", verified=False)
PHONE = Phone("p", "+15125550100", verified=True)


def level(value: str) -> dict[str, Any]:
    return {"userMultiFactorEnforcementLevel": value}


CASES: dict[str, tuple[Mfa, SettingsWish, list[dict[str, Any] | None]]] = {
    "nothing asked for": (OFF, SettingsWish(), []),
    "on": (OFF, SettingsWish(enabled=True, factor_type="OTP"), [{"enabled": True, "factorType": "OTP"}]),
    "on, the factor left to the service": (OFF, SettingsWish(enabled=True), [{"enabled": True}]),
    "on already": (OTP, SettingsWish(enabled=True), []),
    "on already with that factor": (OTP, SettingsWish(enabled=True, factor_type="OTP"), []),
    "over to the other factor": (OTP, SettingsWish(factor_type="SMS"), [{"factorType": "SMS"}]),
    "on already, and over": (OTP, SettingsWish(enabled=True, factor_type="SMS"), [{"factorType": "SMS"}]),
    "off": (OTP, SettingsWish(enabled=False), [{"enabled": False}]),
    "off already": (OFF, SettingsWish(enabled=False), []),
    "unlock who is locked": (LOCKED, SettingsWish(unlock=True), [{"unlock": True}]),
    "unlock who is not": (OTP, SettingsWish(unlock=True), []),
    "unlock who is off": (OFF, SettingsWish(unlock=True), []),
    "a level": (OTP, SettingsWish(enforcement_level="REQUIRED"), [level("REQUIRED")]),
    "the same level": (OTP, SettingsWish(enforcement_level="DEFAULT"), []),
    "a level that demands more comes last": (
        OFF,
        SettingsWish(enabled=True, factor_type="OTP", enforcement_level="REQUIRED"),
        [{"enabled": True, "factorType": "OTP"}, level("REQUIRED")],
    ),
    "one that demands less comes first": (
        OFF,
        SettingsWish(enabled=True, factor_type="OTP", enforcement_level="OPTIONAL"),
        [level("OPTIONAL"), {"enabled": True, "factorType": "OTP"}],
    ),
    "DEFAULT goes first, too: the token ends with the other": (
        OFF._replace(enforcement_level="OPTIONAL"),
        SettingsWish(enabled=True, factor_type="OTP", enforcement_level="DEFAULT"),
        [level("DEFAULT"), {"enabled": True, "factorType": "OTP"}],
    ),
    "off already, though required": (
        OFF._replace(enforcement_level="REQUIRED"),
        SettingsWish(enabled=False),
        [],
    ),
    "required from now on, and still off": (OFF, SettingsWish(enforcement_level="REQUIRED"), [level("REQUIRED")]),
    "the level before it is turned off": (
        REQUIRED,
        SettingsWish(enabled=False, enforcement_level="OPTIONAL"),
        [level("OPTIONAL"), {"enabled": False}],
    ),
    "the unlock before all": (
        LOCKED,
        SettingsWish(unlock=True, factor_type="SMS", enforcement_level="REQUIRED"),
        [{"unlock": True}, {"factorType": "SMS"}, level("REQUIRED")],
    ),
    "off before the removal, which leaves bypass codes": (OTP, SettingsWish(remove=True), [{"enabled": False}, None]),
    "the level before the removal": (
        REQUIRED,
        SettingsWish(remove=True, enforcement_level="DEFAULT"),
        [level("DEFAULT"), {"enabled": False}, None],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    have, wish, steps = CASES[case]
    plan = compare(have, wish, [DEVICE])
    assert [step.change for step in plan.steps] == steps
    assert (plan.before == plan.after) is (not steps)


@pytest.mark.parametrize("case", [case for case, parts in CASES.items() if not parts[1].remove])
def test_what_a_plan_reaches_asks_for_no_other_plan(case: str) -> None:
    have, wish = CASES[case][:2]
    reached = compare(have, wish, [DEVICE]).after
    assert compare(reached, wish, [DEVICE]).steps == ()


OPTIONAL = OFF._replace(enforcement_level="OPTIONAL")


@pytest.mark.parametrize(
    ("have", "level", "may_end"),
    [
        (OPTIONAL, "DEFAULT", True),
        (OPTIONAL, "REQUIRED", True),
        (OFF, "REQUIRED", True),
        (OFF, "OPTIONAL", False),
        (OPTIONAL._replace(enabled=True), "DEFAULT", False),
        (REQUIRED._replace(enabled=False), "DEFAULT", False),
    ],
)
def test_a_level_that_may_make_mfa_a_duty_may_end_a_token(have: Mfa, level: str, may_end: bool) -> None:
    plan = compare(have, SettingsWish(enforcement_level=level))
    assert [step.may_end_token for step in plan.steps] == [may_end]


@pytest.mark.parametrize(("devices", "phones", "is_due"), [([], [], False), ([NEW], [], True), ([], [PHONE], True)])
def test_a_removal_is_due_if_anything_is_there(devices: list[Device], phones: list[Phone], is_due: bool) -> None:
    for off in (OFF, OFF._replace(enforcement_level="REQUIRED")):
        with nullcontext() if off is OFF or not is_due else pytest.raises(Conflict):
            assert bool(compare(off, SettingsWish(remove=True), devices, phones).steps) is is_due
    assert compare(SMS, SettingsWish(remove=True)).after == OFF


@pytest.mark.parametrize(
    ("have", "wish", "kind"),
    [
        (OTP, SettingsWish(enabled=False, factor_type="OTP"), OptionError),
        (OTP, SettingsWish(remove=True, enabled=True), OptionError),
        (OTP, SettingsWish(remove=True, factor_type="OTP"), OptionError),
        (OTP, SettingsWish(remove=True, unlock=True), OptionError),
        (OFF, SettingsWish(factor_type="OTP"), Conflict),
        (OTP, SettingsWish(enabled=False, enforcement_level="REQUIRED"), Conflict),
        (OFF, SettingsWish(enabled=False, enforcement_level="REQUIRED"), Conflict),
        (OFF, SettingsWish(remove=True, enforcement_level="REQUIRED"), Conflict),
    ],
)
def test_what_makes_no_sense_or_locks_out_is_refused(have: Mfa, wish: SettingsWish, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        compare(have, wish, [DEVICE])


@pytest.mark.parametrize("wish", [SettingsWish(enabled=False), SettingsWish(remove=True)])
def test_a_level_that_is_required_is_told_with_the_way_on(wish: SettingsWish) -> None:
    with pytest.raises(Conflict, match=r"enforcement level is REQUIRED.* to OPTIONAL or DEFAULT"):
        compare(REQUIRED, wish, [DEVICE])


@pytest.mark.parametrize(
    ("wish", "devices", "phones", "says"),
    [
        (SettingsWish(enabled=True), [DEVICE], [], None),
        (SettingsWish(enabled=True), [], [PHONE], None),
        (SettingsWish(enabled=True, factor_type="SMS"), [DEVICE], [PHONE], None),
        (SettingsWish(enabled=True), [DEVICE], [PHONE], "factor_type"),
        (SettingsWish(enabled=True), [NEW], [], "no verified device"),
        (SettingsWish(enabled=True), [], [], "no verified device"),
        (SettingsWish(enabled=True, factor_type="SMS"), [DEVICE], [], "factor_type SMS"),
        (SettingsWish(enabled=True, factor_type="OTP"), [NEW], [PHONE], "factor_type OTP"),
    ],
)
def test_it_is_turned_on_only_with_a_verified_device(
    wish: SettingsWish, devices: list[Device], phones: list[Phone], says: str | None
) -> None:
    plan = compare(OFF, wish, devices, phones)
    with pytest.raises(Conflict, match=says) if says else nullcontext():
        check_devices(plan, devices, phones)
