# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results as plain data, with the secrets of a task masked. Private to the collection."""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote, unquote

from ..api import texts

# Core's own two marks (`ansible.module_utils.common.parameters.remove_values`), so that both ways to run look alike.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
_SHORTEST = 4
"""Characters of a secret that is sought in other spellings. A shorter one is found in any text."""
_SHORTEST_DENSE = 6
"""Without blanks, the end of a word and the beginning of the next one are a word."""
_SHORTEST_IN_IDS = 6
"""The next task sends the ID, and a password of one letter is in any of them."""
_IDS = ("id", "user_id", "device_id", "domain_id")
_UNICODE_ESCAPE = re.compile(r"\\+u([0-9A-Fa-f]{4})")
_BLANK_ESCAPE = re.compile(r"\\+[nrt]")
_MOST_DIGITS = 4000
_LARGEST = 10**_MOST_DIGITS
"""Python writes no whole number of more than 4300 digits: neither a result nor a message can hold one."""


def masked(value: Any, secrets: Iterable[str], names: Collection[str] = ()) -> Any:
    """A copy in builtin types, with every secret in it replaced: at any depth, in values, never in keys.

    The rules are those of `AnsibleModule` up to ansible-core 2.21. Its own function is not used: it quotes a value
    whose type it does not know, and is deprecated from 2.22 on, where a module's result is not masked at all.

    :param names: texts that stay when they are a whole value, even if a secret is a part of them.
    """
    hidden = _spellings(secrets)
    hidden_in_ids = {one for one in hidden if len(one) >= _SHORTEST_IN_IDS}

    def shown(text: str, key: str) -> str:
        if text in names:
            return text
        sought = hidden_in_ids if key in _IDS else hidden
        return WHOLE if text in sought else _without(text, sought)

    return _masked(value, shown)


def in_builtin_types(value: Any) -> Any:
    """A copy in builtin types, with nothing masked."""
    return _masked(value, lambda text, _key: text)


def masked_words(text: str, secrets: Iterable[str]) -> str:
    """Return what the service says, or a line with it, with the secrets masked.

    All of it is, if it repeats one otherwise than it was sent (`_Respelled`).
    """
    return _Respelled(secrets).masked(text)


def masked_failure(failure: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """Mask what the service says in a failure, by itself: if all of it is masked, our own words stay.

    Of our own words, those go that repeat a secret otherwise than it was sent: a name, or an address. What is repeated
    as it was sent is for `masked`.
    """
    error, respelled = failure.get("error") or {}, _Respelled(secrets)
    message, shown = failure["msg"], error.get("service_message")
    if said := shown:
        shown = respelled.masked(said)
        # Of the two, the words have the full stop before what follows, or the message has it.
        ending = said[-1] if shown == WHOLE and said.endswith((".", "!", "?")) else ""
        message = message.replace(said, shown + ending)
    if respelled.are_in(message):
        message = " ".join(PART if respelled.are_in(word) else word for word in message.split(" "))
    return {**failure, "msg": message, **({"error": {**error, "service_message": shown}} if error else {})}


class _Respelled:
    """Secrets that are repeated otherwise than they were sent: escaped for HTML or a URL, in capitals, in base64, and
    long ones also with blanks or invisible characters in the middle."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.given = set(map(str, secrets))
        in_base64 = {b64encode(secret.encode("utf-8", "replace")).decode().rstrip("=") for secret in self.given}
        self._plain = {one for one in map(_plain, self.given | in_base64) if len(one) >= _SHORTEST}
        self._dense = {one for one in map(_dense, self._plain) if len(one) >= _SHORTEST_DENSE}

    def masked(self, text: str) -> str:
        """Return words of the service with what was sent masked, or nothing of them."""
        return WHOLE if self.are_in(text) else str(masked(text, self.given))

    def are_in(self, text: str) -> bool:
        """Is one of them in the text, or its beginning before a cut?"""
        plain = _plain(text)
        dense = _dense(plain)
        if not (_hold(plain, plain, self._plain) or _hold(dense, dense, self._dense)):
            return False
        rest = _plain(masked(text, self.given))  # what was repeated as it was sent is masked by itself
        return _hold(rest, plain, self._plain) or _hold(_dense(rest), dense, self._dense)


def _hold(text: str, before: str, secrets: Collection[str]) -> bool:
    """Is one of the secrets in the text, or before a cut in what it was before it was masked?"""
    return any(one in text or any(_begun(before, one)) for one in secrets)


def _without(text: str, hidden: Collection[str]) -> str:
    """All are found before one is replaced: of two that overlap, or one in another, nothing remains."""
    if texts.CUT not in text and not any(secret in text for secret in hidden):
        return text  # as nearly all of many thousand
    parts, end = [], 0
    for start, stop in sorted(place for secret in hidden for place in _places(text, secret)):
        if start >= end:
            parts += [text[end:start], PART]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _places(text: str, secret: str) -> Iterator[tuple[int, int]]:
    """Yield where a secret begins and ends; also a first part of it that stands before a cut."""
    start = text.find(secret)
    while start >= 0:
        yield start, start + len(secret)
        start = text.find(secret, start + 1)
    yield from _begun(text, secret)


def _begun(text: str, secret: str) -> Iterator[tuple[int, int]]:
    """Yield where the first characters of a secret stand before a cut."""
    for cut in (place.start() for place in re.finditer(texts.CUT, text)):
        # A shorter beginning is that of many a word, and tells how the secret begins.
        for length in range(min(len(secret) - 1, cut), _SHORTEST - 1, -1):
            if text.startswith(secret[:length], cut - length):
                yield cut - length, cut
                break


def _plain(text: str) -> str:
    """Return a text in the one spelling that all of its spellings have: nothing escaped, no case."""
    from html import unescape  # few tasks fail

    before = None
    while text != before:
        before = text
        text = unquote(unescape(_UNICODE_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)))
    # JSON in JSON has one more backslash for each, and a form of a web page a plus for a blank.
    bare = _BLANK_ESCAPE.sub(" ", text.casefold()).replace("\\", "").replace("+", " ").replace("\ufffd", " ")
    whole = bare.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON escapes the halves of a character
    return texts.one_line(whole)


def _dense(plain: str) -> str:
    """Return a plain text without what may stand in the middle of a secret and is not seen, or ends a line.

    With it go the characters in which the two alphabets of base64 differ.
    """
    unseen = {ord(one): None for one in set(plain) if unicodedata.category(one)[0] in "CMZ"}
    return plain.translate({**unseen, ord("-"): None, ord("_"): "/"})


def _spellings(secrets: Iterable[str]) -> set[str]:
    """Return the secrets as they are, and as they stand in what the service repeats: in JSON, in a URL, cleaned.

    Not the blank ones: these are no secrets, and text without its spaces cannot be read.
    """
    spellings: set[str] = set()
    for secret in map(str, secrets):
        spellings.add(secret)
        if not (secret.isascii() and secret.isalnum()):
            in_json = (json.dumps(secret, ensure_ascii=escaped)[1:-1] for escaped in (True, False))
            sent = (secret, *in_json, quote(secret, safe="", errors="replace"))
            spellings.update(one for text in sent for one in (text, texts.one_line(text), texts.whole_name(text)))
    return {text for text in spellings if text.strip()}


def texts_in(value: Any) -> set[str]:
    """Return what stands in data at any depth, as text, without keys, truth values and nothing."""
    return set(map(str, _scalars(in_builtin_types(value))))


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif value not in (None, "") and not isinstance(value, bool):
        yield value


def _masked(value: Any, shown: Callable[[str, str], str], key: str = "") -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # most of all, and cheaper to tell than a Mapping in a worker that has just begun
        return shown(_text(value), key)
    if isinstance(value, int | float):
        # A number subclass, such as a tagged one, becomes the plain number.
        digits = _digits(value)
        return _plain_number(value) if shown(digits, key) == digits else WHOLE
    if isinstance(value, Mapping):
        keys = map(_text, value)
        return {name: _masked(item, shown, name) for name, item in zip(keys, value.values(), strict=True)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item, shown, key) for item in value]
    return shown(_text(value), key)


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
