# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role `mfa_otp`, and the options of modules that they are for. Private to the collection.

The modules that the role chains know options, and its users know variables. A task of the role names only the options
that are its own. It has the others from the variables, which is done here and not by templates: a template costs a
worker nearly a millisecond to compile, and three tasks of each account would have twenty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ROLE = "rackspace.identity.mfa_otp"
PREFIX = "mfa_otp_"
_OWN_LOGIN = ("rackspace.identity.rax_auth_token", "rackspace.identity.rax_mfa_status")
_OPTIONS = {
    "username": "username",
    "password": "password",
    "api_key": "api_key",
    "auth_token": "auth_token",
    "passcode": "passcode",
    "auth_endpoint": "auth_endpoint",
    "validate_certs": "validate_certs",
    "ca_path": "ca_path",
    "timeout": "timeout",
    "max_wait": "max_wait",
    "state_dir": "state_dir",
    "target_user": "target_user",
    "target_user_id": "target_user_id",
    "proof_password": "password",
    "store": "store",
    "store_is_persistent": "store_is_persistent",
    "store.type": "store",
    "store.path": "vault_file",
    "store.variable": "variable",
    "store.vault_id": "vault_id",
    "store.name": "pass_name",
    "store.argv": "store_command",
    "store.key": "username",
    "secret": "secret",
    "otp_secret": "secret",
    "code": "code",
    "name": "device_name",
    "device_name": "device_name",
    "path": "qr_path",
    "count": "bypass_codes",
    "enforcement_level": "enforcement_level",
    "replace_after": "rotate_after",
}
"""Options of modules, and the variable that each comes from."""
_OTHERS = ("target_password", "hashi_vault", "keep_stored", "verify", "qr", "prove_login", "remove_all")
VARIABLES = frozenset(f"{PREFIX}{name}" for name in (*_OPTIONS.values(), *_OTHERS))
_OF_ALL_TASKS = (
    *("username", "api_key", "auth_endpoint", "validate_certs", "ca_path", "timeout", "max_wait", "state_dir"),
    *("target_user", "target_user_id", "store_is_persistent"),
)
"""Options with the name of their variable that a task has without naming them."""


def variable_of(option: str, store: str = "") -> str:
    """Return the variable of the role that an option of its modules comes from; the option when there is none.

    :param store: the type of the store: `store.path` is another variable for each of two.
    """
    group, _dot, key = option.rpartition(".")
    if group == "store" and ((store == "hashi_vault" and key != "type") or option not in _OPTIONS):
        return f"{PREFIX}hashi_vault.{key}"
    return PREFIX + _OPTIONS[option] if option in _OPTIONS else option


class RoleVariables:
    """The variables of the role in one task.

    :param variables: all variables of the task.
    :param template: works a value out.
    """

    def __init__(self, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> None:
        self.all = variables
        self._template = template
        self._values: dict[str, Any] = {}  # a lookup may take a second, and is asked once

    def value(self, name: str) -> Any:
        """Return a value by the name without the prefix; None if there is none, or if it is omitted."""
        if name not in self._values:
            # An omitted value raises by itself, and goes from a dictionary. Before ansible-core 2.19 it is a mark.
            value = self._template({name: self.all.get(PREFIX + name)}).get(name)
            self._values[name] = None if value == self.all.get("omit") else value
        return self._values[name]

    def options(self, action: str) -> dict[str, Any]:
        """Return the options that a task has without naming them. An empty value is as good as none.

        :param action: what the task does, by its full name. A login does not go on with the token of an earlier one,
            nor does the playbook `status` with that of a job before it.
        """
        login = self.all.get("_mfa_otp_login", {}) if action not in _OWN_LOGIN else {}
        token, user = (login.get(name) or {} for name in ("token", "user"))  # none: it failed, was skipped or checked
        given = {
            **{name: self.value(name) for name in _OF_ALL_TASKS},
            "auth_token": token.get("id") or self.value("auth_token"),
            "user_id": user.get("id"),
            "store": self._store(),
            "use": "bypass_code" if self.all.get("_mfa_otp_job") == "recover" else "secret",
        }
        if given["api_key"] in (None, ""):  # the key manages, the password proves
            given["password"] = self.value("password")
        return {name: value for name, value in given.items() if value not in (None, "")}

    def _store(self) -> dict[str, Any] | None:
        """Return the option `store`; None when there is no file, without which only the playbook `status` works."""
        kind = self.value("store")
        if kind == "vault_file" and not self.value("vault_file"):
            return None
        if kind == "vault_file":
            own = {
                "path": self.value("vault_file"),
                "variable": self.value("variable"),
                "vault_id": self.value("vault_id"),
            }
        elif kind == "pass":
            own = {"name": self.value("pass_name") or self.value("variable")}
        elif kind == "hashi_vault":
            own = self.value("hashi_vault") or {}
        elif kind == "command":
            key = self.value("target_user") or self.value("target_user_id") or self.value("username")
            own = {"argv": self.value("store_command"), "key": key}
        else:
            own = {}
        return {**own, "type": kind}
