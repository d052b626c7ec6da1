# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under `/_emulator/`: what a test sets, and what it looks at afterwards."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from . import seed
from .dump import dump_state, dump_user
from .engine import Engine
from .faults import FaultRule

PREFIX = "/_emulator"
_MOST_SECONDS = 60.0


class Control:
    """The handlers of the control API over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_routes(self, app: web.Application) -> None:
        """Serve the control API in an application."""
        add = app.router.add_route
        add("GET", f"{PREFIX}/state", _json(self.state))
        add("GET", f"{PREFIX}/users", _json(self.users))
        add("POST", f"{PREFIX}/users", _json(self.set_users))
        add("GET", f"{PREFIX}/requests", _json(self.requests))
        add("DELETE", f"{PREFIX}/requests", _json(self.clear_requests))
        add("GET", f"{PREFIX}/clock", _json(self.clock))
        add("POST", f"{PREFIX}/clock", _json(self.set_clock))
        add("GET", f"{PREFIX}/behaviour", _json(self.behaviour))
        add("POST", f"{PREFIX}/behaviour", _json(self.set_behaviour))
        add("GET", f"{PREFIX}/faults", _json(self.faults))
        add("POST", f"{PREFIX}/faults", _json(self.add_fault))
        add("DELETE", f"{PREFIX}/faults", _json(self.clear_faults))
        add("GET", f"{PREFIX}/faults/{{id}}", _json(self.wait_for_fault))
        add("POST", f"{PREFIX}/faults/{{id}}/release", _json(self.release_fault))
        add("POST", f"{PREFIX}/reset", _json(self.reset))

    async def state(self, request: web.Request) -> Any:
        """Everything, secrets included."""
        return dump_state(self._engine)

    async def users(self, request: web.Request) -> Any:
        """All users."""
        return [dump_user(self._engine, user) for user in self._engine.world.users.values()]

    async def set_users(self, request: web.Request) -> Any:
        """Add users, or replace those of the same name."""
        made = seed.plant(self._engine.world, _list(await _body(request)))
        return [dump_user(self._engine, user) for user in made]

    async def requests(self, request: web.Request) -> Any:
        """The request log."""
        return self._engine.log_entries()

    async def clear_requests(self, request: web.Request) -> Any:
        """Forget the log."""
        self._engine.log.clear()
        return []

    async def clock(self, request: web.Request) -> Any:
        """What the clock shows."""
        return self._engine.world.clock.describe()

    async def set_clock(self, request: web.Request) -> Any:
        """One of `freeze` (null or a time), `unfreeze` (null), `move` (seconds), `skew` (seconds)."""
        given = await _body(request)
        clock = self._engine.world.clock
        if not isinstance(given, dict) or len(given) != 1:
            raise ValueError("expected one of freeze, unfreeze, move, skew")
        name, value = next(iter(given.items()))
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if name == "freeze" and (number or value is None):
            clock.freeze(value)
        elif name == "unfreeze" and value is None:
            clock.unfreeze()
        elif name == "move" and number:
            clock.move(value)
        elif name == "skew" and number:
            clock.skew(value)
        else:
            raise ValueError("expected freeze (null or a time), unfreeze (null), move (seconds) or skew (seconds)")
        return clock.describe()

    async def behaviour(self, request: web.Request) -> Any:
        """All switches."""
        return self._engine.world.behaviour.as_dict()

    async def set_behaviour(self, request: web.Request) -> Any:
        """Set some switches."""
        self._engine.behave(_dict(await _body(request)))
        return self._engine.world.behaviour.as_dict()

    async def faults(self, request: web.Request) -> Any:
        """All fault rules with their counts."""
        return [rule.describe() for rule in self._engine.faults.rules]

    async def add_fault(self, request: web.Request) -> Any:
        """A new fault rule."""
        return self._engine.faults.add(_dict(await _body(request))).describe()

    async def clear_faults(self, request: web.Request) -> Any:
        """Drop all rules and release what is held."""
        self._engine.faults.clear()
        return []

    async def wait_for_fault(self, request: web.Request) -> Any:
        """One rule; with `wait` only after it fired, or after so many seconds."""
        rule = self._fault(request)
        seconds = float(request.query.get("wait", "0"))
        if not 0 <= seconds <= _MOST_SECONDS:
            raise ValueError(f"wait must lie between 0 and {_MOST_SECONDS:.0f}")
        if seconds:
            await rule.wait(seconds)
        return rule.describe()

    async def release_fault(self, request: web.Request) -> Any:
        """Let go of what a `hold` holds, now and later."""
        rule = self._fault(request)
        rule.released.set()
        return rule.describe()

    async def reset(self, request: web.Request) -> Any:
        """Back to the start; with `users` as the new start."""
        given = _dict(await _body(request))
        if set(given) - {"users"}:
            raise ValueError("expected nothing or users")
        self._engine.reset(_list(given["users"]) if "users" in given else None)
        return {}

    def _fault(self, request: web.Request) -> FaultRule:
        text = request.match_info["id"]
        rule = self._engine.faults.find(int(text)) if text.isdigit() else None
        if rule is None:
            raise web.HTTPNotFound(text="no such fault")
        return rule


Handler = Callable[[web.Request], Awaitable[Any]]


def _json(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler's data as an answer; misuse is a 400 that says what is wrong."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return answer


async def _body(request: web.Request) -> Any:
    raw = await request.read()
    return json.loads(raw) if raw else {}


def _dict(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("expected an object")
    return given


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise ValueError("expected a list of users")
    return given
