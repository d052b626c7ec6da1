# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The challenge of the second step (contract, Authentication 3)."""

from __future__ import annotations

_OTHERS = ('Basic realm="Identity, v2.0"', 'Keystone uri="https://identity.example.com/v2.0"')


def challenge_headers(session_id: str, factor: str, style: str) -> list[str]:
    """The values of `WWW-Authenticate`: the challenge alone, among others, or joined with them (RFC 9110, 11.6.1)."""
    challenge = f"OS-MF sessionId='{session_id}', factor='{factor}'"
    if style == "single":
        return [challenge]
    values = [_OTHERS[0], challenge, _OTHERS[1]]
    return values if style == "several" else [", ".join(values)]
