# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's clock: every expiry, every code and every `Date` header reads this one."""

from __future__ import annotations

import time
from email.utils import formatdate

from .misuse import Misuse

_END = 32503680000.0
"""The year 3000: what ends later than the clock shows has a date of four digits, too."""


class Clock:
    """A clock that runs with the machine's, at a distance from it, or stands still."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """The emulator's time in seconds since 1970."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def freeze(self, at: float | None = None) -> None:
        """Stand still at the given time, or at this moment."""
        self._frozen = self.now() if at is None else _possible(at)

    def unfreeze(self) -> None:
        """Run on from the time that the clock shows."""
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None

    def move(self, seconds: float) -> None:
        """Jump forward (or back) from the time that the clock shows."""
        _possible(self.now() + seconds)
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def skew(self, seconds: float) -> None:
        """Differ from the machine's clock by exactly so much; a frozen clock stays frozen there."""
        _possible(time.time() + seconds)
        self._offset = seconds
        if self._frozen is not None:
            self._frozen = time.time() + seconds

    def reset(self) -> None:
        """Agree with the machine's clock again."""
        self._offset, self._frozen = 0.0, None

    def http_date(self, off: float = 0.0) -> str:
        """The time to the second below, as the `Date` header writes it (contract, Clocks and networks).

        :param off: the seconds by which it is wrong.
        """
        return formatdate(int(self.now() + off), usegmt=True)

    def describe(self) -> dict[str, float | bool]:
        """What the control API tells about the clock."""
        now = self.now()
        return {"now": now, "skew": now - time.time(), "frozen": self._frozen is not None}


def _possible(at: float) -> float:
    if not 0 <= at < _END:
        raise Misuse("the clock shows times from 1970 to 2999, in seconds since 1970")
    return at
