# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mobile phones: read, compare, plan, apply. Private to the collection.

Source: contract, "Operations" and "Settings". A user has at most one phone: adding another one replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..api.client import Client, Verification
from ..api.errors import UNCERTAIN, Conflict, NotFound, OptionError, PasscodeRefused
from ..api.model import Mfa, Phone
from ..login.target import Target

STATES = ("present", "code_sent", "verified", "absent")


class PhoneWish(NamedTuple):
    """Which phone, and how far it should be. `number` is None for any phone, `code` is what the phone received."""

    state: str
    number: str | None = None
    code: str | None = None


class PhonePlan(NamedTuple):
    """The phones before and after, and the steps between: `delete`, `add`, `send`, `verify`."""

    before: tuple[Phone, ...]
    after: tuple[Phone, ...]
    steps: tuple[str, ...] = ()

    @property
    def drops_verified(self) -> bool:
        """Does a verified phone go, deleted or replaced?"""
        kept = {phone.id for phone in self.after}
        return any(phone.verified and phone.id not in kept for phone in self.before)

    def diff(self) -> dict[str, Any]:
        """Before and after, in public facts."""
        before, after = (
            {"phones": [{"number": phone.number, "verified": phone.verified} for phone in phones]}
            for phones in (self.before, self.after)
        )
        return {"before": before, "after": after | ({"code_sent": True} if "send" in self.steps else {})}


def meant(phones: Sequence[Phone], number: str | None) -> Phone | None:
    """The phone of that number, or any if there is no number; None if there is none."""
    return next((phone for phone in phones if number is None or _digits(phone.number) == _digits(number)), None)


def normal(number: str) -> str:
    """A number as the service takes it: without the blanks, dashes and brackets that people write."""
    return re.sub(r"[\s().\-/]", "", number)


def _digits(number: str) -> str:
    """What tells one number from another: the service may list it in another form (contract, "Settings")."""
    return re.sub("[^0-9]", "", number)


def compare(have: Sequence[Phone], wish: PhoneWish) -> PhonePlan:
    """Plan the way from what there is to what is asked for.

    Raises NotFound for a phone to verify that is not there.
    """
    phone, before = meant(have, wish.number), tuple(have)
    if wish.state == "absent":
        return PhonePlan(before, tuple(other for other in have if other is not phone), ("delete",) if phone else ())
    if wish.state == "verified":
        if phone is None:
            raise NotFound("There is no such phone to verify. Add it and send it a code first (state: code_sent).")
        after = tuple(other._replace(verified=other.verified or other is phone) for other in have)
        return PhonePlan(before, after, () if phone.verified else ("verify",))
    send = ("send",) if wish.state == "code_sent" and not (phone and phone.verified) else ()
    if phone:
        return PhonePlan(before, before, send)
    # It takes the place of the one that was there.
    return PhonePlan(before, (Phone("", wish.number or "", verified=False),), ("add", *send))


def check_needed(mfa: Mfa) -> None:
    """Raises Conflict if the next login needs, or may need, the verified phone."""
    if mfa.enabled and mfa.factor_type is None:
        raise Conflict(
            "Multi-factor authentication is on, and the service does not tell which factor is used. Perhaps the user "
            "could not log in without the verified phone, so nothing was changed. Turn multi-factor authentication off "
            "first (rax_mfa_settings with enabled: false)."
        )
    if mfa.enabled and mfa.factor_type != "OTP":
        raise Conflict(
            "Multi-factor authentication is on, and its passcodes are sent to the verified phone. The user could not "
            "log in without it, so nothing was changed. Change over to an OTP device first (rax_mfa_settings with "
            "factor_type: OTP), or turn multi-factor authentication off."
        )


class Phones:
    """The phones of one user."""

    def __init__(self, client: Client, target: Target) -> None:
        self._client = client
        self._target = target
        self._user_id = target.id

    def plan(self, wish: PhoneWish) -> PhonePlan:
        """Compare with what the service has. Raises Conflict if a phone would go that the next login needs."""
        plan = compare(self._client.phones(self._user_id), wish)
        if plan.drops_verified:
            check_needed(self._target.mfa)
        return plan

    def apply(self, plan: PhonePlan, wish: PhoneWish) -> PhonePlan:
        """Carry it out; the plan as it came true, with the service's id of a new phone."""
        phone = meant(plan.before, wish.number)
        for step in plan.steps:
            if step == "add":
                phone = self._client.add_phone(self._user_id, wish.number or "")
                plan = plan._replace(after=(phone,))
            elif phone and step == "send":
                self._client.send_phone_code(self._user_id, phone.id)
            elif phone and step == "verify":
                self._verify(phone, wish.code or "")
            elif phone:
                self._client.delete_phone(self._user_id, phone.id)
        return plan

    def _verify(self, phone: Phone, code: str) -> None:
        """Send the code once. If the answer is lost the phone tells whether it was right."""
        try:
            outcome = self._client.verify_phone(self._user_id, phone.id, code)
        except UNCERTAIN:
            if not self._client.phone(self._user_id, phone.id).verified:
                raise
            return
        if outcome is Verification.REFUSED:
            raise PasscodeRefused(
                "The code was refused: it is wrong, or too old. Have a new one sent (state: code_sent) and run the "
                "task again with it. Refused verifications do not lock the account."
            )


def check(wish: PhoneWish) -> None:
    """Raises OptionError for a number that the service would refuse, and for a code that is missing."""
    if wish.number is None and wish.state in ("present", "code_sent"):
        raise OptionError(f"number is missing: state: {wish.state} needs the number of the phone.")
    if wish.number is not None and not re.fullmatch(r"\+[1-9][0-9]{6,14}", wish.number):
        raise OptionError('O(number) must be in international form and in quotes, such as "+15125550100".')
    if wish.state == "verified" and not wish.code:
        raise OptionError("state: verified needs code, the code that the phone received.")
