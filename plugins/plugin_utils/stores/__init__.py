# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stores of entries, one file each but for the one that keeps nothing. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ...module_utils.login.stored import NoStore, Store
from .command import CommandStore
from .hashi_vault import HashiVaultStore
from .options import StoreOptions
from .passwordstore import PassStore
from .vault_file import VaultFileStore


def open_store(
    config: Mapping[str, Any], loader: DataLoader, say: Callable[[str], None], environ: Mapping[str, str]
) -> Store:
    """Return the store that the option `store` describes. Nothing is read, started or sent yet.

    :param config: the value of the option: `type` and the keys of that type.
    :param loader: the play's DataLoader, which has the vault secrets and the folder of the playbook.
    :param say: tells the user what takes long. It must not raise: a store is never stopped in the middle.
    :param environ: the environment of the task.
    :raises OptionError: the option does not describe a store. It names `store.<key>`.
    """
    options = StoreOptions(config)
    return _BUILDERS[options.type](options, loader, say, environ)


_BUILDERS: dict[str, Callable[[StoreOptions, DataLoader, Callable[[str], None], Mapping[str, str]], Store]] = {
    "vault_file": lambda options, loader, say, _environ: VaultFileStore(options, loader, say),
    "pass": lambda options, _loader, say, environ: PassStore(options, environ, say),
    "hashi_vault": lambda options, _loader, _say, environ: HashiVaultStore(options, environ),
    "command": lambda options, loader, _say, environ: CommandStore(options, loader, environ),
    "none": lambda _options, _loader, _say, _environ: NoStore(),
}
