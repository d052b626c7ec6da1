# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's clock, as far as its answers tell it. Private to the collection.

Every answer carries `Date`, whole seconds (contract, "Clocks and networks"). All times here are in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from .wire import http_date

_EARLIEST, _LATEST = 1_600_000_000.0, 4_102_444_800.0
"""The years 2020 to 2099, in seconds since 1970. Another time is that of a gateway that has just begun, or nonsense. It
is doubted once, and counts as none when the next answer tells no better."""
_MOST_APART = 86_400.0
"""Seconds by which a `Date` may differ from this machine's clock and be believed at once. A single one that differs by
more is a gateway's mistake, and would spoil the record of passcodes. If the next one agrees, this machine is wrong."""
_LEAST_APART = 30.0
"""Seconds by which two clocks must differ to be a cause of trouble: codes change every 30 s."""
_LAST = 253_402_300_799.0
_MOST_AGE = 600.0
"""Seconds after which what was known is not recalled: two clocks drift."""
_MOST_SHIFT = 1.0
"""Seconds by which this machine's two clocks may have moved against each other; a restart moves them by more."""


class Known(NamedTuple):
    """What a clock knew at a moment, to go on with in another process of this machine."""

    lowest: float
    highest: float
    moment: float
    wall: float


class ServiceClock:
    """Bounds of the service's clock against our monotonic one, narrowed with every answer.

    With a request sent at a and its answer of date D received at b, the service's clock minus the monotonic one lies in
    [D - b, D + 1 - a]. Where two answers contradict each other, a clock has jumped: only the newer one counts.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self.monotonic = monotonic
        self._wall = wall
        self.round_trip = 0.0
        self.jumps = 0
        """How many answers contradicted those before them."""
        self.doubted: float | None = None
        """What the last answer told, if it was not believed. Another answer may confirm it."""
        self._before: tuple[float, float] | None = None
        self._told_no_time = False
        self._lowest: float | None = None
        self._highest = 0.0

    @property
    def known(self) -> bool:
        """Has any answer told the time yet?"""
        return self._lowest is not None

    def read(self, headers: Mapping[str, str], sent: float, received: float) -> None:
        """Take in an answer, if its `Date` is near this machine's clock or agrees with the one before."""
        date = http_date(headers.get("Date", ""))
        if date is None:
            return
        had_no_time, self._told_no_time = self._told_no_time, not _EARLIEST <= date <= _LATEST
        if self._told_no_time:
            tells_none = had_no_time and (self._before is None or self.known)
            self.doubted = None if tells_none else date
            return
        before, self._before = self._before, (date - received, date + 1 - sent)
        is_believed = (before and _common(before, self._before)) or abs(date - self._wall()) <= _MOST_APART
        self.doubted = None if is_believed else date
        if is_believed:
            self.observe(date, sent, received)

    def observe(self, date: float, sent: float, received: float) -> None:
        """Take in one answer: its `Date`, and when its request was sent and it was received, monotonic."""
        self.round_trip = received - sent
        lowest, highest = date - received, date + 1 - sent
        if self._lowest is not None:
            common = _common((lowest, highest), (self._lowest, self._highest))
            if common:
                lowest, highest = common
            else:
                self.jumps += 1
        self._lowest, self._highest = lowest, highest

    def now(self) -> tuple[float, float]:
        """The earliest and the latest time that it can be on the service's clock now, in seconds since 1970.

        Before any answer it is this machine's own clock, taken at its word.
        """
        return self.at(self.monotonic())

    def date(self) -> datetime:
        """The earliest time that it can be now, as a date."""
        return datetime.fromtimestamp(self.now()[0], timezone.utc)

    def at(self, moment: float) -> tuple[float, float]:
        """The same for another moment of the monotonic clock, by what is known now."""
        if self._lowest is None:
            local = self._wall() + moment - self.monotonic()
            return local, local
        return moment + self._lowest, moment + self._highest

    def apart(self) -> str:
        """Say in a sentence that the service's time is not this machine's; nothing if it is, or is not known."""
        now, wall = self.now()[0] if self.doubted is None else self.doubted, self._wall()
        if abs(now - wall) < _LEAST_APART:
            return ""
        return f"The answers of the service tell {utc(now)}, and the clock of this machine {utc(wall)}. "

    def knowledge(self) -> Known | None:
        """What is known, to be kept; None for nothing."""
        if self._lowest is None:
            return None
        return Known(self._lowest, self._highest, self.monotonic(), self._wall())

    def recall(self, known: Known | None) -> None:
        """Begin with what another process knew, if this one knows nothing and that is of today and this machine."""
        if known is None or self._lowest is not None:
            return
        age = self.monotonic() - known.moment
        if 0 <= age < _MOST_AGE and abs(self._wall() - known.wall - age) < _MOST_SHIFT:
            self._lowest, self._highest = self._before = known.lowest, known.highest


def utc(seconds: float) -> str:
    """Return a time in words; the last one that can be told when it is later than that."""
    return f"{datetime.fromtimestamp(min(seconds, _LAST), timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def _common(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float] | None:
    """What two pairs of bounds have in common; None for nothing."""
    lowest, highest = max(one[0], other[0]), min(one[1], other[1])
    return (lowest, highest) if lowest <= highest else None
