# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A passcode that a person typed, or a bypass code. Private to the collection."""

from __future__ import annotations

from typing import Any

from ..api.errors import OptionError
from ..api.texts import is_passcode

_HYPHENS = dict.fromkeys(map(ord, "-\u00ad\u2010\u2011\u2012\u2013\u2212"))
_LONGEST_OF_DEVICE = 7
_CAN_BE = "A code of a device has 6 digits, one by SMS 7, a bypass code 8 or 9"


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
    digits = "".join(value.split()).translate(_HYPHENS)
    if is_passcode(digits):
        return digits
    if not (digits.isascii() and digits.isdecimal()):
        raise OptionError(f"O(passcode) must hold digits only, and nothing was sent. {_CAN_BE}.")
    raise OptionError(
        f"O(passcode) has {len(digits)} digits, so it cannot be a passcode, and nothing was sent. {_CAN_BE}. "
        "Put it in quotes: a number loses its leading zeros."
    )
