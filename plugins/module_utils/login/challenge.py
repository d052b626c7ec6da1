# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The challenge in an answer that asks for a second factor. Private to the collection.

Several headers of a name arrive as one, joined by commas: other challenges may stand before and behind (RFC 9110,
11.6.1), and the service quotes as it likes. Read in time linear in the length of the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..api.errors import InvalidAnswer
from ..api.model import Challenge

_SCHEME = "os-mf"
_LONGEST_HEADER = 16_384
_SESSION_ID = re.compile(r"[!-~]{1,2048}")
_PARAMETER = re.compile(
    r"""(?P<name>[^\s,='"]+)\s*=\s*(?:'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,'"]+))""",
    re.DOTALL,
)
_WORD = re.compile(r"""[^\s,='"]+""")


def read_challenge(header: str) -> Challenge | None:
    """Return the challenge for a second factor in the value of `WWW-Authenticate`; None when there is none.

    :raises InvalidAnswer: it names a session that no header can carry back.
    """
    for parameters in _challenges(header[:_LONGEST_HEADER]):
        session_id = parameters.get("sessionid")
        if not session_id:
            continue
        if not _SESSION_ID.fullmatch(session_id):
            raise InvalidAnswer("The service asks for a second factor, but the session that it names is not usable.")
        return Challenge(session_id)
    return None


def _challenges(header: str) -> Iterator[dict[str, str]]:
    """The parameters of each challenge of the scheme, by their names in lower case."""
    found: dict[str, str] = {}
    scheme, place = "", 0
    # At each place something is taken, and nothing is looked at again: a name, a value or a single character.
    while place < len(header):
        if parameter := _PARAMETER.match(header, place):
            if scheme == _SCHEME:
                value = parameter["single"] or parameter["double"] or parameter["bare"] or ""
                found.setdefault(parameter["name"].casefold(), value)
            place = parameter.end()
        elif word := _WORD.match(header, place):
            yield found
            found, scheme, place = {}, word[0].casefold(), word.end()
        else:
            place += 1
    yield found
