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
from .misuse import Misuse

PREFIX = "/_emulator"
_FORMER_NAMES = {"behaviour": "behavior"}
_MOST_SECONDS = 60.0

_Answering = Callable[[web.BaseRequest, str], Awaitable[web.Response]]


class Control:
    """The handlers of the control API over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._routes: dict[tuple[str, str], _Answering] = {
            ("GET", "state"): _telling(self.state),
            ("GET", "users"): _telling(self.users),
            ("POST", "users"): _setting(self.set_users),
            ("GET", "requests"): _telling(self._engine.log_entries),
            ("DELETE", "requests"): _telling(self.clear_requests),
            ("GET", "clock"): _telling(self._engine.world.clock.describe),
            ("POST", "clock"): _setting(self.set_clock),
            ("GET", "behavior"): _telling(self.behavior),
            ("POST", "behavior"): _setting(self.set_behavior),
            ("GET", "faults"): _telling(self.faults),
            ("POST", "faults"): _setting(self.add_fault),
            ("DELETE", "faults"): _telling(self.clear_faults),
            ("GET", "faults/{id}"): _guarded(self.wait_for_fault),
            ("POST", "faults/{id}/release"): _guarded(self.release_fault),
            ("POST", "reset"): _setting(self.reset),
        }

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Serve one request of the control API."""
        name, _unused, rest = request.path.removeprefix(PREFIX + "/").partition("/")
        number, _unused, verb = rest.partition("/")
        name = _FORMER_NAMES.get(name, name)
        template = f"{name}/{{id}}" + (f"/{verb}" if verb else "") if number else name
        handler = self._routes.get((request.method, template))
        if handler is None:
            return web.json_response({"error": "no such control"}, status=404)
        return await handler(request, number)

    def state(self) -> Any:
        """Everything, secrets included."""
        return dump_state(self._engine)

    def users(self) -> Any:
        """All users."""
        return [dump_user(self._engine, user) for user in self._engine.world.users.values()]

    def set_users(self, given: Any) -> Any:
        """Add users, or replace those of the same name."""
        made = seed.plant(self._engine.world, _list(given))
        return [dump_user(self._engine, user) for user in made]

    def clear_requests(self) -> Any:
        """Forget the log."""
        self._engine.log.clear()
        return []

    def set_clock(self, given: Any) -> Any:
        """One of `freeze` (null or a time), `unfreeze` (null), `move` (seconds), `skew` (seconds)."""
        clock = self._engine.world.clock
        name, value = next(iter(given.items())) if isinstance(given, dict) and len(given) == 1 else ("", None)
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        if name == "freeze" and (number is not None or value is None):
            clock.freeze(number)
        elif name == "unfreeze" and value is None:
            clock.unfreeze()
        elif name == "move" and number is not None:
            clock.move(number)
        elif name == "skew" and number is not None:
            clock.skew(number)
        else:
            raise Misuse("expected one of freeze (null or a time), unfreeze (null), move (seconds), skew (seconds)")
        return clock.describe()

    def behavior(self) -> Any:
        """All switches."""
        return self._engine.world.behavior.as_dict()

    def set_behavior(self, given: Any) -> Any:
        """Set some switches."""
        self._engine.behave(_dict(given))
        return self.behavior()

    def faults(self) -> Any:
        """All fault rules with their counts."""
        return [rule.describe() for rule in self._engine.faults.rules]

    def add_fault(self, given: Any) -> Any:
        """A new fault rule."""
        return self._engine.faults.add(_dict(given)).describe()

    def clear_faults(self) -> Any:
        """Drop all rules and release what is held."""
        self._engine.faults.clear()
        return []

    async def wait_for_fault(self, request: web.BaseRequest, number: str) -> Any:
        """One rule; with `wait` only after it fired, or after so many seconds."""
        rule = self._fault(number)
        seconds = float(request.query.get("wait", "0"))
        if not 0 <= seconds <= _MOST_SECONDS:
            raise Misuse(f"wait must lie between 0 and {_MOST_SECONDS:.0f}")
        if seconds:
            await rule.wait(seconds)
        return rule.describe()

    async def release_fault(self, _request: web.BaseRequest, number: str) -> Any:
        """Let go of what a rule holds or draws out, now and later."""
        rule = self._fault(number)
        rule.released.set()
        return rule.describe()

    def reset(self, given: Any) -> Any:
        """Back to the start; with `users` as the new start."""
        wanted = _dict(given)
        if set(wanted) - {"users"}:
            raise Misuse("expected nothing or users")
        self._engine.reset(_list(wanted["users"]) if "users" in wanted else None)
        return {}

    def _fault(self, text: str) -> FaultRule:
        rule = self._engine.faults.find(int(text)) if text.isdigit() else None
        if rule is None:
            raise Misuse("no such fault")
        return rule


def _guarded(handler: Callable[[web.BaseRequest, str], Awaitable[Any]]) -> _Answering:
    """A handler's data as an answer; misuse is a 400 that says what is wrong."""

    async def answer(request: web.BaseRequest, number: str) -> web.Response:
        try:
            return web.json_response(await handler(request, number))
        except ValueError as error:  # Misuse, no JSON, no number
            return web.json_response({"error": str(error)}, status=400)

    return answer


def _telling(tell: Callable[[], Any]) -> _Answering:
    """An endpoint that takes nothing."""

    async def handler(_request: web.BaseRequest, _number: str) -> Any:
        return tell()

    return _guarded(handler)


def _setting(change: Callable[[Any], Any]) -> _Answering:
    """An endpoint that takes JSON; no body is an empty object."""

    async def handler(request: web.BaseRequest, _number: str) -> Any:
        raw = await request.read()
        return change(json.loads(raw) if raw else {})

    return _guarded(handler)


def _dict(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Misuse("expected an object")
    return given


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise Misuse("expected a list of users")
    return given
