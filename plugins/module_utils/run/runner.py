# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module runs, whatever runs it: the spec as data, exceptions as one failure. Private to the collection.

An ordinary module and the in-process action hand in different objects; this file knows neither, only `ModuleLike`.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from ..api.errors import IdentityError, OptionError
from .masking import in_builtin_types, masked, masked_failure
from .specs import ModuleSpec
from .store_spec import STORE_KEYS

if TYPE_CHECKING:
    from ..login.stored import Store


class Ordinary(Protocol):
    """What `AnsibleModule` has of what the logic needs."""

    params: dict[str, Any]
    check_mode: bool
    no_log_values: set[str]

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """End the task with this result."""

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """End the task as failed."""

    def warn(self, warning: str) -> None:
        """Show a warning at the end of the task."""

    def debug(self, msg: str) -> None:
        """Tell what goes on, to those who asked for more output."""


class ModuleLike(Ordinary, Protocol):
    """What the logic needs of the object that runs it: the stand-in of the in-process action, or `AnsibleModule`."""

    environ: Mapping[str, str]
    """The environment, as data: a task may have one of its own."""
    public_names: set[str]
    """What stays whole, even if a password is a part of it: names of accounts, and our words that playbooks match."""


class Controller(Protocol):
    """What only the controller can do for a module: the stand-in has it, an ordinary module has not."""

    def open_store(self, config: dict[str, Any]) -> Store:
        """Return the store that the option `store` describes."""

    def tell(self, line: str) -> None:
        """Show a line at once, to everyone."""

    def name_of(self, option: str) -> str:
        """Return the name of an option that the reader of a message knows."""


def named(text: str, name_of: Callable[[str], str] = str) -> str:
    """Return a message with the names that its reader knows.

    A message names an option as `O(name)`, like documentation, and a key of the option store as `store.key`.
    """
    return _NAMED.sub(lambda found: name_of(found[1] or found[2]), text)


def controller_of(module: Ordinary) -> Controller | None:
    """The controller that runs the module; None for an ordinary module."""
    return getattr(module, "controller", None)


def named_for(module: Ordinary, text: str) -> str:
    """Return a message with the names that those know who run the module."""
    controller = controller_of(module)
    return named(text, controller.name_of if controller else str)


_STORE_KEYS = "|".join(sorted({"type", *(key for keys in STORE_KEYS.values() for key in keys)}))
_NAMED = re.compile(rf"O\(([a-z_.]+)\)|(?<![\w/.])(store\.(?:{_STORE_KEYS}))(?!\.?\w)")

Run = Callable[[ModuleLike], "dict[str, Any]"]


class ModuleFile(Protocol):
    """What a file in `plugins/modules` defines."""

    SPEC: ModuleSpec
    """The options."""
    HOLDS_SECRETS: tuple[str, ...]
    """The keys of a result that hold a secret. A result that has one of them, and not None, is hidden everywhere."""

    def run(self, module: ModuleLike, /) -> dict[str, Any]:
        """Do the work and return the result."""


def controller_only(module: ModuleLike) -> dict[str, Any]:
    """Refuse: the files, the vault and the person that the module needs are at the controller, not on a host."""
    module.fail_json("This module works on the controller only; its action plugin was not found.")


def execute(module: Ordinary, run: Run, holds_secrets: Sequence[str] = ()) -> NoReturn:
    """Run it and end the module: the only place that turns exceptions into a failure and masks secrets.

    :param holds_secrets: the keys of a result that hold a secret. What they hold is for the next task, and is whole.
    """
    ours = _like_ours(module)
    failure, result = _outcome(ours, run)
    # Outside of any `except`: AnsibleModule would add the traceback, and core 2.19+ the texts of the whole chain.
    told = {**(failure or result), "invocation": {"module_args": module.params}}
    if failure:
        told |= masked_failure(failure, module.no_log_values)
        told["msg"] = named_for(module, told["msg"])
    # The steps are words of ours, which the next task reads.
    shown = masked(told, module.no_log_values, {*ours.public_names, *(told.get("steps") or ())})
    module.no_log_values = set()  # AnsibleModule would mask once more, also what must stay whole
    if failure is None:
        module.exit_json(**{**shown, **in_builtin_types({key: told[key] for key in holds_secrets if key in told})})
    if "error" in failure:
        # What playbooks match is ours, and stays whole even if a secret is one letter.
        shown["error"] = {**failure["error"], "service_message": shown["error"]["service_message"]}
    module.fail_json(**shown)


def _like_ours(module: Ordinary) -> ModuleLike:
    """An ordinary module is a process of its own, whose environment is that of the task."""
    vars(module).setdefault("environ", os.environ)
    vars(module).setdefault("public_names", set())
    return cast(ModuleLike, module)


def _outcome(module: ModuleLike, run: Run) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The failure, or else None and the result."""
    try:
        return None, run(module)
    except IdentityError as error:
        return error.as_failure(), {}
    except OptionError as error:
        return {"msg": str(error)}, {}
    except Exception as error:  # what was not foreseen must not print its text either
        return {"msg": words_of_defect(error)}, {}


def words_of_defect(error: Exception) -> str:
    """Return what to say of what was not foreseen: its type and place, never its text, which may quote a secret."""
    places = [
        f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return (
        f"{type(error).__name__} at {' < '.join(reversed(places))}. This is a defect of the collection: please"
        " report it with these words. The exception's own text is not shown, since it may hold a secret."
    )
