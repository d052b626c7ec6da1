# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many passcodes may still be sent for an account, and what became of those that were. Private to the collection.

Three wrong ones lock the account, so there are two (contract, "Authentication", 4). The record keeps the count over
runs and processes; it is locked while it is changed, never while something waits.
"""

from __future__ import annotations

import contextlib
import math
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..api import texts
from ..api.clock import ServiceClock, utc
from ..api.errors import (
    AccountLocked,
    BadCredentials,
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
)
from ..otp.passcode_rule import MOST_REFUSALS, Bounds
from ..otp.secret import Otp
from .account import Account
from .moment import Moment
from .record import Record
from .typed_passcode import is_bypass_code

if TYPE_CHECKING:
    from .passcodes import Notes

_LATEST = 250_000_000_000.0
"""Seconds since 1970, almost 8,000 years from now: later times cannot be told as a date."""


class Budget:
    """The attempts of one account.

    :param clock: the service's clock, and this machine's.
    """

    def __init__(self, record: Record, clock: ServiceClock) -> None:
        self.record = record
        self._clock = clock

    def bounds(self) -> Bounds:
        """The time on the service's clock.

        :raises InvalidAnswer: its answers tell a time that has no passcodes.
        """
        earliest, latest = self._clock.now()
        if not 0 <= earliest < _LATEST:
            raise InvalidAnswer(
                "The Date of the service's answers is not a time that a passcode could be of; nothing was sent. Check "
                "O(auth_endpoint), and the gateway or proxy on the way to it."
            )
        return Bounds(earliest, latest, self._clock.round_trip)

    def moment(self) -> Moment:
        """Now, on all clocks."""
        known = self._clock.knowledge()
        # As long as no answer has told the time, the service's clock is this machine's, which does not confirm itself.
        return Moment(self.bounds().earliest, known.wall if known else None, self._clock.monotonic())

    @contextlib.contextmanager
    def spending(self) -> Iterator[Account]:
        """Change the record, if a passcode may be sent at all.

        :raises PasscodeRefused: too many were refused. What the block would do is not done.
        """
        now = self.moment()
        with self.record.changing() as account:
            account.anchor(now)
            wait = account.safe_in(now)
            if not wait:
                yield account
                return
        raise self._spent(now, wait)

    def learn(self, refused: Mapping[str, Moment], notes: Notes | None) -> None:
        """Count the refusals that other controllers noted in the store.

        :param notes: where one is noted anew whose time is still to come. Else each controller would wait for that.
        """
        if refused:
            now = self.moment()
            with self.record.changing() as account:
                wrong = account.learn(now, refused)
            for attempt in wrong:
                if notes is not None:
                    notes.refused(attempt, now)

    def check(self) -> None:
        """Raises PasscodeRefused when no passcode may be sent now."""
        with self.spending():
            pass

    @property
    def is_spent(self) -> bool:
        """May no passcode be sent now?"""
        return self.record.read().safe_in(self.moment()) > 0

    def begin(self, typed: str | None = None) -> str:
        """Note a passcode before it is sent; return the ID of the attempt.

        :param typed: the passcode, if a person typed it.
        :raises PasscodeRefused: too many were refused, or this one was.
        :raises PasscodeRequired: this one was accepted before.
        """
        attempt = uuid.uuid4().hex
        digest = None if typed is None else self.record.typed_digest(typed)
        with self.spending() as account:
            if typed and digest and (former := self._former(account, typed, digest)):
                raise former
            account.begin(self.moment(), attempt, digest)
        return attempt

    def may_send(self, passcode: str) -> bool:
        """May this passcode be sent? Not one that was typed before."""
        now, account = self.moment(), self.record.read()
        comes_again = not is_bypass_code(passcode)
        if not (account.typed_and_refused(now) | account.typed_and_accepted(now, comes_again=comes_again)):
            return True  # a digest is slow
        return self._former(account, passcode, self.record.typed_digest(passcode)) is None

    def use_up(self, typed: str) -> None:
        """Note a typed code that was accepted and not for a login: no login may send it any more."""
        digest, now = self.record.typed_digest(typed), self.moment()
        with self.record.changing() as account:
            account.begin(now, "", digest)
            account.use_up("")

    def _former(self, account: Account, typed: str, digest: str) -> IdentityError | None:
        """Why a passcode is not sent: it was before. None when it was not."""
        now = self.moment()
        if digest in account.typed_and_refused(now):
            return PasscodeRefused("This passcode was refused before and is not sent again. Pass a new one.")
        if digest in account.typed_and_accepted(now, comes_again=not is_bypass_code(typed)):
            return PasscodeRequired(
                "This passcode was accepted before and is good once: it was not sent. Pass a new one. To log in once "
                "for several tasks, pass the token of the first login on (O(auth_token))."
            )
        return None

    def accepted(self, attempt: str, otp: Otp | None = None, offset: int | None = None) -> None:
        """Note a success, and the offset that it proves. The login succeeded, whatever becomes of the note."""
        with contextlib.suppress(OptionError), self.record.changing() as account:
            account.succeed(attempt)
            if otp is not None and otp.digest in account.secrets:
                account.secrets[otp.digest].offset = offset

    def failed(self, attempt: str, error: IdentityError) -> Moment | None:
        """Note that a passcode was refused or that its outcome is unknown; or take back one that surely did not count.

        That one is unused, or was accepted before something else was refused (a wrong tenant). Returns the moment of
        one that counts, whatever becomes of the note: an attempt counts from when it was begun.
        """
        now = self.moment()
        unused, accepted = is_unused(error), isinstance(error, BadCredentials)
        with contextlib.suppress(OptionError), self.record.changing() as account:
            if unused:
                account.withdraw(attempt)
            elif accepted:
                account.use_up(attempt)
            else:
                is_refused = isinstance(error, PasscodeRefused) and error.status is not None
                account.settle(now, attempt, refused=is_refused)
        return None if unused or accepted else now

    def explained(self, error: IdentityError) -> PasscodeRefused:
        """The second refusal in a row: two steps of one secret were wrong, so it is hardly the clock."""
        now = self.moment()
        account = self.record.read()
        cause = "The secret is probably not the one of the account's device."
        if account.session_may_be_dead(now.service):
            cause = (
                "Multi-factor authentication was turned on less than a minute ago, and login sessions may not work "
                "yet; otherwise the secret is not the one of the account's device."
            )
        elif apart := self._clock.apart():
            cause = (
                f"{apart}If the first is wrong, so were the passcodes. Otherwise the secret is probably not the one of "
                "the account's device."
            )
        wait = account.safe_in(now)
        return PasscodeRefused(
            f"Two passcodes in a row were refused, and no third is sent: it could lock the account. {cause} "
            f"{_safe_again(now, wait)}{texts.said(error.service_message)}",
            status=error.status,
            service_message=error.service_message,
            retry_after=int(wait) + 1,
        )

    def refused_beside_others(self, error: IdentityError) -> PasscodeRefused:
        """A refusal after which no other passcode may be sent, because of one that was sent before or elsewhere."""
        now = self.moment()
        told = (
            "The passcode was refused, and so was one before it, or its answer was lost: no third is sent, since it "
            "could lock the account."
        )
        return self._no_more(told, now, self.record.read().safe_in(now), error)

    def _spent(self, now: Moment, wait: float) -> PasscodeRefused:
        told = (
            f"{MOST_REFUSALS} passcodes of this account were refused, or their answers were lost; a third could lock "
            "it: nothing was sent."
        )
        return self._no_more(told, now, wait)

    @staticmethod
    def _no_more(told: str, now: Moment, wait: float, error: IdentityError | None = None) -> PasscodeRefused:
        said = error.service_message if error else None
        return PasscodeRefused(
            f"{told} {_safe_again(now, wait)} Check that the secret is the one of the account's device; log in by "
            f"another way meanwhile (O(api_key), O(auth_token)).{texts.said(said)}",
            status=error.status if error else None,
            service_message=said,
            retry_after=int(wait) + 1,
        )


def is_unused(error: IdentityError) -> bool:
    """Is the passcode still good: it did not arrive, or was not looked at (a locked account, a rate limit)?"""
    never_arrived = isinstance(error, ConnectionFailed) and not isinstance(error, LostAnswer)
    return never_arrived or isinstance(error, (AccountLocked, RateLimited))


def _safe_again(now: Moment, wait: float) -> str:
    """Say it so that it is true by each clock."""
    return f"It is safe again in {math.ceil(wait / 60)} min, at {utc(now.service + wait)} by the service's clock."
