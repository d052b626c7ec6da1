# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to a challenge: a computed code, or one that a person typed. Private to the collection.

Which step is sent and when is the rule's to say (`passcode_rule`); what was sent before is the record's. A passcode
that may count is noted before it is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Protocol

from ..api.errors import (
    AccountLocked,
    BadCredentials,
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
    Unavailable,
)
from ..api.model import Access, Challenge
from ..api.transport import Transport
from ..otp.passcode_rule import MOST_REFUSALS, UNKNOWN_OFFSET, Bounds, Choice, choose, good_for, other
from ..otp.secret import Otp
from .options import Factor
from .record import Account, Record, Used

_SESSION_LIFE = 240.0
"""Seconds after which a session is begun anew; the service gives it five minutes (contract, "Authentication", 3)."""
_TYPED_LIFE = 20.0
"""Seconds for which a code that a person typed may be sent: it was valid when it was typed."""
_FIRST_PAUSE = 1.0
_LONG = 5.0
"""Seconds of a wait that everybody is told of."""
_ONCE_MORE = (PasscodeRefused, ConnectionFailed, RateLimited, Unavailable, InvalidAnswer)
"""After these a later passcode can help. A locked account, a wrong tenant or a disabled user stay what they are."""


class Notes(Protocol):
    """Notes of the use of a secret that outlive this machine, in the store that the secret came from."""

    def reserve(self, step: int) -> Factor | None:
        """Note a time step before its passcode is sent.

        Returns None when that is done; the factor as it is now when another controller changed it in the meantime.
        """

    def succeeded(self, offset: int) -> None:
        """Note that a passcode was accepted, and the offset that this proves."""


class SecondFactor:
    """Answers the challenges of one account.

    :param begin: does the first step of the login again.
    :param send: does the second step with a passcode.
    :param max_wait: seconds that it may wait for a usable step; a longer wait fails at once.
    :param say: tells what goes on; `tell` tells everybody what takes long.
    :param notes: where the use of a stored secret is noted, too.
    """

    def __init__(
        self,
        transport: Transport,
        factor: Factor,
        record: Record,
        *,
        notes: Notes | None = None,
        begin: Callable[[], Access | Challenge],
        send: Callable[[Challenge, str], Access],
        max_wait: float,
        say: Callable[[str], None],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._transport = transport
        self._factor = factor
        self._record = record
        self._begin = begin
        self._send = send
        self._max_wait = max_wait
        self._say = say
        self._tell = tell or say
        self._notes = notes

    def answer(self, challenge: Challenge) -> Access:
        """Log in with what there is.

        Raises PasscodeRequired, PasscodeRefused, AccountLocked, or what the way to the service raises.
        """
        if self._factor.passcode is not None:
            return self._typed(challenge, self._factor.passcode)
        otp = self._factor.otp
        if otp is None:
            raise PasscodeRequired(
                "The account asks for a second factor. Pass otp_secret (the stored secret), or passcode "
                "(a code from the device, or a bypass code)."
            )
        return self._computed(challenge, otp)

    def _typed(self, challenge: Challenge, passcode: str) -> Access:
        """A code that a person typed is sent once."""
        digest = self._record.typed_digest(passcode)
        now = self._now().earliest
        with self._record.changing() as account:
            self._refuse_beyond_budget(account, now)
            if any(attempt.typed == digest for attempt in account.refusals(now)):
                raise PasscodeRefused("This passcode was refused before and is not sent again. Pass a new one.")
            attempt = _note(account, now, digest)
        try:
            return self._settle(attempt, self._deliver(challenge, passcode, _TYPED_LIFE))
        except IdentityError as error:
            self._withdraw_uncounted(attempt, error)
            raise

    def _computed(self, challenge: Challenge, otp: Otp) -> Access:
        """One computed code; after a refusal one more, in a later step and a new session; then no more."""
        known = self._known_offset(otp)
        offset = UNKNOWN_OFFSET if known is None else known
        for tries_left in (1, 0):
            challenge, step, attempt = self._reserved(challenge, otp, offset)
            otp = self._factor.otp or otp  # another controller may have replaced it
            jumps = self._transport.clock.jumps
            try:
                access = self._deliver(challenge, otp.code_at(step), good_for(self._now(), step, offset))
                return self._settle(attempt, access, otp, offset)
            except IdentityError as error:
                self._withdraw_uncounted(attempt, error)
                if not isinstance(error, _ONCE_MORE):
                    raise
                if not tries_left:
                    raise self._explained(error) from None
                if self._doubts_offset(error, jumps, is_known=known is not None):
                    offset = other(offset)
                self._say(f"The second step of the login failed ({error.kind}); once more with a later passcode.")
            begun = self._begin()
            if isinstance(begun, Access):
                return begun
            challenge = begun
        raise AssertionError("the last try returns or raises")

    def _deliver(self, challenge: Challenge, passcode: str, seconds: float) -> Access:
        """Send a passcode; after a rate limit, which looks at nothing, again while so many seconds have not passed."""
        until, pause = self._transport.clock.monotonic() + seconds, _FIRST_PAUSE
        while True:
            try:
                return self._send(challenge, passcode)
            except RateLimited as error:
                pause = max(pause, error.retry_after or 0)
                if self._transport.clock.monotonic() + pause >= until:
                    raise
                self._transport.sleep(pause)
                pause *= 2

    def _reserved(self, challenge: Challenge, otp: Otp, offset: int) -> tuple[Challenge, int, str]:
        """Reserve a step, wait for it, and note the attempt: the challenge to answer, the step and the attempt's id."""
        begun_at, waited = self._transport.clock.monotonic(), 0.0
        while True:
            otp = self._factor.otp or otp
            now = self._now()
            choice = self._choose(now, otp, offset, waited)
            wait = now.until_settled() if choice is None else choice.wait
            self._refuse_long_wait(waited + wait)
            if wait:
                tell = self._tell if wait >= _LONG else self._say
                tell(f"{self._record.username}: waiting {wait:.0f} s for the next passcode")
                self._transport.sleep(wait)
            waited = self._transport.clock.monotonic() - begun_at
            if waited > _SESSION_LIFE:
                begun = self._begin()
                challenge = begun if isinstance(begun, Challenge) else challenge
            if choice is None or not good_for(self._now(), choice.step, offset):
                continue
            changed = self._notes.reserve(choice.step) if self._notes else None
            if changed is not None:
                self._factor = changed
            elif good_for(self._now(), choice.step, offset):  # a store may be slow
                break
        moment = self._now().earliest
        with self._record.changing() as account:
            self._refuse_beyond_budget(account, moment)
            attempt = _note(account, moment)
        return challenge, choice.step, attempt

    def _choose(self, now: Bounds, otp: Otp, offset: int, waited: float) -> Choice | None:
        """Choose and reserve under the lock; the wait comes after it."""
        with self._record.changing() as account:
            self._refuse_beyond_budget(account, now.earliest)
            used = account.secrets.get(otp.digest)
            choice = choose(
                now,
                offset,
                _later(used.last if used else None, self._factor.last_step),
                follows_verification=bool(used and used.follows_verification),
            )
            if choice is not None:
                self._refuse_long_wait(waited + choice.wait)
                account.secrets[otp.digest] = Used(choice.step, used.offset if used else None)
        return choice

    def _settle(self, attempt: str, access: Access, otp: Otp | None = None, offset: int = UNKNOWN_OFFSET) -> Access:
        """Note a success, and the offset that it proves."""
        with self._record.changing() as account:
            account.succeed(attempt)
            if otp is not None and otp.digest in account.secrets:
                account.secrets[otp.digest].offset = offset
        if otp is not None and self._notes is not None:
            self._notes.succeeded(offset)
        return access

    def _withdraw_uncounted(self, attempt: str, error: IdentityError) -> None:
        """Take back an attempt that the service surely did not count.

        It did not arrive, or was not looked at (a locked account, a rate limit: a bypass code is still good), or was
        accepted before something else was refused (a wrong tenant).
        """
        looked_away = isinstance(error, (AccountLocked, BadCredentials, RateLimited))
        never_arrived = isinstance(error, ConnectionFailed) and not isinstance(error, LostAnswer)
        if looked_away or never_arrived:
            with self._record.changing() as account:
                account.withdraw(attempt)

    def _known_offset(self, otp: Otp) -> int | None:
        """The record knows what worked last; else what was stored with the secret."""
        used = self._record.read().secrets.get(otp.digest)
        return used.offset if used and used.offset is not None else self._factor.step_offset

    def _doubts_offset(self, error: IdentityError, jumps: int, *, is_known: bool) -> bool:
        """Does a refusal say something about the window?

        Not where the clock jumped, and not where it can be a dead session's and the offset is more than a guess.
        """
        if not isinstance(error, PasscodeRefused) or jumps != self._transport.clock.jumps:
            return False
        return not (is_known and self._record.read().session_may_be_dead(self._now().earliest))

    def _now(self) -> Bounds:
        return Bounds(*self._transport.clock.now(), self._transport.clock.round_trip)

    def _refuse_long_wait(self, wait: float) -> None:
        if wait > self._max_wait:
            raise PasscodeRefused(
                f"The next unused passcode is valid only in {wait:.0f} s, and max_wait is {self._max_wait:.0f} s: "
                "nothing was sent. Log in once (rax_auth_token) and pass its token on (auth_token), or raise max_wait.",
                retry_after=int(wait) + 1,
            )

    def _refuse_beyond_budget(self, account: Account, now: float) -> None:
        wait = account.safe_in(now)
        if wait:
            until = datetime.fromtimestamp(now + wait, timezone.utc)
            raise PasscodeRefused(
                f"{MOST_REFUSALS} passcodes of this account were refused, or their answers were lost; a third could "
                f"lock it: nothing was sent. It is safe again at {until:%Y-%m-%d %H:%M:%S} UTC. Check that the secret "
                "is the one of the account's device; log in by another way meanwhile (api_key, auth_token).",
                retry_after=int(wait) + 1,
            )

    def _explained(self, error: IdentityError) -> IdentityError:
        """The second refusal in a row: two steps of one secret were wrong, so it is hardly the clock."""
        if not isinstance(error, PasscodeRefused) or error.status is None:
            return error
        return PasscodeRefused(
            "Two passcodes in a row were refused, and no third is sent: it could lock the account. The secret is "
            f"probably not the one of the account's device. The service says: {error.service_message}",
            status=error.status,
            service_message=error.service_message,
            retry_after=int(self._record.read().safe_in(self._now().earliest)) + 1,
        )


def _note(account: Account, now: float, typed: str | None = None) -> str:
    attempt = uuid.uuid4().hex
    account.begin(now, attempt, typed)
    return attempt


def _later(one: int | None, other_one: int | None) -> int | None:
    """The later of two steps, as far as they are known."""
    known = [step for step in (one, other_one) if step is not None]
    return max(known, default=None)
