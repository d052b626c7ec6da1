# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of an account's passcodes: the steps used and the attempts that count. Private to the collection.

Three wrong passcodes lock an account (contract, "Authentication", 4), so every attempt counts as refused until it is
known to have been accepted or not looked at. `record` keeps this in a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..api.clock import Known
from ..otp.passcode_rule import DEAD_SESSIONS, MEMORY, MOST_REFUSALS
from .moment import MOST_SHIFT, Moment

SESSION_ENDS = 300.0
"""Seconds that the service gives a session (contract, "Authentication", 3). A passcode in an older one never counts."""
_MOST_ACCEPTED = 16
"""Typed passcodes that are remembered after they were accepted."""


@dataclass
class Used:
    """What is known of one secret: the last step sent or accepted, and the offset that was seen to work, if any.

    `follows_verification`: a verification accepted `last`, no login came after it, and the window that took it takes
    the next step, too (`passcode_rule.takes_next_one`).
    """

    last: int
    offset: int | None = None
    follows_verification: bool = False


@dataclass
class Attempt:
    """A passcode that was sent and not accepted, as far as is known.

    `at` is the service's time, `wall` and `monotonic` are this machine's. `typed` is a digest of a typed passcode.
    `settled`: its outcome is known, or was given up; the times are those of that moment. `refused`: the service has
    refused it.
    """

    at: float
    id: str
    typed: str | None = None
    wall: float | None = None
    monotonic: float | None = None
    settled: bool = True
    refused: bool = False

    @property
    def moment(self) -> Moment:
        """When it was sent, or settled."""
        return Moment(self.at, self.wall, self.monotonic)

    def taken_at(self, now: Moment, *, settled: bool) -> Attempt:
        """The same with new times."""
        return replace(self, at=now.service, wall=now.wall, monotonic=now.monotonic, settled=settled)


@dataclass
class Account:
    """The content of one record. `attempts` are in the order in which they were begun or settled."""

    secrets: dict[str, Used] = field(default_factory=dict)
    """By digest; the one that was used last stands last."""
    attempts: list[Attempt] = field(default_factory=list)
    accepted: list[Attempt] = field(default_factory=list)
    """The last typed passcodes that were accepted. Each is good once: sent again it would be refused, and count."""
    mfa_on_at: float | None = None
    """The service's time."""
    cleared_at: float | None = None
    """The service's time when an unlock, or turning MFA off, cleared its count. Refusals noted before are over."""
    clock: Known | None = None
    """The time as the creation of a device told it, for the verification that follows in a task of its own."""

    def use(self, digest: str, used: Used) -> None:
        """Note the use of a secret."""
        self.secrets.pop(digest, None)
        self.secrets[digest] = used

    def learn(self, now: Moment, refused: Mapping[str, Moment]) -> list[str]:
        """Count the refusals that other controllers noted, unless all of them are old.

        Returns the ids of those whose time is still to come, by every clock: a wrong one noted them. They count from
        now on, and the note needs that time.

        :param refused: as others noted them (`Moment.to_note`), by the ids of the attempts. This machine's clock is
            believed, too: a Date that jumps clears nothing.
        """
        known = {attempt.id for attempt in self.attempts}
        noted = [_noted(name, at) for name, at in refused.items() if not self._is_cleared(at.latest, now)]
        if _still_count(noted, now):
            self.attempts = [attempt for attempt in noted if attempt.id not in known] + self.attempts
        return [attempt.id for attempt in noted if age(attempt.moment, now) is None]

    def clear(self, now: float) -> None:
        """The service counts anew from now on, by its own clock."""
        self.attempts, self.cleared_at = [], now

    def _is_cleared(self, at: float, now: Moment) -> bool:
        """Was the count cleared after that time? When it is still to come, it was a wrong clock's and tells nothing."""
        cleared = self.cleared_at
        return cleared is not None and at <= cleared <= now.service + MOST_SHIFT

    def refusals(self, now: Moment) -> list[Attempt]:
        """The attempts that still count: all of them, until the last one is old enough."""
        return self.attempts if _still_count(self.attempts, now) else []

    def safe_in(self, now: Moment) -> float:
        """Seconds until a passcode may be sent again: 0 when it may be sent now, and never more than `MEMORY`."""
        counted = self.refusals(now)
        if len(counted) < MOST_REFUSALS:
            return 0.0
        return MEMORY - min(age(attempt.moment, now) or 0.0 for attempt in counted)

    def anchor(self, now: Moment) -> None:
        """Correct the times that are still to come: that clock was set since. They would come, and count once more.

        An attempt whose every time is to come counts from now on, or it would count for years.
        """
        self.attempts = [_anchored(attempt, now) for attempt in self.attempts]

    def begin(self, now: Moment, attempt_id: str, typed: str | None = None) -> None:
        """Note an attempt before it is sent: until its outcome is known it counts as refused."""
        self.attempts = [*self.refusals(now), Attempt(now.service, attempt_id, typed).taken_at(now, settled=False)]

    def settle(self, now: Moment, attempt_id: str, *, refused: bool) -> None:
        """That attempt was refused, or its answer was lost. It counts from now: the answer may have taken long."""
        mine = [attempt.taken_at(now, settled=True) for attempt in self.attempts if attempt.id == attempt_id]
        self.withdraw(attempt_id)
        self.attempts += [replace(attempt, refused=refused) for attempt in mine]

    def withdraw(self, attempt_id: str) -> None:
        """That attempt never reached the service, or was not looked at."""
        self.attempts = [attempt for attempt in self.attempts if attempt.id != attempt_id]

    def use_up(self, attempt_id: str) -> None:
        """That passcode was accepted, whatever came of the login. A typed one is not sent again."""
        mine = [attempt for attempt in self.attempts if attempt.id == attempt_id]
        self.withdraw(attempt_id)
        self.accepted = [*self.accepted, *(attempt for attempt in mine if attempt.typed)][-_MOST_ACCEPTED:]

    def computed_and_refused(self) -> set[str]:
        """The ids of the attempts that the service refused and that nobody typed, also of old ones."""
        return {attempt.id for attempt in self.attempts if attempt.refused and not attempt.typed}

    def typed_and_refused(self, now: Moment) -> set[str]:
        """The digests of the typed passcodes that still count as refused."""
        return {attempt.typed for attempt in self.refusals(now) if attempt.typed}

    def typed_and_accepted(self, now: Moment, *, comes_again: bool) -> set[str]:
        """The digests of the typed passcodes that were accepted.

        :param comes_again: there are so few that a device may show one once more; an old one tells nothing then.
        """
        typed = [attempt for attempt in self.accepted if not comes_again or _still_count([attempt], now)]
        return {attempt.typed for attempt in typed if attempt.typed}

    def succeed(self, attempt_id: str) -> None:
        """That attempt was accepted, which clears the service's count of all that were settled before it was sent.

        One that was still on its way then may have been refused after it.
        """
        ids = [attempt.id for attempt in self.attempts]
        if attempt_id not in ids:
            return
        place = ids.index(attempt_id)
        mine, earlier, later = self.attempts[place], self.attempts[:place], self.attempts[place + 1 :]
        self.use_up(attempt_id)
        self.attempts = [one for one in earlier if not one.settled and _is_alive(one, mine)] + later

    def session_may_be_dead(self, now: float) -> bool:
        """Was MFA turned on so short a time ago that a session may be dead at once?"""
        return self.mfa_on_at is not None and abs(now - self.mfa_on_at) < DEAD_SESSIONS


def still_counts(at: Moment, now: Moment) -> bool:
    """May a refusal that was noted so still count?"""
    return _still_count([_noted("", at)], now)


def _noted(attempt_id: str, at: Moment) -> Attempt:
    """A noted refusal. The two clocks agreed when only the service's was noted."""
    return Attempt(at.service, attempt_id, wall=at.service if at.wall is None else at.wall)


def _still_count(attempts: Sequence[Attempt], now: Moment) -> bool:
    """Is the last one so young that the service may count them all?"""
    ages = (age(attempt.moment, now) for attempt in attempts)
    return any(known is None or known < MEMORY for known in ages)


def age(then: Moment, now: Moment) -> float | None:
    """Seconds from one moment to the other; None when every clock says that `then` is still to come.

    The service's clock and this machine's are believed when they agree. When they moved apart, one of them was set:
    the smallest number counts that is possible, and the monotonic clock, which cannot be set, has its say.
    """
    by_service = now.service - then.service
    by_wall = _between(then.wall, now.wall)
    if by_wall is not None and abs(by_wall - by_service) <= MOST_SHIFT and min(by_wall, by_service) >= -MOST_SHIFT:
        return max(0.0, min(by_wall, by_service))
    told = [by_service, by_wall, _between(then.monotonic, now.monotonic)]
    possible = [seconds for seconds in told if seconds is not None and seconds >= -MOST_SHIFT]
    return max(0.0, min(possible)) if possible else None


def _anchored(attempt: Attempt, now: Moment) -> Attempt:
    ago = age(attempt.moment, now) or 0.0
    service, wall, monotonic = (
        clock - ago if then is not None and clock is not None and then > clock + MOST_SHIFT else then
        for then, clock in zip(attempt.moment, now, strict=True)
    )
    return replace(attempt, at=attempt.at if service is None else service, wall=wall, monotonic=monotonic)


def _between(then: float | None, now: float | None) -> float | None:
    return None if then is None or now is None else now - then


def _is_alive(attempt: Attempt, later: Attempt) -> bool:
    """Could the passcode of an attempt still count when the later one was sent?"""
    known = age(attempt.moment, later.moment)
    return known is None or known < SESSION_ENDS
