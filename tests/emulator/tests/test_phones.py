# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Operations and Settings: mobile phones."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import MOBILE_PHONE, Service, assert_refused, session_of


def add(service: Service, number: Any) -> Any:
    """Add a phone for Alice."""
    path = service.mfa("alice", "/mobile-phones")
    return service.call("POST", path, {MOBILE_PHONE: {"number": number}}, service.key_token("alice"))


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
    made = answer.json()[MOBILE_PHONE]
    phone = {**made, "verified": False}
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/mobile-phones/{made['id']}")
    assert made == {"id": made["id"], "number": "+15125550100"}
    assert listed(service) == [phone]
    assert on_phone(service, "GET", phone["id"]).json() == {MOBILE_PHONE: phone}
    assert on_phone(service, "DELETE", phone["id"]).status_code == 204
    assert listed(service) == []


def test_another_number_replaces_the_phone(service: Service) -> None:
    old = service.add_phone("alice")
    new = add(service, "+442071838750").json()[MOBILE_PHONE]
    assert listed(service) == [{**new, "verified": False}]
    assert_refused(on_phone(service, "GET", old["id"]), 404, "itemNotFound")


@pytest.mark.parametrize("number", ["+15125550100", "+1 512-555-0100", "+1 (512) 555 0100"])
def test_same_number_again_changes_nothing(service: Service, number: str) -> None:
    phone = service.add_phone("alice")
    answer = add(service, number)
    assert answer.status_code == 201
    assert answer.json()[MOBILE_PHONE] == phone
    assert listed(service) == [{**phone, "verified": True}]


@pytest.mark.parametrize("number", ["+1 512-555-1000", "+1 (512) 555-1000", "+44 20 7183 8750"])
def test_number_may_have_blanks_hyphens_and_brackets(service: Service, number: str) -> None:
    assert add(service, number).status_code == 201
    assert listed(service)[0]["number"] == number


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("given", "+1 512 555 1000"),
        ("digits", "15125551000"),
        ("spaced", "+1 512 555-1000"),
        ("brackets", "+1 (512) 555-1000"),
    ],
)
def test_number_may_be_listed_in_another_form(service: Service, form: str, shown: str) -> None:
    service.control.behave(phone_numbers=form)
    phone = add(service, "+1 512 555 1000").json()[MOBILE_PHONE]
    assert phone["number"] == listed(service)[0]["number"] == shown
    assert on_phone(service, "GET", phone["id"]).json()[MOBILE_PHONE]["number"] == shown


@pytest.mark.parametrize("number", ["", "5125550100", "+0125550100", "+1", "+1 512 555 0100 x", "+" + "1" * 16, 1512])
def test_wrong_number_is_refused(service: Service, number: Any) -> None:
    assert_refused(add(service, number), 400, "badRequest")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("DELETE", "", None), ("POST", "/verificationcode", None), ("POST", "/verify", code_body("1"))],
)
def test_unknown_phone_is_not_found(service: Service, method: str, path: str, body: Any) -> None:
    service.add_phone("alice")
    assert_refused(on_phone(service, method, "nothing", path, body), 404, "itemNotFound")


@pytest.mark.parametrize(
    ("style", "statuses"), [("observed", [201, 202, 204]), ("documented", [201, 201, 202]), ("other", [200, 204, 200])]
)
def test_statuses_of_a_success(service: Service, style: str, statuses: list[int]) -> None:
    service.control.behave(phone_status=style)
    answers = [add(service, "+15125550100")]
    phone = answers[0].json()[MOBILE_PHONE]["id"]
    answers.append(on_phone(service, "POST", phone, "/verificationcode"))
    code = service.control.user("alice")["phone"]["code"]
    answers.append(on_phone(service, "POST", phone, "/verify", code_body(code)))
    assert [answer.status_code for answer in answers] == statuses
    assert listed(service)[0]["verified"] is True


@pytest.mark.parametrize(("style", "digits"), [("documented", 4), ("six", 6)])
def test_code_has_the_digits_of_the_service(service: Service, style: str, digits: int) -> None:
    service.control.behave(sms_digits=style)
    phone = add(service, "+15125550100").json()[MOBILE_PHONE]["id"]
    on_phone(service, "POST", phone, "/verificationcode")
    assert len(service.control.user("alice")["phone"]["code"]) == digits


class TestForOneselfOnly:
    """By the reference phones are verified and deleted by their owner."""

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("DELETE", "/{id}", None),
            ("POST", "/{id}/verificationcode", None),
            ("POST", "/{id}/verify", code_body("1")),
        ],
    )
    def test_administrator_is_refused(self, service: Service, method: str, path: str, body: Any) -> None:
        phone = service.add_phone("alice", verified=False)
        service.control.behave(phones_by="oneself")
        full = service.mfa("alice", f"/mobile-phones{path.format(id=phone['id'])}")
        assert_refused(service.call(method, full, body, service.key_token("admin")), 403, "forbidden")

    def test_administrator_may_add_and_look_and_the_owner_may_act(self, service: Service) -> None:
        service.control.behave(phones_by="oneself")
        admin, path = service.key_token("admin"), service.mfa("alice", "/mobile-phones")
        added = service.call("POST", path, {MOBILE_PHONE: {"number": "+442071838750"}}, admin)
        assert added.status_code == 201
        assert service.call("GET", path, token=admin).status_code == 200
        assert on_phone(service, "DELETE", added.json()[MOBILE_PHONE]["id"]).status_code == 204


class TestVerification:
    """A code is sent and comes back."""

    @pytest.fixture
    def phone(self, service: Service) -> str:
        """The id of a phone that is not verified."""
        return str(add(service, "+15125550100").json()[MOBILE_PHONE]["id"])

    @pytest.mark.parametrize("code", ["x", ""])
    def test_wrong_code(self, service: Service, phone: str, code: str) -> None:
        on_phone(service, "POST", phone, "/verificationcode")
        answer = on_phone(service, "POST", phone, "/verify", code_body(code))
        assert_refused(answer, 400, "badRequest", "The provided pin is either invalid or expired.")

    def test_code_before_one_was_sent(self, service: Service, phone: str) -> None:
        assert on_phone(service, "POST", phone, "/verify", code_body("123456")).status_code == 400

    def test_new_code_voids_the_older(self, service: Service, phone: str) -> None:
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

    def test_sending_takes_no_body(self, service: Service, phone: str) -> None:
        assert_refused(on_phone(service, "POST", phone, "/verificationcode", {}), 400, "badRequest")


def test_phone_that_the_next_login_needs_may_go(service: Service) -> None:
    service.add_phone("alice")
    service.put("alice", enabled=True)
    service.control.behave(sms_phone="may_go")
    other = add(service, "+442071838750")
    assert other.status_code == 201
    assert on_phone(service, "DELETE", other.json()[MOBILE_PHONE]["id"]).status_code == 204
    assert session_of(service.by_password("alice"))


def test_phone_that_the_next_login_needs_stays(service: Service) -> None:
    phone = service.add_phone("alice")
    service.put("alice", enabled=True)
    assert_refused(on_phone(service, "DELETE", phone["id"]), 400, "badRequest")
    assert_refused(add(service, "+442071838750"), 400, "badRequest")
    assert add(service, "+15125550100").status_code == 201
