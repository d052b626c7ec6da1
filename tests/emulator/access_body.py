# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `access` object of an authentication and of a validated token (contract, Authentication 7 and 8)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from .call import Call
from .state import Token, User

_OFFSET = timezone(timedelta(hours=-6))
_ROLE_IDS = {"user-admin": "3", "user-manage": "7", "default": "2"}


def access(call: Call, user: User, token: Token) -> dict[str, Any]:
    """All that other clients insist on, or with `lean` no more than the guide prints."""
    order = call.behaviour.authenticated_by
    token_body: dict[str, Any] = {
        "id": token.id,
        "expires": expires_text(token.expires, call.behaviour.expires_style),
        "RAX-AUTH:authenticatedBy": call.world.ordered(token.methods, order),
    }
    user_body: dict[str, Any] = {"id": user.id, "name": user.username, "roles": [_role(user)]}
    body: dict[str, Any] = {"token": token_body, "user": user_body}
    if not call.behaviour.lean:
        token_body["tenant"] = {"id": user.domain_id, "name": user.domain_id}
        user_body |= {"RAX-AUTH:domainId": user.domain_id, "email": user.email}
        body["serviceCatalog"] = []
    return {"access": body}


def _role(user: User) -> dict[str, str]:
    return {"id": _ROLE_IDS[user.role], "name": f"identity:{user.role}", "description": f"Role {user.role}"}


def expires_text(moment: float, style: str) -> str:
    """A time in one of the two styles that the service has been seen to use."""
    if style == "zulu":
        return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(moment, _OFFSET).isoformat(timespec="milliseconds")
