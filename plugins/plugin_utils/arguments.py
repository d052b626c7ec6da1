# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task, and which of them are secrets. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..module_utils.run.masking import WHOLE, masked, texts_in

_OF_RESULT = ("secret", "key_uri", "qrcode", "codes")
"""What a result hands out without a store, beside the token."""


def secrets_of(options: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values of secret options and suboptions; an option with suboptions that is text may hold any."""
    for name, value in given.items():
        option = options.get(name, {})
        if "options" in option and isinstance(value, dict):
            yield from secrets_of(option["options"], value)
        elif option.get("no_log") or "options" in option:
            yield value
        elif _holds_results(option) and isinstance(value, list):
            yield from (_secrets_of_result(one) for one in value if isinstance(one, Mapping))


def _holds_results(option: Mapping[str, Any]) -> bool:
    """Is it a list of results of earlier tasks, such as `seen`?"""
    return option.get("elements") == "dict"


def _secrets_of_result(result: Mapping[str, Any]) -> list[Any]:
    token = result.get("token")
    return [*map(result.get, _OF_RESULT), token.get("id") if isinstance(token, Mapping) else token]


def arguments_without_secrets(options: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments in builtin types, without any of their secrets, also where another option repeats one."""
    secrets = texts_in(list(secrets_of(options, given)))
    shown: dict[str, Any] = masked(shown_arguments(options, given), secrets)
    return shown


def shown_arguments(options: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without secrets, and without the value of a mistyped option, which may be one."""
    names = {key: option for name, option in options.items() for key in (name, *option.get("aliases", ()))}
    return {key: _shown(names[key], value) for key, value in given.items() if key in names}


def _shown(option: Mapping[str, Any], value: Any) -> Any:
    if "options" in option and isinstance(value, dict):
        return shown_arguments(option["options"], value)
    # Suboptions that are text may hold any.
    may_hold_secrets = option.get("no_log") or "options" in option or _holds_results(option)
    return WHOLE if may_hold_secrets and value else value
