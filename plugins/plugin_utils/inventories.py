# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a run: which names it has already, and how it was before a change. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.inventory.data import InventoryData

from ..module_utils.mfa.host_names import Taken

_MARK = "mfa_enabled"
"""Each host of a user has a variable that ends so. Servers of OpenStack have ids, too, beside those of domains."""


def taken_in(inventory: InventoryData, key: str) -> Taken:
    """Return the names that are there. No file of variables is read: that may need a vault secret of someone else.

    A host that is in the group of users by hand is whatever user has its name.

    :param key: the variable with the id of a user.
    """
    group = inventory.groups.get("rax_users")
    hosts = group.get_hosts() if group else ()
    ids = {host.name: user_id for host in hosts if (user_id := _id_in(host.vars, key)) is not None}
    return Taken({*inventory.groups, *(inventory.hosts.keys() - {host.name for host in hosts})}, ids)


def _id_in(variables: Mapping[str, Any], key: str) -> str | None:
    """Return the id of a host's user; other inventories may call their variables otherwise (`hostvars_prefix`)."""
    others = (f"{name[: -len(_MARK)]}id" for name in variables if str(name).endswith(_MARK))
    return next((str(variables[name]) for name in (key, *others) if name in variables), None)


class Snapshot:
    """What an inventory is: its hosts and groups, their variables, and who belongs where."""

    def __init__(self, inventory: InventoryData) -> None:
        parts = (inventory, *inventory.hosts.values(), *inventory.groups.values())
        self._state = [(one, {name: _copied(value) for name, value in vars(one).items()}) for one in parts]

    def restore(self) -> None:
        """Make it so again."""
        for one, attributes in self._state:
            vars(one).clear()
            vars(one).update(attributes)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, list, set)) else value
