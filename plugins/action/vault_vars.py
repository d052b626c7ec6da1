# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and changes variables in a file under Ansible Vault, with the secrets that the play already has."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.paths import usable_path
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.modules import vault_vars
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import ControllerAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import differing, is_name, plain, same
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, FileState, VaultFile


class VaultVars:
    """Reads a file, or changes it. No refusal and no diff shows a value.

    :param values: the option of this name as the task gives it.
    :param loader: has the vault secrets of the play.
    """

    SPEC = vault_vars.SPEC
    HOLDS_SECRETS = vault_vars.HOLDS_SECRETS

    def __init__(self, values: Any, loader: DataLoader) -> None:
        self._values = values
        self._loader = loader

    def run(self, module: ModuleLike) -> dict[str, Any]:
        """End the module with what is in the file, or with what was changed."""
        params, values = module.params, _variables(self._values)
        change = FileChange(
            values=values or {},
            absent=params["absent"] or (),
            vault_id=params["vault_id"],
            mode=_mode(params["mode"]),
            backup=_ending_of_backups() if params["backup"] else "",
            compare=lambda old: _refuse_another(params["same_keys"], values or {}, old),
        )
        if not params["path"]:
            raise OptionError("O(path) is empty. Is the variable that it comes from set?")
        path = str(usable_path("path", self._loader.path_dwim(params["path"])))
        file = VaultFile(path, self._loader._vault, lambda: module.debug(f"waiting for another writer of {path}"))
        if values is None and params["absent"] is None:
            result = _read(file, change, params["to_set"])
        elif params["to_set"]:
            raise OptionError("O(to_set) is for a task that reads: leave it out, or O(values) and O(absent).")
        else:
            result = _change(file, change, dry=module.check_mode)
        # What is returned loses dates and other types of YAML, and gets the arguments, of which `values` is not known.
        module.exit_json(**result)


class ActionModule(ControllerAction):
    """Hands the option `values` to the logic, with the vault secrets of the play."""

    _withheld = "values"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the logic. Omitted options are gone from the arguments only now."""
        self.module = VaultVars(self._task.args.get("values"), self._loader)
        return super().run(tmp, task_vars)

    def _has_secret_item(self, _variables: dict[str, Any]) -> bool:
        # Callbacks show the item of a loop with its result, and the item may be where the values came from.
        return self._task.loop is not None and "values" in self._task.args


def _variables(given: Any) -> dict[str, Any] | None:
    """Return the option `values` in builtin types; None when it is not set."""
    values = plain(given, "O(values)")
    if values is not None and not isinstance(values, dict):
        raise OptionError("O(values) must be a dictionary of variables.")
    bad = sorted(str(name) for name in values or () if not is_name(name))
    if bad:
        raise OptionError(f"These keys of O(values) are not names of variables: {', '.join(bad)}.")
    return values


def _mode(given: Any) -> int:
    if not isinstance(given, str) or not re.fullmatch(r"0?[4-7][0-7]{2}", given):
        raise OptionError("O(mode) must be an octal number in quotes that lets the owner read, such as '0600'.")
    return int(given, 8)


def _ending_of_backups() -> str:
    """As core names its backups; group_vars and host_vars pass over what ends in a tilde."""
    return f".{os.getpid()}.{datetime.now(timezone.utc).astimezone():%Y-%m-%d@%H:%M:%S.%f}~"


def _refuse_another(keys: list[str], values: dict[str, Any], old_value: Callable[[str], Any]) -> None:
    for name, new in values.items() if keys else ():
        old = old_value(name)
        if isinstance(old, dict) and isinstance(new, dict):
            other = [key for key in keys if key in old and not same(old[key], new.get(key))]
            if other:
                raise OptionError(f"its variable {name} has another {' and '.join(other)}, and is not replaced")


def _read(file: VaultFile, change: FileChange, to_set: list[str]) -> dict[str, Any]:
    variables = file.read()
    missing = [name for name in to_set if not (variables or {}).get(name)]
    if missing:
        file.apply(replace(change, values=dict.fromkeys(missing, "set later")), dry=True)
    return {"changed": False, "exists": variables is not None, "vars": variables or {}}


def _change(file: VaultFile, change: FileChange, *, dry: bool) -> dict[str, Any]:
    both = sorted(change.values.keys() & set(change.absent))
    if both:
        raise OptionError(f"O(values) sets and O(absent) removes: {', '.join(both)}. Leave one of the two out.")
    have, want = file.apply(change, dry=dry)
    names = differing(have.variables, want.variables)
    before, after = _lines(have, names, "old"), _lines(want, names, "new")
    diff = {"before_header": file.path, "before": before, "after_header": file.path, "after": after}
    backup = Path(f"{file.target}{change.backup}")
    kept = {"backup_file": str(backup)} if change.backup and backup.exists() else {}
    return {"changed": have != want, "path": file.path, "exists": want.mode is not None, "diff": diff, **kept}


def _lines(state: FileState, names: list[Any], age: str) -> str:
    about = [f"# vault id {state.key.vault_id}, mode {state.mode:04o}"] if state.key else []
    lines = [*about, *(f"{name}: ({age} value)" for name in names if name in state.variables)]
    return "".join(f"{line}\n" for line in lines)
