# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next passcode of a secret: which time step, when, and in which session. Private to the collection.

Which step is sent and when is the rule's to say (`passcode_rule`); what was sent before is the record's and the
store's. A step is reserved before it is waited for, and the attempt is noted before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from ..api.errors import PasscodeRefused, PasscodeRequired
from ..api.model import Access, Challenge
from ..api.transport import Transport
from ..otp.passcode_rule import (
    LONGEST_DEATH,
    MOST_REFUSALS,
    UNKNOWN_OFFSET,
    Bounds,
    Choice,
    believed,
    choose,
    choose_late,
    good_for,
)
from ..otp.secret import Otp
from .account import Used
from .budget import Budget
from .moment import Moment
from .options import Factor
from .voice import Voice

_SESSION_LIFE = 240.0
"""Seconds after which a session is begun anew; the service gives it five minutes (contract, "Authentication", 3)."""
_ON_ITS_WAY = 10.0
"""Seconds in which a passcode of the same secret that another controller sent before is answered, and noted."""
LONG = 5.0
"""Seconds of a wait that everyone is told of."""


class Notes(Protocol):
    """Notes of the use of a secret that outlive this machine, in the store that the secret came from."""

    def reserve(self, step: int) -> Factor | None:
        """Note a time step before its passcode is sent.

        Returns None when that is done; the factor as it is now when another controller changed it in the meantime.
        """

    def noted(self) -> Mapping[str, Moment]:
        """Read the refusals that any controller has noted by now, by the ids of the attempts."""

    def unused(self) -> None:
        """Note that a passcode was not used after all: a bypass code is still good."""

    def refused(self, attempt: str, at: Moment) -> None:
        """Note that a passcode was refused, or that its outcome is unknown."""

    def succeeded(self, offset: int | None, now: datetime) -> None:
        """Note that a passcode of the secret was accepted, and the offset that this proves; None: none is known.

        :param now: by the service's clock.
        """

    def counts_anew(self) -> None:
        """Note that the service counts no refusal any more: it accepted what is no passcode of the secret."""


class Ready(NamedTuple):
    """A passcode that may be sent for so many seconds: the attempt is noted."""

    challenge: Challenge
    step: int
    code: str
    attempt: str
    seconds: float

    def __repr__(self) -> str:
        return "Ready(...)"


class Passcodes:
    """The passcodes of one secret for one login.

    :param challenge: the session that was begun; `begin` does the first step of the login again.
    :param notes: where the use of a stored secret is noted, too.
    :param max_wait: seconds that one wait may take; a longer one fails at once.
    """

    def __init__(
        self,
        transport: Transport,
        factor: Factor,
        otp: Otp,
        budget: Budget,
        challenge: Challenge,
        *,
        begin: Callable[[], Access | Challenge],
        notes: Notes | None,
        max_wait: float,
        voice: Voice,
    ) -> None:
        self._transport = transport
        self._clock = transport.clock
        self._factor = factor
        self.otp = otp
        self._budget = budget
        self._challenge: Challenge | None = challenge
        self._begun_at = self._clock.monotonic()
        self._begin = begin
        self._notes = notes
        self._max_wait = max_wait
        self._voice = voice
        self.offset, self._is_known = self._learned_offset()
        self._is_late = not self._is_known and self._was_refused
        """Is the next passcode to be sent so late in its step that nearly every service takes it?"""
        if self._is_late:  # by the run before, which was killed, or by one that still waits
            self.offset = 0
        self._was_current = False
        """Was one of the current step refused before?"""

    def next(self) -> Ready | Access:
        """Wait for the next passcode and note it. A login that was not challenged any more ends it, too.

        :raises PasscodeRefused: too many passcodes were refused, or the wait would be longer than it may be.
        """
        begun_at = self._clock.monotonic()
        if self._challenge is not None and not self._is_known and 0 < self._deadly_seconds <= self._max_wait:
            # A refusal would tell nothing of the offset.
            self.wait(self._deadly_seconds)
            self._challenge = None
        while True:
            waited = self._clock.monotonic() - begun_at  # a slow store counts, too
            now, jumps = self._budget.bounds(), self._clock.jumps
            choice = self._choose(now, waited)
            if choice is not None and not self._budget.may_send(self.otp.code_at(choice.step)):
                continue  # a person has typed it
            self.wait(now.until_settled() if choice is None else choice.wait, waited)
            begun = self._session()
            if isinstance(begun, Access):
                return begun
            if choice is None or jumps != self._clock.jumps:
                continue
            if not good_for(self._budget.bounds(), choice.step, self.offset):
                continue
            if not self._is_noted(choice.step):
                continue
            if not good_for(self._budget.bounds(), choice.step, self.offset):  # a store may be slow
                continue
            attempt = self._budget.begin()
            seconds = good_for(self._budget.bounds(), choice.step, self.offset)
            return Ready(begun, choice.step, self.otp.code_at(choice.step), attempt, seconds)

    def prepare_another(self, *, after_refusal: bool, jumps: int) -> None:
        """Prepare another try, in a new session.

        :param after_refusal: the passcode was refused. Another controller may have sent the same one, or the session
            was dead, or the clock jumped. What is left is the window, if it is not known to have taken older steps.
        :param jumps: how often the clock had jumped when it was sent.
        """
        self._challenge = None
        deadly = self._deadly_seconds
        is_explained = self._is_known and (self.offset < 0 or deadly != 0)
        if after_refusal and not is_explained and jumps == self._clock.jumps and self._clock.doubted is None:
            self._is_late, self._was_current = True, self.offset == 0
            self.offset = 0
        if deadly:
            self.wait(deadly)
        elif after_refusal and (self._notes is not None or self._is_known):
            self.wait(min(LONGEST_DEATH if self._notes is None else _ON_ITS_WAY, self._max_wait))
        if after_refusal and self._notes is not None:
            self._budget.learn(self._notes.noted(), self._notes)

    @property
    def _deadly_seconds(self) -> float:
        """Seconds for which a new session may still be dead at once.

        0 where MFA was not turned on in the last minute; below 0 where it was, and that time is over.
        """
        account, now = self._budget.record.read(), self._budget.moment().service
        if account.mfa_on_at is None or not account.session_may_be_dead(now):
            return 0.0
        return min(LONGEST_DEATH, account.mfa_on_at + LONGEST_DEATH - now)

    def wait(self, seconds: float, before: float = 0.0) -> None:
        """Wait, and say so. `before` is what this login has waited already."""
        if seconds <= 0:
            return
        self._refuse_long_wait(before + seconds)
        tell = self._voice.tell if seconds >= LONG else self._voice.say
        tell(f"{self._budget.record.username}: waiting {seconds:.0f} s for the next passcode")
        self._transport.sleep(seconds)

    def accepted(self, attempt: str) -> None:
        """Note a success, and the offset that it proves: none where the same one was refused earlier in a step."""
        offset = None if self._was_current else self.offset
        self._budget.accepted(attempt, self.otp, offset)
        if self._notes is not None:
            self._notes.succeeded(offset, self._clock.date())

    def _learned_offset(self) -> tuple[int, bool]:
        """The offset, and whether it is more than a guess: the record knows what worked last, else the store.

        After as many refusals as there may be, and no success since, none is known: the service may have another window
        now.
        """
        account = self._budget.record.read()
        used = account.secrets.get(self.otp.digest)
        known = used.offset if used and used.offset is not None else self._factor.step_offset
        refused = account.computed_and_refused() | self._factor.refused.keys()
        return (UNKNOWN_OFFSET, False) if known is None or len(refused) >= MOST_REFUSALS else (known, True)

    @property
    def _was_refused(self) -> bool:
        """Was a computed passcode refused so short a time ago that it counts?"""
        account = self._budget.record.read()
        return bool(account.refusals(self._budget.moment()) and account.computed_and_refused())

    def _session(self) -> Challenge | Access:
        """The session to answer in: the one that was begun, or a new one when there is none or it may have ended."""
        now = self._clock.monotonic()
        if self._challenge is not None and now - self._begun_at < _SESSION_LIFE:
            return self._challenge
        begun = self._begin()
        if isinstance(begun, Challenge):
            self._challenge, self._begun_at = begun, now
        return begun

    def _choose(self, now: Bounds, waited: float) -> Choice | None:
        """Choose and reserve under the lock; the wait comes after it."""
        with self._budget.spending() as account:
            used = account.secrets.get(self.otp.digest)
            last = _later(used.last if used else None, self._factor.last_step)
            last = believed(last, now, self.offset, self._max_wait)
            # A later step that the store knows was used by a login.
            follows_verification = bool(used and used.follows_verification and used.last == last)
            choice: Choice | None = choose_late(now, last) if self._is_late else None
            if choice is None or waited + choice.wait > self._max_wait:
                choice = choose(now, self.offset, last, follows_verification=follows_verification)
            if choice is not None:
                self._refuse_long_wait(waited + choice.wait)
                account.use(self.otp.digest, Used(choice.step, used.offset if used else None))
        return choice

    def _is_noted(self, step: int) -> bool:
        """Note the step in the store. False when another controller changed what is stored: then it is chosen anew."""
        changed = self._notes.reserve(step) if self._notes else None
        if changed is None:
            return True
        if changed.otp is None:
            raise PasscodeRequired("Another run removed the secret from O(store) meanwhile. Run this again.")
        self._budget.learn(changed.refused, self._notes)
        self._factor, before, self.otp = changed, self.otp, changed.otp
        if before.digest != self.otp.digest:
            offset, is_known = self._learned_offset()
            if is_known or not self._is_known:  # the window is the service's: what another secret told is no guess
                self.offset, self._is_known = offset, is_known
                self._is_late = self._was_current = False  # what was refused was of the former secret
        return False

    def _refuse_long_wait(self, wait: float) -> None:
        if wait > self._max_wait:
            raise PasscodeRefused(
                f"The next unused passcode is valid only in {wait:.0f} s, and O(max_wait) is {self._max_wait:.0f} s: "
                f"nothing was sent. Run it again in {int(wait - self._max_wait) + 1} s, or log in once "
                "(rax_auth_token) and pass its token on (O(auth_token)), or raise O(max_wait).",
                retry_after=int(wait) + 1,
            )


def _later(one: int | None, other_one: int | None) -> int | None:
    """The later of two steps, as far as they are known."""
    known = [step for step in (one, other_one) if step is not None]
    return max(known, default=None)
