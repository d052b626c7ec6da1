# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of templates and options as builtin types, and when two of them are the same. Private to the collection.

Ansible hands over strings with tags, unsafe texts, lazy containers and encrypted strings. No error shows a value.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.api.errors import OptionError


def plain(value: Any, what: str = "the value", reveal: Callable[[str], str] = str.__str__) -> Any:
    """Return the value in builtin types, all the way down. Encrypted strings are decrypted, other lists become lists.

    :param what: the subject of an error.
    :param reveal: what is made of each string.
    :raises OptionError: a type that a variable cannot hold, a value that contains itself, or `reveal` raised it.
    """
    try:
        return _plain(value, reveal)
    except RecursionError:
        reason = "it contains itself, or is nested too deeply"
    except TypeError:
        reason = "it has a key that is a list or a dictionary"
    except UnicodeEncodeError:
        reason = "it holds text that is not valid Unicode"
    except AnsibleError as error:  # such as an encrypted string that none of the vault secrets opens
        reason = f"it cannot be decrypted or read ({type(error).__name__})"
    except OptionError as error:
        reason = str(error)
    raise OptionError(f"{what} cannot be used: {reason}.")


def _plain(value: Any, reveal: Callable[[str], str]) -> Any:
    """What is of a subclass becomes the builtin type: also its own `__str__` and the like may return the subclass."""
    match value:
        case Mapping():
            return {_plain(key, reveal): _plain(item, reveal) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item, reveal) for item in value]
        case None | bool():
            return value
        case int() | float():
            return value.real
        case date():
            kind = datetime if isinstance(value, datetime) else date
            return kind.fromisoformat(value.isoformat())
    # An encrypted string is not a str on any core, and has a new class since 2.19; both have the methods of text.
    # Text that cannot be encoded is not valid Unicode: no file can hold it.
    if hasattr(value, "casefold"):
        return reveal(value if isinstance(value, str) else str(value)).encode().decode()
    raise OptionError(f"it holds a value of the type {type(value).__name__}")


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
