# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: what networks and gateways do to the n-th request that matches."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import UnionType
from typing import Any

from .gateway import BODIES
from .misuse import Misuse, checked, chosen

SPOILED = ("truncated", "drip", "endless", "broken_chunk", "garbled")
KINDS = ("status", "delay", "hold", "reset", "lost", "misshapen", "changed", "date", "early_hints", *SPOILED)
WHENS = ("before", "after")
FORMS = ("seconds", "date")
PARTS = ("body", "head")
_MOST_SECONDS = 10**9
_PAUSES = {"drip": 0.05, "endless": 0.01}


@dataclass
class FaultRule:
    """One fault: which requests it meets, what it does to them, and how often it did."""

    id: int
    kind: str
    method: str = ".*"
    """A regular expression for the whole method."""
    path: str = ".*"
    """A regular expression that is searched for in the path."""
    nth: int = 1
    """The first matching request that is hit, counted from 1 since the rule was made."""
    times: int = 1
    """How many matching requests in a row are hit; 0 is all from the n-th on."""
    when: str = "before"
    """`status`, `delay`, `hold` and `reset`: before the work was done, or after it."""
    status: int = 503
    """The status of kind `status`."""
    body: str = "json"
    """The body of kind `status`: the service's fault as JSON (`echo`: that repeats all that was sent), a gateway's
    HTML, nothing, or JSON of another service."""
    location: str | None = None
    """A `Location` beside kind `status`, for a redirect."""
    text: str | None = None
    """The body of kind `misshapen`, sent as it is as JSON; the `Date` of kind `date`, empty for none."""
    retry_after: int | None = None
    """Seconds in a `Retry-After` beside kind `status`."""
    retry_after_form: str = "seconds"
    """As a number, or as a `date`."""
    seconds: float | None = None
    """`delay`, `drip` and `endless`: the real seconds of each pause. `date`: by how many seconds it is off."""
    part: str = "body"
    """Where kind `drip` begins to be slow."""
    members: dict[str, Any] = field(default_factory=dict)
    """Kind `changed`: what members of these names become."""
    without: list[str] = field(default_factory=list)
    """Kind `changed`: the names of members that are left out."""
    seen: int = 0
    fired: int = 0
    holding: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about such a request."""
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))

    def hit(self) -> bool:
        """Count a matching request and tell whether the fault falls on it."""
        self.seen += 1
        due = self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)
        if due:
            self.fired += 1
            if self.kind != "hold":
                self.ready.set()
        return due

    @property
    def pause(self) -> float:
        """The real seconds of a pause."""
        return _PAUSES.get(self.kind, 1.0) if self.seconds is None else self.seconds

    async def rest(self) -> None:
        """Pause, but not longer than until the rule is released."""
        await _within(self.released, self.pause)

    async def hold(self, client_is_there: Callable[[], bool]) -> bool:
        """Wait until the rule is released (True) or the client has gone (False)."""
        self.holding += 1
        self.ready.set()
        try:
            while not self.released.is_set():
                if not client_is_there():
                    return False
                await _within(self.released, 0.02)
            return True
        finally:
            self.holding -= 1

    async def wait(self, seconds: float) -> None:
        """Wait until the fault has fallen on a request (`hold`: a request is being held), at most so long."""
        await _within(self.ready, seconds)

    def describe(self) -> dict[str, Any]:
        """The rule and its counts, for the control API."""
        hidden = ("ready", "released")
        return {name: value for name, value in vars(self).items() if name not in hidden}


async def _within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


class Faults:
    """The rules by id, in their order."""

    def __init__(self) -> None:
        self.rules: dict[int, FaultRule] = {}
        self._next_id = 1

    def add(self, given: dict[str, Any]) -> FaultRule:
        """A new rule from data; `Misuse` says what is wrong with it."""
        _check(given)
        rule = FaultRule(self._next_id, **given)
        self._next_id += 1
        self.rules[rule.id] = rule
        return rule

    def for_request(self, method: str, path: str) -> list[FaultRule]:
        """The rules that fall on a request; every rule that matches counts it."""
        return [rule for rule in self.rules.values() if rule.matches(method, path) and rule.hit()]

    def clear(self) -> None:
        """Drop all rules and let go of what is held."""
        for rule in self.rules.values():
            rule.released.set()
        self.rules.clear()


_TYPES: dict[str, type | UnionType] = {
    **dict.fromkeys(("kind", "method", "path", "when", "body", "location", "text", "retry_after_form", "part"), str),
    **dict.fromkeys(("nth", "times", "status", "retry_after"), int),
    "seconds": int | float,
    "members": dict,
    "without": list,
}
_CHOICES = {"body": BODIES, "when": WHENS, "retry_after_form": FORMS, "part": PARTS}


def _check(given: dict[str, Any]) -> None:
    checked(given, _TYPES, "a fault")
    chosen(given, "kind", KINDS, "", "a fault")
    for name, choices in _CHOICES.items():
        chosen(given, name, choices, choices[0], "a fault")
    if given.get("nth", 1) < 1 or given.get("times", 1) < 0:
        raise Misuse("nth of a fault counts from 1, times from 0")
    if not 200 <= given.get("status", 503) <= 599:
        raise Misuse("status of a fault lies between 200 and 599")
    if not abs(given.get("seconds", 0)) <= _MOST_SECONDS:
        raise Misuse(f"seconds of a fault lie between -{_MOST_SECONDS} and {_MOST_SECONDS}")
    if not all(isinstance(name, str) for name in given.get("without", [])):
        raise Misuse("without of a fault is a list of names")
    for name in ("method", "path"):
        try:
            re.compile(given.get(name, ""))
        except re.error as error:
            raise Misuse(f"{name} of a fault is not a regular expression: {error}") from None
