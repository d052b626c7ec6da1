# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stored entry must look like, its parts, and what of it is secret. Private to the collection.

Anyone who edits a store by hand may leave anything there; what is read is checked before anything is done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..api.errors import OptionError
from ..api.texts import is_identifier
from ..api.wire import is_whole
from . import refusals

Entry = Mapping[str, Any]
"""A stored entry, or a part of one that holds a secret: `next` is of the device that is to replace its own."""


def checked_entry(value: Any, place: str) -> dict[str, Any] | None:
    """Return what a store holds as an entry; None when it is empty. Unknown keys are kept.

    :param value: in builtin types.
    :raises OptionError: it does not have the shape of an entry. The text never shows a value.
    """
    if value is None or value == {}:
        return None
    wrong = _wrong(value)
    if wrong:
        raise OptionError(
            f"{place} does not hold the entry of an account: {wrong}. Nothing was changed. Correct the value by hand, "
            "or give each account a place of its own."
        )
    return {str(key): item for key, item in value.items()}


class _Kind(NamedTuple):
    """What a value of an entry must be, in words and as a test."""

    words: str
    fits: Callable[[Any], bool]


def _are_codes(value: Any) -> bool:
    """Is each of digits? That one can't be sent is no reason to refuse the secret beside it (`usable_codes`)."""
    return isinstance(value, list) and all(
        isinstance(code, str) and code.isascii() and code.isdecimal() for code in value
    )


def _is_id(value: Any) -> bool:
    """May it be an ID of the service's? A blank from a copy would be found by the first request that needs it."""
    return isinstance(value, str) and is_identifier(value)


def _are_ids(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_id, value))


_TEXT = _Kind("a string", lambda value: isinstance(value, str))
_ID = _Kind("an ID, without blanks and slashes", lambda value: value == "" or _is_id(value))
_KINDS = {
    **dict.fromkeys(("username", "user_id", "auth_endpoint", "device_name", "secret", "key_uri"), _TEXT),
    **dict.fromkeys(("created", "proved"), _TEXT),
    **dict.fromkeys(("device_id", "previous"), _ID),
    "step_offset": _Kind("-1, 0 or null", lambda value: value is None or (is_whole(value) and value in (-1, 0))),
    "last_step": _Kind("a whole number or null", lambda value: value is None or is_whole(value)),
    "orphans": _Kind("a list of IDs, without blanks and slashes", _are_ids),
    "bypass_codes": _Kind("a list of strings of digits", _are_codes),
    "bypass_codes_end": _Kind("a string or null", lambda value: value is None or isinstance(value, str)),
    refusals.KEY: _Kind("a list of times", refusals.are_refusals),
    "next": _Kind("a dictionary", lambda value: isinstance(value, dict)),
}
"""Also those of the account, which have no meaning in `next`, are what they must be there."""
KEYS = frozenset(_KINDS)
"""What the collection knows in an entry. A later version may know more."""


def _wrong(value: Any, inside: str = "") -> str:
    """Say what is wrong with a dictionary; nothing when all is well."""
    if not isinstance(value, dict):
        return f"it is {_name_of_kind(value)} and must be a dictionary"
    for key, item in value.items():
        if not isinstance(key, str):
            return "it has a key that is not a string"
        kind = _KINDS.get(key)
        if kind and not kind.fits(item):
            return f"{inside}{key} is {_name_of_kind(item)} and must be {kind.words}"
    return _wrong(value["next"], "next.") if "next" in value and not inside else ""


def _name_of_kind(value: Any) -> str:
    names = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a dictionary" if isinstance(value, dict) else f"of the type {type(value).__name__}")


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


_SECRET_KEYS = ("secret", "key_uri", "bypass_codes")
"""Those of `KEYS` that are never shown."""
_PUBLIC_KEYS = KEYS.difference(_SECRET_KEYS) | {"domain_id", "verified"}
"""What stands under any other key, at any depth, is masked."""
_NUMBERS = frozenset(("last_step", "step_offset"))
_OF_RESULT = ("secret", "key_uri", "qrcode")
_SHORTEST_SECRET = 6
"""Less under a user's own key is no secret: it would be masked in every id that has the digit."""


def secret_values(entry: Mapping[str, Any]) -> list[str]:
    """Return the secrets in a stored dictionary, or in the result of a task, which tells if it has `changed`."""
    if isinstance(entry.get("changed"), bool):
        entry = {key: entry[key] for key in _OF_RESULT if key in entry}
    return [text for text in map(str, _secrets(entry)) if len(text) >= _SHORTEST_SECRET]


def secrets_of_service(entry: Mapping[str, Any]) -> list[str]:
    """Return the secrets in an entry that the service knows, too, and may repeat: no key of the user's own is one.

    :param entry: one that a user gave may be of any shape.
    """
    parts = [part for part in (entry, entry.get("next")) if isinstance(part, Mapping)]
    known = [{key: part[key] for key in _SECRET_KEYS if key in part} for part in parts]
    return [secret for part in known for secret in map(str, _secrets(part)) if secret]


def _secrets(value: Any, *, inside: bool = False) -> Iterator[Any]:
    """Yield what stands under a key that is not public; an entry may hold others (`next`)."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, inside=inside or not _is_public(key, item))
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item, inside=inside)
    elif inside and value is not None and not isinstance(value, bool):
        yield value


def _is_public(key: Any, value: Any) -> bool:
    """May the value under this key be shown? A template makes text of a number; other text is not one."""
    return key in _PUBLIC_KEYS and (key not in _NUMBERS or str(value).removeprefix("-").isdigit() or value is None)
