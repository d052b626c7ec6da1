# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a stored entry that hold a secret: the entry itself, and `next`, which is to replace it.

Pure. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entry = Mapping[str, Any]


def part_of(entry: Entry, key: str | None) -> Entry:
    """Return the part of an entry, which is empty when it is not there. None: the entry itself."""
    return entry if key is None else entry.get(key) or {}


def next_of(entry: Entry) -> Entry:
    """Return what is stored of the device that is to replace the one that logs in."""
    return part_of(entry, "next")


def with_fields(entry: Entry, key: str | None, fields: Entry) -> dict[str, Any]:
    """Return the entry with more fields in one of its parts."""
    return {**entry, **fields} if key is None else {**entry, key: {**part_of(entry, key), **fields}}


def holds_secret(entry: Entry) -> bool:
    """Does an entry, or a part of one, hold a secret? A key URI alone is one."""
    return bool(entry.get("secret") or entry.get("key_uri"))
