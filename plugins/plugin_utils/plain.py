# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a template as plain data. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The value without what Ansible hangs on it: marks of trust and origin, and the vault around a string.

    Numbers, booleans, None and lists stay as they are: none of them is a secret, and the parser says so.
    """
    if isinstance(value, str):
        # The unbound method: subclasses of older cores override theirs to return a marked string again.
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, int | float | bytes | list | tuple):
        return value
    # An encrypted string is no `str` and decrypts itself here.
    return str.__str__(str(value))
