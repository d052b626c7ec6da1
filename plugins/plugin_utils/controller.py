# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the controller can do for a module's logic. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display

from ..module_utils.login.paths import usable_path
from ..module_utils.login.stored import NoStore, Store
from .screen import show_at_once
from .stores import open_store
from .stores.sound import SoundStore

display = Display()


class ControllerTools:
    """Opens stores, and tells everyone what takes long (`runner.Controller`)."""

    def __init__(self, loader: DataLoader, environ: Mapping[str, str], name_of: Callable[[str], str] = str) -> None:
        self._loader = loader
        self._environ = environ
        self.name_of = name_of

    def open_store(self, config: dict[str, Any]) -> Store:
        """Return the store that the option `store` describes. The path of a file starts at the current folder.

        :raises OptionError: it describes none.
        """
        if config.get("type") == "vault_file" and config.get("path"):
            config = {**config, "path": str(Path.cwd() / usable_path("store.path", config["path"]))}
        store = open_store(config, self._loader, self.tell, self._environ)
        return store if isinstance(store, NoStore) else SoundStore(store)

    def tell(self, line: str) -> None:
        """Show a line at once."""
        show_at_once(lambda: display.display(line))
