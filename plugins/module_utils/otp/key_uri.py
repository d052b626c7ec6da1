# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of an otpauth URI, as text. What they mean is known to `otp`. Private to the collection."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

_URI = re.compile(r"otpauth://(?P<kind>[^/?#]*)/?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ONCE = ("secret", "digits", "period", "algorithm")


class SecretError(ValueError):
    """What was given is no secret that codes can be computed from. The message never repeats the input."""


class KeyUri(NamedTuple):
    """A URI in three parts that make it up again, none of them unquoted."""

    head: str
    """Scheme and type."""
    label: str
    """Issuer and account."""
    tail: str
    """The query and what follows it, with its question mark."""

    def parameters(self) -> dict[str, str]:
        """What the query says, the names in lower case.

        :raises SecretError: if it says twice what codes depend on.
        """
        found: dict[str, str] = {}
        for part in self.tail[1:].partition("#")[0].split("&"):
            name, _equals, value = part.partition("=")
            name = unquote(name).lower()
            if name in found and name in _ONCE:
                raise SecretError(f"The otpauth URI has the parameter '{name}' more than once.")
            found[name] = unquote(value)
        return found

    def names(self) -> tuple[str | None, str | None]:
        """Issuer and account of a label `issuer:account` or `account`, whose colon may be quoted."""
        before, colon, after = unquote(self.label).partition(":")
        if not colon:
            return None, before or None
        return before or None, after.lstrip(" ") or None


def take_apart(uri: str) -> KeyUri:
    """Find the parts of an otpauth URI for time-based codes.

    The service leaves ?, &, = and # of a device's name as they are (contract, OTP devices). So the query starts at the
    last `?secret=` before the last `&issuer=`; only where there is none, at the first `?`.

    :raises SecretError: for any other text.
    """
    uri = uri.strip()
    match = _URI.fullmatch(uri)
    if match is None:
        raise SecretError("This is no URI of the form otpauth://totp/NAME?secret=BASE32.")
    if match["kind"].lower() == "hotp":
        raise SecretError("The otpauth URI is one for counters (hotp); only time-based ones (totp) are supported.")
    if match["kind"].lower() != "totp":
        raise SecretError("The otpauth URI is of an unknown type; only otpauth://totp/ is supported.")
    rest = match["rest"]
    start = rest.rfind("?secret=", 0, max(rest.rfind("&issuer="), 0))
    if start < 0:
        start = rest.find("?")
    if start < 0:
        start = len(rest)
    return KeyUri(uri[: match.start("rest")], rest[:start], rest[start:])
