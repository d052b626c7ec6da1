# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of earlier tasks that the option `seen` holds: what is used of them. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .masking import PART, WHOLE

_USED = ("user", "mfa", "device", "steps", "proved")


def used_of_seen(results: Any) -> Any:
    """Return the results with nothing but what is used of them: others hold tokens, or an unstored secret.

    What is no list of dictionaries is returned as it is, for the validation of the option.
    """
    if not (isinstance(results, list) and all(isinstance(one, Mapping) for one in results)):
        return results
    kept = [{key: one[key] for key in _USED if key in one} for one in results]
    # A name that was masked, since a secret is a part of it, is not known.
    return [{**one, "user": None} if _is_masked(one.get("user")) else one for one in kept]


def _is_masked(user: Any) -> bool:
    name = str(user.get("name")) if isinstance(user, Mapping) else ""
    return name == WHOLE or PART in name
