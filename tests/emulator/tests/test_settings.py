# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Settings: every row of the table with its refusals."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .helpers import LEVEL, Service, assert_refused, session_of, token_of


def state(service: Service) -> tuple[bool, str | None]:
    """Alice's MFA state."""
    user = service.control.user("alice")
    return user["mfa_enabled"], user["factor_type"]


def set_domain_level(service: Service, level: str) -> None:
    """Set the level of Alice's domain from outside."""
    service.control.users([{"username": "new", "domain_id": "100", "domain_enforcement_level": level}])


def turn_on(service: Service, otp: str, phone: str, factor: str | None) -> requests.Response:
    """Turn MFA on for Alice, whose device and phone are `verified`, `added`, or not there."""
    if otp:
        (service.verified_device if otp == "verified" else service.create)("alice")
    if phone:
        service.add_phone("alice", verified=phone == "verified")
    return service.put("alice", enabled=True, **({"factorType": factor} if factor else {}))


@pytest.mark.parametrize(
    ("otp", "phone", "factor", "result"),
    [
        ("verified", "", None, "OTP"),
        ("verified", "", "OTP", "OTP"),
        ("", "verified", None, "SMS"),
        ("", "verified", "SMS", "SMS"),
        ("verified", "verified", "SMS", "SMS"),
    ],
)
def test_on(service: Service, otp: str, phone: str, factor: str | None, result: str) -> None:
    answer = turn_on(service, otp, phone, factor)
    assert (answer.status_code, answer.content) == (204, b"")
    assert state(service) == (True, result)


@pytest.mark.parametrize(
    ("otp", "phone", "factor", "words"),
    [
        ("verified", "verified", None, "Must specify"),
        ("added", "", None, "Device not verified"),
        ("", "added", None, "Device not verified"),
        ("", "", None, "User not associated with a multifactor device"),
        ("added", "verified", "OTP", "User doesn't have a verified OTP device."),
        ("verified", "added", "SMS", "User doesn't have a verified mobile phone."),
        ("verified", "", "otp", "Invalid factor type"),
    ],
)
def test_on_is_refused(service: Service, otp: str, phone: str, factor: str | None, words: str) -> None:
    assert_refused(turn_on(service, otp, phone, factor), 400, "badRequest", words)
    assert state(service) == (False, None)


def test_success_may_be_a_200(service: Service) -> None:
    """A change of settings, and each removal."""
    service.control.behave(settings_status=200, deletion_status=200)
    token, device, phone = service.key_token("alice"), service.create("alice"), service.add_phone("alice")
    answers = [service.put("alice", enabled=False)]
    for path in (f"/otp-devices/{device['id']}", f"/mobile-phones/{phone['id']}", ""):
        answers.append(service.delete("alice", path))
    answers.append(service.call("DELETE", f"/tokens/{token}", token=token))
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 5


class TestFactor:
    """`{"factorType": …}` while MFA is on."""

    def test_switch(self, service: Service) -> None:
        service.enroll("alice")
        service.add_phone("alice")
        assert service.put("alice", factorType="SMS").status_code == 204
        assert state(service) == (True, "SMS")
        assert service.put("alice", enabled=True, factorType="OTP").status_code == 204
        assert state(service) == (True, "OTP")

    def test_while_off(self, service: Service) -> None:
        service.verified_device("alice")
        words = "Can only set factor type when MFA is already enabled or while enabling MFA"
        assert_refused(service.put("alice", factorType="OTP"), 400, "badRequest", words)

    def test_without_a_verified_device_of_the_kind(self, service: Service) -> None:
        service.enroll("alice")
        assert_refused(service.put("alice", factorType="SMS"), 400, "badRequest")
        assert state(service) == (True, "OTP")


class TestOff:
    """`{"enabled": false}`."""

    def test_keeps_devices_clears_factor_and_voids_bypass_codes(self, service: Service, device: dict[str, Any]) -> None:
        service.bypass_codes("alice")
        assert service.put("alice", enabled=False).status_code == 204
        user = service.control.user("alice")
        assert state(service) == (False, None)
        assert [kept["id"] for kept in user["otp_devices"]] == [device["id"]]
        assert user["bypass_codes"] == []
        assert token_of(service.by_password("alice"))

    def test_again_changes_nothing(self, service: Service) -> None:
        assert service.put("alice", enabled=False).status_code == 204
        assert state(service) == (False, None)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"enabled": False, "factorType": "OTP"}, id="off-with-factor"),
        pytest.param({"enabled": True, "unlock": True}, id="on-with-unlock"),
        pytest.param({"enabled": False, "unlock": False}, id="off-with-unlock"),
        pytest.param({"enabled": True, LEVEL: "OPTIONAL"}, id="on-with-level"),
        pytest.param({"unlock": True, LEVEL: "OPTIONAL"}, id="unlock-with-level"),
        pytest.param({"factorType": "OTP", LEVEL: "OPTIONAL"}, id="factor-with-level"),
        pytest.param({"factorType": "OTP", "unlock": False}, id="factor-with-unlock"),
        pytest.param({"enabled": "true"}, id="boolean-as-text"),
        pytest.param({"enabled": None}, id="null"),
        pytest.param({"Enabled": True}, id="other-case"),
        pytest.param({"RAX-AUTH:enabled": True}, id="prefixed"),
        pytest.param({"multiFactorEnabled": True}, id="unknown"),
    ],
)
def test_mixed_or_malformed_settings_are_refused(service: Service, settings: dict[str, Any]) -> None:
    service.enroll("alice")
    assert_refused(service.put("alice", service.key_token("admin"), **settings), 400, "badRequest")
    assert state(service) == (True, "OTP")


class TestUnlock:
    """`{"unlock": true}`."""

    @pytest.mark.parametrize("caller", ["admin", "manager"])
    def test_of_another_user(self, service: Service, caller: str) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        for _unused in range(2):  # the second time it is not locked
            assert service.put("alice", service.key_token(caller), unlock=True).status_code == 204
        assert session_of(service.by_password("alice"))

    @pytest.mark.parametrize("name", ["alice", "admin"])
    def test_of_oneself_is_forbidden(self, service: Service, name: str) -> None:
        assert_refused(service.put(name, unlock=True), 403, "forbidden")

    @pytest.mark.parametrize("caller", ["admin", "alice"])
    def test_false_does_nothing(self, service: Service, caller: str) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        assert service.put("alice", service.key_token(caller), unlock=False).status_code == 204
        assert service.control.user("alice")["locked"] is True


class TestLevel:
    """`{"userMultiFactorEnforcementLevel": …}`."""

    @pytest.mark.parametrize("level", ["REQUIRED", "OPTIONAL", "DEFAULT"])
    @pytest.mark.parametrize(("caller", "name"), [("admin", "alice"), ("manager", "alice"), ("manager", "manager")])
    def test_is_set(self, service: Service, caller: str, name: str, level: str) -> None:
        for _unused in range(2):
            assert service.put(name, service.key_token(caller), **{LEVEL: level}).status_code == 204
        assert service.control.user(name)["enforcement_level"] == level

    @pytest.mark.parametrize("level", ["required", "NONE", "", "RACKSPACE_MANDATED"])
    def test_unknown_is_refused(self, service: Service, level: str) -> None:
        assert_refused(service.put("alice", service.key_token("admin"), **{LEVEL: level}), 400, "badRequest")

    def test_by_a_default_user_is_forbidden(self, service: Service) -> None:
        assert_refused(service.put("alice", **{LEVEL: "OPTIONAL"}), 403, "forbidden")

    def test_under_a_mandate_is_forbidden(self, service: Service) -> None:
        set_domain_level(service, "RACKSPACE_MANDATED")
        assert service.put("alice", service.key_token("admin"), **{LEVEL: "DEFAULT"}).status_code == 204
        assert_refused(service.put("alice", service.key_token("admin"), **{LEVEL: "OPTIONAL"}), 403, "forbidden")
        assert_refused(service.by_password("alice"), 403, "forbidden", "User must setup multi-factor")

    def test_optional_user_of_a_domain_that_requires(self, service: Service) -> None:
        set_domain_level(service, "REQUIRED")
        assert_refused(service.by_password("alice"), 403, "forbidden", "User must setup multi-factor")
        service.put("alice", service.key_token("admin"), **{LEVEL: "OPTIONAL"})
        assert token_of(service.by_password("alice"))


class TestRemoval:
    """`DELETE …/multi-factor`."""

    def test_takes_settings_phones_and_devices(self, service: Service) -> None:
        service.enroll("alice")
        service.add_phone("alice")
        answer = service.delete("alice")
        assert (answer.status_code, answer.content) == (204, b"")
        user = service.control.user("alice")
        assert state(service) == (False, None)
        assert (user["otp_devices"], user["phone"]) == ([], None)

    def test_keeps_level_and_bypass_codes(self, service: Service) -> None:
        service.enroll("alice")
        service.put("alice", service.key_token("admin"), **{LEVEL: "REQUIRED"})
        service.bypass_codes("alice")
        service.delete("alice")
        user = service.control.user("alice")
        assert user["enforcement_level"] == "REQUIRED"
        assert len(user["bypass_codes"]) == 1

    def test_of_nothing(self, service: Service) -> None:
        for _unused in range(2):
            assert service.delete("alice").status_code == 204
