# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile phones, at most one a user (contract, Operations and Settings).

Nothing is sent anywhere: the codes are in the state, where a test reads them.
"""

from __future__ import annotations

import re
from typing import Any

from .call import Call
from .ids import new_hex, new_number
from .state import Phone, User
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:mobilePhone"
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def listed(user: User) -> list[dict[str, Any]]:
    """The user's phones: none or one."""
    return [_body(user.phone)] if user.phone else []


def _body(phone: Phone) -> dict[str, Any]:
    return {"id": phone.id, "number": phone.number, "verified": phone.verified}


def list_phones(call: Call) -> Answer:
    """`GET …/mobile-phones`."""
    return Answer(200, {"RAX-AUTH:mobilePhones": listed(call.multi_factor_target())})


def create(call: Call) -> Answer:
    """`POST …/mobile-phones`: replaces the phone that was there; the same number again changes nothing."""
    user = call.multi_factor_target()
    number = call.members(_ROOT, {"number": str}).get("number", "")
    if not _NUMBER.fullmatch(number):
        raise Refusal(400, "Invalid phone number")
    if user.phone is None or user.phone.number != number:
        _refuse_while_needed(user)
        user.phone = Phone(new_hex(), number)
    location = f"{call.base_url}/v2.0/users/{user.id}/RAX-AUTH/multi-factor/mobile-phones/{user.phone.id}"
    return Answer(201, {_ROOT: _body(user.phone)}, [("Location", location)])


def _phone(call: Call, user: User) -> Phone:
    if user.phone is None or user.phone.id != call.params["phone"]:
        raise Refusal(404, "The specified mobile phone was not found")
    return user.phone


def get_phone(call: Call) -> Answer:
    """`GET …/mobile-phones/{phone}`."""
    return Answer(200, {_ROOT: _body(_phone(call, call.multi_factor_target()))})


def delete(call: Call) -> Answer:
    """`DELETE …/mobile-phones/{phone}`."""
    user = call.multi_factor_target()
    _phone(call, user)
    _refuse_while_needed(user)
    user.phone = None
    return Answer(204)


def _refuse_while_needed(user: User) -> None:
    """The contract is silent on the phone that the next login needs; treat it like the last OTP device."""
    if user.mfa_enabled and user.factor_type == "SMS":
        raise Refusal(400, "You can not remove the verified mobile phone while multi-factor is enabled")


def send_code(call: Call) -> Answer:
    """`POST …/mobile-phones/{phone}/verificationcode`: the code sent last is the one that counts."""
    phone = _phone(call, call.multi_factor_target())
    if call.raw:
        raise Refusal(400, "Invalid json request body: expected none")
    _refuse_verified(phone)
    phone.code = new_number(6)
    call.world.ledger.note("codes", phone.code)
    return Answer(202)


def verify(call: Call) -> Answer:
    """`POST …/mobile-phones/{phone}/verify`. Failures never lock."""
    phone = _phone(call, call.multi_factor_target())
    code = call.members("RAX-AUTH:verificationCode", {"code": str}).get("code", "")
    call.world.ledger.note("codes", code)
    _refuse_verified(phone)
    call.entry.passcode = "accepted" if phone.code == code else "refused"
    if call.entry.passcode == "refused":
        raise Refusal(400, "The provided pin is either invalid or expired.")
    phone.verified, phone.code = True, None
    return Answer(204)


def _refuse_verified(phone: Phone) -> None:
    if phone.verified:
        raise Refusal(400, "The specified device has already been verified")
