# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of phones: E.123 in, and out in one of the forms in which services list them (contract, Settings)."""

from __future__ import annotations

import re

# `+`, then digits with blanks, hyphens and brackets among them: a country has no leading zero, E.164 at most 15 digits.
_E123 = re.compile(r"\+[1-9][0-9 ()-]*")


def is_number(text: str) -> bool:
    """Whether a text is an international number."""
    return bool(_E123.fullmatch(text)) and 7 <= len(digits(text)) <= 15


def digits(number: str) -> str:
    """What tells one number from another."""
    return re.sub("[^0-9]", "", number)


def shown(number: str, form: str) -> str:
    """A number as it was given, or its digits alone, or grouped with blanks and hyphens, or with brackets, too."""
    plain = digits(number)
    if form == "given":
        return number
    if form == "digits":
        return plain
    country, area, rest = plain[:1], plain[1:4], plain[4:]
    area = f"({area})" if form == "brackets" else area
    return f"+{country} {area} {rest[:3]}-{rest[3:]}"
