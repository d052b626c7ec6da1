# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time-based one-time passwords by RFC 6238, from the standard library alone.

The collection computes its codes with a library; a second, independent computation on this side makes a
disagreement visible.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote

PERIOD = 30
DIGITS = 6
_SECRET_BYTES = 20

# Everything that RFC 3986 allows somewhere in a URI. The service quotes no more than the rest, so that `?`, `&`,
# `=` and `#` of a name go into the URI as they are (contract, OTP devices).
_LEGAL_IN_A_URI = ":/?#@!$&'()*+,;=-._~"


def new_secret() -> bytes:
    """The bytes of a fresh secret."""
    return secrets.token_bytes(_SECRET_BYTES)


def step_of(moment: float) -> int:
    """The number of the time step that a moment in seconds lies in."""
    return int(moment // PERIOD)


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step: HMAC-SHA-1 and dynamic truncation (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def encode_secret(secret: bytes) -> str:
    """Base32 without padding, as key URIs carry it."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def decode_secret(text: str) -> bytes:
    """The bytes of a base32 text; `ValueError` if it is not one."""
    plain = text.replace(" ", "").replace("-", "").upper().rstrip("=")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def key_uri(name: str, secret: bytes) -> str:
    """The key URI of a device, with the service's own idea of quoting."""
    return (
        f"otpauth://totp/Rackspace:{quote(name, safe=_LEGAL_IN_A_URI)}?secret={encode_secret(secret)}&issuer=Rackspace"
    )
