# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login in two steps that proves the secret of a device. Private to the collection."""

from __future__ import annotations

import math

from ..api.errors import AccountLocked, Conflict, PasscodeRefused
from ..login.budget import Budget
from ..login.entry_notes import EntryNotes
from ..login.login import Chosen, Login
from ..login.options import Credentials, Factor
from ..login.passcodes import Notes
from ..login.refusals import refusals_of
from ..login.session import Session
from ..login.stored import StoredEntry
from ..login.target import Target


class Proof:
    """The login of an account, with its own password, that proves a secret.

    :param account: the name of the account.
    :param password: empty when there is none: nothing can be proved.
    """

    def __init__(self, session: Session, target: Target, account: str, password: str) -> None:
        self._session = session
        self._target = target
        self._account = account
        self._password = password

    def missing(self) -> list[str]:
        """What must be done before a login can prove a secret."""
        password = [] if self._password else ["pass the password of the account (O(proof_password))"]
        if not self._target.mfa.enabled:
            return [*password, "turn MFA on (rax_mfa_settings with enabled: true)"]
        is_otp = self._target.mfa.uses_otp
        return password if is_otp else [*password, "choose the factor OTP (rax_mfa_settings with factor_type: OTP)"]

    def refuse_impossible(self, stored: StoredEntry) -> None:
        """Refuse to begin what the login is to prove while none can be made.

        A lock-out may be over that is still shown: the first step of the login tells, and spends nothing. Check mode
        cannot see an unlock of a task before.

        :raises PasscodeRefused: too many passcodes were refused, as the record and the entry tell.
        :raises AccountLocked: the account is locked.
        """
        is_locked = self._target.mfa.state == "LOCKED"
        if is_locked and self._session.check_mode and not self._target.is_self:
            return
        self._refuse_spent(stored)
        if is_locked:
            self._refuse_locked()

    def _refuse_spent(self, stored: StoredEntry) -> None:
        budget = Budget(self._target.record, self._session.transport.clock)
        budget.learn(refusals_of(stored.entry), EntryNotes(stored))
        try:
            budget.check()
        except PasscodeRefused as error:
            raise error.reworded(
                f"Two passcodes of {self._account} were refused, or their answers were lost. The login that is to "
                "prove the secret would send a third, which could lock the account, so this step was not begun. Run "
                f"this again in {math.ceil((error.retry_after or 0) / 60)} min."
            ) from None

    def _refuse_locked(self) -> None:
        try:
            self._login().begin()
        except AccountLocked as error:
            raise error.reworded(
                f"The account {self._account} is locked, so that no login can prove the secret; nothing was changed. "
                "Wait 31 minutes, or let an administrator unlock it (rax_mfa_settings with unlock)."
            ) from None

    def log_in(self, factor: Factor, notes: Notes) -> None:
        """Log in with this secret. An account that works for itself goes on with that token.

        :raises Conflict: no second factor was asked for.
        """
        login = self._login(lambda _record: (factor, notes))
        access = login()
        if not login.second_factor:
            raise Conflict(
                f"{self._account} logged in without a second factor although MFA is on, so the secret is not proved. "
                "Run this again; when it stays so, look at the account with rax_mfa_info."
            )
        if self._target.is_self and not self._session.who.api_key:
            self._session.use(access)

    def _login(self, chosen: Chosen | None = None) -> Login:
        return Login(
            self._session.transport,
            Credentials(username=self._account, password=self._password),
            self._session.way,
            self._session.voice,
            chosen=chosen,
            sent=self._session.sent.append,
        )
