# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to a challenge: a computed code, or one that a person typed. Private to the collection.

`passcodes` says which code is sent and when, `budget` whether one may be sent at all.
"""

from __future__ import annotations

from collections.abc import Callable

from ..api.errors import (
    BadCredentials,
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
    Unavailable,
)
from ..api.model import Access, Challenge
from ..api.transport import Transport
from ..otp.secret import Otp
from .budget import Budget, is_unused
from .options import Factor
from .passcodes import LONG, Notes, Passcodes
from .record import Record
from .tokens import OtherUser
from .typed_passcode import clean_passcode
from .voice import Voice

_TYPED_LIFE = 20.0
"""Seconds for which a code that a person typed may be sent: it was valid when it was typed."""
_FIRST_PAUSE = 1.0
_UNKNOWN = (ConnectionFailed, Unavailable, InvalidAnswer)
"""After these nobody knows whether the service looked at the passcode."""
_ONCE_MORE = (PasscodeRefused, RateLimited, *_UNKNOWN)
"""After these a later passcode can help. A locked account, a wrong tenant or a disabled user stay what they are."""


class SecondFactor:
    """Answers the challenges of one account.

    :param begin: does the first step of the login again.
    :param send: does the second step with a passcode.
    :param max_wait: seconds that it may wait for a usable step; a longer wait fails at once.
    :param notes: where the use of a stored secret is noted, too.
    :param another: gives a stored bypass code, None when there is none.
    """

    def __init__(
        self,
        transport: Transport,
        factor: Factor,
        record: Record,
        *,
        notes: Notes | None,
        begin: Callable[[], Access | Challenge],
        send: Callable[[Challenge, str], Access],
        max_wait: float,
        voice: Voice,
        another: Callable[[], tuple[Factor, Notes | None] | None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._factor = factor
        self._budget = Budget(record, transport.clock)
        self._begin = begin
        self._send = send
        self._max_wait = max_wait
        self._voice = voice
        self._notes = notes
        self._another = another

    def answer(self, challenge: Challenge) -> Access:
        """Log in with what there is.

        :raises OptionError: the typed passcode cannot be one.
        :raises PasscodeRequired, PasscodeRefused, AccountLocked: or what the way to the service raises.
        """
        self._budget.learn(self._factor.refused, self._notes)
        if self._factor.passcode is not None:
            return self._typed(challenge, clean_passcode(self._factor.passcode))
        if self._factor.otp is None:
            raise PasscodeRequired(
                "The account asks for a second factor. Pass O(otp_secret) (the stored secret), or O(passcode) "
                "(a code from the device, or a bypass code)."
            )
        return self._computed(challenge, self._factor.otp)

    def _typed(self, challenge: Challenge, passcode: str) -> Access:
        """A code that a person typed, or a bypass code, is sent once.

        When nobody knows what became of a stored one, it counts as used, and another one is sent in a new session.
        Not after a refusal: the codes of one set are void together.
        """
        try:
            return self._sent_once(challenge, passcode)
        except _UNKNOWN as error:
            access = None if isinstance(error, OtherUser) else self._by_another(error)
            if access is None:
                raise
            return access

    def _by_another(self, error: IdentityError) -> Access | None:
        """Log in with another bypass code in a new session, after that error; None when there is none."""
        another = self._another()
        if another is None:
            return None
        self._factor, self._notes = another
        self._tell(f"the second step of the login failed ({error.kind}); trying again with a bypass code")
        begun: Access | Challenge | None = None
        try:
            begun = self._begin()
        finally:
            if self._notes is not None and not isinstance(begun, Challenge):
                self._notes.unused()
        return begun if isinstance(begun, Access) else self._sent_once(begun, clean_passcode(self._factor.passcode))

    def _sent_once(self, challenge: Challenge, passcode: str) -> Access:
        attempt = self._noted(passcode)
        try:
            access = self._deliver(challenge, passcode, _TYPED_LIFE)
        except IdentityError as error:
            self._failed(attempt, error)
            raise
        self._budget.accepted(attempt)
        if self._notes is not None:
            self._notes.counts_anew()
        return access

    def _noted(self, passcode: str) -> str:
        """Note the attempt before it is made. One that must not be made leaves a stored code good."""
        try:
            return self._budget.begin(passcode)
        except (IdentityError, OptionError):
            if self._notes is not None:
                self._notes.unused()
            raise

    def _computed(self, challenge: Challenge, otp: Otp) -> Access:
        """One computed code; after a refusal one more, in a later step and a new session; then no more.

        Where there is a bypass code, that is sent instead: the secret is of a device that may be gone.
        """
        passcodes = self._passcodes(challenge, otp)
        for tries_left in (1, 0):
            ready = passcodes.next()
            if isinstance(ready, Access):
                return ready
            jumps = self._transport.clock.jumps
            try:
                access = self._deliver(ready.challenge, ready.code, ready.seconds)
            except IdentityError as error:
                self._failed(ready.attempt, error)
                self._give_up_after(error, tries_left)
                is_refusal = isinstance(error, PasscodeRefused)
                passcodes.prepare_another(after_refusal=is_refusal, jumps=jumps)
                if is_refusal and self._budget.is_spent:  # by another controller, too
                    raise self._budget.refused_beside_others(error) from None
                by_code = self._by_another(error) if is_refusal else None
                if by_code is not None:
                    return by_code
                self._tell(f"the second step of the login failed ({error.kind}); trying again with a later passcode")
                passcodes.wait(error.retry_after or 0 if isinstance(error, RateLimited) else 0)
                continue
            passcodes.accepted(ready.attempt)
            return access
        raise AssertionError("the last try returns or raises")

    def _passcodes(self, challenge: Challenge, otp: Otp) -> Passcodes:
        return Passcodes(
            self._transport,
            self._factor,
            otp,
            self._budget,
            challenge,
            begin=self._begin,
            notes=self._notes,
            max_wait=self._max_wait,
            voice=self._voice,
        )

    def _failed(self, attempt: str, error: IdentityError) -> None:
        """Note what became of a passcode, for other controllers, too."""
        counted_at = self._budget.failed(attempt, error)
        if self._notes is not None and counted_at is not None:
            self._notes.refused(attempt, counted_at)
        if self._notes is not None and is_unused(error):
            self._notes.unused()
        if self._notes is not None and isinstance(error, BadCredentials):  # the passcode was accepted, the tenant not
            self._notes.counts_anew()

    def _give_up_after(self, error: IdentityError, tries_left: int) -> None:
        """Raise what ends the login, unless a later passcode can help."""
        if not isinstance(error, _ONCE_MORE) or isinstance(error, OtherUser):
            raise error
        if isinstance(error, RateLimited) and (error.retry_after or 0) > self._max_wait:
            raise error
        if not tries_left:
            is_refusal = isinstance(error, PasscodeRefused) and error.status is not None
            raise self._budget.explained(error) if is_refusal else error from None

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
                if pause >= LONG:
                    self._tell(f"the service limits the rate; trying again in {pause:.0f} s")
                self._transport.sleep(pause)
                pause *= 2

    def _tell(self, line: str) -> None:
        self._voice.tell(f"{self._budget.record.username}: {line}")
