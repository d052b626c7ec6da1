# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's clock, as far as its answers tell it. Private to the collection.

Every answer carries `Date`, whole seconds (contract, "Clocks and networks"). All times here are in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .wire import http_date


def parse_date(headers: Mapping[str, str]) -> float | None:
    """The `Date` of an answer in seconds since 1970; None when there is none that can be read."""
    return http_date(headers.get("Date", ""))


_MOST_APART = 86_400.0
"""Seconds by which a `Date` may differ from this machine's clock. More is a gateway's mistake, or worse, and would
spoil the record of passcodes for years. A machine whose own clock is that wrong can't verify a certificate either."""
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
        self._lowest: float | None = None
        self._highest = 0.0

    @property
    def known(self) -> bool:
        """Has any answer told the time yet?"""
        return self._lowest is not None

    def read(self, headers: Mapping[str, str], sent: float, received: float) -> None:
        """Take in an answer by its headers, unless its `Date` is beyond belief."""
        date = parse_date(headers)
        if date is not None and abs(date - self._wall()) <= _MOST_APART:
            self.observe(date, sent, received)

    def observe(self, date: float, sent: float, received: float) -> None:
        """Take in one answer: its `Date`, and when its request was sent and it was received, monotonic."""
        self.round_trip = received - sent
        lowest, highest = date - received, date + 1 - sent
        if self._lowest is not None:
            if max(lowest, self._lowest) <= min(highest, self._highest):
                lowest, highest = max(lowest, self._lowest), min(highest, self._highest)
            else:
                self.jumps += 1
        self._lowest, self._highest = lowest, highest

    def now(self) -> tuple[float, float]:
        """The earliest and the latest time that it can be on the service's clock now, in seconds since 1970.

        Before any answer it is this machine's own clock, taken at its word.
        """
        return self.at(self.monotonic())

    def at(self, moment: float) -> tuple[float, float]:
        """The same for another moment of the monotonic clock, by what is known now."""
        if self._lowest is None:
            local = self._wall() + moment - self.monotonic()
            return local, local
        return moment + self._lowest, moment + self._highest

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
            self._lowest, self._highest = known.lowest, known.highest
