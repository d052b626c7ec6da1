# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars`, checked without ever printing a refused value. Private to the collection."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import RequiredError, UnsupportedError

from ..module_utils.api.errors import OptionError
from ..modules.vault_vars import SPEC
from .plain import NotPlain, plain

# Core quotes what it refuses, and from 2.22 on it masks each value of an option with `no_log` in the whole run.
_SPEC = {**SPEC, "values": {"type": "raw"}}


@dataclass(frozen=True)
class VaultVarsOptions:
    """The options in their own types. `values` and `absent` are None when they were not given."""

    path: str
    values: dict[str, Any] | None
    absent: tuple[str, ...] | None
    same_keys: tuple[str, ...]
    to_set: tuple[str, ...]
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
    params = _validated({str(name): _plain(str(name), value) for name, value in arguments.items() if value is not None})
    values, absent = _values(params["values"]), params["absent"]
    if params["to_set"] and (values is not None or absent is not None):
        raise OptionError("to_set is for a task that reads: leave it out, or values and absent")
    both = sorted(set(values or ()) & set(absent or ()))
    if both:
        raise OptionError(f"named in values and in absent: {', '.join(both)}")
    return VaultVarsOptions(
        params["path"],
        values,
        None if absent is None else tuple(name.strip() for name in absent),
        tuple(params["same_keys"]),
        tuple(params["to_set"]),
        params["vault_id"] or None,
        _mode(params["mode"]),
        params["backup"],
    )


def _validated(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        # Core would make a text of it.
        items = value if isinstance(value, list) else [value]
        wants_text = _SPEC.get(name, {}).get("elements", _SPEC.get(name, {}).get("type")) in ("str", "path")
        if wants_text and (
            any(isinstance(item, (dict, list)) for item in items)
            or (isinstance(value, list) and "elements" not in _SPEC[name])
        ):
            raise OptionError(_must_be(name))
    validation = ArgumentSpecValidator(_SPEC).validate(given)
    for error in validation.errors:
        if isinstance(error, UnsupportedError):
            raise OptionError(f"unknown options: {error.msg}")
        if isinstance(error, RequiredError):
            raise OptionError(error.msg)
        named = re.search(r"'(\w+)'", error.msg)
        raise OptionError(_must_be(named.group(1) if named else "that was refused"))
    params: dict[str, Any] = validation.validated_parameters
    if not params["path"]:
        raise OptionError("the option path is empty")
    return params


def _must_be(name: str) -> str:
    kinds = {"str": "a string", "path": "a string", "bool": "true or false", "list": "a list of strings"}
    return f"the option {name} must be {kinds.get(str(_SPEC.get(name, {}).get('type')), 'of another type')}"


def _values(value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise OptionError(
            f"the option values must be a dictionary of variables, not of the type {type(value).__name__}"
        )
    bad = [name for name in value or () if not _is_name(name)]
    if bad:
        kinds = {name if isinstance(name, str) else f"one of the type {type(name).__name__}" for name in bad}
        raise OptionError(f"these keys of the option values are not names of variables: {', '.join(sorted(kinds))}")
    return value


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


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
    except Exception as error:
        # An encrypted string that cannot be decrypted, by whatever error of core: its words may hold more than we want.
        raise OptionError(f"the option {name} cannot be read ({type(error).__name__})") from None
