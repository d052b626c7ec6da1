# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts for users, whatever the users are called. Pure. Private to the collection.

A host name is part of patterns, and of the paths of `host_vars`: a user called `../x`, `all` or `a,b` can't have its
name as the name of a host.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

GROUPS = (
    "rax_users",
    "mfa_on",
    "mfa_off",
    "mfa_locked",
    "mfa_needs_work",
    "factor_otp",
    "factor_sms",
    "factor_unknown",
    "level_default",
    "level_optional",
    "level_required",
    "user_disabled",
)
"""The groups that every inventory of a domain has."""
DEVICE_GROUPS = ("otp_devices_0", "otp_devices_1", "otp_devices_many")
_RESERVED = ("all", "ungrouped", "localhost", "127.0.0.1", "::1", *GROUPS, *DEVICE_GROUPS)
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")
_LONGEST = 200
"""Characters of a host name: files in `host_vars` have it with an ending, and file systems take 255 bytes."""


class HostNames:
    """Gives each user of a domain a host name of its own, and notes whose name could not be it.

    :param reserved: names of groups and hosts that exist already.
    """

    def __init__(self, domain_id: str, reserved: Iterable[str] = ()) -> None:
        group = f"domain_{domain_id}"
        # Whether core replaces characters in the name of a group depends on its settings.
        groups = (*_RESERVED, group, re.sub(r"\W", "_", group, flags=re.ASCII))
        self._taken = {name.casefold() for name in (*groups, *reserved)}
        self.renamed: list[str] = []

    def of(self, wanted: str, user_id: str) -> str:
        """Return `wanted` if a host can have that name, else `user-` with the id."""
        if self._is_free(wanted):
            return self._take(wanted)
        self.renamed.append(wanted)
        name = f"user-{user_id}"
        if not self._is_free(name):
            name = f"user-{hashlib.sha256(user_id.encode('utf-8', 'replace')).hexdigest()[:32]}"
        return self._take(name)

    def _is_free(self, name: str) -> bool:
        return len(name) <= _LONGEST and bool(_SAFE.fullmatch(name)) and name.casefold() not in self._taken

    def _take(self, name: str) -> str:
        self._taken.add(name.casefold())
        return name
