# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on tokens that need no token: the two steps of a login. Private to the collection.

One request each, plain data in and out (contract, "Authentication"). What to send when is decided above, in
`second_factor`. Only the service's own fault tells of a password, a passcode or a lock: a gateway may answer any status
with a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api import texts
from ..api.calls import doubted
from ..api.errors import (
    AccountLocked,
    BadCredentials,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    NotFound,
    PasscodeRefused,
    TokenRefused,
)
from ..api.faults import refusal
from ..api.model import Access, Challenge
from ..api.transport import Repeat, Transport
from ..api.wire import Answer, Fault, fault, root
from .challenge import read_challenge
from .endpoint import ENDPOINTS

SECOND_FACTORS = frozenset({"PASSCODE", "OTPPASSCODE"})
"""How a login by passcode may show in `authenticatedBy`."""

SCOPE = "RAX-AUTH:scope"
"""The member of `auth` that asks for a token with fewer rights."""

_PATH = "/v2.0/tokens"
_TENANTS = {"tenantId": "tenant_id", "tenantName": "tenant_name"}
"""The options, by the members of `auth` that name the tenant."""
_LOCKED = "has been locked"
_REFUSALS = ("unauthorized", "forbidden", "userDisabled")


class OtherUser(InvalidAnswer):
    """The service logged another user in than the one that was asked for. Nothing is done with the token."""


def by_api_key(transport: Transport, username: str, api_key: str, extra: dict[str, Any]) -> Access:
    """Log in by API key, which is never challenged.

    :param extra: further members of `auth`: `tenantId` or `tenantName`.
    """
    auth = {"RAX-KSKEY:apiKeyCredentials": {"username": username, "apiKey": api_key}, **extra}
    doing = "The login by API key"
    answer = _first_step(transport, auth, doing)
    if not answer.is_success:
        raise _first_step_refusal(answer, doing, ("O(username)", "O(api_key)"), extra)
    return _access(answer, username, doing)


def by_password(transport: Transport, username: str, password: str, extra: dict[str, Any]) -> Access | Challenge:
    """The first step of a login by password: a token, or the challenge for a second factor.

    :param extra: further members of `auth`: `tenantId`, `tenantName` or `SCOPE`.
    """
    auth = {"passwordCredentials": {"username": username, "password": password}, **extra}
    doing = "The login by password"
    answer = _first_step(transport, auth, doing)
    challenge = read_challenge(answer.headers.get("WWW-Authenticate", "")) if answer.status == 401 else None
    if challenge:
        return challenge
    if not answer.is_success:
        raise _first_step_refusal(answer, doing, ("O(username)", "O(password)"), extra)
    return _access(answer, username, doing)


def _first_step(transport: Transport, auth: dict[str, Any], doing: str) -> Answer:
    """Send what spends nothing; a success without a login in it is doubted once."""

    def ask() -> Answer:
        answer = transport.send("POST", _PATH, json={"auth": auth})
        if answer.is_success:
            root(answer, "access", dict, doing)
        return answer

    return doubted(transport, ask)


def by_passcode(
    transport: Transport, challenge: Challenge, passcode: str, extra: dict[str, Any], username: str = ""
) -> Access:
    """The second step. It is sent once, whatever comes back: a passcode may count even when its answer is lost.

    :param username: who logs in; an answer for another user is refused.
    :raises PasscodeRefused: a wrong passcode, or a dead session: the service does not tell them apart.
    :raises InvalidAnswer: it is not the service's answer, and it is unknown whether the service saw the passcode.
    """
    doing = "The second step of the login"
    auth = {"RAX-AUTH:passcodeCredentials": {"passcode": passcode}, **extra}
    session = {"X-SessionId": challenge.session_id}
    answer = transport.send("POST", _PATH, json={"auth": auth}, headers=session, repeat=Repeat.NEVER, fresh=True)
    if answer.is_success:
        return _access(answer, username, doing)
    told = _refusal_told(answer, doing)
    if told is None:
        raise refusal(answer, doing)
    if told.says(_LOCKED):
        raise locked(answer)
    if answer.status == 401 and extra and told.says("tenant"):
        raise BadCredentials(
            "The passcode was accepted, and then the tenant was refused: check O(tenant_id) or O(tenant_name), or "
            f"leave it out.{texts.said(told.message)}",
            status=401,
            service_message=told.message,
        )
    if answer.status == 401:
        raise PasscodeRefused(
            f"{doing} was refused: the passcode is wrong, or the login session has expired. Pass a new one."
            + texts.said(told.message),
            status=401,
            service_message=told.message or None,
        )
    raise _other_refusal(answer, doing)


def locked(answer: Answer) -> AccountLocked:
    """The account takes no passcode and no bypass code for a while (contract, "Authentication", 4)."""
    told = fault(answer)
    return AccountLocked(
        "The account is locked: too many wrong passcodes were sent. Send none for 31 minutes, or let an administrator "
        f"unlock it (rax_mfa_settings with unlock). An API key still works.{texts.said(told.message)}",
        status=answer.status,
        service_message=told.message,
    )


def _first_step_refusal(
    answer: Answer, doing: str, credentials: tuple[str, str], extra: dict[str, Any]
) -> IdentityError:
    """A 401 without a challenge is a wrong password, a lock, an expired password or a wrong tenant: it says which."""
    told = _refusal_told(answer, doing)
    if told is not None and told.says(_LOCKED):
        return locked(answer)
    error = _other_refusal(answer, doing, extra)
    if isinstance(error, NotFound):
        return InvalidAnswer(
            f"{doing} found no Identity API of version 2.0 there: O(auth_endpoint) has a wrong path. It ends before "
            f"/v2.0, as in {ENDPOINTS['us']}.",
            status=answer.status,
            service_message=error.service_message,
        )
    if told is None or not isinstance(error, TokenRefused):
        return error
    check = [*credentials, *(f"O({option})" for name, option in _TENANTS.items() if name in extra)]
    return BadCredentials(
        f"{doing} was refused: check {', '.join(check[:-1])} and {check[-1]}.{texts.said(told.message)}",
        status=answer.status,
        service_message=told.message or None,
    )


def _other_refusal(answer: Answer, doing: str, extra: Mapping[str, Any] | None = None) -> IdentityError:
    """A refusal without words of its own. Nobody is logged in, so who may act on whom is not the question."""
    error, told = refusal(answer, doing), fault(answer)
    if not isinstance(error, Forbidden) or not told.named("forbidden"):
        return error
    why = "is forbidden for this account. Ask an administrator of its domain."
    if SCOPE in (extra or ()):
        why = (
            "got no token for the setup alone: multi-factor authentication is on already, or is not required. Leave "
            "out O(scope)."
        )
    return Forbidden(f"{doing} {why}{texts.said(told.message)}", status=403, service_message=told.message or None)


def _refusal_told(answer: Answer, doing: str) -> Fault | None:
    """What the service says with a 401 or a 403; None for another status.

    :raises InvalidAnswer: it is a page of a gateway or a proxy, which knows neither passwords nor passcodes.
    """
    if answer.status not in (401, 403):
        return None
    told = fault(answer)
    if told.named(*_REFUSALS):
        return told
    raise InvalidAnswer(
        f"{doing} was answered with HTTP status {answer.status} and a page that is not the service's, so nothing is "
        "known of the credentials. Check O(auth_endpoint), and the gateway, proxy or firewall on the way to it.",
        status=answer.status,
    )


def _access(answer: Answer, username: str, doing: str) -> Access:
    """The login in an answer, if it is that user's."""
    access = Access.read(root(answer, "access", dict, doing))
    if username and access.user_name and not texts.is_same_name(access.user_name, username):
        raise OtherUser(
            f"{doing} as {username} was answered with a token of another user, which is not used. Check "
            "O(auth_endpoint), and that no gateway or proxy answers in place of the service.",
            status=answer.status,
        )
    return access
