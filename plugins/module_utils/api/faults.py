# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an answer that is no success to an exception. Private to the collection (contract, "Faults").

A gateway in front may answer with any status. Only the service's own fault says something of the thing asked for.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from . import texts
from .errors import (
    Conflict,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    NotFound,
    RateLimited,
    SetupRequired,
    TokenRefused,
    Unavailable,
)
from .wire import Answer, Fault, fault, retry_after

SETUP_NEEDED = "setup multi-factor"
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
"""What can be a host. Words that are none are not repeated."""

_MEANINGS: dict[int, tuple[type[IdentityError], tuple[str, ...], str]] = {
    400: (Conflict, ("badRequest",), "was refused"),
    401: (TokenRefused, ("unauthorized",), "was refused: the token is not, or no longer, valid. Log in again"),
    403: (
        Forbidden,
        ("forbidden", "userDisabled"),
        "is forbidden for the account that is logged in. Check who may act on whom",
    ),
    404: (NotFound, ("itemNotFound",), "found nothing: there is no"),
}
"""By status: what it is, when its fault has one of these names, and what that means. A 404 tells what there is not."""
_SET_UP_FIRST = (
    "is forbidden: the account must set up multi-factor authentication first. Enroll it (playbook "
    "rackspace.identity.enroll), or log in for that alone (rax_auth_token with scope: setup_mfa)"
)
_TOO_MANY = "was refused for too many requests. Run it again later, or with a longer timeout"

_PROXY_ASKS = (
    "did not reach the service: the proxy asks for a user name and a password. Put them into the proxy's address in "
    "the environment (https_proxy)"
)


def refusal(answer: Answer, doing: str, missing: str = "such user") -> IdentityError:
    """Return the exception for an answer that is not a success.

    :param doing: what was tried, as the beginning of a sentence ("Adding an OTP device").
    :param missing: what there is not when nothing is found; nearly every path begins with a user.
    """
    told = fault(answer)
    kind, meaning = _meaning(answer, told)
    if kind is NotFound:
        meaning = f"{meaning} {missing}"
    status = f"HTTP status {answer.status}"
    words = texts.said(told.message, f"The service says ({status})") or f" That was {status}."
    return kind(
        f"{doing} {meaning}.{words}",
        status=answer.status,
        service_message=told.message or None,
        retry_after=retry_after(answer),
    )


def is_fault(answer: Answer, status: int) -> bool:
    """Is it that status, and the service's own fault of it?"""
    return answer.status == status and fault(answer).named(*_MEANINGS[status][1])


def _meaning(answer: Answer, told: Fault) -> tuple[type[IdentityError], str]:
    if answer.status not in _MEANINGS:
        return _without_fault(answer)
    kind, names, meaning = _MEANINGS[answer.status]
    if not told.named(*names):
        return InvalidAnswer, _by_something_else(answer.status)
    if told.named("userDisabled"):
        return kind, "is forbidden: the user is disabled. An administrator must enable it"
    if answer.status == 403 and told.says(SETUP_NEEDED):
        return SetupRequired, _SET_UP_FIRST
    return kind, meaning


def _without_fault(answer: Answer) -> tuple[type[IdentityError], str]:
    """What statuses mean that need no fault of the service, or have none."""
    if answer.status >= 500:
        return Unavailable, "failed: the service can't answer now. Run it again later"
    if answer.status in (413, 429):
        return RateLimited, _TOO_MANY
    if answer.status == 407:
        return InvalidAnswer, _PROXY_ASKS
    if 300 <= answer.status < 400:
        return InvalidAnswer, f"was redirected{_elsewhere(answer)}, which is not followed. Check O(auth_endpoint)"
    return InvalidAnswer, "got an answer that the API does not know. Check O(auth_endpoint) and the proxy"


def _by_something_else(status: int) -> str:
    who = "a gateway, a proxy or a firewall answered in the service's place"
    if status == 404:
        return f"was answered by a page that is not the service's: O(auth_endpoint) has a wrong path, or {who}"
    return (
        f"was answered by a page that is not the service's: {who}. It says nothing of what was asked. "
        "Check O(auth_endpoint)"
    )


def _elsewhere(answer: Answer) -> str:
    """Where a redirect leads, without path and query: a token may stand there. The cut tells where they begin, so that
    a secret with a slash in it is seen."""
    try:
        url = urlsplit(answer.headers.get("Location", ""))
        host, port = url.hostname, url.port
    except ValueError:
        return ""
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(host or ""):
        return ""
    where = f"{url.scheme}://{host}" + (f":{port}" if port else "")
    return f" to {where}{texts.CUT if any(url[2:]) else ''}"
