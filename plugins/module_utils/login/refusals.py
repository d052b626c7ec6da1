# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The refused passcodes of an account, as its stored entry notes them for other controllers. Private to the collection.

Each controller has a record of its own, and a job in a fresh container has an empty one. The third wrong passcode locks
the account whichever machine sends it (contract, "Authentication", 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..api.wire import iso_date, iso_text

KEY = "refused"
"""The key of an entry that lists them, each by the service's time and the attempt's id: `2031-01-01T00:00:00Z 5f`."""


def are_refusals(value: Any) -> bool:
    """Is this what an entry may hold under `KEY`?"""
    return isinstance(value, list) and all(_seconds(item) is not None for item in value)


def refusals_of(entry: Mapping[str, Any]) -> dict[str, float]:
    """Return the times of the noted refusals in seconds since 1970, by the ids of their attempts."""
    noted = entry.get(KEY)
    times = {str(item).partition(" ")[2]: _seconds(item) for item in noted} if isinstance(noted, list) else {}
    return {attempt: at for attempt, at in times.items() if at is not None}


def with_refusal(
    entry: Mapping[str, Any], attempt: str, at: float, *, counts: Callable[[float], bool]
) -> dict[str, Any]:
    """Return the entry with one more refusal.

    :param counts: says of the time of a former one whether it still counts; else it is left out.
    """
    former = {name: then for name, then in refusals_of(entry).items() if counts(then)}
    times = {name: datetime.fromtimestamp(then, timezone.utc) for name, then in {**former, attempt: at}.items()}
    return {**entry, KEY: [f"{iso_text(then)} {name}" for name, then in times.items()]}


def without_refusals(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry without them: a passcode was accepted, which clears the service's count."""
    return {key: value for key, value in entry.items() if key != KEY}


def _seconds(item: Any) -> float | None:
    return iso_date(item.partition(" ")[0]) if isinstance(item, str) else None
