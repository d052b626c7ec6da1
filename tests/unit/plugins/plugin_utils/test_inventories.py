# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names the inventory of a run has already; how one is added to is in inventory/test_bad_file.py."""

from __future__ import annotations

from ansible.inventory.data import InventoryData

from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import Taken
from ansible_collections.rackspace.identity.plugins.plugin_utils.inventories import taken_in


def test_hosts_of_users_are_told_from_others() -> None:
    there = InventoryData()
    for group, host, variables in (
        ("rax_users", "ann", {"rax_id": 7}),
        ("rax_users", "bob", {"os_user_domain_id": "default", "os_user_id": "u7"}),
        ("rax_users", "eve", {"my_id": "9", "my_mfa_enabled": True}),
        ("web", "web1", {"rax_id": "8"}),
    ):
        there.add_group(group)
        there.add_host(host, group)
        for name, value in variables.items():
            there.set_variable(host, name, value)
    found = taken_in(there, "rax_id")
    assert found == Taken({"all", "ungrouped", "rax_users", "web", "web1"}, {"ann": "7", "eve": "9"})
