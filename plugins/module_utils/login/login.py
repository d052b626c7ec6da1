# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from credentials to a token: by API key, or by password with the second step. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable

from ..api.errors import InvalidAnswer, PasscodeRefused, PasscodeRequired, TokenRefused
from ..api.model import Access, Challenge
from ..api.transport import Transport
from . import tokens
from .options import Connection, Credentials, Factor
from .passcodes import Notes
from .record import Record
from .second_factor import SecondFactor
from .voice import Voice

_MOST_LOOKS = 3
Chosen = Callable[[Record], "tuple[Factor, Notes | None]"]
"""Gives the factor of the account that a record belongs to when one is asked for, and where its use is noted."""


class Login:
    """The way from credentials to a token. `second_factor` tells afterwards whether one was given.

    :param another: gives a bypass code of the store when what was chosen is of no use.
    :param sent: is given the ids of login sessions, and the passcodes: a service may repeat them in an error.
    """

    def __init__(
        self,
        transport: Transport,
        who: Credentials,
        way: Connection,
        voice: Voice,
        *,
        chosen: Chosen | None,
        sent: Callable[[str], None],
        another: Chosen | None = None,
    ) -> None:
        self.transport = transport
        self.who = who
        self.way = way
        self.voice = voice
        self.second_factor = False
        self._sent = sent
        self._chosen = chosen
        self._another = another

    def record(self, username: str) -> Record:
        """The record of an account on this endpoint."""
        return Record(self.way.state_dir, self.way.endpoint, username)

    def begin(self, *, for_setup: bool = False) -> Access | Challenge:
        """The first step: a token, or the challenge for a second factor.

        It is done again while it is in doubt what time it is: which code is right depends on it, how many may still be
        sent, and how old a secret is.

        :raises InvalidAnswer: no two answers agree, and a passcode is asked for.
        """
        clock = self.transport.clock
        for look in range(1, _MOST_LOOKS + 1):
            begun = self._begun(for_setup=for_setup)
            if isinstance(begun, Challenge):
                self._sent(begun.session_id)
            if clock.doubted is None or (isinstance(begun, Access) and look == _MOST_LOOKS):
                return begun
        raise InvalidAnswer(
            f"{clock.apart()}No two of them agree, so no passcode was sent. Correct the clock of this machine, or find "
            "the gateway or proxy on the way that tells a wrong time."
        )

    def _begun(self, *, for_setup: bool) -> Access | Challenge:
        """What the first step ends in. An API key is never challenged."""
        username = self.who.username or ""
        if self.who.api_key:
            return tokens.by_api_key(self.transport, username, self.who.api_key, self._tenant)
        if not self.who.password:
            raise TokenRefused(
                "The token was refused, and there is nothing to log in with. Pass a new O(auth_token), or O(username) "
                "with O(password) or O(api_key) beside it.",
                status=401,
            )
        limits = {tokens.SCOPE: "SETUP-MFA"} if for_setup else {}
        return tokens.by_password(self.transport, username, self.who.password, {**self._tenant, **limits})

    def __call__(self, *, for_setup: bool = False) -> Access:
        """Log in, in two steps if it is asked for. Raises the errors of `tokens` and `second_factor`."""
        begun = self.begin(for_setup=for_setup)
        challenged = isinstance(begun, Challenge)
        access = self._answered(begun, for_setup=for_setup) if isinstance(begun, Challenge) else begun
        # A service that leaves out how the login was made accepted a passcode all the same.
        self.second_factor = challenged or not tokens.SECOND_FACTORS.isdisjoint(access.authenticated_by)
        return access

    def _answered(self, challenge: Challenge, *, for_setup: bool) -> Access:
        record = self.record(self.who.username or "")
        factor, notes = self._chosen(record) if self._chosen else (self.who.factor, None)
        return SecondFactor(
            self.transport,
            factor,
            record,
            notes=notes,
            begin=lambda: self.begin(for_setup=for_setup),
            send=self._send,
            max_wait=self.way.max_wait,
            voice=self.voice,
            another=lambda: _another_code(self._another, record),
        ).answer(challenge)

    def _send(self, challenge: Challenge, passcode: str) -> Access:
        self._sent(passcode)
        # The tenant is checked after the passcode is spent (contract, "Authentication", 3).
        return tokens.by_passcode(self.transport, challenge, passcode, self._tenant, self.who.username or "")

    @property
    def _tenant(self) -> dict[str, str]:
        return dict([self.who.tenant]) if self.who.tenant else {}


def from_person(given: Factor) -> Chosen:
    """The way to a factor that no store has, for `Login`: the given secret, or else a person must act."""

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        if given.otp or given.passcode:
            return given, None
        raise PasscodeRequired(
            f"{record.username} needs a second factor, and the task has no store with its secret. Pass O(passcode) (a "
            "code from its device, or a bypass code) or O(api_key), which needs none, or let an administrator of the "
            "domain act (O(target_user))."
        )

    return chosen


def _another_code(another: Chosen | None, record: Record) -> tuple[Factor, Notes | None] | None:
    """A bypass code of the store; None when the passcode came from elsewhere, and when none may be sent."""
    try:
        return another(record) if another else None
    except (PasscodeRefused, PasscodeRequired):
        return None
