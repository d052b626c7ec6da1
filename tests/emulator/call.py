# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on its way through the emulator, and who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .behavior import Behavior
from .state import Token, User, World
from .wire import Refusal, checked, parse

SETUP_MFA = "SETUP-MFA"


@dataclass
class Entry:
    """A line of the request log: names only, never a value that a client sent."""

    n: int
    time: float
    method: str
    path: str
    query: str
    route: str | None = None
    status: int | None = None
    user: str | None = None
    keys: list[str] = field(default_factory=list)
    passcode: str | None = None
    fault: str | None = None


@dataclass
class Call:
    """A request as the handlers see it."""

    world: World
    behavior: Behavior
    entry: Entry
    base_url: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    def members(self, root: str, allowed: Mapping[str, type]) -> dict[str, Any]:
        """The body's members below its one root key, each known and of its type; 400 for anything else."""
        body = parse(self.raw)
        if not isinstance(body, dict) or list(body) != [root] or not isinstance(body[root], dict):
            raise Refusal(400, f"Invalid json request body: expected one root element {root}")
        return checked(body[root], allowed)

    def token(self) -> Token:
        """The caller's token; 401 without one that lives, 403 if a SETUP-MFA token is no key.

        It opens the multi-factor paths of its own user and nothing else (contract, Authentication 5).
        """
        token = self.world.live_token(self.headers.get("X-Auth-Token", ""))
        if token is None or token.user_id not in self.world.users:
            raise Refusal(401, "No valid token provided. Please use the 'X-Auth-Token' header with a valid token.")
        self.entry.user = self.world.users[token.user_id].username
        is_own_path = "/RAX-AUTH/multi-factor" in (self.entry.route or "") and self.params.get("user") == token.user_id
        if token.scope == SETUP_MFA and not is_own_path:
            raise Refusal(403, "Not Authorized")
        return token

    def caller(self) -> User:
        """Who sent the request; 401 without a token that lives, 403 for a disabled user."""
        user = self.world.users[self.token().user_id]
        if not user.enabled:
            raise Refusal(403, f"User '{user.username}' is disabled.", "userDisabled")
        return user

    def target(self) -> User:
        """The user in the path, if the caller may act on it; 404 for an unknown id, 403 else."""
        caller = self.caller()
        target = self.world.users.get(self.params["user"])
        if target is None:
            raise Refusal(404, f"User {self.params['user']} not found")
        if not may_act(caller, target, self.behavior):
            raise Refusal(403, "Not Authorized")
        return target

    def multi_factor_target(self) -> User:
        """The user in a multi-factor path; federated users have their second factor elsewhere (403)."""
        target = self.target()
        if target.federated:
            raise Refusal(403, "Federated users may not use multi-factor authentication")
        return target


def may_act(caller: User, target: User, behavior: Behavior) -> bool:
    """Contract, Who may act on whom."""
    if caller.id == target.id:
        return True
    if caller.domain_id != target.domain_id or caller.role == "default":
        return False
    anyone = caller.role == "user-admin" and behavior.user_admin_acts_on == "domain"
    return anyone or target.role == "default"
