# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: the list with its pages, one by name, one by id; the MFA state is read from here (contract, Settings)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from .call import Call, may_act
from .passcodes import is_locked
from .state import User
from .wire import Answer, Refusal

# A page that ends with this marker is followed by an empty one (`empty_pages`).
_EMPTY_NEXT = "~"
# Behind a gateway the service may name itself by an address that is no use to its clients.
_FOREIGN = "http://identity-internal.example.com/cloud/v2.0/users"


def list_users(call: Call) -> Answer:
    """`GET /v2.0/users`: the domain's users in pages, or with `name` the one of that name."""
    unknown = set(call.query) - {"name", "limit", "marker"}
    if unknown:
        raise Refusal(400, f"Unknown query parameter {min(unknown)}")
    caller = call.caller()
    if "name" in call.query:
        return _by_name(call, caller)
    size = min(_limit(call), call.behavior.page_size)
    marker = _marker(call)
    users = sorted(_visible(call, caller), key=lambda user: user.id)
    remaining = [user for user in users if user.id > marker.removesuffix(_EMPTY_NEXT)]
    if call.behavior.empty_pages and marker and not marker.endswith(_EMPTY_NEXT):
        return _page(call, [], marker + _EMPTY_NEXT)
    page = remaining[:size]
    return _page(call, page, page[-1].id if len(remaining) > size else None)


def _by_name(call: Call, caller: User) -> Answer:
    user = call.world.user_named(call.query["name"])
    if user is None:
        raise Refusal(404, "User not found")
    if not may_act(caller, user, call.behavior):
        raise Refusal(403, "Not Authorized")
    return Answer(200, {"user": user_body(call, user)})


def get_user(call: Call) -> Answer:
    """`GET /v2.0/users/{id}`."""
    return Answer(200, {"user": user_body(call, call.target())})


def _limit(call: Call) -> int:
    """The size of a page that the client asks for; too large a one is a 413 that no retry mends."""
    greatest = call.behavior.greatest_limit
    text = call.query.get("limit", str(greatest))
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) < 1:
        raise Refusal(400, "Limit must be a positive number")
    if int(text) > greatest:
        raise Refusal(413, f"The limit may be at most {greatest}")
    return int(text)


def _marker(call: Call) -> str:
    """Where the page begins: after a user who is still there."""
    marker = call.query.get("marker", "")
    if marker and marker.removesuffix(_EMPTY_NEXT) not in call.world.users:
        raise Refusal(404, "Marker not found")
    return marker


def _visible(call: Call, caller: User) -> list[User]:
    """A user-admin sees all users of its domain, a user-manage the default users, anyone else itself."""
    domain = [user for user in call.world.users.values() if user.domain_id == caller.domain_id]
    if caller.role == "user-admin":
        return domain
    if caller.role.startswith("user-manage"):
        return [user for user in domain if user.role == "default"]
    return [caller]


def _page(call: Call, users: list[User], next_marker: str | None) -> Answer:
    answer = Answer(200, {"users": [user_body(call, user) for user in users]})
    if next_marker is not None:
        limit = {"limit": call.query["limit"]} if "limit" in call.query else {}
        base = f"{call.base_url}/v2.0/users" if call.behavior.link_base == "own" else _FOREIGN
        first, following = (f"{base}?{urlencode(query)}" for query in (limit, limit | {"marker": next_marker}))
        answer.headers += [("Link", value) for value in _link_headers(first, following, call.behavior.link_style)]
    return answer


def _link_headers(first: str, following: str, style: str) -> list[str]:
    """The next page in one of the forms of a `Link` header (RFC 8288)."""
    others = [f'<{first}>; rel=first; title="the first, of all"', f"<{first}>; title*=UTF-8''all%3B; rel='prev'"]
    relation = {"single_quotes": "'next'", "unquoted": "next", "two_relations": '"prev next"'}.get(style, '"next"')
    link = f"<{following}>; rel={relation}"
    if style == "one_header":
        return [", ".join([others[0], link, others[1]])]
    return [others[0], link, others[1]] if style == "several_headers" else [link]


def user_body(call: Call, user: User) -> dict[str, Any]:
    """The user with its MFA state, members absent if the contract says so."""
    body: dict[str, Any] = {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "enabled": user.enabled,
        "RAX-AUTH:domainId": user.domain_id,
    }
    if user.mfa_enabled or not call.behavior.missing_mfa_flag:
        body["RAX-AUTH:multiFactorEnabled"] = user.mfa_enabled
    if user.mfa_enabled and (user.was_locked or call.behavior.missing_mfa_state == "never"):
        locked = is_locked(call.world, user, call.behavior)
        body["RAX-AUTH:multiFactorState"] = "LOCKED" if locked else "ACTIVE"
    if user.mfa_enabled and not call.behavior.missing_factor_type:
        body["RAX-AUTH:factorType"] = user.factor_type
    if user.enforcement_level != "DEFAULT":
        body["RAX-AUTH:userMultiFactorEnforcementLevel"] = user.enforcement_level
    if user.id == call.caller().id:
        body["RAX-AUTH:phonePin"] = user.phone_pin
    return body
