# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results as plain data, with the secrets of a task masked. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

# Core's own two marks (`ansible.module_utils.common.parameters.remove_values`), so that both ways to run look alike.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
_MOST_DIGITS = 4000
_LARGEST = 10**_MOST_DIGITS
"""Python writes no whole number of more than 4300 digits: neither a result nor a message can hold one."""


def masked(value: Any, secrets: Iterable[str]) -> Any:
    """A copy in builtin types, with every secret in it replaced: at any depth, in values, never in keys.

    The rules are those of `AnsibleModule` up to ansible-core 2.21. Its own function is not used: it quotes a value
    whose type it does not know, and is deprecated from 2.22 on, where a module's result is not masked at all.
    """
    # The longest first: if one secret is part of another, nothing of the longer one may remain.
    return _masked(value, sorted(not_blank(secrets), key=len, reverse=True))


def not_blank(secrets: Iterable[str]) -> set[str]:
    """Return the secrets without blank ones: these are no secrets, and text without its spaces cannot be read."""
    return {str(secret) for secret in secrets if str(secret).strip()}


def scalars(value: Any) -> Iterator[Any]:
    """Yield what stands in data of builtin types at any depth, without keys, truth values and nothing."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from scalars(item)
    elif value not in (None, "") and not isinstance(value, bool):
        yield value


def _masked(value: Any, secrets: list[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # most of all, and cheaper to tell than a Mapping in a worker that has just begun
        return _masked_text(_text(value), secrets)
    if isinstance(value, int | float):
        # A number subclass, such as a tagged one, becomes the plain number.
        return WHOLE if any(secret in _digits(value) for secret in secrets) else _plain_number(value)
    if isinstance(value, Mapping):
        return {_text(key): _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item, secrets) for item in value]
    return _masked_text(_text(value), secrets)


def _masked_text(text: str, secrets: list[str]) -> str:
    if text in secrets:
        return WHOLE
    for secret in secrets:
        text = text.replace(secret, PART)
    return text


def _plain_number(value: float) -> float | str:
    if isinstance(value, int):
        return int(value) if abs(value) < _LARGEST else f"a number of more than {_MOST_DIGITS} digits"
    return float(value)


def _digits(value: float) -> str:
    return "" if isinstance(value, int) and abs(value) >= _LARGEST else str(value)


def _text(value: Any) -> str:
    """Text without marks of trust and origin; the encrypted string of older cores, which is no `str`, decrypts itself.

    `str.__str__` by its own name: subclasses of older cores override theirs to return a marked string again.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str.__str__(value if isinstance(value, str) else str(value))
