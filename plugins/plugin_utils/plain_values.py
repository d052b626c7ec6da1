# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain values: what a variable may hold, free of Ansible's own types. Private to the collection.

Ansible hands over strings that carry tags, unsafe texts, lazy containers and encrypted strings; a file holds none of
them. Nothing here ever puts a value into an error: only its type.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any


class VaultFileError(Exception):
    """Something is wrong with the vault file or its secrets. The text is for people and never holds a value."""


def plain(value: Any) -> Any:
    """The same value in builtin types, all the way down. Encrypted strings are decrypted, sets and tuples become lists.

    :raises VaultFileError: for a type that a variable can't hold, or a value that contains itself.
    """
    try:
        return _plain(value)
    except RecursionError:
        raise VaultFileError("it contains itself, or is nested too deeply") from None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {_plain_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return _plain_date(value)
    return _plain_scalar(value)


def _plain_key(key: Any) -> Any:
    plain_key = _plain(key)
    if isinstance(plain_key, (dict, list)):
        raise VaultFileError("it has a key that is a list or a dictionary")
    return plain_key


def _plain_scalar(value: Any) -> Any:
    # The methods of the builtin types, called unbound: those of the subclasses give their own type back.
    if isinstance(value, str):
        return _valid_text(str.__str__(value))
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    # An encrypted string is not a str on any core, and its class has a new name since 2.19; it does speak as text.
    if callable(getattr(value, "casefold", None)) or type(value).__name__ == "AnsibleVaultEncryptedUnicode":
        return _valid_text(str.__str__(str(value)))
    raise VaultFileError(f"it holds a value of the type {type(value).__name__}")


def _plain_date(value: datetime.date | datetime.time) -> Any:
    if isinstance(value, datetime.datetime):
        # `combine` makes the builtin type whatever subclass it is given.
        return datetime.datetime.combine(value.date(), value.timetz())
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    raise VaultFileError("it holds a time without a date")


def _valid_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise VaultFileError("it holds text that is not valid Unicode") from None
    return text


def same(left: Any, right: Any) -> bool:
    """Whether both are one value. Unlike `==` it tells 1, 1.0 and true apart; the order of keys is not looked at."""
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_mapping(left, right)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, str) and isinstance(right, str):
        return str.__eq__(left, right) is True
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and bool(left == right)


def _same_mapping(left: dict[Any, Any], right: dict[Any, Any]) -> bool:
    def typed(mapping: dict[Any, Any]) -> dict[tuple[str, Any], Any]:
        return {("str" if isinstance(key, str) else type(key).__name__, key): item for key, item in mapping.items()}

    one, other = typed(left), typed(right)
    return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
