# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validating, revoking and expiring tokens, and what takes them away (contract, Operations and Settings)."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import LEVEL, Service, assert_refused, token_of

REQUIRED = {LEVEL: "REQUIRED"}


def test_own_token_is_valid(service: Service) -> None:
    token = service.password_token("alice")
    access = service.call("GET", f"/tokens/{token}", token=token).json()["access"]
    assert access["token"]["id"] == token
    assert access["user"]["name"] == "alice"


def test_revoked_token_is_dead(service: Service) -> None:
    token, other = service.password_token("alice"), service.password_token("alice")
    assert service.call("DELETE", f"/tokens/{token}", token=token).status_code == 204
    assert service.call("GET", "/users", token=token).status_code == 401
    assert_refused(service.call("GET", f"/tokens/{token}", token=other), 404, "itemNotFound")
    assert_refused(service.call("DELETE", f"/tokens/{token}", token=other), 404, "itemNotFound")


def test_administrator_may_look_at_tokens_of_its_users_only(service: Service) -> None:
    token = service.password_token("alice")
    assert service.call("GET", f"/tokens/{token}", token=service.key_token("admin")).status_code == 200
    assert_refused(service.call("GET", f"/tokens/{token}", token=service.key_token("eve")), 403, "forbidden")
    assert_refused(service.call("DELETE", f"/tokens/{token}", token=service.key_token("bob")), 403, "forbidden")


def test_token_expires_by_the_clock_of_the_emulator(service: Service) -> None:
    token = service.password_token("alice")
    service.control.move(1440 * 60 - 1)
    assert service.call("GET", "/users", token=token).status_code == 200
    service.control.move(1)
    assert service.call("GET", "/users", token=token).status_code == 401


def test_token_in_a_path_is_not_logged(service: Service) -> None:
    token = service.password_token("alice")
    service.call("GET", f"/tokens/{token}", token=token)
    assert service.control.requests()[-1]["path"] == "/v2.0/tokens/{token}"


def test_token_of_a_user_that_was_disabled_opens_nothing(service: Service) -> None:
    token, user = service.password_token("alice"), service.control.user("alice")
    service.control.users([{"username": "alice", "id": user["id"], "domain_id": "100", "enabled": False}])
    assert service.call("GET", "/users", token=token).status_code == 401


class TestTurningMfaOn:
    """Revokes every token that the password alone gave."""

    def test_tokens_of_the_password_die_the_callers_own_included(self, service: Service) -> None:
        service.verified_device("alice")
        caller, other = service.password_token("alice"), service.password_token("alice")
        assert service.put("alice", caller, enabled=True, factorType="OTP").status_code == 204
        assert not service.is_live(caller)
        assert not service.is_live(other)
        assert_refused(service.call("GET", "/users", token=caller), 401, "unauthorized")

    def test_tokens_of_api_keys_and_of_administrators_stay(self, service: Service) -> None:
        service.verified_device("alice")
        own, admin = service.key_token("alice"), service.password_token("admin")
        assert service.put("alice", admin, enabled=True).status_code == 204
        assert service.is_live(own)
        assert service.is_live(admin)

    def test_every_token_of_the_user_may_die(self, service: Service) -> None:
        service.verified_device("alice")
        service.control.behave(mfa_on_revokes="all")
        own, admin = service.key_token("alice"), service.key_token("admin")
        assert service.put("alice", own, enabled=True).status_code == 204
        assert not service.is_live(own)
        assert service.is_live(admin)
        assert_refused(service.call("GET", "/users", token=own), 401, "unauthorized")

    def test_mfa_tokens_stay(self, service: Service, device: dict[str, Any]) -> None:
        token = token_of(service.login("alice", service.code(device["secret"])))
        service.put("alice", enabled=False)
        service.put("alice", enabled=True)
        assert service.is_live(token)

    def test_turning_it_on_again_changes_nothing(self, service: Service, device: dict[str, Any]) -> None:
        token = token_of(service.login("alice", service.code(device["secret"])))
        assert service.put("alice", token, enabled=True, factorType="OTP").status_code == 204
        assert service.is_live(token)


class TestRaisingTheLevel:
    """Revokes the password-only tokens of users without MFA."""

    def test_of_a_user(self, service: Service) -> None:
        password, key, bob = service.password_token("alice"), service.key_token("alice"), service.password_token("bob")
        assert service.put("alice", service.key_token("admin"), **REQUIRED).status_code == 204
        assert [service.is_live(token) for token in (password, key, bob)] == [False, True, True]

    def test_of_a_user_may_revoke_all_but_mfa_tokens(self, service: Service) -> None:
        service.control.behave(required_revokes="not_mfa")
        device = service.enroll("alice")
        mfa = token_of(service.login("alice", service.code(device["secret"])))
        service.put("alice", enabled=False)
        password, key = service.password_token("alice"), service.key_token("alice")
        service.put("alice", service.key_token("admin"), **REQUIRED)
        assert [service.is_live(token) for token in (password, key, mfa)] == [False, False, True]

    @pytest.mark.parametrize("spared", ["nobody", "optional_users"])
    def test_of_a_domain(self, service: Service, spared: str) -> None:
        service.control.behave(required_spares=spared)
        for name in ("bob", "admin"):
            service.put(name, service.key_token("admin"), **{LEVEL: "OPTIONAL"})
        alice, bob, eve = (service.password_token(name) for name in ("alice", "bob", "eve"))
        body = {"RAX-AUTH:multiFactorDomain": {"domainMultiFactorEnforcementLevel": "REQUIRED"}}
        path = "/RAX-AUTH/domains/100/multi-factor"
        assert service.call("PUT", path, body, service.key_token("admin")).status_code == 204
        assert [service.is_live(token) for token in (alice, bob, eve)] == [False, spared != "nobody", True]

    def test_tokens_of_users_with_mfa_stay(self, service: Service, device: dict[str, Any]) -> None:
        token = token_of(service.login("alice", service.code(device["secret"])))
        service.put("alice", service.key_token("admin"), **REQUIRED)
        assert service.is_live(token)

    @pytest.mark.parametrize("level", ["OPTIONAL", "DEFAULT"])
    def test_lowering_revokes_nothing(self, service: Service, level: str) -> None:
        token = service.password_token("alice")
        service.put("alice", service.key_token("admin"), **{LEVEL: level})
        assert service.is_live(token)


@pytest.mark.parametrize(
    ("order", "expected"), [("documented", ["PASSWORD", "OTPPASSCODE"]), ("reversed", ["OTPPASSCODE", "PASSWORD"])]
)
def test_order_of_authenticated_by(service: Service, order: str, expected: list[str]) -> None:
    service.control.behave(authenticated_by=order)
    device = service.enroll("alice")
    token = service.login("alice", service.code(device["secret"])).json()["access"]["token"]
    assert token["RAX-AUTH:authenticatedBy"] == expected


def test_order_of_authenticated_by_changes_by_default(service: Service, device: dict[str, Any]) -> None:
    token = token_of(service.login("alice", service.code(device["secret"])))
    orders = set()
    for _unused in range(60):
        shown = service.call("GET", f"/tokens/{token}", token=token).json()["access"]["token"]
        orders.add(tuple(shown["RAX-AUTH:authenticatedBy"]))
    assert len(orders) == 2
