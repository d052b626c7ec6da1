# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person typed: a passcode, a bypass code, or the code of a device or a phone. Private to the collection."""

from __future__ import annotations

from typing import Any

from ..api.errors import OptionError
from ..api.texts import PASSCODE_DIGITS

_Kind = tuple[range, str]
DEVICE_CODE: _Kind = range(6, 7), "The code of an OTP device has 6 digits"
PHONE_CODE: _Kind = range(4, 10), "The code that a phone receives has 4 to 9 digits"
_PASSCODE: _Kind = PASSCODE_DIGITS, "A code of a device has 6 digits, one by SMS 7, a bypass code 8 or 9"
"""How many digits there can be, and how to say that (contract, "OTP devices", "Settings" and "Bypass codes")."""

_HYPHENS = dict.fromkeys(map(ord, "-\u00ad\u2010\u2011\u2012\u2013\u2212"))
_LONGEST_OF_DEVICE = 7


def is_bypass_code(digits: str) -> bool:
    """Is it one that keeps until it is used? A passcode of a device, or by SMS, has fewer digits and ends soon."""
    return len(digits) > _LONGEST_OF_DEVICE


def clean_passcode(value: Any) -> str:
    """Return the digits of a passcode without the blanks and hyphens that people type.

    :raises OptionError: it cannot be a passcode, and sending it could lock the account. The text does not show it.
    """
    if not isinstance(value, str):
        raise OptionError(
            "O(passcode) must be a string: a number loses its leading zeros. Put the code in quotes. Nothing was sent."
        )
    return _digits("passcode", value, _PASSCODE)


def clean_code(value: str, kind: _Kind = DEVICE_CODE) -> str:
    """Return the digits of a code that verifies a device or a phone, without blanks and hyphens.

    A wrong one does not lock the account. But the person would wait for the next one, which fails in the same way.

    :param value: core has made a string of a number, whose leading zeros are lost then.
    :raises OptionError: it cannot be a code. The text does not show it.
    """
    return _digits("code", value, kind)


def _digits(option: str, value: str, kind: _Kind) -> str:
    lengths, can_be = kind
    digits = "".join(value.split()).translate(_HYPHENS)
    if not (digits.isascii() and digits.isdecimal()):
        raise OptionError(f"O({option}) must hold digits only, and nothing was sent. {can_be}.")
    if len(digits) not in lengths:
        lost = " Put it in quotes: a number loses its leading zeros." if len(digits) < lengths.start else ""
        raise OptionError(
            f"O({option}) has {len(digits)} digits, so it cannot be a {option}, and nothing was sent. {can_be}.{lost}"
        )
    return digits
