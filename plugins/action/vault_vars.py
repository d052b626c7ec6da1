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
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.paths import usable_path
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.modules import vault_vars
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import ControllerAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.plain import differing, is_name, plain, same
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, FileState, VaultFile


class ActionModule(ControllerAction):
    """Reads a file, or changes it, with the vault secrets of the play. No refusal and no diff shows a value."""

    module = vault_vars
    _withheld = "values"

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        params, values = module.params, _variables(self._options.get("values"))
        moment = datetime.now(timezone.utc).astimezone()
        change = FileChange(
            values=values or {},
            absent=params["absent"] or (),
            vault_id=params["vault_id"],
            mode=_mode(params["mode"]),
            # As core names its backups; group_vars and host_vars pass over what ends in a tilde.
            backup=f".{os.getpid()}.{moment:%Y-%m-%d@%H:%M:%S.%f}~" if params["backup"] else "",
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

    def _has_secret_item(self, _variables: dict[str, Any]) -> bool:
        # Callbacks show the item of a loop with its result, and the item may be where the values came from.
        return self._task.loop is not None and "values" in self._task.args


def _variables(given: Any) -> dict[str, Any] | None:
    """Return the option `values` in builtin types; None when it is not set."""
    values = plain(given, "O(values)")
    if values is not None and not isinstance(values, dict):
        raise OptionError("O(values) must be a dictionary of variables.")
    if bad := sorted(str(name) for name in values or () if not is_name(name)):
        raise OptionError(f"These keys of O(values) are not names of variables: {', '.join(bad)}.")
    return values


def _mode(given: Any) -> int:
    if not isinstance(given, str) or not re.fullmatch(r"0?[4-7][0-7]{2}", given):
        raise OptionError("O(mode) must be an octal number in quotes that lets the owner read, such as '0600'.")
    return int(given, 8)


def _refuse_another(keys: list[str], values: dict[str, Any], old_value: Callable[[str], Any]) -> None:
    for name, new in values.items() if keys else ():
        old = old_value(name)
        are_both = isinstance(old, dict) and isinstance(new, dict)
        if other := [key for key in keys if are_both and key in old and not same(old[key], new.get(key))]:
            raise OptionError(f"its variable {name} has another {' and '.join(other)}, and is not replaced")


def _read(file: VaultFile, change: FileChange, to_set: list[str]) -> dict[str, Any]:
    variables = file.read()
    if missing := [name for name in to_set if not (variables or {}).get(name)]:
        file.apply(replace(change, values=dict.fromkeys(missing, "set later")), dry=True)
    return {"changed": False, "exists": variables is not None, "vars": variables or {}}


def _change(file: VaultFile, change: FileChange, *, dry: bool) -> dict[str, Any]:
    if both := sorted(change.values.keys() & set(change.absent)):
        raise OptionError(f"O(values) sets and O(absent) removes: {', '.join(both)}. Leave one of the two out.")
    have, want = file.apply(change, dry=dry)
    names = differing(have.variables, want.variables)
    before, after = _lines(have, names, "old"), _lines(want, names, "new")
    diff = {"before_header": file.path, "before": before, "after_header": file.path, "after": after}
    backup = file.target.with_name(file.target.name + change.backup)
    kept = {"backup_file": str(backup)} if change.backup and backup.exists() else {}
    return {"changed": have != want, "path": file.path, "exists": want.mode is not None, "diff": diff, **kept}


def _lines(state: FileState, names: list[Any], age: str) -> str:
    about = [f"# vault id {state.key[0]}, mode {state.mode:04o}"] if state.key else []
    lines = [*about, *(f"{name}: ({age} value)" for name in names if name in state.variables)]
    return "".join(f"{line}\n" for line in lines)
