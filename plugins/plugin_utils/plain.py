# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of templates and options as builtin types, and when two of them are the same. Private to the collection.

Ansible hands over strings with tags, unsafe texts, lazy containers and encrypted strings. No error shows a value.
"""

from __future__ import annotations

import datetime
import keyword
from collections.abc import Callable, Mapping
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
        pairs = [(_plain(key), _plain(item)) for key, item in value.items()]
        if any(isinstance(key, (dict, list)) for key, _item in pairs):
            raise NotPlain("it has a key that is a list or a dictionary")
        return dict(pairs)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    for kind, bare in _BARE.items():
        if isinstance(value, kind):
            return bare(value)
    # An encrypted string is not a str on any core, and has a new class since 2.19; both have the methods of text.
    if hasattr(value, "casefold"):
        return _bare_text(str(value))
    raise NotPlain(f"it holds a value of the type {type(value).__name__}")


def _bare_text(value: str) -> str:
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotPlain("it holds text that is not valid Unicode") from None
    return text


_BARE: dict[type, Callable[[Any], Any]] = {
    # The methods of the builtin types, called unbound: those of the subclasses return their own type.
    str: _bare_text,
    int: int.__int__,
    float: float.__float__,
    datetime.datetime: lambda value: datetime.datetime.combine(value.date(), value.timetz()),
    datetime.date: lambda value: datetime.date(value.year, value.month, value.day),
}


def is_name(name: Any) -> bool:
    """Whether Ansible takes it for the name of a variable."""
    return isinstance(name, str) and name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def same(left: Any, right: Any) -> bool:
    """Whether both are one value. Unlike `==` it tells 1, 1.0 and true apart; the order of keys does not matter."""
    return bool(_typed(left) == _typed(right))


def differing(old: dict[Any, Any], new: dict[Any, Any]) -> list[Any]:
    """Return the keys whose values are not the same in both, or that only one of both has."""
    return [key for key in {**old, **new} if key not in old or key not in new or not same(old[key], new[key])]


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {(type(key), key): _typed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_typed(item) for item in value]
    return type(value), repr(value) if isinstance(value, float) else value  # not a number is not equal to itself
