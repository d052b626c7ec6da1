# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on tokens that need no token: the two steps of a login. Private to the collection.

One request each, plain data in and out (contract, "Authentication"). What to send when is decided above, in `auth`.
"""

from __future__ import annotations

import re
from typing import Any

from ..api.errors import AccountLocked, BadCredentials, IdentityError, PasscodeRefused, TokenRefused
from ..api.faults import refusal
from ..api.model import Access, Challenge
from ..api.transport import Repeat, Transport
from ..api.wire import Answer, fault, root

_PATH = "/v2.0/tokens"
_LOCKED = "has been locked"
# Several headers arrive as one, joined by commas: other challenges may stand before and behind (RFC 9110, 11.6.1).
_CHALLENGE = re.compile(r"(?:^|,)\s*OS-MF\s+(?P<parameters>.*)", re.IGNORECASE | re.DOTALL)
_PARAMETER = r"""(?:^|[\s,]){name}\s*=\s*(?:'([^']+)'|"([^"]+)"|([^\s,'"]+))"""


def by_api_key(transport: Transport, username: str, api_key: str, extra: dict[str, Any]) -> Access:
    """Log in by API key, which is never challenged.

    :param extra: further members of `auth`: `tenantId` or `tenantName`.
    """
    auth = {"RAX-KSKEY:apiKeyCredentials": {"username": username, "apiKey": api_key}, **extra}
    answer = transport.send("POST", _PATH, json={"auth": auth})
    if answer.status != 200:
        raise _first_step_refusal(answer, "The login by API key", "username and api_key")
    return Access.read(root(answer, "access", dict, "The login by API key"))


def by_password(transport: Transport, username: str, password: str, extra: dict[str, Any]) -> Access | Challenge:
    """The first step of a login by password: a token, or the challenge for a second factor.

    :param extra: further members of `auth`: `tenantId`, `tenantName` or `RAX-AUTH:scope`.
    """
    auth = {"passwordCredentials": {"username": username, "password": password}, **extra}
    answer = transport.send("POST", _PATH, json={"auth": auth})
    challenge = _challenge(answer)
    if challenge:
        return challenge
    if answer.status != 200:
        raise _first_step_refusal(answer, "The login by password", "username, password and tenant")
    return Access.read(root(answer, "access", dict, "The login by password"))


def by_passcode(transport: Transport, challenge: Challenge, passcode: str, extra: dict[str, Any]) -> Access:
    """The second step. It is sent once, whatever comes back: a passcode may count even where its answer is lost.

    Raises PasscodeRefused for a wrong passcode and for a dead session alike: the service does not tell them apart.
    """
    doing = "The second step of the login"
    auth = {"RAX-AUTH:passcodeCredentials": {"passcode": passcode}, **extra}
    session = {"X-SessionId": challenge.session_id}
    answer = transport.send("POST", _PATH, json={"auth": auth}, headers=session, repeat=Repeat.NEVER, fresh=True)
    if answer.status == 200:
        return Access.read(root(answer, "access", dict, doing))
    told = fault(answer)
    if answer.status in (401, 403) and told.says(_LOCKED):
        raise locked(answer)
    if answer.status == 401 and extra and told.says("tenant"):
        raise BadCredentials(
            "The passcode was accepted, and then the tenant was refused: check tenant_id or tenant_name, or leave it "
            f"out. The service says: {told.message}",
            status=401,
            service_message=told.message,
        )
    if answer.status == 401:
        raise PasscodeRefused(
            f"{doing} was refused: the passcode is wrong, or the session is dead. The service says: {told.message}",
            status=401,
            service_message=told.message or None,
        )
    raise refusal(answer, doing)


def locked(answer: Answer) -> AccountLocked:
    """The account takes no passcode and no bypass code for a while (contract, "Authentication", 4)."""
    told = fault(answer)
    return AccountLocked(
        "The account is locked: too many wrong passcodes were sent. Send none for 31 minutes, or let an administrator "
        f"unlock it (rax_mfa_settings with unlock). An API key still works. The service says: {told.message}",
        status=answer.status,
        service_message=told.message,
    )


def _challenge(answer: Answer) -> Challenge | None:
    if answer.status != 401:
        return None
    challenge = _CHALLENGE.search(answer.headers.get("WWW-Authenticate", ""))
    session_id = _parameter(challenge["parameters"], "sessionId") if challenge else None
    if challenge is None or session_id is None:
        return None
    return Challenge(session_id, _parameter(challenge["parameters"], "factor") or "PASSCODE")


def _parameter(parameters: str, name: str) -> str | None:
    """A parameter of the challenge, whatever its quotes and its place."""
    found = re.search(_PARAMETER.format(name=name), parameters, re.IGNORECASE)
    return next(filter(None, found.groups())) if found else None


def _first_step_refusal(answer: Answer, doing: str, check: str) -> IdentityError:
    """A 401 without a challenge is a wrong password, a lock, an expired password or a wrong tenant: it says which."""
    told = fault(answer)
    if answer.status in (401, 403) and told.says(_LOCKED):
        return locked(answer)
    error = refusal(answer, doing)
    if not isinstance(error, TokenRefused):
        return error
    return BadCredentials(
        f"{doing} was refused: check {check}. The service says: {told.message}",
        status=answer.status,
        service_message=told.message or None,
    )
