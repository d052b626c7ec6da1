# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both steps of a login: what is sent, how a challenge is read, and which refusal is which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    BadCredentials,
    Conflict,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    PasscodeRefused,
    RateLimited,
    SetupRequired,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Access, Challenge
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.login import tokens
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import CHALLENGE as CHALLENGED
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import LOGIN, access
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

LOCKED = "Error code: 'AUTH-009'; Unable to authenticate user: The account has been locked due to too many failures."
CHALLENGE = Challenge("a-session")
PASSWORD = "canary-password"
PASSCODE = "493817"


def fault(name: str, code: int, message: str) -> dict[str, Any]:
    return {name: {"code": code, "message": message}}


def test_an_api_key_logs_in_with_its_tenant(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, **access("a-token"))
    made = tokens.by_api_key(transport, "jo", "key", {"tenantId": "t"})
    assert (made.token, made.user_id) == ("a-token", "u1")
    assert service.calls[0].body == {
        "auth": {"RAX-KSKEY:apiKeyCredentials": {"username": "jo", "apiKey": "key"}, "tenantId": "t"}
    }


def test_any_success_with_a_login_in_it_is_one(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, **{**access("a-token"), "status": 203})
    service.expect(LOGIN, **{**access("another"), "status": 201})
    assert tokens.by_api_key(transport, "jo", "key", {}).token == "a-token"
    assert tokens.by_passcode(transport, CHALLENGE, PASSCODE, {}).token == "another"


def test_a_password_that_is_not_challenged_logs_in(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, **access("a-token"), headers=CHALLENGED["headers"])  # which only a 401 has
    scope = {"RAX-AUTH:scope": "SETUP-MFA"}
    assert isinstance(tokens.by_password(transport, "jo", PASSWORD, scope), Access)
    assert service.calls[0].body == {
        "auth": {"passwordCredentials": {"username": "jo", "password": PASSWORD}, "RAX-AUTH:scope": "SETUP-MFA"}
    }


def test_a_password_may_be_challenged(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, **CHALLENGED)
    assert tokens.by_password(transport, "jo", PASSWORD, {}) == Challenge("s-1")


def assert_told(error: IdentityError, status: int, body: Any) -> None:
    """An error tells the status that failed, and the words of the service's own faults alone."""
    faults = body.values() if isinstance(body, dict) and not isinstance(error, InvalidAnswer) else ()
    assert error.service_message == next((told["message"] for told in faults), None)
    assert error.status == (None if status == 200 and isinstance(body, dict) else status)


def test_a_challenge_is_found_among_several_headers(service: Service, transport: Transport) -> None:
    values = ('Basic realm="Identity, v2.0"', "OS-MF sessionId='s-1', factor='OTPPASSCODE'", 'Keystone uri="https://a"')
    headers = [("WWW-Authenticate", value) for value in values]
    service.expect(LOGIN, 401, more_headers=headers, body=CHALLENGED["body"])
    assert tokens.by_password(transport, "jo", PASSWORD, {}) == Challenge("s-1")


@pytest.mark.parametrize(
    ("log_in", "header", "extra", "words"),
    [
        (tokens.by_password, "", {}, r"O\(username\) and O\(password\)\."),
        (tokens.by_password, "OS-MF factor='OTP'", {}, r"O\(username\) and O\(password\)\."),
        (tokens.by_password, "", {"tenantId": "1"}, r"O\(username\), O\(password\) and O\(tenant_id\)\."),
        (tokens.by_api_key, "", {}, r"O\(username\) and O\(api_key\)\."),
        (tokens.by_api_key, "", {"tenantName": "1"}, r"O\(username\), O\(api_key\) and O\(tenant_name\)\."),
    ],
)
def test_a_401_without_a_session_is_a_wrong_password(
    log_in: Callable[..., object],
    header: str,
    extra: dict[str, str],
    words: str,
    service: Service,
    transport: Transport,
) -> None:
    body = fault("unauthorized", 401, "Unable to authenticate user with credentials provided.")
    service.expect(LOGIN, 401, headers={"WWW-Authenticate": header} if header else {}, body=body)
    with pytest.raises(BadCredentials, match=f"{words}.*credentials provided") as caught:
        log_in(transport, "jo", PASSWORD, extra)
    assert PASSWORD not in str(caught.value.as_failure())


@pytest.mark.parametrize("log_in", [tokens.by_api_key, tokens.by_password], ids=["key", "password"])
def test_a_404_of_a_login_is_a_wrong_path(
    log_in: Callable[..., object], service: Service, transport: Transport
) -> None:
    service.expect(LOGIN, 404, body=fault("itemNotFound", 404, "Resource Not Found"))
    with pytest.raises(InvalidAnswer, match=r"O\(auth_endpoint\) has a wrong path"):
        log_in(transport, "jo", PASSWORD, {})


@pytest.mark.parametrize("log_in", [tokens.by_api_key, tokens.by_password], ids=["key", "password"])
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, fault("unauthorized", 401, LOCKED), AccountLocked),
        (401, fault("unauthorized", 401, "Your password has expired"), BadCredentials),
        (401, fault("unauthorized", 401, "Tenant with Name/Id: 't' is not valid for User 'jo'"), BadCredentials),
        (401, "<html>", InvalidAnswer),
        (401, "", InvalidAnswer),
        (401, {"message": LOCKED}, InvalidAnswer),
        (401, {"error": {"code": 401, "message": LOCKED}}, InvalidAnswer),
        (403, f"<html>{LOCKED}</html>", InvalidAnswer),
        (403, {"blocked": {"message": "User must setup multi-factor"}}, InvalidAnswer),
        (403, fault("userDisabled", 403, "User 'jo' is disabled."), Forbidden),
        (403, fault("forbidden", 403, "Error code: 'X'; User must setup multi-factor."), SetupRequired),
        (403, fault("forbidden", 403, "Setup MFA scope is not authorized for this user"), Forbidden),
        (400, fault("badRequest", 400, "Specify tenantId OR tenantName, not both."), Conflict),
        (200, "<html>", InvalidAnswer),
        (302, "", InvalidAnswer),
    ],
)
def test_what_the_first_step_refuses(
    log_in: Callable[..., object],
    status: int,
    body: Any,
    kind: type[IdentityError],
    service: Service,
    transport: Transport,
) -> None:
    is_page = status >= 400 and isinstance(body, str)
    for _try in range(2 if is_page or status == 200 else 1):
        service.expect(LOGIN, status, body=body.encode() if isinstance(body, str) else body)
    with pytest.raises(kind) as caught:
        log_in(transport, "jo", PASSWORD, {})
    assert caught.type is kind
    assert "<html>" not in str(caught.value)
    assert_told(caught.value, status, body)


NOT_ALLOWED = fault("forbidden", 403, "Not Authorized")


@pytest.mark.parametrize(
    ("log_in", "words"),
    [
        (lambda to: tokens.by_api_key(to, "jo", "key", {}), "is forbidden for this account"),
        (lambda to: tokens.by_password(to, "jo", PASSWORD, {}), "is forbidden for this account"),
        (lambda to: tokens.by_password(to, "jo", PASSWORD, {tokens.SCOPE: "SETUP-MFA"}), r"Leave out O\(scope\)"),
        (lambda to: tokens.by_passcode(to, CHALLENGE, PASSCODE, {}), "is forbidden for this account"),
    ],
    ids=["key", "password", "scope", "second step"],
)
def test_a_login_that_is_forbidden_speaks_of_no_account_that_is_logged_in(
    log_in: Callable[[Transport], object], words: str, service: Service, transport: Transport
) -> None:
    service.expect(LOGIN, 403, body=NOT_ALLOWED)
    with pytest.raises(Forbidden, match=rf"{words}.* The service says: Not Authorized\.$") as caught:
        log_in(transport)
    assert "logged in" not in str(caught.value)
    assert_told(caught.value, 403, NOT_ALLOWED)


@pytest.mark.parametrize("body", [None, {}, {"access": []}])
def test_a_first_step_without_a_login_in_its_answer_is_taken_once_more(
    service: Service, transport: Transport, body: Any
) -> None:
    """It spends nothing."""
    for log_in in (tokens.by_api_key, tokens.by_password):
        service.expect(LOGIN, body=body)
        service.expect(LOGIN, **access("a-token"))
        made = log_in(transport, "jo", "secret", {})
        assert isinstance(made, Access)
        assert made.token == "a-token"


OTHERS = {"another name": "joe", "a longer name": "jo@example.com", "a blank": "jo "}


@pytest.mark.parametrize("name", OTHERS.values(), ids=OTHERS.keys())
def test_a_token_of_another_user_is_not_used(name: str, service: Service, transport: Transport) -> None:
    logins: list[Callable[[], object]] = [
        lambda: tokens.by_api_key(transport, "jo", "key", {}),
        lambda: tokens.by_password(transport, "jo", PASSWORD, {}),
        lambda: tokens.by_passcode(transport, CHALLENGE, PASSCODE, {}, "jo"),
    ]
    for log_in in logins:
        service.expect(LOGIN, **access("canary-token", name))
        with pytest.raises(tokens.OtherUser, match="another user") as caught:
            log_in()
        assert caught.value.kind == "invalid_answer"
        assert "canary-token" not in str(caught.value)


@pytest.mark.parametrize("name", ["JO", "Jo", None])
def test_the_name_in_the_answer_may_be_in_another_case_or_missing(
    name: str | None, service: Service, transport: Transport
) -> None:
    service.expect(LOGIN, **access("t", name))
    assert tokens.by_api_key(transport, "jo", "key", {}).user_id == "u1"


@pytest.mark.parametrize(("which", "bad"), [("token", "a b"), ("token", ".."), ("user", "..")])
def test_an_id_that_is_none_is_not_used(which: str, bad: str, service: Service, transport: Transport) -> None:
    ids = {"token": "t", "user": "u1"} | {which: bad}
    service.expect(LOGIN, body={"access": {"token": {"id": ids["token"]}, "user": {"id": ids["user"], "name": "jo"}}})
    with pytest.raises(InvalidAnswer) as caught:
        tokens.by_api_key(transport, "jo", "key", {})
    assert bad not in str(caught.value)


def test_the_first_step_is_repeated(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, 503)
    service.expect(LOGIN, how="reset")
    service.expect(LOGIN, 429)
    service.expect(LOGIN, **access("a-token"))
    assert isinstance(tokens.by_password(transport, "jo", PASSWORD, {}), Access)


def test_the_second_step_sends_session_passcode_and_tenant(service: Service, transport: Transport) -> None:
    service.expect(LOGIN, **access("a-token"))
    assert tokens.by_passcode(transport, CHALLENGE, "012345", {"tenantName": "t"}).token == "a-token"
    assert service.calls[0].headers["X-SessionId"] == "a-session"
    assert service.calls[0].body == {
        "auth": {"RAX-AUTH:passcodeCredentials": {"passcode": "012345"}, "tenantName": "t"}
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, fault("unauthorized", 401, "Unable to authenticate user with credentials provided"), PasscodeRefused),
        (401, "", InvalidAnswer),
        (401, "<html>", InvalidAnswer),
        (401, {"error": {"message": LOCKED}}, InvalidAnswer),
        (403, f"<html>{LOCKED}</html>", InvalidAnswer),
        (401, fault("unauthorized", 401, LOCKED), AccountLocked),
        (403, fault("forbidden", 403, LOCKED.upper()), AccountLocked),
        (403, fault("forbidden", 403, "Request blocked by the gateway"), Forbidden),
        (403, fault("userDisabled", 403, "User 'jo' is disabled."), Forbidden),
        (403, "", InvalidAnswer),
        (413, fault("overLimit", 413, "Slow down"), RateLimited),
        (429, "", RateLimited),
        (400, fault("badRequest", 400, "Expecting the header X-SessionId"), Conflict),
        (500, fault("identityFault", 500, "no"), Unavailable),
        (503, "<html>", Unavailable),
        (200, "<html>", InvalidAnswer),
        (200, {"access": {"token": {}}}, InvalidAnswer),
    ],
)
def test_what_the_second_step_refuses_and_that_it_is_sent_once(
    status: int, body: Any, kind: type[IdentityError], service: Service, transport: Transport
) -> None:
    service.expect(LOGIN, status, body=body.encode() if isinstance(body, str) else body)
    with pytest.raises(kind) as caught:
        tokens.by_passcode(transport, CHALLENGE, PASSCODE, {})
    assert caught.type is kind
    assert_told(caught.value, status, body)
    assert len(service.calls) == 1
    assert PASSCODE not in str(caught.value.as_failure())
    assert "a-session" not in str(caught.value.as_failure())


def test_a_tenant_refused_after_the_passcode_was_spent_is_no_wrong_passcode(
    service: Service, transport: Transport
) -> None:
    body = fault("unauthorized", 401, "Tenant with Name/Id: 't' is not valid for User 'jo'")
    service.expect(LOGIN, 401, body=body)
    with pytest.raises(BadCredentials, match=r"O\(tenant_id\) or O\(tenant_name\)"):
        tokens.by_passcode(transport, CHALLENGE, PASSCODE, {"tenantId": "t"})
