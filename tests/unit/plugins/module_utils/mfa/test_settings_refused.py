# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that are planned: what is looked at, and what is refused before anything is sent."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, Forbidden, PasscodeRequired
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor, read_secret
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import StoreChanged
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_settings, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA, access, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.changing import TURN_ON, USER, user

DEVICES: dict[str, Any] = {
    "body": {"RAX-AUTH:multiFactorDevices": {"otpDevices": [{"id": "d", "name": "x", "verified": True}]}}
}


def planned(session: Session, wish: SettingsWish, *, check_mode: bool, **options: str) -> list[str]:
    plan = Settings(session, Target(session, options.get)).plan(wish, check_mode=check_mode)
    return [step.name for step in plan.steps]


def test_an_administrators_token_unlocks_beside_the_users_own_credentials(service: Service, session: Session) -> None:
    """An inventory may have these for each user."""
    session.who, session.access = session.who._replace(auth_token="first"), None
    locked = {"multiFactorEnabled": True, "multiFactorState": "LOCKED"}
    told = {f"RAX-AUTH:{name}": value for name, value in locked.items()}
    service.expect("GET /v2.0/users?name=Jo", body={"user": {"id": "u1", "username": "jo", **told}})
    assert planned(session, SettingsWish(unlock=True), check_mode=True, target_user="Jo") == ["unlock"]


@pytest.mark.parametrize("is_on", [True, False])
def test_a_removal_looks_for_devices_only_where_mfa_is_off(is_on: bool, service: Service, session: Session) -> None:
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "RAX-AUTH:multiFactorEnabled": is_on}})
    if not is_on:
        service.expect(f"GET {MFA}/devices", **DEVICES)
    steps = planned(session, SettingsWish(remove=True), check_mode=False)
    assert steps == (["turn_off"] if is_on else []) + ["remove_everything"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_only_another_one_lifts_a_lock_out(check_mode: bool, service: Service, session: Session) -> None:
    unlock = SettingsWish(unlock=True)
    service.expect(USER, **user(multiFactorEnabled=True, multiFactorState="LOCKED"))
    with pytest.raises(Forbidden, match="administrator"):
        planned(session, unlock, check_mode=check_mode)
    service.expect(USER, **user(multiFactorEnabled=True, multiFactorState="ACTIVE"))
    assert planned(session, unlock, check_mode=check_mode) == []
    locked = {"multiFactorEnabled": True, "multiFactorState": "LOCKED"}
    service.expect("GET /v2.0/users?name=sam", body={"user": {"id": "u2", "username": "sam", **locked}})
    assert planned(session, unlock, check_mode=check_mode, target_user="sam") == ["unlock"]


ROLES: dict[str, tuple[list[str], bool]] = {
    "default": (["identity:default", "compute:default"], True),
    "user-manage": (["identity:user-manage", "identity:default"], False),
    "user-admin": (["identity:user-admin"], False),
    "not told": ([], False),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_default_user_sets_no_level(
    role: str, is_alone: bool, check_mode: bool, service: Service, session: Session
) -> None:
    """One PUT alone is refused by the service, with nothing changed. A token that was given is looked at once."""
    roles, is_refused = ROLES[role]
    session.who, session.access = session.who._replace(api_key="a-key", auth_token="first", user_id="u1"), None
    service.expect(USER, **user(multiFactorEnabled=is_alone, factorType="OTP"))
    if not is_alone:
        service.expect(f"GET {MFA}/devices", **DEVICES)
    if check_mode or not is_alone:
        service.expect("GET /v2.0/tokens/first", **access("first", roles=roles))
    refused = pytest.raises(Forbidden, match=r"a default user, .* Nothing was changed\.")
    with refused if is_refused and (check_mode or not is_alone) else nullcontext():
        wish = SettingsWish(enabled=True, factor_type="OTP", enforcement_level="REQUIRED")
        planned(session, wish, check_mode=check_mode)


TOKEN_ALONE: dict[str, Any] = {"password": None, "auth_token": "first", "user_id": "u1"}
OTP_SECRET = Factor(otp=read_secret("otp_secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))


@pytest.mark.parametrize(
    ("way", "level", "is_refused"),
    [
        ({}, "REQUIRED", True),
        ({}, "OPTIONAL", False),
        ({"factor": OTP_SECRET}, "REQUIRED", False),
        ({"factor": Factor(passcode="123456")}, "REQUIRED", False),
        ({"api_key": "a-key", "password": None}, "REQUIRED", False),
        ({"factor": OTP_SECRET, **TOKEN_ALONE}, "REQUIRED", True),
        (TOKEN_ALONE, "OPTIONAL", False),
    ],
    ids=["password", "it goes first", "secret", "passcode", "key", "secret and no password", "it goes first by token"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_the_level_that_goes_last_needs_another_login(
    way: dict[str, Any], level: str, is_refused: bool, check_mode: bool, service: Service, session: Session
) -> None:
    """Turning MFA on ends the token of the password."""
    session.who = session.who._replace(**way)
    service.expect(USER, **user())
    service.expect(f"GET {MFA}/devices", **DEVICES)
    wish = TURN_ON._replace(enforcement_level=level)
    with pytest.raises(PasscodeRequired, match="Nothing was changed") if is_refused else nullcontext():
        assert "turn_on" in planned(session, wish, check_mode=check_mode)


@pytest.mark.parametrize("wish", [TURN_ON, SettingsWish(remove=True)], ids=["turn on", "remove"])
@pytest.mark.parametrize("has_password", [True, False])
def test_the_level_that_goes_first_may_need_another_login(
    has_password: bool, wish: SettingsWish, service: Service, session: Session
) -> None:
    """MFA becomes a duty while it is off. A login for the setup alone can go on; no passcode would help."""
    if not has_password:
        session.who = session.who._replace(**TOKEN_ALONE)
    service.expect(USER, **user(userMultiFactorEnforcementLevel="OPTIONAL"))
    service.expect(f"GET {MFA}/devices", **DEVICES)
    wish = wish._replace(enforcement_level="DEFAULT")
    refused = pytest.raises(Conflict, match=r"The step set_enforcement_level may end .*, or with O\(password\)\.$")
    with nullcontext() if has_password else refused:
        assert planned(session, wish, check_mode=False)[0] == "set_enforcement_level"


MADE_BY: dict[str, tuple[dict[str, Any], bool]] = {
    "a key": (access("first", methods=["APIKEY"]), True),
    "a passcode": (access("first", methods=["OTPPASSCODE", "PASSWORD"]), True),
    "a password": (access("first", methods=["PASSWORD"]), False),
    "what is not told": (access("first"), False),
    "a login for the setup alone": (fault(403), False),
}


@pytest.mark.parametrize("made_by", MADE_BY)
def test_a_given_token_may_outlive_that_mfa_is_turned_on(made_by: str, service: Service, session: Session) -> None:
    told, may_go_on = MADE_BY[made_by]
    session.who = session.who._replace(auth_token="first", user_id="u1")
    session.access = None
    service.expect(USER, **user())
    service.expect(f"GET {MFA}/devices", **DEVICES)
    service.expect("GET /v2.0/tokens/first", **told)
    wish = TURN_ON._replace(enforcement_level="REQUIRED")
    with nullcontext() if may_go_on else pytest.raises(PasscodeRequired, match="may end the token"):
        assert planned(session, wish, check_mode=False) == ["turn_on", "set_enforcement_level"]


def test_a_stored_secret_is_another_way_in(bench: Bench) -> None:
    device = bench.service.make_device(verified=True)
    wish = {"enabled": True, "factor_type": "OTP", "enforcement_level": "REQUIRED"}
    with pytest.raises(PasscodeRequired):
        bench.here.call(rax_mfa_settings, check_mode=True, **wish)
    bench.store(device)
    steps = bench.here.call(rax_mfa_settings, check_mode=True, **wish)["steps"]
    assert steps == ["turn_on", "set_enforcement_level"]


@pytest.mark.parametrize(
    ("is_stored", "options", "is_refused"),
    [
        (True, {}, False),
        (False, {}, True),
        (False, {"check_mode": True}, False),  # where it would have been stored
        (False, {"store": {"type": "none"}}, False),
    ],
    ids=["stored", "gone", "check mode", "a person has it"],
)
def test_mfa_is_not_turned_on_when_the_stored_secret_is_gone(
    is_stored: bool, options: dict[str, Any], is_refused: bool, bench: Bench
) -> None:
    seen = bench.here.call(rax_otp_device, state="verified")
    if not is_stored:
        bench.shelf.content = None
    with pytest.raises(StoreChanged, match="no longer holds the secret") if is_refused else nullcontext():
        bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=[seen], **options)
    assert bench.service.mfa is not (is_refused or "check_mode" in options)


@pytest.mark.parametrize("check_mode", [True, False])
def test_mfa_is_not_turned_on_while_the_stored_device_waits_to_be_verified(bench: Bench, check_mode: bool) -> None:
    """Another device is verified, so the service would turn it on."""
    phone = bench.service.make_device(verified=True, name="phone")
    wish = {"enabled": True, "factor_type": "OTP", "check_mode": check_mode, **KEY}
    present = bench.here.call(rax_otp_device, **KEY)
    others = {"device": {"id": phone, "name": "phone", "verified": True}}
    for seen in ([present], [others, present], [present, others]):
        with pytest.raises(Conflict, match="If a task of this run has verified it, add its result"):
            bench.here.call(rax_mfa_settings, seen=seen, **wish)
    assert not bench.service.mfa
    by_prompt = {"device": {**present["device"], "verified": True}, "steps": ["verify_device"]}
    for seen in ([present, by_prompt], [present, {}, bench.here.call(rax_otp_device, state="verified", **KEY)], []):
        bench.service.mfa = False
        assert bench.here.call(rax_mfa_settings, seen=seen, **wish)["steps"] == ["turn_on"]


def test_the_last_device_in_seen_is_the_one_whose_secret_must_be_stored(bench: Bench) -> None:
    first = bench.here.call(rax_otp_device, state="verified", **KEY)
    bench.rest()
    second = bench.here.call(rax_otp_device, state="replaced", **KEY)
    with pytest.raises(StoreChanged, match=r"holds that of another device\. If another run stored it, run this again"):
        bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=[first], **KEY)
    on = bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=[first, second], **KEY)
    off = bench.here.call(rax_mfa_settings, enabled=False, seen=[on], **KEY)
    gone = bench.here.call(rax_otp_device, state="absent", seen=[off], **KEY)
    bench.rest()
    third = bench.here.call(rax_otp_device, state="verified", **KEY)
    seen = [first, second, on, off, gone, third]
    assert bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=seen, **KEY)["changed"]
    assert bench.service.mfa


def test_what_a_task_tells_of_another_device_hides_no_verified_one(bench: Bench) -> None:
    later = {"device": {"id": "another", "verified": False}, "steps": ["create_device"]}
    verified = bench.here.call(rax_otp_device, state="verified", check_mode=True, **KEY)
    wish: dict[str, Any] = {"enabled": True, "factor_type": "OTP"}
    plan = bench.here.call(rax_mfa_settings, check_mode=True, seen=[verified, later], **wish, **KEY)
    assert plan["steps"] == ["turn_on"]
    verified = bench.here.call(rax_otp_device, state="verified", **KEY)
    bench.shelf.content = None
    with pytest.raises(StoreChanged, match=r"To go on, restore the entry"):
        bench.here.call(rax_mfa_settings, seen=[verified, later], **wish, **KEY)
    assert not bench.service.mfa


@pytest.mark.parametrize(
    "options", [{"check_mode": True}, {"enforcement_level": "OPTIONAL"}], ids=["check", "two steps"]
)
def test_a_device_that_went_after_it_was_verified_does_not_count(options: dict[str, Any], bench: Bench) -> None:
    """The service would refuse to turn MFA on, for real after the level had changed."""
    seen = [{"device": {"id": "d", "verified": True}, "steps": ["verify_device"], "proved": False}]
    seen.append({"device": None, "steps": ["delete_device"], "proved": False})
    with pytest.raises(Conflict, match="no verified device"):
        bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=seen, **options, **KEY)
    assert bench.writes == []
