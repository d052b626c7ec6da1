# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proving to the service that the secret of an OTP device is known. Private to the collection.

Failed verifications do not lock (contract, "OTP devices"), so the steps are sent one after another, oldest first: the
one that is accepted tells which steps the service takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from .client import Client
from .client import Verification as Outcome
from .errors import LostAnswer, PasscodeRefused, Unavailable
from .otp import Otp, time_step
from .passcode_rule import offset_after, verification_steps
from .record import Record, Used

_NOT_ACCEPTED = (
    "No code of the secret was accepted for the device: it is the secret of another one. Nothing was changed, and "
    "refused verifications do not lock the account. Replace the device (on_unverified: replace)."
)
_CODE_REFUSED = (
    "The code was refused: it is wrong, or too old. Wait for the next code and run the task again with it. Refused "
    "verifications do not lock the account."
)


@dataclass(frozen=True)
class Verified:
    """Was it verified now, and the offset that this told (`passcode_rule`), where it told one."""

    changed: bool
    step_offset: int | None = None


class Verifier:
    """Verifies one device of one user. What this tells of the service's window goes into the user's record."""

    def __init__(self, client: Client, user_id: str, device_id: str, record: Record) -> None:
        self._client = client
        self._user_id = user_id
        self._device_id = device_id
        self._record = record

    def by_secret(self, otp: Otp) -> Verified:
        """Send codes of likely steps until one is accepted. Raises PasscodeRefused where none is."""
        with self._record.changing():
            pass  # A record that can't be used must stop the task before the device is verified, not after.
        clock = self._client.transport.clock
        tried: set[int] = set()
        while (step := self._next_step(tried)) is not None:
            tried.add(step)
            current = time_step(clock.now()[0]) if clock.known else None
            outcome = self._send(otp.code_at(step))
            if outcome is Outcome.ALREADY:
                return Verified(changed=False)
            if outcome is Outcome.ACCEPTED:
                if current is None:
                    current = time_step(clock.now()[0] - clock.round_trip)
                return self._told(otp, step, current)
        raise PasscodeRefused(_NOT_ACCEPTED)

    def by_code(self, code: str, otp: Otp | None = None) -> Verified:
        """Send a code that a person typed, once. Raises PasscodeRefused where it is refused.

        :param otp: the device's secret, where it is known: it tells which step the code was, so that no login sends
            the same one again.
        """
        outcome = self._send(code, again=False)
        if outcome is Outcome.REFUSED:
            raise PasscodeRefused(_CODE_REFUSED)
        if outcome is Outcome.ALREADY:
            return Verified(changed=False)
        current = time_step(self._client.transport.clock.now()[0])
        for step in verification_steps(current):
            if otp is not None and otp.code_at(step) == code:
                return self._told(otp, step, current)
        return Verified(changed=True)

    def _next_step(self, tried: set[int]) -> int | None:
        current = time_step(self._client.transport.clock.now()[0])
        return next((step for step in verification_steps(current) if step not in tried), None)

    def _send(self, code: str, *, again: bool = True) -> Outcome:
        """Send one code. Where the answer is lost the device tells whether it was right; if not it is sent again."""
        try:
            return self._client.verify_otp_device(self._user_id, self._device_id, code)
        except (LostAnswer, Unavailable):
            if self._client.otp_device(self._user_id, self._device_id).verified:
                return Outcome.ACCEPTED
            if not again:
                raise
        return self._client.verify_otp_device(self._user_id, self._device_id, code)

    def _told(self, otp: Otp, step: int, current: int) -> Verified:
        offset = offset_after(step, current)
        with self._record.changing() as account:
            account.secrets[otp.digest] = Used(step, offset, follows_verification=True)
        return Verified(changed=True, step_offset=offset)
