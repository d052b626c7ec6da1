# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of modules as data, and those that they share. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from .store_spec import STORE_OPTION


class ModuleSpec(NamedTuple):
    """An argument spec with the constraints that modules have. Shapes are those of `AnsibleModule`."""

    argument_spec: Mapping[str, dict[str, Any]]
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[Any, ...], ...] = ()

    def merged(self, other: ModuleSpec) -> ModuleSpec:
        """Both specs in one; an option in both is a mistake of ours and is refused."""
        twice = set(self.argument_spec) & set(other.argument_spec)
        if twice:
            raise ValueError(f"options specified twice: {', '.join(sorted(twice))}")
        return ModuleSpec(
            argument_spec={**self.argument_spec, **other.argument_spec},
            mutually_exclusive=self.mutually_exclusive + other.mutually_exclusive,
            required_one_of=self.required_one_of + other.required_one_of,
            required_if=self.required_if + other.required_if,
        )

    def constraints(self) -> dict[str, Any]:
        """The constraints as keyword arguments, in fresh lists: the validators of core keep what they are given."""
        return {
            "mutually_exclusive": [list(names) for names in self.mutually_exclusive],
            "required_one_of": [list(names) for names in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
        }

    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments of `AnsibleModule`. Every module of the collection supports check mode.

        A copy: core writes the defaults of suboptions into the default of their option.
        """
        return {
            "argument_spec": deepcopy(dict(self.argument_spec)),
            "supports_check_mode": True,
            **self.constraints(),
        }


AUTH_SPEC = ModuleSpec(
    argument_spec={
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "api_key": {"type": "str", "no_log": True},
        "auth_token": {"type": "str", "no_log": True},
        "user_id": {"type": "str"},
        "otp_secret": {"type": "raw", "no_log": True},
        "passcode": {"type": "raw", "no_log": True},
        "store": dict(STORE_OPTION),
        "store_is_persistent": {"type": "bool", "default": False},
        "use": {"type": "str", "choices": ["secret", "bypass_code"], "default": "secret"},
        "auth_endpoint": {"type": "str"},
        "allow_http": {"type": "bool", "default": False},
        "tenant_id": {"type": "str"},
        "tenant_name": {"type": "str"},
        "credentials_file": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 60.0},
        "max_wait": {"type": "float", "default": 65.0},
        "state_dir": {"type": "path"},
    },
)

TARGET_SPEC = ModuleSpec(
    argument_spec={"target_user": {"type": "str"}, "target_user_id": {"type": "str"}},
    mutually_exclusive=(("target_user", "target_user_id"),),
)
