# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which time step to send, when, and when to send nothing at all. Private to the collection.

Three wrong passcodes lock an account, over runs; failed verifications never do (contract, "Authentication" 4 and
"OTP devices"). The rule sends no code that a truthful service refuses, whichever window it accepts: only the current
step, the one before too, one to each side, or, for part of each step, the two before it.

Pure: times are seconds on the service's clock, steps are `otp.time_step` of them. An *offset* is the step to send minus
the current one: 0 if the service takes the current step, -1 if it may lag. -1 is the guess if nothing
is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .secret import PERIOD, time_step

UNKNOWN_OFFSET = -1
MOST_REFUSALS = 2
MEMORY = 31 * 60.0
"""Seconds after the last refusal for which all of them count: the longest lock-out that was observed, which the count
outlives, and a minute for requests that were still on their way."""
DEAD_SESSIONS = 60.0
"""Seconds after MFA was turned on in which a session may be dead at once."""
LONGEST_DEATH = 6.5
"""Seconds after MFA was turned on that a second try waits for: every session of the first 5 may be dead, and the
service's clock is known to a second or so."""
LATE = 24.0
"""Seconds into a step after which its code is good for a service that takes the current step alone, and for one that
takes it late, too."""
MARGIN = 0.5
"""Seconds beyond one round trip for a request to reach the service."""

_TRIES = (-2, -1, 0, 1)
_LONGEST_LEAD = 10
"""Steps by which others may have reserved in advance."""


def verification_steps(current: int, *, login_follows: bool = True) -> Iterator[int]:
    """The steps to send for a verification, oldest first: the first one that is accepted tells the service's window.

    :param login_follows: the older the step that is used up, the sooner a login can send the next one. Without a login
        the oldest one is left out, which most services refuse.
    """
    return (current + distance for distance in (_TRIES if login_follows else _TRIES[1:]))


def offset_after(accepted: int, current: int, *, before_was_refused: bool) -> int | None:
    """The offset that a verification tells, which accepted one step while another was the current one.

    A service that takes older steps may take the current one as well. So that it takes this one is proof of nothing,
    unless it refused the one before: then 0 is right.
    """
    if accepted < current:
        return -1
    return 0 if before_was_refused else None


def takes_next_one(accepted: int, current: int, *, before_was_refused: bool) -> bool:
    """Does the window that took this step in a verification also take the one after it, once that has begun?

    A window is the current step alone, or two steps and more. So it does if the accepted one was the oldest that it
    takes; the one before the current step may be the newest one of a service that lags.
    """
    return before_was_refused or accepted < current - 1


class Bounds(NamedTuple):
    """The service's time now lies in [earliest, latest]; `travel` is how long a request takes, in seconds."""

    earliest: float
    latest: float
    travel: float

    @property
    def step(self) -> int:
        """The current step, or the one that is about to end."""
        return time_step(self.earliest)

    @property
    def step_on_arrival(self) -> int:
        """The latest step that it can be when a request that is sent now arrives."""
        return time_step(self.latest + self.travel + MARGIN)

    def until_settled(self) -> float:
        """Seconds to wait until it is sure which step a request arrives in."""
        return 0.0 if self.step == self.step_on_arrival else self.until(self.step + 1)

    def until(self, step: int) -> float:
        """Seconds to wait until that step has begun for sure."""
        return max(0.0, step * PERIOD - self.earliest)


class Choice(NamedTuple):
    """A step to send, and the seconds to wait before it may be sent."""

    step: int
    wait: float


def choose(now: Bounds, offset: int, last: int | None, *, follows_verification: bool = False) -> Choice | None:
    """The step of the next passcode; None if it must first be settled which step it is (`Bounds.until_settled`).

    :param last: the last step that was sent or accepted for this secret; it is never used again.
    :param follows_verification: `last` is the step that the verification accepted, no login came after it, and the
        window takes the next one (`takes_next_one`).
    """
    following = None if last is None else last + 1
    if follows_verification and following is not None and now.step_on_arrival + offset <= following <= now.step:
        # The window that took the step before takes this one as well, without a wait for what the offset asks.
        return Choice(following, 0.0)
    if now.until_settled():
        return None
    step = now.step + offset if following is None else max(now.step + offset, following)
    return Choice(step, now.until(step - offset))


def choose_late(now: Bounds, last: int | None) -> Choice:
    """The step of a second passcode, so late in that step that nearly every service takes it.

    It is a step later than the current one, which another controller may have sent.
    """
    step = now.step + 1 if last is None else max(now.step, last) + 1
    # A new session is begun before it is sent, which takes as long again.
    late = max(0.0, min(LATE, PERIOD - 3 * MARGIN - (now.latest - now.earliest) - 2 * now.travel))
    return Choice(step, max(0.0, step * PERIOD + late - now.earliest))


def believed(last: int | None, now: Bounds, offset: int, max_wait: float) -> int | None:
    """The last step, as far as it can be: one that cannot have been reserved by now comes from a clock that was wrong.

    What was used before it is not known any more. It was not later than what can be sent now.
    """
    if last is None or last <= now.step + max(_LONGEST_LEAD, int(max_wait // PERIOD) + 2):
        return last
    return now.step + offset


def good_for(now: Bounds, step: int, offset: int) -> float:
    """Seconds for which a step that was chosen may still be sent and arrive in time; 0 if it is too late."""
    return max(0.0, (step - offset + 1) * PERIOD - now.latest - now.travel - MARGIN)
