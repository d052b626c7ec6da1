# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proving to the service that the secret of an OTP device is known. Private to the collection.

Failed verifications do not lock (contract, "OTP devices"), so the steps are sent one after another, oldest first: the
one that is accepted tells which steps the service takes.

Each answer tells the time, so what is the current step is asked anew for each code. A service that takes older steps
accepts the one before the current one at any time; where it is refused, a new step has begun, and the answer says so.
So a code of the current step is accepted only by a service that takes no older one, and none has to be waited for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..api.client import Client
from ..api.client import Verification as Outcome
from ..api.errors import UNCERTAIN, PasscodeRefused
from ..login.account import Used
from ..login.budget import Budget
from ..login.record import Record
from ..otp.passcode_rule import offset_after, takes_next_one, verification_steps
from ..otp.secret import Otp, time_step

_GIVEN_IS_WRONG = (
    "it is the secret of another device. Pass the right one (O(secret)), or delete the device (rax_otp_device with "
    "O(device_id) and state: absent)."
)
_STORED_IS_WRONG = (
    "the store has the secret of another device. Restore the entry, or remove it and run this again, which makes a new "
    "device."
)
_CODE_REFUSED = (
    "The code was refused: it is wrong, or too old. Wait for the next code and run the task again with it. Refused "
    "verifications do not lock the account."
)
_MOST_LOOKS = 2
"""The first answer is not believed when the clock of this machine is far from it."""
_MOST_CODES = 12
"""A service whose clock jumps at every answer would never end it."""


class Verified(NamedTuple):
    """Was it verified now, and what this told: the offset (`passcode_rule`), and the time step that was used."""

    changed: bool
    step_offset: int | None = None
    step: int | None = None

    def fields(self) -> dict[str, int | None]:
        """What a stored entry keeps of it."""
        known = {"step_offset": self.step_offset, "last_step": self.step}
        return {name: value for name, value in known.items() if value is not None}


class Verifier:
    """Verifies one device of one user. What this tells of the service's window goes into the user's record.

    :param was_unverified: the device was seen unverified, or is new. Only then does it tell, when an answer was lost,
        that its code was accepted. Otherwise it may have been verified long before, and with another secret.
    :param login_follows: the user may log in with this secret right after it (`passcode_rule.verification_steps`).
    """

    def __init__(
        self,
        client: Client,
        user_id: str,
        device_id: str,
        record: Record,
        *,
        was_unverified: bool = False,
        login_follows: bool = True,
    ) -> None:
        self._client = client
        self._clock = client.transport.clock
        self._user_id = user_id
        self._device_id = device_id
        self._record = record
        self._was_unverified = was_unverified
        self._login_follows = login_follows

    def by_secret(self, otp: Otp, *, is_stored: bool = False) -> Verified:
        """Send codes of likely steps until one is accepted. Raises PasscodeRefused if none is.

        Where an answer is lost the device tells whether its code was right; if not, it counts as not sent, once.
        """
        if not self._clock.known:
            self._clock.recall(self._record.read().clock)
        for _look in range(_MOST_LOOKS):
            if not self._clock.known and self._is_verified():  # Any answer tells the time.
                return Verified(changed=False)
        tried: set[tuple[int, int]] = set()
        lost: set[int] = set()
        while (step := self._next_step(tried)) is not None and len(tried) < _MOST_CODES:
            self._reserve(otp, step)
            jumps, sent = self._clock.jumps, self._clock.monotonic()
            try:
                outcome = self._client.verify_otp_device(self._user_id, self._device_id, otp.code_at(step))
            except UNCERTAIN:
                if self._is_verified():
                    outcome = self._outcome_of_lost
                elif step in lost:
                    raise
                else:
                    lost.add(step)
                    continue
            if outcome is Outcome.ACCEPTED:
                return self._told(otp, step, sent, before_was_refused=(self._clock.jumps, step - 1) in tried)
            if outcome is Outcome.ALREADY:
                return Verified(changed=False)
            self._was_unverified = True  # of one that is verified, the service says so whatever the code is
            tried.add((jumps, step))
        apart, otherwise = self._clock.apart(), _STORED_IS_WRONG if is_stored else _GIVEN_IS_WRONG
        cause = f"{apart}If the first is wrong, so were the codes. Otherwise " if apart else "Probably "
        raise PasscodeRefused(
            "No code of the secret was accepted for the device, which stays as it is. Refused verifications do not "
            f"lock the account. {cause}{otherwise}"
        )

    def by_code(self, code: str, otp: Otp | None = None) -> Verified:
        """Send a code that a person typed, once. Raises PasscodeRefused if it is refused.

        :param otp: the device's secret, if it is known: it tells which step the code was, so that no login sends
            the same one again.
        """
        self._record.check()  # the code is noted when it was accepted
        sent = self._clock.monotonic()
        try:
            outcome = self._client.verify_otp_device(self._user_id, self._device_id, code)
        except UNCERTAIN:
            if not self._is_verified():
                raise
            outcome = self._outcome_of_lost
        if outcome is Outcome.REFUSED:
            raise PasscodeRefused(_CODE_REFUSED)
        if outcome is Outcome.ALREADY:
            return Verified(changed=False)
        Budget(self._record, self._clock).use_up(code)
        for step in verification_steps(time_step(self._clock.at(sent)[0])):
            if otp is not None and otp.code_at(step) == code:
                return self._told(otp, step, sent)
        return Verified(changed=True)

    def _next_step(self, tried: set[tuple[int, int]]) -> int | None:
        """The oldest likely step that was not refused yet. What was refused before the clock jumped says nothing."""
        current = time_step(self._clock.now()[0])
        likely = verification_steps(current, login_follows=self._login_follows)
        return next((step for step in likely if (self._clock.jumps, step) not in tried), None)

    @property
    def _outcome_of_lost(self) -> Outcome:
        """What became of a code whose answer was lost, of a device that is verified now."""
        return Outcome.ACCEPTED if self._was_unverified else Outcome.ALREADY

    def _is_verified(self) -> bool:
        is_verified = self._client.otp_device(self._user_id, self._device_id).verified
        self._was_unverified |= not is_verified
        return is_verified

    def _reserve(self, otp: Otp, step: int) -> None:
        """Note a step before it is sent: killed here, the next run's login must not send it again.

        A record that can't be used stops the task here, before the device is verified.
        """
        with self._record.changing() as account:
            used = account.secrets.get(otp.digest) or Used(step)
            account.use(otp.digest, replace(used, last=max(used.last, step)))

    def _told(self, otp: Otp, step: int, sent: float, *, before_was_refused: bool = False) -> Verified:
        """What an accepted step tells that was sent at that monotonic moment."""
        current = time_step(self._clock.at(sent)[0])
        offset = offset_after(step, current, before_was_refused=before_was_refused)
        follows = takes_next_one(step, current, before_was_refused=before_was_refused)
        with self._record.changing() as account:
            account.use(otp.digest, Used(step, offset, follows_verification=follows))
        return Verified(changed=True, step_offset=offset, step=step)
