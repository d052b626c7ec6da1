# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A moment on the clocks that there are. Private to the collection."""

from __future__ import annotations

from typing import NamedTuple

MOST_SHIFT = 60.0
"""Seconds by which two clocks may move apart before one of them counts as changed."""


class Moment(NamedTuple):
    """One moment on three clocks, in seconds: the service's, and the two of this machine.

    The monotonic one is not the same after a restart or on another machine.
    """

    service: float
    wall: float | None = None
    monotonic: float | None = None

    @property
    def to_note(self) -> Moment:
        """What a note tells others: the service's clock, and this machine's where the two are apart.

        The service's counts, so that two machines whose clocks are wrong agree. The other one has its say where that
        was wrong when it was noted, or is when the note is read.
        """
        is_apart = self.wall is not None and abs(self.wall - self.service) > MOST_SHIFT
        return Moment(self.service, self.wall if is_apart else None)

    @property
    def latest(self) -> float:
        """The latest time that it can have been: a note must not look old."""
        wall = self.to_note.wall
        return self.service if wall is None else max(self.service, wall)
