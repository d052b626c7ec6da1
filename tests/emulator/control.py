# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under `/_emulator/`: what a test sets, and what it looks at afterwards."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from . import seed
from .dump import dump_state, dump_user
from .engine import Engine
from .misuse import Misuse

PREFIX = "/_emulator"
_MOST_SECONDS = 60.0


class Control:
    """The handlers of the control API over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._telling: dict[str, Callable[[], Any]] = {
            "GET state": lambda: dump_state(engine),
            "GET users": lambda: [dump_user(engine, user) for user in engine.world.users.values()],
            "GET requests": lambda: [asdict(entry) for entry in engine.log],
            "DELETE requests": engine.log.clear,
            "GET clock": engine.world.clock.describe,
            "GET behavior": lambda: asdict(engine.world.behavior),
            "GET faults": lambda: [rule.describe() for rule in engine.faults.rules.values()],
            "DELETE faults": engine.faults.clear,
        }
        self._setting: dict[str, Callable[[Any], Any]] = {
            "POST users": self._set_users,
            "POST clock": self._set_clock,
            "POST behavior": self._set_behavior,
            "POST faults": lambda given: engine.faults.add(given).describe(),
            "POST reset": self._reset,
        }

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Serve one request; misuse is a 400 that says what is wrong."""
        name, *more = request.path.removeprefix(f"{PREFIX}/").split("/")
        asked = f"{request.method} {name}"
        try:
            if asked in self._telling and not more:
                return web.json_response(self._telling[asked]())
            if asked in self._setting and not more:
                raw = await request.read()
                return web.json_response(self._setting[asked](json.loads(raw) if raw else {}))
            if (asked, more[1:]) in (("GET faults", []), ("POST faults", ["release"])):
                return web.json_response(await self._one_fault(request, more[0]))
        except ValueError as error:  # Misuse, no JSON, no number
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"error": "no such control"}, status=404)

    def _set_users(self, given: Any) -> Any:
        """Add users, or replace those of the same name."""
        return [dump_user(self._engine, user) for user in seed.plant(self._engine.world, _list(given))]

    def _set_clock(self, given: Any) -> Any:
        """One of `freeze` (null or a time), `unfreeze` (null), `move` (seconds), `skew` (seconds)."""
        clock = self._engine.world.clock
        name, value = next(iter(given.items())) if isinstance(given, dict) and len(given) == 1 else ("", None)
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        if number is not None and not math.isfinite(number):
            name = ""
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

    def _set_behavior(self, given: Any) -> Any:
        """Set some switches."""
        self._engine.behave(_dict(given))
        return asdict(self._engine.world.behavior)

    async def _one_fault(self, request: web.BaseRequest, number: str) -> Any:
        """Release a rule, or show it; with `wait` only after it fired, or after so many seconds."""
        rule = self._engine.faults.rules.get(int(number)) if number.isdigit() else None
        if rule is None:
            raise Misuse("no such fault")
        seconds = float(request.query.get("wait", "0"))
        if not 0 <= seconds <= _MOST_SECONDS:
            raise Misuse(f"wait must lie between 0 and {_MOST_SECONDS:.0f}")
        if request.method == "POST":
            rule.released.set()
        elif seconds:
            await rule.wait(seconds)
        return rule.describe()

    def _reset(self, given: Any) -> Any:
        """Back to the start; with `users` as the new start."""
        wanted = _dict(given)
        if set(wanted) - {"users"}:
            raise Misuse("expected nothing or users")
        self._engine.reset(_list(wanted["users"]) if "users" in wanted else None)
        return {}


def _dict(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Misuse("expected an object")
    return given


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise Misuse("expected a list of users")
    return given
