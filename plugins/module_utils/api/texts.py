# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may come in of the service's strings: no control characters, no escape sequences, no bidi marks, no lone
surrogates, and none without end. Private to the collection.

They reach terminals, paths of requests, file names and stored files. Pure functions.
"""

from __future__ import annotations

import re

from .errors import InvalidAnswer

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)", re.DOTALL)
_JOINERS = "\u200c\u200d"
"""Not printable by Python's rules, but parts of words and of emoji; they change no direction."""
_UNKNOWN = "\ufffd"
_LONGEST_ID = 256
_LONGEST_NAME = 255
_LONGEST_TOKEN = 8192
_LONGEST_MESSAGE = 300
PASSCODE_DIGITS = range(6, 10)
_MOST_READ = 1 << 16
CUT = "\u2026"
"""Ends what is cut, which may be in the middle of a secret. What stands before it is masked if a secret begins so."""


def message(text: str) -> str:
    """Return words of the service as one line that can be shown. A long one ends with a whole word and `CUT`."""
    line = one_line(text[:_MOST_READ])
    if len(line) > _LONGEST_MESSAGE:
        # Not in the middle of an escape, such as `%2F` or `&amp;`: how the secret begins could not be seen.
        return line[: _LONGEST_MESSAGE + 1].rpartition(" ")[0] + CUT
    return line + CUT if len(text) > _MOST_READ else line


def one_line(text: str) -> str:
    """Return words in one line that can be shown, however long."""
    return " ".join(_marked(_ESCAPES.sub(" ", text), " ").split())


def said(words: str | None, who: str = "The service says") -> str:
    """Return words of the service as a sentence that follows one and may be followed by one; empty for no words."""
    return f" {who}: {words}{'' if words.endswith(('.', '!', '?')) else '.'}" if words else ""


def name(text: str) -> str:
    """Return a name that can be shown. What can't be becomes a mark, so that it equals no name that is asked for."""
    shown = whole_name(text[: _LONGEST_NAME + 1])
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 2] + CUT + _UNKNOWN


def is_same_name(one: str | None, other: str | None) -> bool:
    """Are both names known and one user's? The service matches names without regard to case."""
    return bool(one and other) and str(one).casefold() == str(other).casefold()


def whole_name(text: str) -> str:
    """Return a name that can be shown, however long."""
    return _marked(text, _UNKNOWN, but=_JOINERS)


def _marked(text: str, mark: str, but: str = "") -> str:
    """Return a text with a mark for each character that can't be shown. Asks once for each that is in it: an option
    can be as long as a file."""
    if text.isprintable():
        return text
    return text.translate({ord(one): mark for one in set(text) if not (one.isprintable() or one in but)})


def is_identifier(text: str) -> bool:
    """Can it stand in a path as an id? Dots alone and slashes, also encoded ones, make another path of it."""
    return (
        0 < len(text) <= _LONGEST_ID
        and text.isprintable()
        and not any(character in " /\\" for character in text)
        and bool(text.strip("."))
    )


def is_passcode(text: str) -> bool:
    """Can it be sent as a passcode? A code of a device has 6 digits, one by SMS 7, a bypass code 8 or 9."""
    return text.isascii() and text.isdecimal() and len(text) in PASSCODE_DIGITS


def identifier(text: str | None, what: str) -> str:
    """Return an id of the service's.

    :raises InvalidAnswer: there is none, or it can't be one.
    """
    if not text:
        raise InvalidAnswer(f"The service's answer has no {what}. Is O(auth_endpoint) an Identity v2.0 service?")
    if not is_identifier(text):
        raise InvalidAnswer(f"The service's answer has a {what} that can't be one: no request is made with it.")
    return text


def token(text: str | None) -> str:
    """Return a token: something that can be sent in a header. Dots alone would make another path of it.

    :raises InvalidAnswer: there is none, or it can't be one.
    """
    if not text:
        raise InvalidAnswer("The service's answer has no token. Is O(auth_endpoint) an Identity v2.0 service?")
    if len(text) > _LONGEST_TOKEN or not (text.isascii() and text.isprintable() and text.strip(".")) or " " in text:
        raise InvalidAnswer("The service's answer has a token that can't be one.")
    return text
