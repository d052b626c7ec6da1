# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for `AnsibleModule` where a module's logic runs in the worker. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS
from ansible.module_utils.errors import UnsupportedError
from ansible.utils.display import Display

from ..module_utils.login.entry_shape import secret_values
from ..module_utils.run.masking import in_builtin_types, masked, masked_words
from ..module_utils.run.runner import Controller
from ..module_utils.run.specs import ModuleSpec
from .screen import show_at_once

display = Display()

_NAME = re.compile(r"\b([a-z_]+)(?:\.[a-z_]+)*\b")
_LARGEST = 10**18
"""Of a number that an option takes: Python does not even write a whole number of more than 4300 digits."""


class Ended(BaseException):
    """The module is over, with this result. No `except Exception` of its logic may hold that up: as with SystemExit."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class Circumstances(NamedTuple):
    """What a module is told beside its options (`_ansible_*` on the ordinary way)."""

    name: str
    host: str
    check_mode: bool
    shows_invocation: bool
    environ: Mapping[str, str]


class StandIn:
    """Validates, warns, tells and ends as `AnsibleModule` does; new for every run, so nothing is carried on."""

    def __init__(
        self,
        spec: ModuleSpec,
        options: dict[str, Any],
        circumstances: Circumstances,
        controller: Controller,
    ) -> None:
        """Validate the options.

        :param options: as the task gives them; tagged, lazy and encrypted values are welcome.
        :raises Ended: they do not fit the spec.
        """
        self.controller = controller
        self._circumstances = circumstances
        self._warnings: list[str] = []
        self._deprecations: list[dict[str, Any]] = []
        self.check_mode = circumstances.check_mode
        self.environ = circumstances.environ
        self.public_names: set[str] = set()
        validator = ArgumentSpecValidator(spec.kwargs()["argument_spec"], **spec.constraints())
        given = in_builtin_types(options)
        self.params: dict[str, Any] = {}
        self.no_log_values: set[str] = set()
        fault = _what_core_fails_on(spec.argument_spec, given)
        if fault:
            self.fail_json(self._named(fault, spec))
        stored = {name: value for name, value in given.items() if _is_stored_secret(spec, name, value)}
        # From ansible-core 2.22 on, what validation takes for a secret is hidden in all output of the run from then on.
        # Of a stored dictionary that is every value, also the user's name: so validation sees its secrets alone.
        validation = validator.validate({**given, **{name: secret_values(value) for name, value in stored.items()}})
        self.params = {**validation.validated_parameters, **stored}
        # Core has no public name for this one, nor for the warnings and deprecations below.
        self.no_log_values = {str(value) for value in validation._no_log_values}
        self._take_over(validation, spec)

    def _take_over(self, validation: ValidationResult, spec: ModuleSpec) -> None:
        """What the validator noticed, in the words of `AnsibleModule`."""
        for twice in validation._warnings:
            self.warn(f"Both option {twice['option']} and its alias {twice['alias']} are set.")
        for item in validation._deprecations:
            self.deprecate(**item)
        if validation.error_messages:
            message = validation.errors.msg
            if isinstance(validation.errors[0], UnsupportedError):
                message = f"Unsupported parameters for ({self._circumstances.name}) module: {message}"
            # A refused value is quoted in the message, also if the option is a secret.
            failure = {"msg": message, "invocation": {"module_args": self.params}}
            shown = masked(failure, self.no_log_values)
            self.fail_json(**{**shown, "msg": self._named(shown["msg"], spec)})

    def _named(self, message: str, spec: ModuleSpec) -> str:
        """The message with the names that its reader knows. Core does not mark the names of options."""
        name_of = self.controller.name_of
        return _NAME.sub(lambda found: name_of(found[0]) if found[1] in spec.argument_spec else found[0], message)

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """End the task with this result.

        :raises Ended: always.
        """
        result = dict(kwargs)
        if not self._circumstances.shows_invocation:
            result.pop("invocation", None)
        if self._warnings:
            result["warnings"] = self._warnings
        if self._deprecations:
            result["deprecations"] = self._deprecations
        raise Ended(result)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """End the task as failed.

        :raises Ended: always.
        """
        self.exit_json(failed=True, msg=msg, **kwargs)

    def warn(self, warning: str) -> None:
        """Show a warning at the end of the task."""
        text = masked_words(warning, self.no_log_values)
        if text not in self._warnings:
            self._warnings.append(text)

    def deprecate(
        self, msg: str, version: str | None = None, date: str | None = None, collection_name: str | None = None
    ) -> None:
        """Show at the end of the task that something goes away with this version or on this date."""
        when = {"date": date} if date else {"version": version}
        self._deprecations.append({"msg": msg, **when, "collection_name": collection_name})

    def debug(self, msg: str) -> None:
        """Tell what goes on, at -v and at once: a wait is announced before it begins."""
        line = masked_words(msg, self.no_log_values)
        show_at_once(lambda: display.v(line, host=self._circumstances.host))


def _is_stored_secret(spec: ModuleSpec, name: str, value: Any) -> bool:
    """Is it the dictionary that the role stores, given to an option for a secret? `value` is of a builtin type."""
    option = spec.argument_spec.get(name, {})
    return isinstance(value, dict) and option.get("type") == "raw" and bool(option.get("no_log"))


def _what_core_fails_on(options: Mapping[str, Any], given: Mapping[str, Any], of: str = "") -> str | None:
    """Return what is wrong with a value that the validation of core raises on, or refuses without its option's name.

    These are infinite and huge numbers, and what is no dictionary where one with options of its own belongs.

    :param of: the option that these are options of, with a dot.
    """
    for name, option in options.items():
        value, kind = given.get(name), option.get("type", "str")
        if value is None:
            continue
        try:
            converted = DEFAULT_TYPE_VALIDATORS[kind](value)
        except OverflowError:
            return f"argument '{of}{name}' is too large."
        except (TypeError, ValueError):
            if "options" in option:
                return f"argument '{of}{name}' must be a dictionary."
            continue
        if kind in ("int", "float") and abs(converted) > _LARGEST:
            return f"argument '{of}{name}' is too large."
        fault = _what_core_fails_on(option.get("options", {}), converted, f"{of}{name}.") if kind == "dict" else None
        if fault:
            return fault
    return None
