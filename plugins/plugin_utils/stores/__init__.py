# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stores of entries, one file each. Private to the collection."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any

from ...module_utils.login.stored import Store
from .nothing import NoStore
from .options import StoreOptions
from .vault_file import Loader, VaultFileStore

Say = Callable[[str], None]


def open_store(config: Mapping[str, Any], loader: Loader, say: Say, environ: Mapping[str, str] | None = None) -> Store:
    """Return the store that the option `store` describes. Nothing is read, started or sent yet.

    :param config: the value of the option: `type` and the keys of that type.
    :param loader: the play's DataLoader, which has the vault secrets and the folder of the playbook.
    :param say: tells the user what takes long. What it raises is ignored: a store is never stopped in the middle.
    :param environ: the environment of the task (default: that of the process).
    :raises OptionError: the option does not describe a store. It names `store.<key>`.
    """
    options = StoreOptions(config)
    build = _BUILDERS[options.type]
    return build(options, loader, _never_raising(say), os.environ if environ is None else environ)


def _vault_file(options: StoreOptions, loader: Loader, say: Say, _environ: Mapping[str, str]) -> Store:
    return VaultFileStore.of(options, loader, say)


def _nothing(_options: StoreOptions, _loader: Loader, _say: Say, _environ: Mapping[str, str]) -> Store:
    return NoStore()


_BUILDERS: dict[str, Callable[[StoreOptions, Loader, Say, Mapping[str, str]], Store]] = {
    "vault_file": _vault_file,
    "none": _nothing,
}


def _never_raising(say: Say) -> Say:
    def quietly(line: str) -> None:
        with contextlib.suppress(Exception):
            say(line)

    return quietly
