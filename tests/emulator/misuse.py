# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test asked for and the emulator cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any


class Misuse(ValueError):
    """A wrong seed, switch, fault or call of the control API; the message says what is wrong and holds no secret."""


def checked(given: Any, allowed: Mapping[str, type | UnionType], what: str) -> dict[str, Any]:
    """An object with known members of the right types only. A bool is no number here."""
    if not isinstance(given, dict):
        raise Misuse(f"{what} is not an object")
    for name, value in given.items():
        if name not in allowed:
            raise Misuse(f"{what}: unknown member {name!r}; there are: {', '.join(allowed)}")
        kind = allowed[name]
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            raise Misuse(f"{what}: {name} must be of type {getattr(kind, '__name__', kind)}")
    return given


def chosen(given: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str, what: str) -> str:
    """A member that is one of a few words."""
    value = str(given.get(name, default))
    if value not in choices:
        raise Misuse(f"{what}: {name} must be one of: {', '.join(choices)}")
    return value
