# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `vault_file`: a variable in a file under the play's own Ansible Vault. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ...module_utils.login.entry_shape import Entry, checked_entry
from ...module_utils.login.stored import StoreChanged
from ..plain import plain, same
from ..vault_file import FileChange, VaultFile
from .options import StoreOptions

_SAMPLE = {"secret": "a value that no file has"}


class VaultFileStore:
    """One variable of one file. Other variables, their order and comments survive."""

    def __init__(self, options: StoreOptions, loader: DataLoader, say: Callable[[str], None]) -> None:
        path = str.__str__(loader.path_dwim(options.text("path")))
        waiting = f"waiting for another process that writes {path}"
        self._file = VaultFile(path, loader._vault, lambda: say(waiting), name_of="store.{}".format)
        self._variable = options.variable("variable", "rax_mfa_otp")
        self._vault_id = options.optional_text("vault_id")
        self.place = f"the variable {self._variable} in {path}"

    def check(self) -> None:
        """Plan a save of something new: that needs a folder to write in, a vault secret and a file that it opens."""
        self._file.apply(FileChange(values={self._variable: _SAMPLE}, vault_id=self._vault_id), dry=True)

    def load(self) -> dict[str, Any] | None:
        """Return the value of the variable; None when it is missing or empty."""
        found = self._file.read(self._variable) or {}
        return checked_entry(found.get(self._variable), self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Set the variable, if it still has the value of `instead_of` under the file's lock."""
        self._change(instead_of, values={self._variable: plain(entry)})

    def remove(self, instead_of: Entry) -> None:
        """Remove the variable, if it still has the value of `instead_of` under the file's lock."""
        self._change(instead_of, absent=(self._variable,))

    def _change(self, instead_of: Entry | None, **wanted: Any) -> None:
        expected = plain(instead_of) or None

        def compare(old: Callable[[str], Any]) -> None:
            if not same(old(self._variable) or None, expected):
                raise StoreChanged.at(self.place)

        self._file.apply(FileChange(vault_id=self._vault_id, compare=compare, **wanted))
