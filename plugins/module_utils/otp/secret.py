# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of one-time passwords, time steps and codes. Private to the collection.

Pure: no clock, no I/O, no Ansible. pyotp computes the codes (RFC 4226 and RFC 6238); nothing else here needs it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .key_uri import SecretError, take_apart

try:
    import pyotp
except ImportError:
    HAS_PYOTP = False
else:
    HAS_PYOTP = True

PERIOD = 30
"""Seconds that a code of the service is meant for (contract, OTP devices)."""

DIGITS = (6, 7, 8)
"""How long a code may be: RFC 4226, section 5.3, names these."""

MAX_PERIOD = 3600
"""Seconds. A longer one is a mistake: nobody waits an hour for a code."""

ALGORITHMS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}

SAFE_BITS = 112
"""What RFC 4226 asks of a secret is 128 bits, what NIST SP 800-63B asks is 112; services with 80 exist all the same."""

_BASE32 = re.compile(r"[A-Z2-7]+")
_NUMBER = re.compile(r"[0-9]{1,6}")


class PyotpMissing(RuntimeError):
    """A code was asked for, and this Python has no pyotp."""

    def __init__(self) -> None:
        super().__init__(
            "One-time passwords are computed by the Python library pyotp, which is missing. Run: "
            f"{sys.executable} -m pip install pyotp"
        )


@dataclass(frozen=True)
class Otp:
    """One time-based source of codes.

    :param secret: base32 in its canonical spelling: upper case, no padding.
    :param digits: length of a code.
    :param period: seconds that a time step lasts.
    :param algorithm: a key of `ALGORITHMS`.
    :param issuer: who gave the secret out, if an otpauth URI said so.
    :param account: what it was given out for, if an otpauth URI said so.
    :raises SecretError: if digits, period or algorithm are out of range.
    """

    secret: str = field(repr=False)
    digits: int = 6
    period: int = PERIOD
    algorithm: str = "SHA1"
    issuer: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        if self.digits not in DIGITS:
            raise SecretError("The number of digits of a one-time password must be 6, 7 or 8.")
        if not 1 <= self.period <= MAX_PERIOD:
            raise SecretError(f"The period of a one-time password must be 1 to {MAX_PERIOD} seconds.")
        if self.algorithm not in ALGORITHMS:
            raise SecretError(f"The algorithm of a one-time password must be one of {', '.join(ALGORITHMS)}.")

    @functools.cached_property
    def key(self) -> bytes:
        """The secret itself."""
        return _decode(self.secret)

    @property
    def bits(self) -> int:
        """Length of the secret; below `SAFE_BITS` the caller warns."""
        return 8 * len(self.key)

    @functools.cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell this secret from others and do not reveal it."""
        return hashlib.sha256(b"rackspace.identity: which OTP secret\0" + self.key).hexdigest()[:16]

    @property
    def is_of_service(self) -> bool:
        """Are its codes like those that the service takes (contract, "OTP devices")?"""
        return (self.digits, self.period, self.algorithm) == (DIGITS[0], PERIOD, "SHA1")

    def code_at(self, step: int) -> str:
        """The code of a time step, leading zeros kept.

        :raises PyotpMissing: if pyotp is not installed.
        :raises ValueError: if the step does not fit into the eight bytes of RFC 4226.
        """
        if not HAS_PYOTP:
            raise PyotpMissing
        if not 0 <= step < 2**64:
            raise ValueError("A time step lies between 0 and 2^64 - 1.")
        return _AnyLength(self).generate_otp(step)


if HAS_PYOTP:

    class _AnyLength(pyotp.OTP):
        """pyotp without its floor of 112 bits, and only here: others who use pyotp in this process keep theirs.

        2.12.0 has the floor inside `byte_secret`, and only 2.12.1 an attribute for it (`min_secret_length_bits`):
        overriding the method works with both, and with older versions.
        """

        def __init__(self, otp: Otp) -> None:
            self._key = otp.key
            super().__init__(otp.secret, digits=otp.digits, digest=ALGORITHMS[otp.algorithm])

        def byte_secret(self) -> bytes:
            return self._key


def time_step(seconds: float, period: int = PERIOD) -> int:
    """The number of the time step that this Unix time lies in (RFC 6238, section 4.2)."""
    return int(seconds // period)


def parse(value: str | Mapping[str, Any]) -> Otp:
    """Read a secret: base32 in any spelling, an otpauth URI, or the dictionary that the role stores.

    Base32 may be in lower case, with white space and dashes, with padding missing or too long.
    Of a dictionary, `secret` and `key_uri` are read; if both are there they must be of one secret.

    :raises SecretError: for everything else.
    """
    if isinstance(value, Mapping):
        return _parse_stored(value)
    if not isinstance(value, str):
        raise SecretError("A secret must be a string (base32 or an otpauth URI) or a stored dictionary.")
    text = value.strip()
    if re.match(r"[a-z-]+:", text, re.IGNORECASE):
        return parse_uri(text)
    return Otp(secret=_canonical(text))


def parse_uri(uri: str) -> Otp:
    """Read an otpauth URI, also one of the service whose name is not quoted as it should be.

    :raises SecretError: for everything else.
    """
    parts = take_apart(uri)
    parameters = parts.parameters()
    if "secret" not in parameters:
        raise SecretError("The otpauth URI has no parameter 'secret'.")
    issuer, account = parts.names()
    return Otp(
        secret=_canonical(parameters["secret"]),
        digits=_number(parameters.get("digits", "6")),
        period=_number(parameters.get("period", str(PERIOD))),
        algorithm=parse_algorithm(parameters.get("algorithm", "SHA1")),
        issuer=parameters.get("issuer") or issuer,
        account=account,
    )


def requote(uri: str) -> str:
    """The URI with the characters of its label quoted that make other readers take a part of it for the query.

    Any other URI comes back as it is.

    :raises SecretError: if it can't be read at all.
    """
    parse_uri(uri)
    parts = take_apart(uri)
    return parts.head + parts.label.replace("?", "%3F").replace("#", "%23") + parts.tail


def parse_algorithm(name: str) -> str:
    """The key of `ALGORITHMS` for a name in any of its usual spellings, such as `sha-256` or `HmacSHA256`.

    :raises SecretError: for an algorithm that RFC 6238 does not name.
    """
    key = name.strip().upper().replace("-", "").replace("_", "").removeprefix("HMAC")
    if key not in ALGORITHMS:
        raise SecretError(f"The algorithm of a one-time password must be one of {', '.join(ALGORITHMS)}.")
    return key


def _parse_stored(entry: Mapping[str, Any]) -> Otp:
    secret, uri = entry.get("secret"), entry.get("key_uri")
    given = [value for value in (uri, secret) if value]
    if not given:
        raise SecretError("The stored dictionary has neither a 'secret' nor a 'key_uri'.")
    if not all(isinstance(value, str) for value in given):
        raise SecretError("The keys 'secret' and 'key_uri' of a stored dictionary must be strings.")
    otps = [parse(value) for value in given]
    # A code of the wrong secret is a refused passcode, and three of those lock the account.
    if len({otp.secret for otp in otps}) > 1:
        raise SecretError("The keys 'secret' and 'key_uri' of the stored dictionary hold different secrets.")
    return otps[0]


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise SecretError("The parameters 'digits' and 'period' of an otpauth URI must be whole numbers.")
    return int(text)


def _canonical(text: str) -> str:
    """One spelling for each secret, so that equal secrets are equal strings."""
    bare = "".join(text.replace("-", "").split()).rstrip("=")
    if not bare:
        raise SecretError("The secret is empty.")
    # First of all ASCII: upper() makes ASCII letters out of a few others (a dotless i, a long s).
    if not bare.isascii() or not _BASE32.fullmatch(bare.upper()):
        raise SecretError("The secret is not base32: only the letters A to Z and the digits 2 to 7 may be in it.")
    return base64.b32encode(_decode(bare.upper())).decode("ascii").rstrip("=")


def _decode(secret: str) -> bytes:
    try:
        return base64.b32decode(secret + "=" * (-len(secret) % 8))
    except ValueError:
        # Of no use to a reader, and `from None` since newer cores print the words of a cause.
        raise SecretError("The secret is not base32: a part of it is missing or too much.") from None
