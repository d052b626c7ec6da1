# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `store` of modules, as data. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

STORE_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vault_file": ("path", "variable", "vault_id"),
        "pass": ("name",),
        "hashi_vault": (
            "url", "mount", "path", "auth", "token", "role_id", "secret_id", "ca_path", "namespace",
        ),
        "command": ("argv", "key"),
        "none": (),
    }
)  # fmt: skip
"""The types of stores and the keys that each has beside `type`. The first one is the default."""

_SECRETS = ("token", "secret_id")


def _option(key: str) -> dict[str, Any]:
    if key == "argv":
        return {"type": "list", "elements": "str"}
    return {"type": "path" if key == "ca_path" else "str", "no_log": key in _SECRETS}


STORE_OPTION: Mapping[str, Any] = MappingProxyType(
    {
        "type": "dict",
        "options": {
            "type": {"type": "str", "choices": list(STORE_KEYS), "default": "vault_file"},
            **{key: _option(key) for keys in STORE_KEYS.values() for key in keys},
        },
    }
)
"""The option of modules. Which key belongs to which type is checked when the store is opened."""
