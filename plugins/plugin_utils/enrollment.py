# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an authenticator app is to take over, with the names that a person knows. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ..module_utils.api.errors import OptionError
from ..module_utils.login.options import read_secret
from ..module_utils.otp.secret import Otp, parse_uri

_ISSUER = "Rackspace"
_GROUP = 4


@dataclass(frozen=True)
class Enrollment:
    """A secret on its way to a person.

    :param uri: as the service gave it, or made of a bare secret.
    :param account: the user, empty if it was not told.
    """

    uri: str = field(repr=False)
    otp: Otp
    account: str
    device: str

    @property
    def issuer(self) -> str:
        """Who gave the secret out."""
        return self.otp.issuer or _ISSUER

    @property
    def key(self) -> str:
        """The secret for typing by hand, in groups of four."""
        secret = self.otp.secret
        return " ".join(secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP))


def read(secret: Any, account: str | None = None, device: str | None = None) -> Enrollment | None:
    """The enrollment that the option `secret` gives, None for no secret.

    :param secret: base32, an otpauth URI, or the dictionary that the role stores, which holds the names too.
    :raises OptionError: it can't be read. The message does not repeat it.
    """
    otp = read_secret("secret", secret)
    if otp is None:
        return None
    stored = secret if isinstance(secret, Mapping) else {}
    uri = str(stored.get("key_uri") or "" if stored else secret).strip()
    is_uri = uri.lower().startswith("otpauth:")
    label = parse_uri(uri).account if is_uri else None
    name = device or stored.get("device_name") or label or ""
    if not (is_uri or name):
        raise OptionError("O(device_name) is missing: the secret is no key URI, which would hold a name for the app.")
    return Enrollment(
        uri=uri if is_uri else _key_uri(otp, name),
        otp=otp,
        account=str(account or stored.get("username") or ""),
        device=str(name),
    )


def _key_uri(otp: Otp, name: str) -> str:
    """A URI like those of the service (contract, "OTP devices"), with the name quoted as readers expect it."""
    return f"otpauth://totp/{_ISSUER}:{quote(name, safe='')}?secret={otp.secret}&issuer={_ISSUER}"
