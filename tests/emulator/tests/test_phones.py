# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Operations and Settings: mobile phones."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import Service, assert_refused

ROOT = "RAX-AUTH:mobilePhone"


def add(service: Service, number: Any) -> Any:
    """Add a phone for Alice."""
    path = service.mfa("alice", "/mobile-phones")
    return service.call("POST", path, {ROOT: {"number": number}}, service.key_token("alice"))


def on_phone(service: Service, method: str, phone: str, path: str = "", body: Any = None) -> Any:
    """A call on a phone of Alice."""
    return service.call(method, service.mfa("alice", f"/mobile-phones/{phone}{path}"), body, service.key_token("alice"))


def code_body(code: Any) -> dict[str, Any]:
    """The body of a verification."""
    return {"RAX-AUTH:verificationCode": {"code": code}}


def listed(service: Service) -> list[dict[str, Any]]:
    """Alice's phones."""
    answer = service.call("GET", service.mfa("alice", "/mobile-phones"), token=service.key_token("alice"))
    return list(answer.json()["RAX-AUTH:mobilePhones"])


def test_add_list_get_delete(service: Service) -> None:
    assert listed(service) == []
    answer = add(service, "+15125550100")
    phone = answer.json()[ROOT]
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/mobile-phones/{phone['id']}")
    assert phone == {"id": phone["id"], "number": "+15125550100", "verified": False}
    assert listed(service) == [phone]
    assert on_phone(service, "GET", phone["id"]).json() == {ROOT: phone}
    assert on_phone(service, "DELETE", phone["id"]).status_code == 204
    assert listed(service) == []


def test_another_number_replaces_the_phone(service: Service) -> None:
    old = service.add_phone("alice")
    new = add(service, "+442071838750").json()[ROOT]
    assert listed(service) == [new]
    assert new["verified"] is False
    assert_refused(on_phone(service, "GET", old["id"]), 404, "itemNotFound")


def test_same_number_again_changes_nothing(service: Service) -> None:
    phone = service.add_phone("alice")
    answer = add(service, "+15125550100")
    assert answer.status_code == 201
    assert answer.json()[ROOT] == {**phone, "verified": True}


@pytest.mark.parametrize("number", ["", "5125550100", "+0125550100", "+1 512 555 0100", "+1", 15125550100])
def test_wrong_number_is_refused(service: Service, number: Any) -> None:
    assert_refused(add(service, number), 400, "badRequest")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("DELETE", "", None), ("POST", "/verificationcode", None), ("POST", "/verify", code_body("1"))],
)
def test_unknown_phone_is_not_found(service: Service, method: str, path: str, body: Any) -> None:
    service.add_phone("alice")
    assert_refused(on_phone(service, method, "nothing", path, body), 404, "itemNotFound")


class TestVerification:
    """A code is sent and comes back."""

    def test_right_code(self, service: Service) -> None:
        phone = add(service, "+15125550100").json()[ROOT]["id"]
        assert on_phone(service, "POST", phone, "/verificationcode").status_code == 202
        code = service.control.user("alice")["phone"]["code"]
        assert on_phone(service, "POST", phone, "/verify", code_body(code)).status_code == 204
        assert listed(service)[0]["verified"] is True

    @pytest.mark.parametrize("code", ["x", ""])
    def test_wrong_code(self, service: Service, code: str) -> None:
        phone = add(service, "+15125550100").json()[ROOT]["id"]
        on_phone(service, "POST", phone, "/verificationcode")
        answer = on_phone(service, "POST", phone, "/verify", code_body(code))
        assert_refused(answer, 400, "badRequest", "The provided pin is either invalid or expired.")

    def test_code_before_one_was_sent(self, service: Service) -> None:
        phone = add(service, "+15125550100").json()[ROOT]["id"]
        assert on_phone(service, "POST", phone, "/verify", code_body("123456")).status_code == 400

    def test_new_code_voids_the_older(self, service: Service) -> None:
        phone = add(service, "+15125550100").json()[ROOT]["id"]
        codes: list[str] = []
        while len(set(codes)) < 2:
            on_phone(service, "POST", phone, "/verificationcode")
            codes.append(service.control.user("alice")["phone"]["code"])
        assert on_phone(service, "POST", phone, "/verify", code_body(codes[0])).status_code == 400
        assert on_phone(service, "POST", phone, "/verify", code_body(codes[-1])).status_code == 204

    @pytest.mark.parametrize(("path", "body"), [("/verificationcode", None), ("/verify", code_body("123456"))])
    def test_verified_before(self, service: Service, path: str, body: Any) -> None:
        phone = service.add_phone("alice")["id"]
        answer = on_phone(service, "POST", phone, path, body)
        assert_refused(answer, 400, "badRequest", "The specified device has already been verified")

    def test_sending_takes_no_body(self, service: Service) -> None:
        phone = add(service, "+15125550100").json()[ROOT]["id"]
        assert_refused(on_phone(service, "POST", phone, "/verificationcode", {}), 400, "badRequest")


def test_phone_that_the_next_login_needs_stays(service: Service) -> None:
    phone = service.add_phone("alice")
    service.put("alice", enabled=True)
    assert_refused(on_phone(service, "DELETE", phone["id"]), 400, "badRequest")
    assert_refused(add(service, "+442071838750"), 400, "badRequest")
    assert add(service, "+15125550100").status_code == 201
