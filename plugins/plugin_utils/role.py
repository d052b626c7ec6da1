# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role `mfa_otp`, and the options of modules that they are for. Private to the collection.

The modules that the role chains know options, and its users know variables. A task of the role names only the options
that are its own. It has the others from the variables, which is done here and not by templates. A template takes an
omitted value for one, before ansible-core 2.19 makes a number of some passwords, and costs a worker nearly a
millisecond to compile; three tasks of each account would have twenty.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

ROLE = "rackspace.identity.mfa_otp"
PREFIX = "mfa_otp_"
LOGIN = "rackspace.identity.rax_auth_token"
SETTINGS = "rackspace.identity.rax_mfa_settings"
_STATUS = "rackspace.identity.rax_mfa_status"
_OF_ALL_TASKS = (
    *("username", "api_key", "auth_endpoint", "validate_certs", "ca_path", "timeout", "max_wait", "state_dir"),
    *("target_user", "target_user_id", "store_is_persistent"),
)
"""Options with the name of their variable that a task has without naming them."""
_OF_SOME_TASKS = ("password", "auth_token", "passcode", "store", "secret", "code", "device_name", "enforcement_level")
"""Options with the name of their variable that a task is given when it needs them."""
_OPTIONS = {
    **{name: name for name in (*_OF_ALL_TASKS, *_OF_SOME_TASKS)},
    "proof_password": "password",
    "store.type": "store",
    "store.path": "vault_file",
    "store.variable": "variable",
    "store.vault_id": "vault_id",
    "store.name": "pass_name",
    "store.argv": "store_command",
    "store.key": "username",
    "otp_secret": "secret",
    "name": "device_name",
    "format": "qr",
    "path": "qr_path",
    "count": "bypass_codes",
    "replace_after": "rotate_after",
}
"""Options of modules, and the variable that each comes from."""
_OTHERS = ("target_password", "hashi_vault", "keep_stored", "verify", "prove_login", "remove_all")
VARIABLES = frozenset(f"{PREFIX}{name}" for name in (*_OPTIONS.values(), *_OTHERS))
DEFAULTS = {"store": "vault_file", "variable": "rax_mfa_otp", "device_name": "ansible", "bypass_codes": 0}
"""Those of the role that are looked at without it, or that no module has."""


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
        """Return a value by the name without the prefix. If it is omitted or missing, the default; None without one."""
        if name not in self._values:
            # An omitted value raises by itself, and goes from a dictionary. Before ansible-core 2.19 it is a mark.
            mark = self.all.get("omit", object())
            given = {name: self.all[PREFIX + name]} if PREFIX + name in self.all else {}
            value = self._template(given).get(name, mark)
            self._values[name] = DEFAULTS.get(name) if value == mark else value
        return self._values[name]

    @property
    def acts_on_itself(self) -> bool:
        """Is it the account that logs in, and no other user that it acts on as an administrator?"""
        return self.value("target_user") is None and self.value("target_user_id") is None

    @property
    def password_of_proof(self) -> str:
        """The name of the variable with the password of the account that is worked on."""
        return "password" if self.acts_on_itself else "target_password"

    @property
    def is_proof_wanted(self) -> bool | None:
        """Is a proof wanted, or (None) only where it can be had? What is neither true nor false is no."""
        given = self.value("prove_login")
        if given is None:
            return None
        with contextlib.suppress(TypeError):  # of ansible-core 2.16, on a list
            return bool(boolean(given, strict=False))
        return False

    @property
    def proof_password(self) -> str:
        """The password of the account that is worked on: the key manages, the password proves. Empty: no proof."""
        if self.is_proof_wanted is False:
            return ""
        return self.value(self.password_of_proof) or ""

    @property
    def can_prove(self) -> bool:
        """Can a login show that the stored secret is the device's?"""
        return self.value("store") != "none" and self.proof_password != ""

    def needs_no_login(self, action: str, named: Mapping[str, Any]) -> bool:
        """Is it the login before the work on another user, with an administrator's token?"""
        is_proof = bool(named.get("require_second_factor"))
        return action == LOGIN and not is_proof and not self.acts_on_itself and bool(self.value("auth_token"))

    def options(self, action: str, named: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that a task has without naming them. An empty value is as good as none.

        :param action: what the task does, by its full name.
        :param named: the options that it names. One that requires the second factor is the proof.
        """
        given = {
            **{name: self.value(name) for name in _OF_ALL_TASKS},
            "store": self.place,
            "use": "bypass_code" if self.all.get("_mfa_otp_job") == "recover" else "secret",
        }
        if action == LOGIN and named.get("require_second_factor"):
            device = self.all.get("_mfa_otp_device") or {}
            username = (device.get("user") or {}).get("name") or given["username"]
            return _without_empty({**given, "username": username, "api_key": None, "password": self.proof_password})
        given["auth_token"] = self.value("auth_token")
        if not given["api_key"]:
            given["password"] = self.value("password")
        if action == _STATUS:  # a playbook of its own, which may follow that of a job
            return _without_empty({**given, "passcode": self.value("passcode")})
        if action == LOGIN:
            return _without_empty({**given, **self._of_login()})
        return {**_without_empty({**given, **self._after_login()}), "proof_password": self.proof_password}

    def _of_login(self) -> dict[str, Any]:
        given = {"passcode": self.value("passcode")}
        if not self.acts_on_itself:
            # The store has the entry of the account that is acted on, which is not that of its administrator.
            return {**given, "store": {"type": "none"}}
        if not self.value("auth_token"):
            given["scope"] = "auto"
        if self.all.get("_mfa_otp_job") == "enroll" and not given["passcode"]:
            given["otp_secret"] = self.value("secret")  # nothing is stored of a device that was enrolled by hand
        return given

    def _after_login(self) -> dict[str, Any]:
        """The token of the proof, of the login before it, or none: that one failed, was skipped or checked."""
        job = self.all.get("_mfa_otp_job")
        login, proof = (self.all.get(f"_mfa_otp_{name}") or {} for name in ("login", "proof"))
        user_id = (login.get("user") or {}).get("id")
        given: dict[str, Any] = {"user_id": user_id}
        # The proof of another account is that of the target, or was left by the account before.
        if proof.get("token") and proof["user"]["id"] == user_id:
            login = proof
        if login.get("token"):
            given["auth_token"] = login["token"]["id"]
        elif job == "rotate":  # its task logs in by itself
            given["passcode"] = self.value("passcode")
        adopts = job == "enroll" and self.value("secret") and self.value("store") != "none"
        if self.value("verify") == "code" and job != "remove" and not adopts:
            # The code tells that there is a device of an earlier run: the unverified one, or the one that is stored.
            given["code"] = self.value("code")
        return given

    @property
    def place(self) -> dict[str, Any]:
        """The option `store`, which is none when there is no file: only the playbook `status` works without."""
        kind = self.value("store")
        if kind == "vault_file" and not self.value("vault_file"):
            return {"type": "none"}
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


def _without_empty(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, "")}
