# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication: password, API key, the second step and the SETUP-MFA scope (contract, Authentication)."""

from __future__ import annotations

from typing import Any

from . import access_body, passcodes
from .call import SETUP_MFA, Call
from .ids import new_number, new_session_id
from .policy import must_have_mfa
from .state import Session, User
from .wire import Answer, Refusal, checked

_PASSWORD = "passwordCredentials"
_API_KEY = "RAX-KSKEY:apiKeyCredentials"
_PASSCODE = "RAX-AUTH:passcodeCredentials"
_MEMBERS: dict[str, type] = {
    _PASSWORD: dict,
    _API_KEY: dict,
    _PASSCODE: dict,
    "RAX-AUTH:scope": str,
    "tenantId": str,
    "tenantName": str,
}
WRONG_CREDENTIALS = "Unable to authenticate user with credentials provided."
_OTHER_CHALLENGES = ('Basic realm="Identity, v2.0"', 'Keystone uri="https://identity.example.com/v2.0"')


def authenticate(call: Call) -> Answer:
    """`POST /v2.0/tokens`: one kind of credentials, at most one tenant, at most one scope."""
    auth = call.members("auth", _MEMBERS)
    kinds = [kind for kind in (_PASSWORD, _API_KEY, _PASSCODE) if kind in auth]
    if len(kinds) != 1:
        raise Refusal(400, "Invalid request body: expected one kind of credentials")
    if "tenantId" in auth and "tenantName" in auth:
        raise Refusal(400, "Invalid request. Specify tenantId OR tenantName, not both.")
    if auth.get("RAX-AUTH:scope", SETUP_MFA) != SETUP_MFA:
        raise Refusal(400, "Invalid scope")
    if kinds[0] == _PASSCODE:
        return _second_step(call, auth)
    if kinds[0] == _API_KEY:
        return _by_api_key(call, auth)
    return _by_password(call, auth)


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, f"Expecting {name}")
    return value


def _known_user(call: Call, credentials: dict[str, Any], secret: str) -> User:
    """The user whose name and secret (`password`, `apiKey`) were given; 401 and 403 as the contract says."""
    checked(credentials, {"username": str, secret: str})
    name, value = _text(credentials, "username"), _text(credentials, secret)
    call.entry.user = name
    call.world.ledger.note("passwords" if secret == "password" else "api_keys", value)
    user = call.world.user_named(name)
    if user is None or value != (user.password if secret == "password" else user.api_key):
        raise Refusal(401, WRONG_CREDENTIALS)
    call.entry.user = user.username
    if not user.enabled:
        raise Refusal(403, f"User '{user.username}' is disabled.", "userDisabled")
    return user


def _by_api_key(call: Call, auth: dict[str, Any]) -> Answer:
    """Never challenged, not even while the account is locked."""
    user = _known_user(call, auth[_API_KEY], "apiKey")
    scope = _granted_scope(call, user, auth)
    _check_tenant(user, auth)
    return _token_answer(call, user, ("APIKEY",), scope)


def _by_password(call: Call, auth: dict[str, Any]) -> Answer:
    user = _known_user(call, auth[_PASSWORD], "password")
    if user.password_expired:
        raise Refusal(401, "Unable to authenticate user: the password has expired")
    scope = _granted_scope(call, user, auth)
    if user.mfa_enabled:
        raise _challenge(call, user)
    if must_have_mfa(user, call.world.domain_of(user)) and scope is None:
        raise Refusal(403, "User must setup multi-factor")
    _check_tenant(user, auth)
    return _token_answer(call, user, ("PASSWORD",), scope)


def _granted_scope(call: Call, user: User, auth: dict[str, Any]) -> str | None:
    """SETUP-MFA is for those who must have MFA and have none."""
    if "RAX-AUTH:scope" not in auth:
        return None
    if user.mfa_enabled or not must_have_mfa(user, call.world.domain_of(user)):
        raise Refusal(403, "Setup MFA scope is not authorized for this user")
    return SETUP_MFA


def _check_tenant(user: User, auth: dict[str, Any]) -> None:
    tenant = auth.get("tenantId", auth.get("tenantName", user.domain_id))
    if tenant != user.domain_id:
        raise Refusal(401, f"Tenant with Name/Id: '{tenant}' is not valid for User '{user.username}'")


def _challenge(call: Call, user: User) -> Refusal:
    """The refusal that asks for the second step; without a challenge while the account is locked."""
    if passcodes.is_locked(call.world, user, call.behavior):
        return Refusal(401, f"Unable to authenticate user: {passcodes.LOCKED_MESSAGE}")
    session = _begin_session(call, user)
    refusal = Refusal(401, "Additional authentication credentials required")
    factor = call.behavior.challenge_factor if user.factor_type == "OTP" else "PASSCODE"
    values = [f"OS-MF sessionId='{session.id}', factor='{factor}'"]
    if call.behavior.challenge_headers != "single":
        values = [_OTHER_CHALLENGES[0], *values, _OTHER_CHALLENGES[1]]
    if call.behavior.challenge_headers == "joined":
        values = [", ".join(values)]  # RFC 9110, 11.6.1
    refusal.headers += [("WWW-Authenticate", value) for value in values]
    return refusal


def _begin_session(call: Call, user: User) -> Session:
    now = call.world.clock.now()
    session_id = new_session_id(call.behavior.session_ids)
    session = Session(session_id, user.id, now + 60 * call.behavior.session_minutes)
    if user.mfa_enabled_at is not None:
        seconds = call.behavior.dead_session if user.first_session_due else 0
        session.dead = now < user.mfa_enabled_at + max(seconds, call.behavior.dead_sessions)
        user.first_session_due = False
    if user.factor_type == "SMS":
        session.sms_code = new_number(7 if call.behavior.sms_digits == "documented" else 6)
        call.world.ledger.note("codes", session.sms_code)
    call.world.sessions[session.id] = session
    call.world.ledger.note("sessions", session.id)
    return session


def _second_step(call: Call, auth: dict[str, Any]) -> Answer:
    """Session, lock, passcode and only then the tenant: a wrong tenant costs a passcode."""
    passcode = _text(checked(auth[_PASSCODE], {"passcode": str}), "passcode")
    call.world.ledger.note("codes", passcode)
    if not call.headers.get("X-SessionId"):
        raise Refusal(400, "Expecting the header X-SessionId")
    session, user = _live_session(call)
    call.entry.user = user.username
    if not user.enabled:
        raise Refusal(403, f"User '{user.username}' is disabled.", "userDisabled")
    _granted_scope(call, user, auth)
    if passcodes.is_locked(call.world, user, call.behavior):
        call.entry.passcode = "locked"
        raise Refusal(403, f"Could not authenticate: {passcodes.LOCKED_MESSAGE}")
    call.entry.passcode = passcodes.check_login(call.world, user, session, passcode, call.behavior)
    if call.entry.passcode != "accepted":
        passcodes.note_failure(call.world, user, call.behavior)
        raise Refusal(401, WRONG_CREDENTIALS)
    passcodes.clear_failures(user)
    del call.world.sessions[session.id]
    _check_tenant(user, auth)
    return _token_answer(call, user, ("PASSWORD", "OTPPASSCODE" if user.factor_type == "OTP" else "PASSCODE"), None)


def _live_session(call: Call) -> tuple[Session, User]:
    """The session that the request names. A dead one sounds like a wrong passcode but does not count."""
    session = call.world.sessions.get(call.headers["X-SessionId"])
    user = call.world.users.get(session.user_id) if session else None
    expired = session is not None and session.expires <= call.world.clock.now()
    if session is None or user is None or session.dead or expired or not user.mfa_enabled:
        call.entry.passcode = "dead_session"
        raise Refusal(401, WRONG_CREDENTIALS)
    return session, user


def _token_answer(call: Call, user: User, methods: tuple[str, ...], scope: str | None) -> Answer:
    token = call.world.issue_token(user, methods, scope, call.behavior.token_minutes)
    return Answer(200, access_body.access(call, user, token))
