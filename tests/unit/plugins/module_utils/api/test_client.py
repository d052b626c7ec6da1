# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's requests, one by one: method, path, body, and what is made of the answer. No request too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client, Verification
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    Forbidden,
    InvalidAnswer,
    TokenRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Domain, Phone
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

MFA = "/v2.0/users/u1/RAX-AUTH/multi-factor"
DEVICE = {"id": "d1", "name": "x", "verified": False}
PHONE = {"id": "p1", "number": "+15125550100", "verified": "true"}


@pytest.fixture(name="client")
def _client(service: Service) -> Client:
    return client_of(service)


def client_of(service: Service, renew: Callable[[], str] | None = None) -> Client:
    return Client(Transport(service.url, timeout=2, sleep=lambda _: None), "the-token", renew)


def fault(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"fault": {"code": status, "message": message}}}


CALLS: dict[str, tuple[str, str, Any, dict[str, Any], Callable[[Client], Any], Any]] = {
    "list of OTP devices": (
        "GET",
        f"{MFA}/otp-devices",
        None,
        {"body": {"RAX-AUTH:otpDevices": [DEVICE]}},
        lambda to: to.otp_devices("u1"),
        [Device("d1", "x", verified=False)],
    ),
    "one OTP device": (
        "GET",
        f"{MFA}/otp-devices/d%2F1",
        None,
        {"body": {"rax-auth:otpDevice": DEVICE}},
        lambda to: to.otp_device("u1", "d/1"),
        Device("d1", "x", verified=False),
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
    "list of phones": (
        "GET",
        f"{MFA}/mobile-phones",
        None,
        {"body": {"RAX-AUTH:mobilePhones": [PHONE]}},
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
        None,
    ),
    "everything away": ("DELETE", MFA, None, {"status": 204}, lambda to: to.remove_mfa("u1"), None),
    "domain": (
        "GET",
        "/v2.0/RAX-AUTH/domains/100",
        None,
        {"body": {"RAX-AUTH:domain": {"id": 100}}},
        lambda to: to.domain("100"),
        Domain("100", None, "OPTIONAL"),
    ),
    "level of a domain": (
        "PUT",
        "/v2.0/RAX-AUTH/domains/100/multi-factor",
        {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": "REQUIRED"}},
        {"status": 204},
        lambda to: to.change_domain("100", "REQUIRED"),
        None,
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


def test_pages_are_followed_by_their_query_also_over_empty_ones(service: Service, client: Client) -> None:
    def page(names: list[str], marker: str | None) -> dict[str, Any]:
        link = {"Link": f'<http://inside.example/v2.0/users?limit=1&marker={marker}>; rel="next"'} if marker else {}
        return {"body": {"users": [{"id": name, "username": name} for name in names]}, "headers": link}

    service.expect("GET /v2.0/users", **page(["a"], "a"))
    service.expect("GET /v2.0/users?limit=1&marker=a", **page([], "b%7E"))
    service.expect("GET /v2.0/users?limit=1&marker=b~", **page(["c"], None))
    assert [user.name for user in client.users()] == ["a", "c"]


def test_pages_that_go_round_in_a_circle_end(service: Service, client: Client) -> None:
    round_and_round: dict[str, Any] = {"body": {"users": []}, "headers": {"Link": "</v2.0/users?marker=a>; rel=next"}}
    service.expect("GET /v2.0/users", **round_and_round)
    service.expect("GET /v2.0/users?marker=a", **round_and_round)
    with pytest.raises(InvalidAnswer):
        list(client.users())


def test_all_devices_where_the_service_has_no_such_path(service: Service, client: Client) -> None:
    service.expect(f"GET {MFA}/devices", 404)
    service.expect(f"GET {MFA}/otp-devices", body={"RAX-AUTH:otpDevices": [DEVICE]})
    service.expect(f"GET {MFA}/mobile-phones", body={"RAX-AUTH:mobilePhones": []})
    assert client.devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_an_empty_list_of_otp_devices_is_read_again(service: Service, client: Client) -> None:
    for devices in ([], [DEVICE]):
        service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": devices}})
    assert client.all_devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_a_refused_token_is_renewed_once(service: Service) -> None:
    for status in (401, 204, 401):
        service.expect(f"DELETE {MFA}", status)
    to = client_of(service, lambda: "another-token")
    to.remove_mfa("u1")
    assert service.calls[1].headers["X-Auth-Token"] == "another-token"
    with pytest.raises(TokenRefused):
        to.remove_mfa("u1")


def test_where_a_401_may_mean_done_no_new_login_is_made(service: Service) -> None:
    service.expect(f"PUT {MFA}", 401)
    to = client_of(service, lambda: "another-token")
    with pytest.raises(TokenRefused):
        to.change_settings("u1", {"enabled": True}, "Turning it on", renew=False)


def test_a_new_device_is_not_asked_for_twice(service: Service, client: Client) -> None:
    service.expect(f"POST {MFA}/otp-devices", 503)
    with pytest.raises(Unavailable):
        client.add_otp_device("u1", "x")


@pytest.mark.parametrize("body", [None, {}, {"RAX-AUTH:otpDevice": DEVICE}])
def test_a_creation_without_a_key_is_an_invalid_answer(service: Service, client: Client, body: Any) -> None:
    service.expect(f"POST {MFA}/otp-devices", 201, body=body)
    with pytest.raises(InvalidAnswer):
        client.add_otp_device("u1", "x")


def test_no_error_holds_a_token(service: Service, client: Client) -> None:
    service.expect("DELETE /v2.0/tokens/the-token", **fault(403, "Not Authorized"))
    with pytest.raises(Forbidden) as caught:
        client.revoke_token("the-token")
    assert "the-token" not in str(caught.value)
