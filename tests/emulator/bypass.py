# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bypass codes: clamped, formatted and replaced as the contract says (Bypass codes)."""

from __future__ import annotations

import re
from typing import Any

from .call import Call
from .durations import in_fields, in_minutes, seconds_of
from .ids import new_number
from .state import BypassCode
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:bypassCodes"
_MOST_CODES = 10
_MOST_MINUTES = 180
_DEFAULT_MINUTES = 30


def create(call: Call) -> Answer:
    """`POST …/bypass-codes`: new codes void all older ones."""
    user = call.multi_factor_target()
    wanted = call.members(_ROOT, {"validityDuration": str, "numberOfCodes": str})
    asked = wanted.get("validityDuration")
    count, seconds = _count(wanted.get("numberOfCodes", "1")), _seconds(call, asked)
    if not user.mfa_enabled:
        raise Refusal(400, "Multi-factor authentication is not enabled for the user")
    given = seconds
    if call.caller().id != user.id:
        count = 1
        given = 60.0 * _DEFAULT_MINUTES if seconds is None else min(max(seconds, 60.0), 60.0 * _MOST_MINUTES)
    elif seconds is None and call.behavior.bypass_life == "30_minutes":
        given = 60.0 * _DEFAULT_MINUTES
    expires = None if given is None else call.world.clock.now() + given
    user.bypass_codes = [BypassCode(code, expires) for code in _fresh_codes(count, call.behavior.bypass_digits)]
    codes = [bypass.code for bypass in user.bypass_codes]
    for code in codes:
        call.world.ledger.note("bypass_codes", code)
    body: dict[str, Any] = {"codes": codes}
    if given is not None:
        body["validityDuration"] = _shown(call, given, asked if given == seconds else None)
    return Answer(200, {_ROOT: body})


def _shown(call: Call, seconds: float, asked: str | None) -> str:
    """The duration in one of the service's ways; as it was asked for only if that is what it became."""
    if call.behavior.bypass_duration == "asked" and asked is not None:
        return asked
    if call.behavior.bypass_duration == "minutes":
        return in_minutes(seconds)
    return in_fields(seconds, call.world.clock.now())


def _fresh_codes(count: int, digits: int) -> list[str]:
    """Codes that differ from each other."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[new_number(digits)] = None
    return list(codes)


def _count(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Refusal(400, "Invalid numberOfCodes")
    return min(max(int(text), 1), _MOST_CODES)


def _seconds(call: Call, text: str | None) -> float | None:
    """The duration in seconds, None if none was given. Nothing or less than that becomes a second."""
    if text is None:
        return None
    seconds = seconds_of(text, call.world.clock.now())
    if seconds is None:
        raise Refusal(400, "Invalid validityDuration")
    return max(seconds, 1.0)
