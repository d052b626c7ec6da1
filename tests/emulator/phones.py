# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile phones, at most one a user (contract, Operations and Settings).

Nothing is sent anywhere: the codes are in the state, where a test reads them.
"""

from __future__ import annotations

from typing import Any

from .call import Call
from .ids import new_hex, new_number
from .phone_numbers import digits, is_number, shown
from .policy import end_setup
from .state import Phone, User
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:mobilePhone"
_STATUSES = {
    "observed": {"created": 201, "sent": 202, "verified": 204},
    "documented": {"created": 201, "sent": 201, "verified": 202},
    "other": {"created": 200, "sent": 204, "verified": 200},
}


def listed(call: Call, user: User) -> list[dict[str, Any]]:
    """The user's phones: none or one."""
    return [_body(call, user.phone)] if user.phone else []


def _body(call: Call, phone: Phone) -> dict[str, Any]:
    return {"id": phone.id, "number": shown(phone.number, call.behavior.phone_numbers), "verified": phone.verified}


def _status(call: Call, what: str) -> int:
    return _STATUSES[call.behavior.phone_status][what]


def _own_phones(call: Call) -> User:
    """The user whose phone is to be verified or deleted, by the reference always the caller."""
    user = call.multi_factor_target()
    if call.behavior.phones_by == "oneself" and call.caller().id != user.id:
        raise Refusal(403, "Not Authorized")
    return user


def list_phones(call: Call) -> Answer:
    """`GET …/mobile-phones`."""
    return Answer(200, {"RAX-AUTH:mobilePhones": listed(call, call.multi_factor_target())})


def create(call: Call) -> Answer:
    """`POST …/mobile-phones`: replaces the phone that was there; the same number again changes nothing."""
    user = call.multi_factor_target()
    number = call.members(_ROOT, {"number": str}).get("number", "")
    if not is_number(number):
        raise Refusal(400, "Invalid phone number")
    if user.phone is None or digits(user.phone.number) != digits(number):
        _refuse_while_needed(call, user)
        user.phone = Phone(new_hex(), number)
        end_setup(call, user)
    location = f"{call.base_url}/v2.0/users/{user.id}/RAX-AUTH/multi-factor/mobile-phones/{user.phone.id}"
    body = {name: value for name, value in _body(call, user.phone).items() if name != "verified"}
    return Answer(_status(call, "created"), {_ROOT: body}, [("Location", location)])


def _phone(call: Call, user: User) -> Phone:
    if user.phone is None or user.phone.id != call.params["phone"]:
        raise Refusal(404, "The specified mobile phone was not found")
    return user.phone


def get_phone(call: Call) -> Answer:
    """`GET …/mobile-phones/{phone}`."""
    return Answer(200, {_ROOT: _body(call, _phone(call, call.multi_factor_target()))})


def delete(call: Call) -> Answer:
    """`DELETE …/mobile-phones/{phone}`."""
    user = _own_phones(call)
    _phone(call, user)
    _refuse_while_needed(call, user)
    user.phone = None
    return Answer(call.behavior.deletion_status)


def _refuse_while_needed(call: Call, user: User) -> None:
    """The contract is silent on the phone that the next login needs: it may be treated like the last OTP device."""
    if call.behavior.sms_phone == "stays" and user.mfa_enabled and user.factor_type == "SMS":
        raise Refusal(400, "You can not remove the verified mobile phone while multi-factor is enabled")


def send_code(call: Call) -> Answer:
    """`POST …/mobile-phones/{phone}/verificationcode`: the code sent last is the one that counts."""
    phone = _phone(call, _own_phones(call))
    if call.raw:
        raise Refusal(400, "Invalid json request body: expected none")
    _refuse_verified(phone)
    phone.code = new_number(4 if call.behavior.sms_digits == "documented" else 6)
    call.world.ledger.note("codes", phone.code)
    return Answer(_status(call, "sent"))


def verify(call: Call) -> Answer:
    """`POST …/mobile-phones/{phone}/verify`. Failures never lock."""
    phone = _phone(call, _own_phones(call))
    code = call.members("RAX-AUTH:verificationCode", {"code": str}).get("code", "")
    call.world.ledger.note("codes", code)
    _refuse_verified(phone)
    call.entry.passcode = "accepted" if phone.code == code else "refused"
    if call.entry.passcode == "refused":
        raise Refusal(400, "The provided pin is either invalid or expired.")
    phone.verified, phone.code = True, None
    return Answer(_status(call, "verified"))


def _refuse_verified(phone: Phone) -> None:
    if phone.verified:
        raise Refusal(400, "The specified device has already been verified")
