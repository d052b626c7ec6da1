# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations of XML Schema: read, and written as the service does in one of its ways (contract, Bypass codes)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

# No length at all ("P", "PT") is none. Years and months are as long as the calendar says.
_DURATION = re.compile(
    r"(?P<sign>-?)P(?=.)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_LAST_YEAR = 9999


def seconds_of(text: str, now: float) -> float | None:
    """The length of a duration that begins now, at most to the end of the calendar; None for another text."""
    found = _DURATION.fullmatch(text)
    if not found:
        return None
    if found["sign"]:
        return 0.0
    begin = datetime.fromtimestamp(now, timezone.utc)
    longest = (datetime(_LAST_YEAR, 12, 31, tzinfo=timezone.utc) - begin).total_seconds()
    months = 12 * int(found["years"] or 0) + int(found["months"] or 0)
    rest = sum(float(found[name] or 0) * size for name, size in _UNITS.items())
    if begin.year + months // 12 >= _LAST_YEAR:
        return longest
    return min((_after(begin, months) - begin).total_seconds() + rest, longest)


def _after(begin: datetime, months: int) -> datetime:
    """So many months later: the same day, or the last one of a shorter month."""
    years, month = divmod(begin.month - 1 + months, 12)
    first = begin.replace(year=begin.year + years, month=month + 1, day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=min(begin.day, (next_first - first).days) - 1)


def in_minutes(seconds: float) -> str:
    """`PT30M0.000S`, however long."""
    minutes, rest = divmod(seconds, 60)
    return f"PT{int(minutes)}M{rest:.3f}S"


def in_fields(seconds: float, now: float) -> str:
    """`P10Y0M0DT0H0M0.000S`: by the calendar from now on."""
    begin = datetime.fromtimestamp(now, timezone.utc)
    end = begin + timedelta(seconds=seconds)
    months = 12 * (end.year - begin.year) + end.month - begin.month
    months -= _after(begin, months) > end
    left = (end - _after(begin, months)).total_seconds()
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    return f"P{months // 12}Y{months % 12}M{int(days)}DT{int(hours)}H{int(minutes)}M{left:.3f}S"
