# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, OTP devices: verification and deletion."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import Service, assert_refused


def listed(service: Service) -> list[dict[str, Any]]:
    """Alice's devices as the service lists them."""
    answer = service.call("GET", service.mfa("alice", "/otp-devices"), token=service.key_token("alice"))
    return list(answer.json()["RAX-AUTH:otpDevices"])


class TestVerification:
    """`POST …/verify`."""

    def test_right_code(self, service: Service) -> None:
        device = service.create("alice")
        answer = service.verify("alice", device["id"], service.code(device["secret"]))
        assert (answer.status_code, answer.content) == (204, b"")
        assert listed(service)[0]["verified"] is True

    @pytest.mark.parametrize("code", ["000000x", "", "12345"], ids=["letters", "empty", "short"])
    def test_wrong_code(self, service: Service, code: str) -> None:
        device = service.create("alice")
        answer = service.verify("alice", device["id"], code)
        assert_refused(answer, 400, "badRequest", "The provided pin is either invalid or expired.")
        assert listed(service)[0]["verified"] is False

    def test_code_as_a_number_is_refused(self, service: Service) -> None:
        device = service.create("alice")
        answer = service.verify("alice", device["id"], int(service.code(device["secret"])))
        assert_refused(answer, 400, "badRequest", "wrong type")

    def test_leading_zeros_count(self, service: Service) -> None:
        device = service.create("alice")
        while not service.code(device["secret"]).startswith("0"):
            service.control.move(30)
        code = service.code(device["secret"])
        assert service.verify("alice", device["id"], code.lstrip("0")).status_code == 400
        assert service.verify("alice", device["id"], code).status_code == 204

    def test_verified_before(self, service: Service) -> None:
        device = service.verified_device("alice")
        answer = service.verify("alice", device["id"], service.code(device["secret"]))
        assert_refused(answer, 400, "badRequest", "The specified device has already been verified")

    def test_code_of_another_device(self, service: Service) -> None:
        device, other = service.create("alice"), service.create("alice")
        assert service.verify("alice", device["id"], service.code(other["secret"])).status_code == 400

    def test_unknown_device(self, service: Service) -> None:
        assert_refused(service.verify("alice", "nothing", "123456"), 404, "itemNotFound")

    def test_device_of_another_user(self, service: Service) -> None:
        device = service.create("bob")
        answer = service.verify("alice", device["id"], service.code(device["secret"]))
        assert_refused(answer, 404, "itemNotFound")


class TestDeletion:
    """`DELETE …/otp-devices/{device}`."""

    def delete(self, service: Service, device: dict[str, Any]) -> Any:
        """Delete a device of Alice."""
        path = service.mfa("alice", f"/otp-devices/{device['id']}")
        return service.call("DELETE", path, token=service.key_token("alice"))

    def test_unverified_one(self, service: Service) -> None:
        device = service.create("alice")
        assert self.delete(service, device).status_code == 204
        assert listed(service) == []

    def test_unknown_one(self, service: Service) -> None:
        assert_refused(self.delete(service, {"id": "nothing"}), 404, "itemNotFound")

    def test_last_verified_one_while_mfa_is_on(self, service: Service) -> None:
        device, _unverified = service.enroll("alice"), service.create("alice")
        answer = self.delete(service, device)
        assert_refused(answer, 400, "badRequest", "You can not delete the last verified OTP device")

    def test_one_of_two_verified_ones_while_mfa_is_on(self, service: Service) -> None:
        device, _other = service.enroll("alice"), service.verified_device("alice")
        assert self.delete(service, device).status_code == 204

    def test_last_verified_one_while_mfa_is_off(self, service: Service) -> None:
        assert self.delete(service, service.verified_device("alice")).status_code == 204

    def test_last_verified_one_while_the_factor_is_sms(self, service: Service) -> None:
        device = service.verified_device("alice")
        service.add_phone("alice")
        service.put("alice", enabled=True, factorType="SMS")
        assert self.delete(service, device).status_code == 204
