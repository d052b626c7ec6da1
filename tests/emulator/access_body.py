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
_ROLE_IDS = {"user-admin": "3", "user-manage": "7", "user-manage-limited": "8", "default": "2"}


def access(call: Call, user: User, token: Token) -> dict[str, Any]:
    """All that other clients insist on, without one part of it, or with `lean` no more than the guide prints."""
    order = call.behavior.authenticated_by
    token_body: dict[str, Any] = {
        "id": token.id,
        "expires": expires_text(token.expires, call.behavior.expires_style),
        "RAX-AUTH:authenticatedBy": call.world.ordered(token.methods, order),
    }
    user_body: dict[str, Any] = {"id": user.id, "name": user.username, "roles": _roles(user)}
    body: dict[str, Any] = {"token": token_body, "user": user_body}
    parts: dict[str, tuple[dict[str, Any], str, Any]] = {
        "tenant": (token_body, "tenant", {"id": user.domain_id, "name": user.domain_id}),
        "domain": (user_body, "RAX-AUTH:domainId", user.domain_id),
        "email": (user_body, "email", user.email),
        "catalog": (body, "serviceCatalog", []),
    }
    for part, (owner, key, value) in parts.items():
        if not call.behavior.lean and call.behavior.access_without != part:
            owner[key] = value
    return {"access": body}


def _roles(user: User) -> list[dict[str, str]]:
    """The user's role. Those who manage users hold the role of a default user as well."""
    names = [user.role, "default"] if user.role.startswith("user-manage") else [user.role]
    return [{"id": _ROLE_IDS[name], "name": f"identity:{name}", "description": f"Role {name}"} for name in names]


def expires_text(moment: float, style: str) -> str:
    """A time with `Z` or an offset, with or without milliseconds."""
    precision = "milliseconds" if style in ("offset", "zulu_millis") else "seconds"
    if style.startswith("zulu"):
        text = datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec=precision)
        return text.removesuffix("+00:00") + "Z"
    return datetime.fromtimestamp(moment, _OFFSET).isoformat(timespec=precision)
