# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that must be given as text: names, passwords, keys and tokens. Private to the collection.

YAML reads `0123` as the number 83, `1_6` as 16 and `yes` as true, and templates of ansible-core before 2.19 do the same
if `jinja2_native` is set. Core makes text of a number without a word: it would be the name of another account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DIGITS = ("user_id", "target_user_id", "device_id", "domain_id", "tenant_id", "code", "number")
"""Options that may be whole numbers: an id has no zeros to lose, and of the others the digits are checked later."""


def not_text(options: Mapping[str, Any], given: Mapping[str, Any], of: str = "") -> str | None:
    """Return the name of the first option that must be text and is not; None when there is none.

    :param options: the argument spec.
    :param given: the options as they were given, before core makes text of them.
    :param of: the option that these are options of, with a dot.
    """
    for name, option in options.items():
        value = given.get(name)
        if isinstance(value, Mapping) and "options" in option:
            if found := not_text(option["options"], value, f"{of}{name}."):
                return found
        elif option.get("type", "str") == "str" and "choices" not in option and not _is_text(name, value):
            return of + name
    return None


def _is_text(name: str, value: Any) -> bool:
    if value is None or (name in _DIGITS and isinstance(value, int) and not isinstance(value, bool)):
        return True
    return hasattr(value, "casefold")  # as encrypted and tagged strings have


def not_text_words(name: str) -> str:
    """Return what to say of such an option.

    :param name: as the reader knows it.
    """
    return (
        f"{name} is not text: YAML or a template makes a number or the like of it. Nothing was done. Put it in quotes, "
        "without !unsafe. If it is a template, let it end in | string."
    )
