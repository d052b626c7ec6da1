# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, OTP devices: verification and deletion."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .helpers import Service, assert_refused


class TestVerification:
    """`POST …/verify`."""

    def test_right_code(self, service: Service) -> None:
        device = service.create("alice")
        answer = service.verify("alice", device["id"], service.code(device["secret"]))
        assert (answer.status_code, answer.content) == (204, b"")
        assert service.devices("alice")[0]["verified"] is True

    @pytest.mark.parametrize("code", ["000000x", "", "12345"], ids=["letters", "empty", "short"])
    def test_wrong_code(self, service: Service, code: str) -> None:
        device = service.create("alice")
        answer = service.verify("alice", device["id"], code)
        assert_refused(answer, 400, "badRequest", "The provided pin is either invalid or expired.")
        assert service.devices("alice")[0]["verified"] is False

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
        of_another_user = service.create("bob")["id"]
        for device in ("nothing", of_another_user):
            assert_refused(service.verify("alice", device, "123456"), 404, "itemNotFound")


def delete(service: Service, device: dict[str, Any]) -> requests.Response:
    """Delete a device of Alice."""
    return service.delete("alice", f"/otp-devices/{device['id']}")


class TestDeletion:
    """`DELETE …/otp-devices/{device}`."""

    def test_unverified_one(self, service: Service) -> None:
        device = service.create("alice")
        assert delete(service, device).status_code == 204
        assert service.devices("alice") == []

    def test_unknown_one(self, service: Service) -> None:
        assert_refused(delete(service, {"id": "nothing"}), 404, "itemNotFound")

    def test_last_verified_one_while_mfa_is_on(self, service: Service) -> None:
        device, _unverified = service.enroll("alice"), service.create("alice")
        answer = delete(service, device)
        assert_refused(answer, 400, "badRequest", "You can not delete the last verified OTP device")

    def test_one_of_two_verified_ones_while_mfa_is_on(self, service: Service) -> None:
        device, _other = service.enroll("alice"), service.verified_device("alice")
        assert delete(service, device).status_code == 204

    def test_last_verified_one_while_mfa_is_off(self, service: Service) -> None:
        assert delete(service, service.verified_device("alice")).status_code == 204

    def test_last_verified_one_while_the_factor_is_sms(self, service: Service) -> None:
        device = service.verified_device("alice")
        service.add_phone("alice")
        service.put("alice", enabled=True, factorType="SMS")
        assert delete(service, device).status_code == 204
