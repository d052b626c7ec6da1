# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of templates and options as builtin types, and when two of them are the same. Private to the collection.

Ansible hands over strings with tags, unsafe texts, lazy containers and encrypted strings. No error shows a value.
"""

from __future__ import annotations

import datetime
import keyword
import math
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.api.errors import OptionError


class NotPlain(OptionError):
    """The value has a part that a variable cannot hold. The text names the kind of it and never the value."""


def plain(value: Any) -> Any:
    """Return the value in builtin types, all the way down. Encrypted strings are decrypted, other lists become lists.

    :raises NotPlain: for a type that a variable cannot hold, or a value that contains itself.
    """
    try:
        return _plain(value)
    except RecursionError:
        raise NotPlain("it contains itself, or is nested too deeply") from None
    except AnsibleError as error:
        # Such as an encrypted string that none of the vault secrets opens.
        raise NotPlain(f"it cannot be decrypted or read ({type(error).__name__})") from None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {_plain_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return _plain_scalar(value)


def _plain_key(key: Any) -> Any:
    plain_key = _plain(key)
    if isinstance(plain_key, (dict, list)):
        raise NotPlain("it has a key that is a list or a dictionary")
    return plain_key


def _plain_scalar(value: Any) -> Any:
    # The methods of the builtin types, called unbound: those of the subclasses return their own type.
    if isinstance(value, str):
        return _valid_text(str.__str__(value))
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, datetime.datetime):
        return datetime.datetime.combine(value.date(), value.timetz())
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    # An encrypted string is not a str on any core, and has a new class since 2.19; both have the methods of text.
    if hasattr(value, "casefold"):
        return _valid_text(str.__str__(str(value)))
    raise NotPlain(f"it holds a value of the type {type(value).__name__}")


def _valid_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotPlain("it holds text that is not valid Unicode") from None
    return text


def is_name(name: Any) -> bool:
    """Whether Ansible takes it for the name of a variable."""
    return isinstance(name, str) and name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def same(left: Any, right: Any) -> bool:
    """Whether both are one value. Unlike `==` it tells 1, 1.0 and true apart; the order of keys does not matter."""
    if isinstance(left, dict) and isinstance(right, dict):
        one, other = _typed(left), _typed(right)
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(same(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, str) and isinstance(right, str):
        return str.__eq__(left, right) is True
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and bool(left == right)


def _typed(mapping: dict[Any, Any]) -> dict[tuple[str, Any], Any]:
    return {("str" if isinstance(key, str) else type(key).__name__, key): item for key, item in mapping.items()}
