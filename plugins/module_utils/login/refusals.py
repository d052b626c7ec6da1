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
from .moment import Moment

KEY = "refused"
"""The key of an entry that lists them, each by the service's time and the attempt's id: `2031-01-01T00:00:00Z 5f`.

The time of the controller follows when it is another one (`Moment.to_note`)."""


def are_refusals(value: Any) -> bool:
    """Is this what an entry may hold under `KEY`?"""
    return isinstance(value, list) and all(_seconds(item) is not None for item in value)


def refusals_of(entry: Mapping[str, Any]) -> dict[str, Moment]:
    """Return the moments of the noted refusals, by the ids of their attempts."""
    noted = entry.get(KEY)
    if not isinstance(noted, list):
        return {}
    found: dict[str, Moment] = {}
    for item in noted:
        service = _seconds(item)
        if service is not None:
            attempt, _blank, wall = item.partition(" ")[2].partition(" ")
            found[attempt] = Moment(service, _seconds(wall))
    return found


def with_refusal(
    entry: Mapping[str, Any], attempt: str, at: Moment, *, counts: Callable[[Moment], bool]
) -> dict[str, Any]:
    """Return the entry with one more refusal.

    :param at: what is noted of it (`Moment.to_note`).
    :param counts: says of the moment of a former one whether it still counts; else it is left out.
    """
    former = {name: then for name, then in refusals_of(entry).items() if counts(then)}
    return {**entry, KEY: [_text(name, then) for name, then in {**former, attempt: at}.items()]}


def without_refusals(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry without them: a passcode was accepted, which clears the service's count."""
    return {key: value for key, value in entry.items() if key != KEY}


def _text(attempt: str, at: Moment) -> str:
    wall = "" if at.wall is None else f" {_date(at.wall)}"
    return f"{_date(at.service)} {attempt}{wall}"


def _date(seconds: float) -> str:
    return iso_text(datetime.fromtimestamp(seconds, timezone.utc))


def _seconds(item: Any) -> float | None:
    return iso_date(item.partition(" ")[0]) if isinstance(item, str) else None
