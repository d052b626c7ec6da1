# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an operation is sent: which answers count, what is doubted, and when there is a new token."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    InvalidAnswer,
    LostAnswer,
    TokenRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import MFA, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

DEVICE = {"id": "d1", "name": "x", "verified": False}
PHONE = {"id": "p1", "number": "+15125550100", "verified": "true"}
THERE: dict[str, Any] = {}
"""Stands for an answer that holds what was to be deleted."""
PAGE = {"status": 404, "body": b"<html>"}


def test_a_refused_token_is_renewed_once(service: Service, transport: Transport) -> None:
    for reply in (fault(401), {"status": 204}):
        service.expect(f"DELETE {MFA}", **reply)
    service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {}})
    service.expect(f"DELETE {MFA}", **fault(401))
    to = Client(transport, "the-token", lambda: "another-token")
    to.remove_mfa("u1")
    assert service.calls[1].headers["X-Auth-Token"] == "another-token"
    with pytest.raises(TokenRefused):
        to.remove_mfa("u1")


def test_a_removal_that_left_a_device_is_none(service: Service, client: Client) -> None:
    service.expect(f"DELETE {MFA}", 204)
    service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": [DEVICE, DEVICE]}})
    with pytest.raises(Unavailable, match="still devices"):
        client.remove_mfa("u1")


def test_an_empty_list_alone_does_not_prove_a_removal(service: Service, client: Client) -> None:
    service.expect(f"DELETE {MFA}", 200)
    for devices in ([], [DEVICE]):
        service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": devices}})
    with pytest.raises(Unavailable, match="still devices"):
        client.remove_mfa("u1")


@pytest.mark.parametrize("status", [200, 202])
def test_another_success_than_its_own_does_not_say_that_it_was_done(
    service: Service, client: Client, status: int
) -> None:
    verifications = {"otp-devices/d1": client.verify_otp_device, "mobile-phones/d1": client.verify_phone}
    for path, verify in verifications.items():
        service.expect(f"POST {MFA}/{path}/verify", status)
        with pytest.raises(LostAnswer, match=str(status)):
            verify("u1", "d1", "123456")
    service.expect(f"PUT {MFA}", status)
    assert not client.change_settings("u1", {"enabled": False}, "Turning it off")
    service.expect("PUT /v2.0/RAX-AUTH/domains/100/multi-factor", status)
    assert not client.change_domain("100", "REQUIRED")


@pytest.mark.parametrize("body", [{}, {"unexpected": []}, {"RAX-AUTH:otpDevices": {}}], ids=["empty", "other", "typed"])
def test_a_success_of_another_shape_is_doubted_once(service: Service, client: Client, body: dict[str, Any]) -> None:
    path = f"GET {MFA}/otp-devices"
    service.expect(path, body=body)
    service.expect(path, body={"RAX-AUTH:otpDevices": [DEVICE]})
    assert client.otp_devices("u1") == [Device("d1", "x", verified=False)]
    for _try in range(2):
        service.expect(path, body=body)
    with pytest.raises(InvalidAnswer):
        client.otp_devices("u1")


def test_where_a_401_may_mean_done_no_new_login_is_made(service: Service, transport: Transport) -> None:
    service.expect(f"PUT {MFA}", **fault(401))
    to = Client(transport, "the-token", lambda: "another-token")
    with pytest.raises(TokenRefused):
        to.change_settings("u1", {"enabled": True}, "Turning it on", renew=False)


NOT_TWICE: dict[str, Callable[[Client], Any]] = {
    "otp-devices": lambda to: to.add_otp_device("u1", "x"),
    "otp-devices/d1/verify": lambda to: to.verify_otp_device("u1", "d1", "012345"),
    "mobile-phones/p1/verificationcode": lambda to: to.send_phone_code("u1", "p1"),
    "mobile-phones/p1/verify": lambda to: to.verify_phone("u1", "p1", "0123"),
}


@pytest.mark.parametrize("path", NOT_TWICE)
@pytest.mark.parametrize(("reply", "error"), [({"status": 503}, Unavailable), ({"how": "reset"}, LostAnswer)])
def test_what_may_have_been_done_is_not_asked_for_twice(
    path: str, reply: dict[str, Any], error: type[Exception], service: Service, client: Client
) -> None:
    service.expect(f"POST {MFA}/{path}", **reply)
    with pytest.raises(error):
        NOT_TWICE[path](client)


def test_no_error_holds_a_token(service: Service, client: Client) -> None:
    service.expect("DELETE /v2.0/tokens/the-token", **fault(403, "Not Authorized"))
    with pytest.raises(Forbidden) as caught:
        client.revoke_token("the-token")
    assert "the-token" not in str(caught.value)


DELETIONS: dict[str, tuple[list[tuple[str, dict[str, Any]]], type[Exception] | None, str]] = {
    "done, as a second look tells": ([("DELETE", {}), ("GET", fault(404))], None, ""),
    "forbidden": ([("DELETE", fault(403))], Forbidden, "Deleting"),
    "still there": ([("DELETE", {"status": 204}), ("GET", THERE)], Unavailable, "still there"),
    "looked at again": ([("DELETE", {"status": 204}), ("GET", {"body": {}}), ("GET", fault(404))], None, ""),
    "a page": ([("DELETE", PAGE)] * 2, InvalidAnswer, "gateway"),
    "a page at the second look": ([("DELETE", {"status": 204}), *[("GET", PAGE)] * 2], InvalidAnswer, "gateway"),
}


@pytest.mark.parametrize("case", DELETIONS)
@pytest.mark.parametrize(
    ("ask", "path", "there"),
    [
        (lambda to: to.delete_otp_device("u1", "d1"), f"{MFA}/otp-devices/d1", {"RAX-AUTH:otpDevice": DEVICE}),
        (lambda to: to.delete_phone("u1", "p1"), f"{MFA}/mobile-phones/p1", {"RAX-AUTH:mobilePhone": PHONE}),
    ],
    ids=["OTP device", "phone"],
)
def test_only_the_fault_of_the_service_proves_that_something_is_gone(
    service: Service, client: Client, ask: Callable[[Client], None], path: str, there: dict[str, Any], case: str
) -> None:
    exchange, error, words = DELETIONS[case]
    for method, reply in exchange:
        service.expect(f"{method} {path}", **({"body": there} if reply is THERE else reply))
    with pytest.raises(error, match=words) if error else nullcontext():
        ask(client)


def test_a_revoked_token_is_looked_at_again(service: Service, client: Client) -> None:
    service.expect("DELETE /v2.0/tokens/old", 204)
    service.expect("GET /v2.0/tokens/old", **fault(401))
    client.revoke_token("old")
    service.expect("DELETE /v2.0/tokens/old", 204)
    service.expect("GET /v2.0/tokens/old", body={"access": {"token": {"id": "old"}, "user": {"id": "u1"}}})
    with pytest.raises(Unavailable, match="still valid"):
        client.revoke_token("old")


def test_a_401_of_a_gateway_is_no_dead_token(service: Service, transport: Transport) -> None:
    for _try in range(2):
        service.expect(f"DELETE {MFA}", 401, body=b"<html>")
    with pytest.raises(InvalidAnswer, match="gateway"):
        Client(transport, "the-token", lambda: "another-token").remove_mfa("u1")


def test_a_page_is_no_success(service: Service, client: Client) -> None:
    service.expect(f"PUT {MFA}", 200, body=b"<html>log in here</html>")
    with pytest.raises(InvalidAnswer, match="firewall"):
        client.change_settings("u1", {"enabled": True}, "Turning it on")


OTHERS: dict[str, tuple[str, Any, Callable[[Client], Any]]] = {
    "user": ("/v2.0/users/u1", {"user": {"id": "u2", "username": "jo"}}, lambda to: to.user("u1")),
    "name": ("/v2.0/users?name=jo", {"user": {"id": "u1", "username": "joe"}}, lambda to: to.user_by_name("jo")),
    "device": (f"{MFA}/otp-devices/d2", {"RAX-AUTH:otpDevice": DEVICE}, lambda to: to.otp_device("u1", "d2")),
    "phone": (f"{MFA}/mobile-phones/p2", {"RAX-AUTH:mobilePhone": PHONE}, lambda to: to.phone("u1", "p2")),
    "domain": ("/v2.0/RAX-AUTH/domains/1", {"RAX-AUTH:domain": {"id": "2"}}, lambda to: to.domain("1")),
    "token": (
        "/v2.0/tokens/t1",
        {"access": {"token": {"id": "t2"}, "user": {"id": "u1"}}},
        lambda to: to.validate_token("t1"),
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_an_answer_about_another_one_is_refused(service: Service, client: Client, what: str) -> None:
    path, body, ask = OTHERS[what]
    service.expect(f"GET {path}", body=body)
    with pytest.raises(InvalidAnswer, match="another"):
        ask(client)
