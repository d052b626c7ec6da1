# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bypass codes: they can't be read back, so there is nothing to compare. Private to the collection.

Source: contract, "Bypass codes". New ones void all older ones, so creating them is always a change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..api.errors import Conflict, OptionError
from ..api.model import BypassCodes
from ..login.session import Session
from ..login.target import Target

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """How many codes, and for how many minutes; None leaves it to the service."""

    count: int | None = None
    validity: int | None = None

    def __post_init__(self) -> None:
        """Raises OptionError for what the service would silently turn into something else."""
        for name, value in (("count", self.count), ("validity", self.validity)):
            if value is not None and value < 1:
                raise OptionError(f"{name} must be 1 or more, or be left out.")

    @property
    def duration(self) -> str | None:
        """The validity as the service reads it."""
        return None if self.validity is None else f"PT{self.validity}M"


def check(target: Target) -> None:
    """Raises Conflict where the service would refuse to create codes."""
    if not target.mfa.enabled:
        raise Conflict(
            "Bypass codes exist only while multi-factor authentication is on, and it is off for this user. Turn it on "
            "first (rax_mfa_settings)."
        )


def create(session: Session, target: Target, wish: Wish) -> BypassCodes:
    """New codes. What came back counts: the service clamps values that are out of its range."""
    return session.client.new_bypass_codes(target.id, wish.count, wish.duration)


def differences(wish: Wish, codes: BypassCodes) -> list[str]:
    """How the codes differ from what was asked for, as sentences without a code in them."""
    told = []
    if wish.count is not None and wish.count != len(codes.codes):
        told.append(f"The service made {len(codes.codes)} bypass codes and not {wish.count}.")
    minutes = _minutes(codes.validity_duration)
    if wish.validity is not None and minutes != wish.validity:
        told.append(f"The bypass codes are valid for {_in_words(minutes)} and not {wish.validity} minutes.")
    return told


def _minutes(duration: str | None) -> float | None:
    """The minutes of a duration such as `PT30M0.000S`; None for no duration, or one that can't be read."""
    found = _DURATION.fullmatch(duration or "")
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 60 + minutes + seconds / 60


def _in_words(minutes: float | None) -> str:
    return "a time that the service does not tell" if minutes is None else f"{minutes:g}"
