# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bypass codes: clamped, formatted and replaced as the contract says (Bypass codes)."""

from __future__ import annotations

import re
from typing import Any

from .call import Call
from .ids import new_number
from .state import BypassCode
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:bypassCodes"
_DIGITS = 8
_MOST_CODES = 10
_MOST_MINUTES = 180
_DEFAULT_MINUTES = 30
# ISO 8601, as far as it has a fixed length; no length at all ("P", "PT") is none.
_DURATION = re.compile(
    r"(?P<sign>-?)P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def create(call: Call) -> Answer:
    """`POST …/bypass-codes`: new codes void all older ones."""
    user = call.multi_factor_target()
    wanted = call.members(_ROOT, {"validityDuration": str, "numberOfCodes": str})
    count, seconds = _count(wanted.get("numberOfCodes", "1")), _seconds(wanted.get("validityDuration"))
    if not user.mfa_enabled:
        raise Refusal(400, "Multi-factor authentication is not enabled for the user")
    if call.caller().id != user.id:
        count = 1
        seconds = 60.0 * _DEFAULT_MINUTES if seconds is None else min(max(seconds, 60.0), 60.0 * _MOST_MINUTES)
    expires = None if seconds is None else call.world.clock.now() + seconds
    user.bypass_codes = [BypassCode(code, expires) for code in _fresh_codes(count)]
    codes = [bypass.code for bypass in user.bypass_codes]
    for code in codes:
        call.world.ledger.note("bypass_codes", code)
    body: dict[str, Any] = {"codes": codes}
    if seconds is not None:
        body["validityDuration"] = duration_text(seconds)
    return Answer(200, {_ROOT: body})


def _fresh_codes(count: int) -> list[str]:
    """Codes that differ from each other."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[new_number(_DIGITS)] = None
    return list(codes)


def _count(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", text):
        raise Refusal(400, "Invalid numberOfCodes")
    return min(max(int(text), 1), _MOST_CODES)


def _seconds(text: str | None) -> float | None:
    """The duration in seconds, none for codes that do not expire. Nothing or less than that becomes a second."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if not found:
        raise Refusal(400, "Invalid validityDuration")
    units = {"years": 365 * 86400, "months": 30 * 86400, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
    seconds = sum(float(found[name] or 0) * size for name, size in units.items())
    return 1.0 if found["sign"] else max(seconds, 1.0)


def duration_text(seconds: float) -> str:
    """A duration as the service writes it: `PT30M0.000S`."""
    minutes, rest = divmod(seconds, 60)
    return f"PT{int(minutes)}M{rest:.3f}S"
