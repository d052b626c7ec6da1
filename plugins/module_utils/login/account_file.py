# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of an account as bytes, and back. Private to the collection.

Anyone may edit the file: what is read is checked, because a budget computed from nonsense could lock the account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..api.clock import Known
from ..api.wire import is_whole
from .account import Account, Attempt, Used

_VERSION = 1
_MOST_SECRETS = 16
_MOST_TIME = 1e12
"""Seconds: beyond every date that HTTP can tell."""


def dump(account: Account) -> bytes:
    """Return the content of the record. Of many secrets those that were used last are kept."""
    clock = account.clock._asdict() if account.clock else None
    data = asdict(account) | {"clock": clock, "version": _VERSION}
    data["secrets"] = dict(list(data["secrets"].items())[-_MOST_SECRETS:])
    return json.dumps(data, indent=1).encode() + b"\n"


def load(content: bytes) -> Account:
    """Return what a record holds.

    :raises ValueError, TypeError, KeyError, AttributeError, RecursionError: it is not a record.
    """
    data: dict[str, Any] = json.loads(content)
    if data["version"] != _VERSION:
        raise ValueError("a version that this collection does not know")
    clock = data["clock"]
    return Account(
        secrets={digest: _used(used) for digest, used in data["secrets"].items()},
        attempts=[_attempt(attempt) for attempt in data["attempts"]],
        # Records of earlier versions do not have these two.
        accepted=[_attempt(attempt) for attempt in data.get("accepted", [])],
        cleared_at=_time_or_none(data.get("cleared_at")),
        mfa_on_at=_time_or_none(data["mfa_on_at"]),
        clock=Known(**{name: _time(value) for name, value in clock.items()}) if clock else None,
    )


def _used(data: Mapping[str, Any]) -> Used:
    used = Used(**data)
    _check(is_whole(used.last) and 0 <= used.last < _MOST_TIME)
    _check(used.offset is None or (is_whole(used.offset) and used.offset in (-1, 0)))
    _check(isinstance(used.follows_verification, bool))
    return used


def _attempt(data: Mapping[str, Any]) -> Attempt:
    attempt = Attempt(**data)
    for value in attempt.moment:
        _check(value is None or _time(value) == value)
    _time(attempt.at)
    _check(isinstance(attempt.id, str))
    _check(isinstance(attempt.settled, bool))
    _check(isinstance(attempt.refused, bool))
    _check(attempt.typed is None or isinstance(attempt.typed, str))
    return attempt


def _time(value: Any) -> float:
    # Not `isinstance`: true and false are integers to it. NaN and Infinity, which Python reads, are not less.
    _check(type(value) in (int, float) and abs(value) < _MOST_TIME)
    return float(value)


def _time_or_none(value: Any) -> float | None:
    return None if value is None else _time(value)


def _check(fits: object) -> None:
    if not fits:
        raise ValueError("a value that no record has")
