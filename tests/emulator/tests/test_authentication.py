# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Authentication: password, API key, tenants, the SETUP-MFA scope, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from .helpers import API_KEY, LEVEL, PASSCODE, PASSWORD, Service, assert_refused, token_of

REQUIRED = {LEVEL: "REQUIRED"}
SCOPE = {"RAX-AUTH:scope": "SETUP-MFA"}


@pytest.mark.parametrize(("by", "method"), [("by_password", "PASSWORD"), ("by_api_key", "APIKEY")])
def test_credentials_give_a_token(service: Service, by: str, method: str) -> None:
    access = getattr(service, by)("alice").json()["access"]
    assert access["token"]["RAX-AUTH:authenticatedBy"] == [method]
    assert access["user"]["id"] == service.user_id("alice")


def test_answer_has_what_other_clients_insist_on(service: Service) -> None:
    access = service.by_api_key("alice").json()["access"]
    assert access["token"]["tenant"] == {"id": "100", "name": "100"}
    assert access["user"]["RAX-AUTH:domainId"] == "100"
    assert access["user"]["email"] == "alice@example.com"
    assert access["user"]["roles"][0]["name"] == "identity:default"
    assert access["serviceCatalog"] == []


def test_lean_answer_leaves_it_out(service: Service) -> None:
    service.control.behave(lean=True)
    access = service.by_api_key("alice").json()["access"]
    assert set(access) == {"token", "user"}
    assert set(access["token"]) == {"id", "expires", "RAX-AUTH:authenticatedBy"}
    assert set(access["user"]) == {"id", "name", "roles"}


@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("tenant", {"tenant"}),
        ("email", {"email"}),
        ("domain", {"RAX-AUTH:domainId"}),
        ("catalog", {"serviceCatalog"}),
    ],
)
def test_answer_may_lack_one_part(service: Service, part: str, missing: set[str]) -> None:
    service.control.behave(access_without=part)
    access = service.by_api_key("alice").json()["access"]
    everything = {"tenant", "email", "RAX-AUTH:domainId", "serviceCatalog"}
    assert everything - (set(access) | set(access["token"]) | set(access["user"])) == missing


@pytest.mark.parametrize("role", ["user-manage", "user-manage-limited"])
def test_those_who_manage_users_are_default_users_as_well(service: Service, role: str) -> None:
    service.control.users([{"username": "m", "role": role}])
    roles = service.by_api_key("m").json()["access"]["user"]["roles"]
    assert [entry["name"] for entry in roles] == [f"identity:{role}", "identity:default"]


def test_expired_password_is_told_without_a_challenge(service: Service) -> None:
    service.control.users([{"username": "late", "password_expired": True}])
    answer = service.by_password("late")
    assert_refused(answer, 401, "unauthorized", "expired")
    assert "WWW-Authenticate" not in answer.headers
    assert service.by_api_key("late").status_code == 200


def test_user_names_are_matched_without_regard_to_case(service: Service) -> None:
    body = {"auth": {PASSWORD: {"username": "ALICE", "password": "alice-pw"}}}
    assert service.call("POST", "/tokens", body).json()["access"]["user"]["name"] == "alice"


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        pytest.param(PASSWORD, {"username": "alice", "password": "wrong"}, id="password"),
        pytest.param(PASSWORD, {"username": "alice", "password": "ALICE-PW"}, id="password-in-other-case"),
        pytest.param(PASSWORD, {"username": "nobody", "password": "alice-pw"}, id="unknown-user"),
        pytest.param(PASSWORD, {"username": "gone", "password": "wrong"}, id="disabled-user"),
        pytest.param(API_KEY, {"username": "alice", "apiKey": "wrong"}, id="api-key"),
        pytest.param(API_KEY, {"username": "alice", "apiKey": "alice-pw"}, id="password-as-api-key"),
    ],
)
def test_wrong_credentials_are_unauthorized_without_a_challenge(
    service: Service, kind: str, credentials: dict[str, str]
) -> None:
    service.enroll("alice")
    answer = service.call("POST", "/tokens", {"auth": {kind: credentials}})
    assert_refused(answer, 401, "unauthorized", "Unable to authenticate")
    assert "WWW-Authenticate" not in answer.headers


def test_two_kinds_of_credentials_are_refused(service: Service) -> None:
    both = {PASSWORD: {"username": "alice", "password": "x"}, API_KEY: {"username": "alice", "apiKey": "x"}}
    assert_refused(service.call("POST", "/tokens", {"auth": both}), 400, "badRequest")


@pytest.mark.parametrize("by", ["by_password", "by_api_key"])
def test_disabled_user_is_told_so(service: Service, by: str) -> None:
    assert_refused(getattr(service, by)("gone"), 403, "userDisabled")


@pytest.mark.parametrize("tenant", ["tenantId", "tenantName"])
@pytest.mark.parametrize("by", ["by_password", "by_api_key"])
def test_tenant_is_checked(service: Service, by: str, tenant: str) -> None:
    assert getattr(service, by)("alice", **{tenant: "100"}).status_code == 200
    answer = getattr(service, by)("alice", **{tenant: "999"})
    assert_refused(answer, 401, "unauthorized", "is not valid for User")
    assert "WWW-Authenticate" not in answer.headers


def test_tenant_id_and_name_together_are_refused(service: Service) -> None:
    answer = service.by_api_key("alice", tenantId="100", tenantName="100")
    assert_refused(answer, 400, "badRequest", "not both")


@pytest.mark.parametrize(
    ("style", "end", "minutes"),
    [
        ("offset", ".000-06:00", 1440),
        ("offset_whole", ":45-06:00", 1440),
        ("zulu", ":45Z", 60),
        ("zulu_millis", ".000Z", 1440),
    ],
)
def test_expires_in_all_its_forms(service: Service, style: str, end: str, minutes: int) -> None:
    service.control.behave(expires_style=style, token_minutes=minutes)
    text = service.by_api_key("alice").json()["access"]["token"]["expires"]
    assert text.endswith(end)
    assert datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() == service.control.now() + minutes * 60


class TestSetupScope:
    """A user who must have MFA and has none."""

    def test_login_without_the_scope_is_forbidden(self, service: Service) -> None:
        assert service.put("alice", service.key_token("admin"), **REQUIRED).status_code == 204
        assert_refused(service.by_password("alice"), 403, "forbidden", "User must setup multi-factor")
        assert service.by_api_key("alice").status_code == 200

    def test_account_of_a_mandated_domain_sets_mfa_up_by_the_scope(self, service: Service) -> None:
        service.control.users([{"username": "new", "domain_id": "9", "domain_enforcement_level": "RACKSPACE_MANDATED"}])
        assert_refused(service.by_password("new"), 403, "forbidden", "User must setup multi-factor")
        token = service.password_token("new", **SCOPE)
        device = service.create("new", token=token)
        assert service.verify("new", device["id"], service.code(device["secret"]), token).status_code == 204
        assert service.put("new", token, enabled=True, factorType="OTP").status_code == 204
        assert not service.is_live(token)
        service.control.move(60)
        assert token_of(service.login("new", service.code(device["secret"])))

    def test_token_of_an_api_key_dies_too_when_mfa_is_on(self, service: Service) -> None:
        service.put("alice", service.key_token("admin"), **REQUIRED)
        scoped = token_of(service.by_api_key("alice", **SCOPE))
        service.verified_device("alice")
        assert service.put("alice", scoped, enabled=True, factorType="OTP").status_code == 204
        assert not service.is_live(scoped)

    def test_scope_gives_a_token_for_multi_factor_paths_of_that_user_only(self, service: Service) -> None:
        service.put("admin", service.key_token("admin"), **REQUIRED)
        token = service.password_token("admin", **SCOPE)
        assert service.call("GET", service.mfa("admin", "/otp-devices"), token=token).status_code == 200
        for path in (
            f"/users/{service.user_id('admin')}",
            "/users",
            f"/tokens/{token}",
            service.mfa("bob", "/devices"),
        ):
            assert_refused(service.call("GET", path, token=token), 403, "forbidden")

    def test_scope_is_refused_if_mfa_is_not_required(self, service: Service) -> None:
        assert_refused(service.by_password("alice", **SCOPE), 403, "forbidden")

    def test_scope_is_refused_if_mfa_is_on(self, service: Service) -> None:
        service.enroll("alice")
        service.put("alice", service.key_token("admin"), **REQUIRED)
        answer = service.by_password("alice", **SCOPE)
        assert_refused(answer, 403, "forbidden")
        assert "WWW-Authenticate" not in answer.headers

    def test_scope_in_the_second_step_is_refused_before_the_passcode_is_spent(
        self, service: Service, device: dict[str, Any]
    ) -> None:
        session, code = service.session("alice"), service.code(device["secret"])
        assert_refused(service.second_step(session, code, **SCOPE), 403, "forbidden")
        assert token_of(service.second_step(session, code))

    def test_unknown_scope_is_refused(self, service: Service) -> None:
        assert_refused(service.by_password("alice", **{"RAX-AUTH:scope": "setup-mfa"}), 400, "badRequest")

    def test_scoped_token_may_die_when_a_device_has_been_added(self, service: Service) -> None:
        service.control.behave(setup_token_dies="device_added")
        service.put("alice", service.key_token("admin"), **REQUIRED)
        first = service.password_token("alice", **SCOPE)
        device = service.create("alice", token=first)
        code = service.code(device["secret"])
        assert_refused(service.verify("alice", device["id"], code, first), 401, "unauthorized")
        second = service.password_token("alice", **SCOPE)
        assert service.verify("alice", device["id"], code, second).status_code == 204
        assert service.put("alice", second, enabled=True, factorType="OTP").status_code == 204
        assert not service.is_live(second)


@pytest.mark.parametrize(
    ("passcode", "headers"),
    [
        pytest.param("123456", {}, id="no-session-header"),
        pytest.param(123456, {"X-SessionId": "x"}, id="number"),
        pytest.param("", {"X-SessionId": "x"}, id="empty"),
    ],
)
def test_malformed_second_step_is_a_bad_request(service: Service, passcode: object, headers: dict[str, str]) -> None:
    answer = service.call("POST", "/tokens", {"auth": {PASSCODE: {"passcode": passcode}}}, headers=headers)
    assert_refused(answer, 400, "badRequest")
