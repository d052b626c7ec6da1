# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Who may act on whom: every caller on every target, on every operation."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import Service, assert_refused

ALLOWED = {
    "admin": {"admin", "second-admin", "manager", "second-manager", "alice", "bob"},
    "manager": {"manager", "alice", "bob"},
    "limited": {"alice", "bob"},
    "alice": {"alice"},
    "eve": {"eve"},
}
TARGETS = ["admin", "second-admin", "manager", "second-manager", "alice", "bob", "eve"]

# method, path below multi-factor, body: valid ones, so that only the right to act decides
OPERATIONS: list[tuple[str, str, Any]] = [
    ("GET", "/otp-devices", None),
    ("POST", "/otp-devices", {"RAX-AUTH:otpDevice": {"name": "n"}}),
    ("GET", "/otp-devices/x", None),
    ("POST", "/otp-devices/x/verify", {"RAX-AUTH:verificationCode": {"code": "1"}}),
    ("DELETE", "/otp-devices/x", None),
    ("GET", "/devices", None),
    ("GET", "/mobile-phones", None),
    ("POST", "/mobile-phones", {"RAX-AUTH:mobilePhone": {"number": "+15125550100"}}),
    ("GET", "/mobile-phones/x", None),
    ("DELETE", "/mobile-phones/x", None),
    ("POST", "/mobile-phones/x/verificationcode", None),
    ("POST", "/mobile-phones/x/verify", {"RAX-AUTH:verificationCode": {"code": "1"}}),
    ("PUT", "", {"RAX-AUTH:multiFactor": {"enabled": False}}),
    ("DELETE", "", None),
    ("POST", "/bypass-codes", {"RAX-AUTH:bypassCodes": {}}),
]
IDS = [f"{method}-{path or '/'}" for method, path, _unused in OPERATIONS]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("caller", list(ALLOWED))
def test_reading_and_writing(service: Service, caller: str, target: str) -> None:
    service.control.users([{"username": "limited", "role": "user-manage-limited", "domain_id": "100"}])
    token = service.key_token(caller)
    user = service.call("GET", f"/users/{service.user_id(target)}", token=token)
    device = service.call("POST", service.mfa(target, "/otp-devices"), OPERATIONS[1][2], token)
    if target in ALLOWED[caller]:
        assert (user.status_code, device.status_code) == (200, 201)
    else:
        assert_refused(user, 403, "forbidden")
        assert_refused(device, 403, "forbidden")
        assert service.control.user(target)["otp_devices"] == []


@pytest.mark.parametrize("target", TARGETS)
def test_user_admin_may_be_confined_to_default_users(service: Service, target: str) -> None:
    service.control.behave(user_admin_acts_on="default_users")
    answer = service.call("GET", service.mfa(target, "/otp-devices"), token=service.key_token("admin"))
    assert answer.status_code == (200 if target in {"admin", "alice", "bob"} else 403)


@pytest.mark.parametrize(
    ("caller", "target", "status", "fault"),
    [
        pytest.param("alice", "bob", 403, "forbidden", id="others"),
        pytest.param("admin", "fed", 403, "forbidden", id="federated-user"),
        pytest.param("fed", "fed", 403, "forbidden", id="federated-user-on-itself"),
        pytest.param("admin", None, 404, "itemNotFound", id="unknown-user"),
        pytest.param(None, "alice", 401, "unauthorized", id="no-token"),
    ],
)
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS, ids=IDS)
def test_every_operation_is_refused(
    service: Service, method: str, path: str, body: Any, caller: str | None, target: str | None, status: int, fault: str
) -> None:
    full = service.mfa(target, path) if target else f"/users/unknown/RAX-AUTH/multi-factor{path}"
    answer = service.call(method, full, body, service.key_token(caller) if caller else None)
    assert_refused(answer, status, fault)


def test_unknown_user_by_id_is_not_found(service: Service) -> None:
    assert_refused(service.call("GET", "/users/unknown", token=service.key_token("alice")), 404, "itemNotFound")


def test_administrator_enrols_another_user(service: Service) -> None:
    token = service.key_token("admin")
    device = service.create("alice", token=token)
    assert service.verify("alice", device["id"], service.code(device["secret"]), token).status_code == 204
    assert service.put("alice", token, enabled=True, factorType="OTP").status_code == 204
    service.control.move(60)
    assert service.login("alice", service.code(device["secret"])).status_code == 200
