# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task, a lookup or an inventory of the collection in this process: by its plugin, and without a playbook."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret

from ansible_collections.rackspace.identity.plugins.inventory import rax_users
from ansible_collections.rackspace.identity.plugins.lookup import totp

INVENTORY = "rackspace.identity.rax_users"
LOOKUP = "rackspace.identity.totp"
LOOKUP_OPTIONS = yaml.safe_load(totp.DOCUMENTATION)["options"]
VARIABLES: dict[str, Any] = {
    "ansible_play_hosts": ["localhost"],
    "ansible_play_hosts_all": ["localhost"],
    "hostvars": SimpleNamespace(
        raw_get=lambda _host: {}, _inventory=SimpleNamespace(get_hosts=list, groups={}, hosts={})
    ),
    "inventory_hostname": "localhost",
}
"""What every task has, of a play of one host."""


def play(module: str, args: dict[str, Any], folder: Path, *, check_mode: bool = False) -> dict[str, Any]:
    """Run the action of a module as a task does; what core refuses with an exception is a failure, too."""
    plugin = importlib.import_module(f"ansible_collections.rackspace.identity.plugins.action.{module}").ActionModule
    name = f"rackspace.identity.{module}"
    it = instance_of(plugin, folder, action=name, args=args, check_mode=check_mode, diff=True)
    try:
        result: dict[str, Any] = it.run(None, dict(VARIABLES))
    except AnsibleError as error:
        return {"failed": True, "msg": str(error)}
    return result


def instance_of(plugin: Any, folder: Path, *, transport: str = "local", become: object = None, **keywords: Any) -> Any:
    """Return the action of a task with these keywords, else of a purely local one."""
    facts = {
        "action": "acme.probe.it",
        "any_errors_fatal": False,
        "args": {},
        "async_val": 0,
        "check_mode": False,
        "delegate_to": None,
        "diff": False,
        "environment": [],
        "get_path": lambda: "play.yml:1",
        "get_play": lambda: SimpleNamespace(_uuid="p", strategy="linear", max_fail_percentage=None),
        "loop": None,
        "no_log": False,
        "_role": None,
    }
    connection = SimpleNamespace(
        transport=transport,
        become=become,
        _shell=SimpleNamespace(tmpdir=None),
        connection_lock=lambda: None,
        connection_unlock=lambda: None,
    )
    templar = SimpleNamespace(template=lambda value: value)
    return plugin(SimpleNamespace(**{**facts, **keywords}), connection, None, loader_of(folder), templar, None)


def loader_of(folder: Path) -> DataLoader:
    """Return what reads the files of a play in that folder, with a vault's password."""
    loader = DataLoader()
    loader.set_basedir(str(folder))
    secrets: Any = [("default", VaultSecret(b"the vault's password"))]
    loader.set_vault_secrets(secrets)
    return loader


def look_up(
    terms: Iterable[Any], options: dict[str, Any], clock: Callable[[], float], sleep: Callable[[float], None]
) -> list[Any]:
    """Run the lookup with the options that its documentation describes, as core's loader sets it up."""
    constants.config.initialize_plugin_configuration_definitions("lookup", LOOKUP, LOOKUP_OPTIONS)
    plugin = totp.LookupModule()
    plugin._load_name = LOOKUP
    plugin.clock, plugin.sleep = clock, sleep
    return plugin.run(list(terms), variables={}, **options)


@functools.cache
def inventory_options() -> dict[str, Any]:
    """Return the options of the inventory, with those of the fragments, as core's loader collects them."""
    documentation = yaml.safe_load(rax_users.DOCUMENTATION)
    options: dict[str, Any] = {}
    for name in documentation["extends_documentation_fragment"]:
        collection, _dot, file = name.rpartition(".")
        home = "ansible" if collection == "ansible.builtin" else f"ansible_collections.{collection}"
        fragment = importlib.import_module(f"{home}.plugins.doc_fragments.{file}").ModuleDocFragment
        options |= yaml.safe_load(fragment.DOCUMENTATION)["options"]
    options |= documentation["options"]
    return options


def content_of(inventory: InventoryData) -> dict[str, Any]:
    """Return the variables of the hosts, and the variables, hosts and children of the groups."""
    groups = {
        name: (dict(group.vars), [host.name for host in group.hosts], [child.name for child in group.child_groups])
        for name, group in inventory.groups.items()
    }
    return {**{f"host {name}": dict(host.vars) for name, host in inventory.hosts.items()}, **groups}


def parse_inventory(folder: Path, written: str, inventory: InventoryData | None = None) -> InventoryData | str:
    """Return the inventory, or the words of the refusal, which leaves what was there, but for a group that tells of it.

    A play on a part of the users would succeed.

    :param inventory: what other sources made.
    """
    constants.config.initialize_plugin_configuration_definitions("inventory", INVENTORY, inventory_options())
    path = folder / "rax_users.yml"
    path.write_text(written, encoding="utf-8", errors="surrogatepass")
    inventory = inventory or InventoryData()
    before = content_of(inventory)
    plugin = rax_users.InventoryModule()
    plugin._load_name, plugin._redirected_names = INVENTORY, [INVENTORY]
    try:
        plugin.parse(inventory, loader_of(folder), str(path), cache=False)
    except AnsibleError as error:
        after = content_of(inventory)
        assert after.pop("rax_inventory_failed", None) in (None, ({}, [], []))
        assert after == before
        return str(error)
    return inventory
