# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's requests, one by one: method, path, body, and what is made of the answer. No request too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api import client as client_module
from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client, Verification
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    InvalidAnswer,
    NotFound,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Domain, Phone
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

DEVICE = {"id": "d1", "name": "x", "verified": False}
PHONE = {"id": "p1", "number": "+15125550100", "verified": "true"}

CALLS: dict[str, tuple[str, str, Any, dict[str, Any], Callable[[Client], Any], Any]] = {
    "list of OTP devices, one of them twice": (
        "GET",
        f"{MFA}/otp-devices",
        None,
        {"body": {"RAX-AUTH:otpDevices": [DEVICE, DEVICE]}},
        lambda to: to.otp_devices("u1"),
        [Device("d1", "x", verified=False)],
    ),
    "one OTP device": (
        "GET",
        f"{MFA}/otp-devices/d%3F1",
        None,
        {"body": {"rax-auth:otpDevice": {**DEVICE, "id": "d?1"}}},
        lambda to: to.otp_device("u1", "d?1"),
        Device("d?1", "x", verified=False),
    ),
    "a new OTP device, answered by 200": (
        "POST",
        f"{MFA}/otp-devices",
        {"RAX-AUTH:otpDevice": {"name": "x?"}},
        {"status": 200, "body": {"RAX-AUTH:otpDevice": {**DEVICE, "keyUri": "otpauth://x"}}},
        lambda to: to.add_otp_device("u1", "x?"),
        (Device("d1", "x", verified=False), "otpauth://x", ""),
    ),
    "delete an OTP device that is gone": (
        "DELETE",
        f"{MFA}/otp-devices/d1",
        None,
        fault(404, "not found"),
        lambda to: to.delete_otp_device("u1", "d1"),
        None,
    ),
    "a new phone": (
        "POST",
        f"{MFA}/mobile-phones",
        {"RAX-AUTH:mobilePhone": {"number": "+1 512"}},
        {"status": 201, "body": {"RAX-AUTH:mobilePhone": {"id": "p2", "number": "+1512"}}},
        lambda to: to.add_phone("u1", "+1 512"),
        Phone("p2", "+1512", verified=False),
    ),
    "list of phones, one of them twice": (
        "GET",
        f"{MFA}/mobile-phones",
        None,
        {"body": {"RAX-AUTH:mobilePhones": [PHONE, PHONE]}},
        lambda to: to.phones("u1"),
        [Phone("p1", "+15125550100", verified=True)],
    ),
    "a code to a phone": (
        "POST",
        f"{MFA}/mobile-phones/p1/verificationcode",
        None,
        {"status": 202},
        lambda to: to.send_phone_code("u1", "p1"),
        None,
    ),
    "settings": (
        "PUT",
        MFA,
        {"RAX-AUTH:multiFactor": {"enabled": True, "factorType": "OTP"}},
        {"status": 204},
        lambda to: to.change_settings("u1", {"enabled": True, "factorType": "OTP"}, "Turning it on"),
        True,
    ),
    "domain": (
        "GET",
        "/v2.0/RAX-AUTH/domains/100",
        None,
        {"body": {"RAX-AUTH:domain": {"id": 100}}},
        lambda to: to.domain("100"),
        Domain("100", None, None),
    ),
    "domain whose id has a colon": (
        "GET",
        "/v2.0/RAX-AUTH/domains/dedicated:12",
        None,
        {"body": {"RAX-AUTH:domain": {"id": "dedicated:12", "RAX-AUTH:domainMultiFactorEnforcementLevel": "OPTIONAL"}}},
        lambda to: to.domain("dedicated:12"),
        Domain("dedicated:12", None, "OPTIONAL"),
    ),
    "level of a domain": (
        "PUT",
        "/v2.0/RAX-AUTH/domains/100/multi-factor",
        {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": "REQUIRED"}},
        {"status": 204},
        lambda to: to.change_domain("100", "REQUIRED"),
        True,
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_one_request(service: Service, client: Client, case: str) -> None:
    method, path, body, reply, ask, result = CALLS[case]
    service.expect(f"{method} {path}", **reply)
    assert ask(client) == result
    (call,) = service.calls
    assert (call.headers["X-Auth-Token"], call.body) == ("the-token", body)


@pytest.mark.parametrize(
    ("wish", "body"),
    [
        ((3, "PT30M"), {"numberOfCodes": "3", "validityDuration": "PT30M"}),
        ((None, None), {}),
        ((10, None), {"numberOfCodes": "10"}),
    ],
)
def test_bypass_codes_are_asked_for_in_strings(
    service: Service, client: Client, wish: Any, body: dict[str, str]
) -> None:
    service.expect(f"POST {MFA}/bypass-codes", body={"RAX-AUTH:bypassCodes": {"codes": ["01234567"]}})
    codes = client.new_bypass_codes("u1", *wish)
    assert service.calls[0].body == {"RAX-AUTH:bypassCodes": body}
    assert (codes.codes, codes.validity_duration) == (("01234567",), None)
    assert "01234567" not in repr(codes)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({"status": 204}, Verification.ACCEPTED),
        (fault(400, "Error code: '400'; The provided pin is either invalid or expired."), Verification.REFUSED),
        (fault(400, "Invalid or expired"), Verification.REFUSED),
        (fault(400, "The specified device has already been verified"), Verification.ALREADY),
    ],
)
def test_what_the_service_says_to_a_code(
    service: Service, client: Client, reply: dict[str, Any], outcome: Verification
) -> None:
    service.expect(f"POST {MFA}/otp-devices/d1/verify", **reply)
    assert client.verify_otp_device("u1", "d1", "012345") is outcome
    assert service.calls[0].body == {"RAX-AUTH:verificationCode": {"code": "012345"}}


def test_another_bad_request_is_no_word_on_the_code(service: Service, client: Client) -> None:
    refusal = fault(400, "Error code: '400'; Invalid json request body")
    service.expect(f"POST {MFA}/mobile-phones/p1/verify", **refusal)
    with pytest.raises(Conflict):
        client.verify_phone("u1", "p1", "012345")


def page(names: list[str], marker: str | None) -> dict[str, Any]:
    link = {"Link": f'<http://inside.example/v2.0/users?limit=1&marker={marker}>; rel="next"'} if marker else {}
    return {"body": {"users": [{"id": name, "username": name} for name in names]}, "headers": link}


def test_pages_are_followed_by_their_query_also_over_empty_ones(service: Service, client: Client) -> None:
    service.expect("GET /v2.0/users", **page(["a"], "a"))
    service.expect("GET /v2.0/users?limit=1&marker=a", **page([], "b%7E"))
    service.expect("GET /v2.0/users?limit=1&marker=b~", **page(["c"], None))
    assert [user.name for user in client.users()] == ["a", "c"]


GONE = fault(404, "Marker a not found")


def test_a_list_that_changes_while_it_is_read_is_read_again(service: Service, client: Client) -> None:
    """The user of the marker is gone. Another one has moved to the next page."""
    service.expect("GET /v2.0/users", **page(["a"], "a"))
    service.expect("GET /v2.0/users?limit=1&marker=a", **GONE)
    service.expect("GET /v2.0/users", **page(["b"], "b"))
    service.expect("GET /v2.0/users?limit=1&marker=b", **page(["b", "c"], None))
    assert [user.name for user in client.users()] == ["b", "c"]


def test_a_list_that_changes_again_says_so(service: Service, client: Client) -> None:
    for _time in range(2):
        service.expect("GET /v2.0/users", **page(["a"], "a"))
        service.expect("GET /v2.0/users?limit=1&marker=a", **GONE)
    with pytest.raises(Unavailable, match="deleted while the list was read"):
        client.users()


NOT_THERE: dict[str, tuple[str, Callable[[Client], Any], str]] = {
    "user": ("GET /v2.0/users/u1", lambda to: to.user("u1"), "no such user."),
    "user by name": (
        "GET /v2.0/users?name=jo%1B",
        lambda to: to.user_by_name("jo\x1b"),
        "the user jo\ufffd (O(target_user)) found nothing: there is no user of that name that this account can see.",
    ),
    "list": (f"GET {MFA}/otp-devices", lambda to: to.otp_devices("u1"), "no such user."),
    "device": (f"GET {MFA}/otp-devices/d1", lambda to: to.otp_device("u1", "d1"), "no such OTP device of that user."),
    "device to verify": (
        f"POST {MFA}/otp-devices/d1/verify",
        lambda to: to.verify_otp_device("u1", "d1", "012345"),
        "no such OTP device of that user.",
    ),
    "phone": (f"GET {MFA}/mobile-phones/p1", lambda to: to.phone("u1", "p1"), "no such phone of that user."),
    "settings": (f"PUT {MFA}", lambda to: to.change_settings("u1", {}, "Changing it"), "no such user."),
    "domain": ("GET /v2.0/RAX-AUTH/domains/9", lambda to: to.domain("9"), "no such domain."),
    "domain to change": (
        "PUT /v2.0/RAX-AUTH/domains/9/multi-factor",
        lambda to: to.change_domain("9", "REQUIRED"),
        "no such domain.",
    ),
    "token": ("GET /v2.0/tokens/t", lambda to: to.validate_token("t"), "no such token."),
}


@pytest.mark.parametrize("case", NOT_THERE)
def test_what_is_not_there_is_named(service: Service, client: Client, case: str) -> None:
    request, call, told = NOT_THERE[case]
    service.expect(request, **fault(404))
    with pytest.raises(NotFound) as caught:
        call(client)
    assert told in str(caught.value)
    assert (caught.value.kind, caught.value.status) == ("not_found", 404)


def test_a_list_that_is_not_there_is_no_list_that_changed(service: Service, client: Client) -> None:
    service.expect("GET /v2.0/users", **fault(404, "Not Found"))
    with pytest.raises(NotFound):
        client.users()


def test_one_misshapen_page_is_read_again(service: Service, client: Client) -> None:
    service.expect("GET /v2.0/users", **page(["a"], "a"))
    service.expect("GET /v2.0/users?limit=1&marker=a", body={"access": {}})
    service.expect("GET /v2.0/users?limit=1&marker=a", **page(["c"], None))
    assert [user.name for user in client.users()] == ["a", "c"]


def test_pages_that_go_round_in_a_circle_end(service: Service, client: Client) -> None:
    round_and_round: dict[str, Any] = {"body": {"users": []}, "headers": {"Link": "</v2.0/users?marker=a>; rel=next"}}
    service.expect("GET /v2.0/users", **round_and_round)
    service.expect("GET /v2.0/users?marker=a", **round_and_round)
    with pytest.raises(InvalidAnswer):
        client.users()


@pytest.mark.parametrize(("limit", "pages"), [("_MOST_USERS", [["a", "b"], ["c"]]), ("_MOST_PAGES", [["a"], []])])
def test_a_list_that_is_too_long_is_refused(
    limit: str, pages: list[list[str]], service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, limit, 2)
    for number, names in enumerate(pages):
        query = f"?limit=1&marker={number}" if number else ""
        service.expect(f"GET /v2.0/users{query}", **page(names, str(number + 1)))
    with pytest.raises(InvalidAnswer, match="is longer than is read"):
        client.users()


def test_empty_pages_before_the_end_are_followed(service: Service, client: Client) -> None:
    """An account that may see few of the users gets many of them (contract, "Operations")."""
    for number in range(3):
        query = f"?limit=1&marker={number}" if number else ""
        service.expect(f"GET /v2.0/users{query}", **page([], str(number + 1)))
    service.expect("GET /v2.0/users?limit=1&marker=3", **page(["z"], None))
    assert [user.name for user in client.users()] == ["z"]


def test_a_misshapen_list_of_all_devices_is_read_again(service: Service, client: Client) -> None:
    service.expect(f"GET {MFA}/devices", body={"access": {}})
    service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": [DEVICE, DEVICE]}})
    assert [device.id for device in client.all_devices("u1")[0]] == [DEVICE["id"]]


def test_all_devices_if_the_service_has_no_such_path(service: Service, client: Client) -> None:
    service.expect(f"GET {MFA}/devices", **fault(404))
    service.expect(f"GET {MFA}/otp-devices", body={"RAX-AUTH:otpDevices": [DEVICE]})
    service.expect(f"GET {MFA}/mobile-phones", body={"RAX-AUTH:mobilePhones": []})
    assert client.devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_an_empty_list_of_otp_devices_is_read_again(service: Service, client: Client) -> None:
    for devices in ([], [DEVICE]):
        service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": devices}})
    assert client.all_devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_a_user_is_found_by_name_in_any_case(service: Service, client: Client) -> None:
    service.expect("GET /v2.0/users?name=JO", body={"user": {"id": "u1", "username": "Jo"}})
    assert client.user_by_name("JO").id == "u1"
