# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of earlier tasks that the option `seen` holds: what is used of them. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_dict

from ..login.earlier_tasks import USED
from .masking import PART, WHOLE


def used_of_seen(results: Any) -> Any:
    """Return the results with nothing but what is used of them: others hold tokens, or an unstored secret.

    What is no list of dictionaries fails the validation of the option, and loses what it holds, too.
    """
    if results is None:
        return None
    if isinstance(results, str):  # as core takes it for a list
        results = results.split(",")
    return [_used(one) for one in results] if isinstance(results, list) else _used(results)


def _used(result: Any) -> Any:
    """Return what is used of a result, also of one that is the text of a dictionary."""
    if isinstance(result, str):
        try:
            result = check_type_dict(result)
        except (TypeError, ValueError):
            return ""
    if not isinstance(result, Mapping):
        # Nothing of it, and of the same type, which the validation names.
        return None if result is None else [] if isinstance(result, list | tuple) else ""
    kept = {key: result[key] for key in USED if key in result}
    # A name that was masked, since a secret is a part of it, is not known.
    return {**kept, "user": None} if _is_masked(kept.get("user")) else kept


def _is_masked(user: Any) -> bool:
    name = str(user.get("name")) if isinstance(user, Mapping) else ""
    return name == WHOLE or PART in name
