# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's requests, one by one: method, path, body, and what is made of the answer. No request too many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, json_params_matcher, query_param_matcher
from responses.registries import OrderedRegistry

from ansible_collections.rackspace.identity.plugins.module_utils.client import Client, Verification
from ansible_collections.rackspace.identity.plugins.module_utils.errors import (
    Conflict,
    Forbidden,
    InvalidAnswer,
    TokenRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.model import Device, Domain, Phone
from ansible_collections.rackspace.identity.plugins.module_utils.transport import Transport

URL = "https://identity.example"
MFA = f"{URL}/v2.0/users/u1/RAX-AUTH/multi-factor"
DEVICE = {"id": "d1", "name": "x", "verified": False}
PHONE = {"id": "p1", "number": "+15125550100", "verified": "true"}


def body_of(value: Any) -> Any:
    return [json_params_matcher(value, strict_match=True)]


@pytest.fixture(name="wire")
def _wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(registry=OrderedRegistry, assert_all_requests_are_fired=True) as wire:
        yield wire


def client(renew: Callable[[], str] | None = None) -> Client:
    return Client(Transport(URL, timeout=2, sleep=lambda _: None), "the-token", renew)


def fault(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "json": {"fault": {"code": status, "message": message}}}


CALLS: dict[str, tuple[str, str, Any, dict[str, Any], Callable[[Client], Any], Any]] = {
    "list of OTP devices": (
        "GET",
        f"{MFA}/otp-devices",
        None,
        {"json": {"RAX-AUTH:otpDevices": [DEVICE]}},
        lambda to: to.otp_devices("u1"),
        [Device("d1", "x", verified=False)],
    ),
    "one OTP device": (
        "GET",
        f"{MFA}/otp-devices/d%2F1",
        None,
        {"json": {"rax-auth:otpDevice": DEVICE}},
        lambda to: to.otp_device("u1", "d/1"),
        Device("d1", "x", verified=False),
    ),
    "a new OTP device, answered by 200": (
        "POST",
        f"{MFA}/otp-devices",
        {"RAX-AUTH:otpDevice": {"name": "x?"}},
        {"status": 200, "json": {"RAX-AUTH:otpDevice": {**DEVICE, "keyUri": "otpauth://x"}}},
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
        {"json": {"RAX-AUTH:mobilePhones": [PHONE]}},
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
        f"{URL}/v2.0/RAX-AUTH/domains/100",
        None,
        {"json": {"RAX-AUTH:domain": {"id": 100}}},
        lambda to: to.domain("100"),
        Domain("100", None, "OPTIONAL"),
    ),
    "level of a domain": (
        "PUT",
        f"{URL}/v2.0/RAX-AUTH/domains/100/multi-factor",
        {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": "REQUIRED"}},
        {"status": 204},
        lambda to: to.change_domain("100", "REQUIRED"),
        None,
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_one_request(wire: responses.RequestsMock, case: str) -> None:
    method, url, body, reply, ask, result = CALLS[case]
    match = [header_matcher({"X-Auth-Token": "the-token"}), *(body_of(body) if body is not None else [])]
    wire.add(method, url, match=match, **reply)
    assert ask(client()) == result
    assert bool(wire.calls[0].request.body) is (body is not None)


@pytest.mark.parametrize(
    ("wish", "body"),
    [
        ((3, "PT30M"), {"numberOfCodes": "3", "validityDuration": "PT30M"}),
        ((None, None), {}),
        ((10, None), {"numberOfCodes": "10"}),
    ],
)
def test_bypass_codes_are_asked_for_in_strings(wire: responses.RequestsMock, wish: Any, body: dict[str, str]) -> None:
    reply = {"RAX-AUTH:bypassCodes": {"codes": ["01234567"]}}
    wire.post(f"{MFA}/bypass-codes", match=body_of({"RAX-AUTH:bypassCodes": body}), json=reply)
    codes = client().new_bypass_codes("u1", *wish)
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
    wire: responses.RequestsMock, reply: dict[str, Any], outcome: Verification
) -> None:
    body = {"RAX-AUTH:verificationCode": {"code": "012345"}}
    wire.post(f"{MFA}/otp-devices/d1/verify", match=body_of(body), **reply)
    assert client().verify_otp_device("u1", "d1", "012345") is outcome


def test_another_bad_request_is_no_word_on_the_code(wire: responses.RequestsMock) -> None:
    wire.post(f"{MFA}/mobile-phones/p1/verify", **fault(400, "Error code: '400'; Invalid json request body"))
    with pytest.raises(Conflict):
        client().verify_phone("u1", "p1", "012345")


def test_pages_are_followed_by_their_query_also_over_empty_ones(wire: responses.RequestsMock) -> None:
    def page(names: list[str], marker: str | None) -> dict[str, Any]:
        link = {"Link": f'<http://inside.example/v2.0/users?limit=1&marker={marker}>; rel="next"'} if marker else {}
        return {"json": {"users": [{"id": name, "username": name} for name in names]}, "headers": link}

    url = f"{URL}/v2.0/users"
    wire.get(url, match=[query_param_matcher({})], **page(["a"], "a"))
    wire.get(url, match=[query_param_matcher({"limit": "1", "marker": "a"})], **page([], "b%7E"))
    wire.get(url, match=[query_param_matcher({"limit": "1", "marker": "b~"})], **page(["c"], None))
    assert [user.name for user in client().users()] == ["a", "c"]


def test_pages_that_go_round_in_a_circle_end(wire: responses.RequestsMock) -> None:
    reply: dict[str, Any] = {"json": {"users": []}, "headers": {"Link": "</v2.0/users?marker=a>; rel=next"}}
    wire.get(f"{URL}/v2.0/users", **reply)
    wire.get(f"{URL}/v2.0/users", **reply)
    with pytest.raises(InvalidAnswer):
        list(client().users())


def test_all_devices_where_the_service_has_no_such_path(wire: responses.RequestsMock) -> None:
    wire.get(f"{MFA}/devices", status=404)
    wire.get(f"{MFA}/otp-devices", json={"RAX-AUTH:otpDevices": [DEVICE]})
    wire.get(f"{MFA}/mobile-phones", json={"RAX-AUTH:mobilePhones": []})
    assert client().devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_an_empty_list_of_otp_devices_is_read_again(wire: responses.RequestsMock) -> None:
    for devices in ([], [DEVICE]):
        wire.get(f"{MFA}/devices", json={"RAX-AUTH:multiFactorDevices": {"otpDevices": devices}})
    assert client().all_devices("u1") == ([Device("d1", "x", verified=False)], [])


def test_a_refused_token_is_renewed_once(wire: responses.RequestsMock) -> None:
    for status in (401, 204, 401):
        wire.delete(MFA, status=status)
    to = client(lambda: "another-token")
    to.remove_mfa("u1")
    assert wire.calls[1].request.headers["X-Auth-Token"] == "another-token"
    with pytest.raises(TokenRefused):
        to.remove_mfa("u1")


def test_where_a_401_may_mean_done_no_new_login_is_made(wire: responses.RequestsMock) -> None:
    wire.put(MFA, status=401)
    with pytest.raises(TokenRefused):
        client(lambda: "another-token").change_settings("u1", {"enabled": True}, "Turning it on", renew=False)


def test_a_new_device_is_not_asked_for_twice(wire: responses.RequestsMock) -> None:
    wire.post(f"{MFA}/otp-devices", status=503)
    with pytest.raises(Unavailable):
        client().add_otp_device("u1", "x")


@pytest.mark.parametrize("body", ["", "{}", json.dumps({"RAX-AUTH:otpDevice": DEVICE})])
def test_a_creation_without_a_key_is_an_invalid_answer(wire: responses.RequestsMock, body: str) -> None:
    wire.post(f"{MFA}/otp-devices", status=201, body=body)
    with pytest.raises(InvalidAnswer):
        client().add_otp_device("u1", "x")


def test_no_error_holds_a_token(wire: responses.RequestsMock) -> None:
    wire.delete(f"{URL}/v2.0/tokens/the-token", **fault(403, "Not Authorized"))
    with pytest.raises(Forbidden) as caught:
        client().revoke_token("the-token")
    assert "the-token" not in str(caught.value)
