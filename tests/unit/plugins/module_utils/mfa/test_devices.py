# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding the device that is meant: every case of the design's rules, without a service."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    IdentityError,
    InvalidAnswer,
    OptionError,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.devices import (
    DevicePlan,
    Devices,
    DeviceWish,
    check_name,
    check_needed,
    check_room,
    compare,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

VERIFIED = Device("v", "x", verified=True)
OTHER_VERIFIED = Device("w", "x", verified=True)
NEW = Device("n", "x", verified=False)
OTHER_NEW = Device("m", "x", verified=False)
STRANGER = Device("s", "y", verified=True)
ON = Mfa(enabled=True, state="ACTIVE", factor_type="OTP", enforcement_level="DEFAULT")


@pytest.mark.parametrize(
    ("have", "wish", "plan"),
    [
        pytest.param([], DeviceWish("x"), DevicePlan(), id="nothing there"),
        pytest.param([STRANGER], DeviceWish("x"), DevicePlan(), id="another name"),
        pytest.param(
            [NEW, VERIFIED], DeviceWish("x"), DevicePlan(VERIFIED), id="the verified one before unverified ones"
        ),
        pytest.param(
            [NEW, VERIFIED], DeviceWish("x", replace=True), DevicePlan(VERIFIED), id="a verified one is never replaced"
        ),
        pytest.param([NEW], DeviceWish("x"), DevicePlan(NEW), id="the only unverified one is kept"),
        pytest.param(
            [NEW], DeviceWish("x", replace=True), DevicePlan(None, (NEW,)), id="it is replaced where that is asked for"
        ),
        pytest.param(
            [NEW, OTHER_NEW], DeviceWish("x", replace=True), DevicePlan(None, (OTHER_NEW, NEW)), id="all of them, by id"
        ),
        pytest.param(
            [NEW, OTHER_NEW],
            DeviceWish("x", replace=True, keep_ids=frozenset({"n"})),
            DevicePlan(None, (OTHER_NEW,)),
            id="but for those to keep",
        ),
        pytest.param(
            [VERIFIED], DeviceWish("x", keep_ids=frozenset({"v"})), DevicePlan(), id="a kept one is not the one meant"
        ),
        pytest.param(
            [VERIFIED, OTHER_VERIFIED],
            DeviceWish("x", keep_ids=frozenset({"v"})),
            DevicePlan(OTHER_VERIFIED),
            id="beside a kept one",
        ),
    ],
)
def test_which_device_is_meant(have: list[Device], wish: DeviceWish, plan: DevicePlan) -> None:
    assert compare(have, wish) == plan
    assert compare(have[::-1], wish) == plan


@pytest.mark.parametrize("pair", [[VERIFIED, OTHER_VERIFIED], [NEW, OTHER_NEW]], ids=["verified", "unverified"])
def test_two_of_a_name_are_a_conflict_that_lists_the_ids(pair: list[Device]) -> None:
    with pytest.raises(Conflict) as caught:
        compare([*pair, STRANGER], DeviceWish("x"))
    assert ", ".join(sorted(device.id for device in pair)) in str(caught.value)


def test_a_sixth_device_is_a_conflict_and_a_replaced_one_makes_room() -> None:
    have = [Device(str(number), "x", verified=False) for number in range(5)]
    check_room(have[:4], DevicePlan())
    check_room(have, DevicePlan(None, (have[0],)))
    with pytest.raises(Conflict):
        check_room(have, DevicePlan())


@pytest.mark.parametrize(
    ("doomed", "have", "mfa", "is_needed"),
    [
        ([VERIFIED], [VERIFIED, NEW], ON, True),
        ([NEW, VERIFIED, OTHER_VERIFIED], [VERIFIED, OTHER_VERIFIED, NEW], ON, True),
        ([VERIFIED], [VERIFIED], ON._replace(factor_type=None), True),
        ([VERIFIED], [VERIFIED, OTHER_VERIFIED], ON, False),
        ([NEW], [NEW], ON, False),
        ([VERIFIED], [VERIFIED], ON._replace(factor_type="SMS"), False),
        ([VERIFIED], [VERIFIED], Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT"), False),
    ],
    ids=[
        *("the last verified one", "all verified ones", "the factor is not told"),
        *("another one is left", "an unverified one", "SMS is asked for", "MFA is off"),
    ],
)
def test_devices_that_the_next_login_needs(doomed: list[Device], have: list[Device], mfa: Mfa, is_needed: bool) -> None:
    with pytest.raises(Conflict) if is_needed else nullcontext():
        check_needed(doomed, have, mfa)


@pytest.mark.parametrize("name", [None, "", " ", "\t\u3000"])
def test_blank_names_are_refused(name: str | None) -> None:
    with pytest.raises(OptionError, match="blank"):
        check_name(name)


# At the service: by id first, and nothing of a lost creation is left

URI = "otpauth://totp/Rackspace:x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rackspace"
LIST = f"GET {MFA}/otp-devices"
GONE = fault(404)


def told(number: str, *, verified: bool = False) -> dict[str, Any]:
    return {"id": number, "name": "x", "verified": verified}


def listed(*devices: dict[str, Any]) -> dict[str, Any]:
    return {"body": {"RAX-AUTH:otpDevices": list(devices)}}


def test_an_id_is_looked_up_and_no_list_is_read(service: Service, session: Session) -> None:
    service.expect(f"{LIST}/d1", body={"RAX-AUTH:otpDevice": told("d1")})
    found = Devices(session.client, "u1").find(DeviceWish("x", device_id="d1"))
    assert found == DevicePlan(Device("d1", "x", verified=False))


def test_where_the_id_is_gone_the_name_counts(service: Service, session: Session) -> None:
    service.expect(f"{LIST}/d1", **GONE)
    service.expect(LIST, **listed(told("d2", verified=True)))
    found = Devices(session.client, "u1").find(DeviceWish("x", device_id="d1"))
    assert found == DevicePlan(Device("d2", "x", verified=True))
    service.expect(f"{LIST}/d1", **GONE)
    assert Devices(session.client, "u1").find(DeviceWish(None, device_id="d1")) == DevicePlan(None)


BRACKETS = fault(400, "Illegal character in the key URI") | {"status": 500}


def test_a_name_with_brackets_that_fails_is_not_to_be_tried_again(service: Service, session: Session) -> None:
    """It fails each time, after the device was stored (contract, "OTP devices")."""
    for wish in (DeviceWish("x[1]"), DeviceWish("x[1]", replace=True)):
        service.expect(LIST, **listed())
        for number in range(1 + wish.replace):
            service.expect(f"POST {MFA}/otp-devices", **BRACKETS)
            if wish.replace:
                service.expect(LIST, **listed({**told(str(number)), "name": "x[1]"}))
                service.expect(f"DELETE {MFA}/otp-devices/{number}", status=204)
                service.expect(f"{LIST}/{number}", **GONE)
        with pytest.raises(Unavailable, match=r"Choose another O\(name\)\. .* key URI\.") as caught:
            Devices(session.client, "u1").create(wish, DevicePlan())
        assert caught.value.message.endswith("delete it with state: absent.") is not wish.replace
        assert "again" not in caught.value.message


SPOILED: dict[str, tuple[str | None, type[IdentityError], str]] = {
    "the answer is lost": (None, Unavailable, "can't answer now"),
    "no secret": ("otpauth://totp/Rackspace:x?secret=1&issuer=Rackspace", InvalidAnswer, "no secret"),
    "more digits": (f"{URI}&digits=8", InvalidAnswer, "codes that the service does not take"),
    "another period": (f"{URI}&period=60", InvalidAnswer, "codes that the service does not take"),
    "another algorithm": (f"{URI}&algorithm=SHA256", InvalidAnswer, "codes that the service does not take"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_a_lost_creation_left_is_removed_and_nothing_else(service: Service, session: Session, case: str) -> None:
    uri, error, words = SPOILED[case]
    service.expect(LIST, **listed(told("before")))
    for number in ("first", "second"):
        made = {"RAX-AUTH:otpDevice": {**told(number), "keyUri": uri}}
        service.expect(f"POST {MFA}/otp-devices", **({"status": 503} if uri is None else {"status": 201, "body": made}))
        service.expect(LIST, **listed(told("before"), told(number), told("verified", verified=True)))
        service.expect(f"DELETE {MFA}/otp-devices/{number}", status=204)
        service.expect(f"{LIST}/{number}", **GONE)
    with pytest.raises(error, match=words):
        Devices(session.client, "u1").create(DeviceWish("x", replace=True), DevicePlan())


@pytest.mark.parametrize("other", ["listed", "kept"])
def test_the_new_device_is_none_that_was_known_before(service: Service, session: Session, other: str) -> None:
    """A kept one may be missing in a list that is empty by mistake."""
    service.expect(LIST, **listed(*([told("listed", verified=True)] if other == "listed" else [])))
    service.expect(f"POST {MFA}/otp-devices", body={"RAX-AUTH:otpDevice": {**told(other), "keyUri": URI}})
    with pytest.raises(
        InvalidAnswer, match=r"another OTP device as the new one.*A device of that name may be there now"
    ):
        Devices(session.client, "u1").create(DeviceWish("x", keep_ids=frozenset({"kept"})), DevicePlan())


def test_the_new_device_is_not_verified_whatever_is_said(service: Service, session: Session) -> None:
    service.expect(LIST, **listed())
    made = {"RAX-AUTH:otpDevice": {**told("d1", verified=True), "keyUri": URI}}
    service.expect(f"POST {MFA}/otp-devices", status=201, body=made)
    new = Devices(session.client, "u1").create(DeviceWish("x"), DevicePlan())
    assert new.device == Device("d1", "x", verified=False)
