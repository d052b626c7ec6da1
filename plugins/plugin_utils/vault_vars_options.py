# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars`, checked without ever printing a refused value. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import RequiredError, UnsupportedError

from ..module_utils.api.errors import OptionError
from ..modules.vault_vars import SPEC
from .plain import NotPlain, is_name, plain

# From ansible-core 2.22 on, each value of an option with `no_log` is masked in the whole run: also the user's name.
_SPEC = {**SPEC, "values": {"type": "raw"}}
_WORDS = {"str": "a string", "path": "a string", "list": "a list of strings", "bool": "true or false"}


@dataclass(frozen=True)
class VaultVarsOptions:
    """The options in their own types. `values` and `absent` are None when they were not given."""

    path: str
    values: dict[str, Any] | None
    absent: list[str] | None
    same_keys: list[str]
    to_set: list[str]
    vault_id: str | None
    mode: int
    backup: bool

    @property
    def only_reads(self) -> bool:
        """Whether the task asks for the variables and changes none."""
        return self.values is None and self.absent is None


def parse(arguments: Mapping[str, Any]) -> VaultVarsOptions:
    """Return the options of a task.

    :raises OptionError: an unknown one, a missing one, a wrong type. It names the option and never its value.
    """
    given = {str(name): _plain(str(name), value) for name, value in arguments.items() if value is not None}
    params = _validated({name: value for name, value in given.items() if (name, value) != ("vault_id", "")})
    _check_values(params["values"])
    if params["to_set"] and (params["values"], params["absent"]) != (None, None):
        raise OptionError("to_set is for a task that reads: leave it out, or values and absent")
    both = sorted(set(params["values"] or ()) & set(params["absent"] or ()))
    if both:
        raise OptionError(f"named in values and in absent: {', '.join(both)}")
    return VaultVarsOptions(**{**params, "mode": _mode(params["mode"])})


def _validated(given: dict[str, Any]) -> dict[str, Any]:
    validation = ArgumentSpecValidator(_SPEC).validate(given)
    for error in validation.errors:
        if isinstance(error, (RequiredError, UnsupportedError)):
            raise OptionError(("unknown options: " if isinstance(error, UnsupportedError) else "") + error.msg)
    params: dict[str, Any] = validation.validated_parameters
    for name, option in _SPEC.items():
        # Core quotes a value that it refuses, and makes a text of a list or a dictionary.
        items = given.get(name) if isinstance(given.get(name), list) and "elements" in option else [given.get(name)]
        refused = any(f"'{name}'" in error.msg for error in validation.errors)
        if option["type"] != "raw" and (refused or any(isinstance(item, (dict, list)) for item in items or ())):
            raise OptionError(f"the option {name} must be {_WORDS[option['type']]}")
        if isinstance(params.get(name), list):
            params[name] = [item.strip() for item in params[name]]
    if not params["path"]:
        raise OptionError("the option path is empty")
    return params


def _check_values(values: Any) -> None:
    if values is not None and not isinstance(values, dict):
        kind = type(values).__name__
        raise OptionError(f"the option values must be a dictionary of variables, not of the type {kind}")
    bad = [
        name if isinstance(name, str) else f"one of the type {type(name).__name__}"
        for name in values or ()
        if not is_name(name)
    ]
    if bad:
        raise OptionError(f"these keys of the option values are not names of variables: {', '.join(sorted(bad))}")


def _mode(mode: Any) -> int:
    if isinstance(mode, str) and re.fullmatch(r"(0o)?[0-7]{1,5}", mode):
        mode = int(mode.removeprefix("0o"), 8)
    if isinstance(mode, bool) or not isinstance(mode, int) or not 0o400 <= mode <= 0o777 or not mode & 0o400:
        raise OptionError("the option mode must be an octal number in quotes that lets the owner read, like '0600'")
    return mode


def _plain(name: str, value: Any) -> Any:
    try:
        return plain(value)
    except NotPlain as error:
        raise OptionError(f"the option {name} cannot be used: {error}") from None
