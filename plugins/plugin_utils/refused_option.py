# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An option that core refuses, or that is none, of a lookup, an inventory or a filter. Private to the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleError

REFUSALS = (AnsibleError, TypeError, ValueError, ArithmeticError)
"""What core ends in: up to 2.18 also in what Python raises, on a list or an infinite number."""
_NAMED = re.compile(r"(?:Config '|setting: |retrieving '?)(\w+)")
"""How core names the option: from 2.19 on, and before."""


def told(error: Exception, options: Mapping[str, Any], given: Iterable[str] = ()) -> str:
    """Say it without core's words: they quote the value, which may be a secret, or one in the wrong place.

    :param options: what the documentation says of each option.
    :param given: the options that have a value, where core names none.
    """
    found = _NAMED.search(str(error))
    names = found[1] if found else " or ".join(sorted(given))
    choices = ", ".join(str(choice) for choice in options.get(names, {}).get("choices") or ())
    values = f" It takes {choices}." if choices else ""
    return f"The option {names} has a value that it does not take.{values}" if names else "An option has a wrong value."


def unknown(plugin: str, given: Iterable[str], known: Iterable[str] = ()) -> str | None:
    """Say which options there are not; None when all are known."""
    others = ", ".join(sorted(set(given) - set(known)))
    return f"{plugin} has no option {others}. Correct the name: ansible-doc shows them." if others else None
