# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a run: which names it has already, and how to add to it. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.inventory.data import InventoryData

from ..module_utils.mfa.host_names import Taken

_OF_SOURCE = ("inventory_file", "inventory_dir")
"""Variables that core gives a host: where it was named first."""


def taken_in(inventory: InventoryData, key: str) -> Taken:
    """Return the names that are there. No file of variables is read: that may need a vault secret of someone else.

    :param key: the variable with the id of a user.
    """
    group = inventory.groups.get("rax_users")
    users = {host.name: host.vars.get(key) for host in (group.get_hosts() if group else ())}
    ids = {name: str(user_id) for name, user_id in users.items() if user_id is not None}
    return Taken({*inventory.groups, *inventory.hosts}.difference(users), ids)


def carry_over(made: InventoryData, there: InventoryData) -> None:
    """Add all that was made aside to what is there."""
    for name, group in made.groups.items():
        there.add_group(name)
        set_variables(there, name, group.vars)
    for name, group in made.groups.items():
        for child in group.child_groups:
            there.add_child(name, child.name)
    for name, host in made.hosts.items():
        there.add_host(name)
        set_variables(there, name, {key: value for key, value in host.vars.items() if key not in _OF_SOURCE})
    for name, group in made.groups.items():
        for host in group.hosts:
            there.add_child(name, host.name)


def set_variables(inventory: InventoryData, name: str, values: Mapping[str, Any]) -> None:
    """Give a host or a group these variables."""
    for key, value in values.items():
        inventory.set_variable(name, key, value)
