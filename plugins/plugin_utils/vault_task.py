# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars` and its results: no refusal and no diff shows a value. Private to the collection."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils.api.errors import OptionError
from ..modules.vault_vars import SPEC
from .plain import NotPlain, differing, is_name, plain, same
from .vault_file import FileChange, FileState, VaultFile

# From ansible-core 2.22 on, each value of an option with `no_log` is masked in the whole run: also the user's name.
_SPEC = {**SPEC.argument_spec, "values": {"type": "raw"}}
_KINDS = {"str": "a string", "path": "a string", "list": "a list of strings", "bool": "true or false"}


def parse(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a task; `values` and `absent` are None when they were not given.

    :raises OptionError: an unknown one, a missing one, a wrong type. It names the option and never its value.
    """
    given = {str(name): _plain(str(name), value) for name, value in arguments.items() if value is not None}
    unknown = sorted(given.keys() - _SPEC.keys())
    if unknown:
        raise OptionError(f"unknown options: {', '.join(unknown)}. Those that it has are {', '.join(_SPEC)}")
    if not given.get("path"):
        raise OptionError("the option path is missing or empty")
    options = {name: _validated(name, given) for name in _SPEC}
    _check_values(options["values"])
    if options["to_set"] and (options["values"], options["absent"]) != (None, None):
        raise OptionError("to_set is for a task that reads: leave it out, or values and absent")
    both = sorted(set(options["values"] or ()) & set(options["absent"] or ()))
    if both:
        raise OptionError(f"named in values and in absent: {', '.join(both)}")
    return {**options, "vault_id": options["vault_id"] or None, "mode": _mode(options["mode"])}


def _plain(name: str, value: Any) -> Any:
    try:
        return plain(value)
    except NotPlain as error:
        raise OptionError(f"the option {name} cannot be used: {error}") from None


def _validated(name: str, given: dict[str, Any]) -> Any:
    """Let core validate one option: its own complaint would quote the value."""
    spec, value = _SPEC[name], given.get(name)
    validation = ArgumentSpecValidator({name: spec}).validate({name: value} if name in given else {})
    # Core makes a text of a list or a dictionary.
    parts = value if isinstance(value, list) and spec["type"] == "list" else [value]
    if spec["type"] != "raw" and (validation.error_messages or any(isinstance(part, (dict, list)) for part in parts)):
        raise OptionError(f"the option {name} must be {_KINDS[spec['type']]}")
    result = validation.validated_parameters[name]
    return [item.strip() for item in result] if spec["type"] == "list" and result else result


def _check_values(values: Any) -> None:
    if values is not None and not isinstance(values, dict):
        kind = type(values).__name__
        raise OptionError(f"the option values must be a dictionary of variables, not of the type {kind}")
    bad = [name for name in values or () if not is_name(name)]
    if bad:
        names = sorted(name if isinstance(name, str) else f"one of the type {type(name).__name__}" for name in bad)
        raise OptionError(f"these keys of the option values are not names of variables: {', '.join(names)}")


def _mode(mode: Any) -> int:
    if isinstance(mode, str) and re.fullmatch(r"(0o)?[0-7]{1,5}", mode):
        mode = int(mode, 8)
    if isinstance(mode, bool) or not isinstance(mode, int) or not 0o400 <= mode <= 0o777 or not mode & 0o400:
        raise OptionError("the option mode must be an octal number in quotes that lets the owner read, like '0600'")
    return mode


def read(file: VaultFile, options: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a task that reads."""
    variables = file.read(options["vault_id"])
    missing = [name for name in options["to_set"] if not (variables or {}).get(name)]
    if missing:
        file.apply(FileChange(values=dict.fromkeys(missing, "set later"), vault_id=options["vault_id"]), dry=True)
    return {"changed": False, "exists": variables is not None, "vars": variables or {}}


def change(file: VaultFile, options: dict[str, Any], ending: str, *, dry: bool) -> dict[str, Any]:
    """Return the result of a task that changes the file, or would change it.

    :param ending: what the name of a backup ends with.
    """
    wanted = FileChange(
        values=options["values"] or {},
        absent=options["absent"] or (),
        vault_id=options["vault_id"],
        mode=options["mode"],
        backup=ending if options["backup"] else "",
        compare=functools.partial(_refuse_another, options),
    )
    have, want = file.apply(wanted, dry=dry)
    shown = {"path": file.path, "exists": want.mode is not None, "diff": diff(file.path, have, want)}
    if wanted.backup and have.status and (have.key, have.text) != (want.key, want.text) and not dry:
        shown["backup_file"] = f"{file.target}{ending}"
    return {"changed": have != want, **shown}


def _refuse_another(options: dict[str, Any], old_value: Callable[[str], Any]) -> None:
    keys = options["same_keys"]
    for name, new in options["values"].items() if keys and options["values"] else ():
        old = old_value(name)
        if isinstance(old, dict) and isinstance(new, dict):
            other = [key for key in keys if key in old and not same(old[key], new.get(key))]
            if other:
                raise OptionError(f"its variable {name} has another {' and '.join(other)}, and is not replaced")


def diff(path: str, have: FileState, want: FileState) -> dict[str, str]:
    """Return the variables that are added, changed or removed, and the vault id and the mode when they change."""
    names = differing(have.variables, want.variables)
    before, after = _lines(have, want, names, "(old value)"), _lines(want, have, names, "(new value)")
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def _lines(state: FileState, other: FileState, names: list[Any], word: str) -> str:
    lines = [f"{name}: {word}" for name in names if name in state.variables]
    if state.mode is not None and state.mode != other.mode:
        lines.insert(0, f"# mode {state.mode:04o}")
    if state.key and not (other.key and other.key.vault_id == state.key.vault_id):
        lines.insert(0, f"# vault id {state.key.vault_id}")
    return "".join(f"{line}\n" for line in lines)
