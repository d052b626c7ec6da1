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

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils.api.errors import OptionError
from .plain_values import VaultFileError, plain

NAMES = ("path", "values", "absent", "same_keys", "to_set", "vault_id", "mode", "backup")
DEFAULT_MODE = 0o600


@dataclass(frozen=True)
class Options:
    """The options in their own types. `values` and `absent` are None where they were not given."""

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


def parse(arguments: Mapping[str, Any]) -> Options:
    """The options of a task.

    :raises OptionError: an unknown one, a missing one, a wrong type. It names the option and never its value.
    """
    unknown = sorted(str(name) for name in arguments if name not in NAMES)
    if unknown:
        raise OptionError(f"unknown options: {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    path = _text(arguments, "path")
    if path is None:
        raise OptionError("the option path is missing or empty")
    values, absent = _values(arguments.get("values")), _names(arguments, "absent", "names of variables")
    to_set = _names(arguments, "to_set", "names of variables") or ()
    if to_set and (values is not None or absent is not None):
        raise OptionError("to_set is for a task that reads: leave it out, or values and absent")
    both = sorted(set(values or ()) & set(absent or ()))
    if both:
        raise OptionError(f"named in values and in absent: {', '.join(both)}")
    return Options(
        path,
        values,
        absent,
        _names(arguments, "same_keys", "keys") or (),
        to_set,
        _text(arguments, "vault_id"),
        _mode(arguments.get("mode")),
        _backup(arguments.get("backup")),
    )


def _text(arguments: Mapping[str, Any], name: str) -> str | None:
    value = _plain(name, arguments.get(name))
    if value is not None and not isinstance(value, str):
        raise OptionError(f"the option {name} must be a string, not {type(value).__name__}")
    return value or None


def _values(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise OptionError(f"the option values must be a dictionary of variables, not {_kind(value)}")
    bad = [name for name in value if not _is_name(name)]
    if bad:
        kinds = ", ".join(sorted(str(name) if isinstance(name, str) else f"one {_kind(name)}" for name in bad))
        raise OptionError(f"these keys of the option values are no names of variables: {kinds}")
    return {str.__str__(name): _plain(f"values.{name}", item) for name, item in value.items()}


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def _names(arguments: Mapping[str, Any], option: str, of_what: str) -> tuple[str, ...] | None:
    names = _plain(option, arguments.get(option))
    if names is None:
        return None
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",") if name.strip()]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise OptionError(f"the option {option} must be a list of {of_what}")
    return tuple(names)


def _mode(value: Any) -> int:
    mode = _plain("mode", value)
    if mode is None:
        return DEFAULT_MODE
    if isinstance(mode, str) and re.fullmatch(r"(0o)?[0-7]{1,5}", mode):
        mode = int(mode.removeprefix("0o"), 8)
    if isinstance(mode, bool) or not isinstance(mode, int) or not 0o400 <= mode <= 0o777 or not mode & 0o400:
        raise OptionError("the option mode must be an octal number in quotes that lets the owner read, like '0600'")
    return mode


def _backup(value: Any) -> bool:
    try:
        return bool(boolean(_plain("backup", value) or False))
    except TypeError:
        raise OptionError("the option backup must be true or false") from None


def _plain(name: str, value: Any) -> Any:
    try:
        return plain(value)
    except VaultFileError as error:
        raise OptionError(f"the option {name} can't be stored: {error}") from None
    except Exception as error:
        # An encrypted string that can't be decrypted, by whatever error of core: its words may hold more than we want.
        raise OptionError(f"the option {name} can't be read ({type(error).__name__})") from None


def _kind(value: Any) -> str:
    return "a string" if isinstance(value, str) else f"of the type {type(value).__name__}"
