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
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

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
FAILED_GROUP = "rax_inventory_failed"
"""Is there when the inventory of a domain failed. Another one may have made hosts, and groups of the same names."""
_RESERVED = ("all", "ungrouped", "localhost", "127.0.0.1", "::1", *GROUPS, *DEVICE_GROUPS, FAILED_GROUP)
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")
_LONGEST = 200
"""Characters of a host name: files in `host_vars` have it with an ending, and file systems take 255 bytes."""


class Taken(NamedTuple):
    """The names that an inventory has already.

    :param others: names of groups, and of hosts that are no users, such as servers.
    :param users: names of hosts of users, each with the user's id. In another domain another user may have the same
        name.
    """

    others: AbstractSet[str] = frozenset()
    users: Mapping[str, str] = MappingProxyType({})


NOTHING = Taken()


class HostNames:
    """Gives each user of a domain a host name of its own, and notes whose name could not be it."""

    def __init__(self, domain_id: str, taken: Taken = NOTHING) -> None:
        group = f"domain_{domain_id}"
        # Whether core replaces characters in the name of a group depends on its settings.
        groups = (*_RESERVED, group, re.sub(r"\W", "_", group, flags=re.ASCII))
        self._taken = {name.casefold() for name in (*groups, *taken.others)}
        self._ids = {name.casefold(): user_id for name, user_id in taken.users.items()}
        self.renamed: list[str] = []

    def of(self, wanted: str, user_id: str) -> str:
        """Return `wanted` if a host can have that name, else `user-` with the id."""
        if self._is_free(wanted, user_id):
            return self._take(wanted)
        self.renamed.append(wanted)
        name = f"user-{user_id}"
        if not self._is_free(name, user_id):
            name = f"user-{hashlib.sha256(user_id.encode('utf-8', 'replace')).hexdigest()[:32]}"
        return self._take(name)

    def _is_free(self, name: str, user_id: str) -> bool:
        if len(name) > _LONGEST or not _SAFE.fullmatch(name):
            return False
        key = name.casefold()
        return key not in self._taken and self._ids.get(key, user_id) == user_id

    def _take(self, name: str) -> str:
        self._taken.add(name.casefold())
        return name
