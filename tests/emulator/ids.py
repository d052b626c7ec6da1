# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh identifiers and secrets, unpredictable on purpose: nothing of one start is of use in the next."""

from __future__ import annotations

import base64
import secrets

# The length of a real session id, so that clients meet it: some cut headers.
_SESSION_BYTES = 420


def new_hex() -> str:
    """Thirty-two hexadecimal digits: users, devices, tokens, API keys."""
    return secrets.token_hex(16)


def new_number(digits: int) -> str:
    """A number as a text of that many digits, leading zeros kept: codes, account numbers."""
    return str(secrets.randbelow(10**digits)).zfill(digits)


def new_session_id(alphabet: str) -> str:
    """A session id: `base64`, so with `+`, `/` and `=` in it, or `url_safe`, with `-` and `_`."""
    token = secrets.token_bytes(_SESSION_BYTES)
    text = base64.urlsafe_b64encode(token) if alphabet == "url_safe" else base64.b64encode(token)
    return text.decode("ascii").rstrip("=" if alphabet == "url_safe" else "")


def new_password() -> str:
    """A password for a seeded user that names none."""
    return secrets.token_urlsafe(18)
