# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of the role must not be. Private to the collection.

A task of the role checks them before anything is sent, and says what is wrong with their names.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from ..module_utils.api.errors import OptionError
from ..module_utils.login.typed_passcode import clean_code
from ..module_utils.otp import secret
from ..module_utils.run.runner import named
from ..module_utils.run.store_spec import STORE_KEYS, STORE_OPTION
from .given_text import not_text, not_text_words
from .role import LOGIN, PREFIX, SETTINGS, VARIABLES, RoleVariables, variable_of

_AROUND = ("result", "hosts", "summary")
"""What the role and the playbooks set, or read before the role begins."""
_BY_TEMPLATES = {"enroll": ("secret", "enforcement_level"), "rotate": ("rotate_after",)}
"""What templates of a job read. They take an undefined variable inside of one of these for one that is not given."""
_TEXTS: Mapping[str, Mapping[str, Any]] = {
    **{
        name: {}
        for name in (
            *("username", "password", "api_key", "auth_token", "target_user", "target_user_id", "target_password"),
            *("device_name", "variable", "vault_id", "pass_name"),
        )
    },
    "hashi_vault": STORE_OPTION,
}
"""What must be text, as options, whose type is text unless they say another."""
_WAYS_TO_VERIFY = ("secret", "prompt", "code")
_KNOWN = VARIABLES | {f"{PREFIX}{name}" for name in _AROUND}


def problem(variables: RoleVariables, *, check_mode: bool = False) -> str | None:
    """Return what is wrong with the variables of the role; None when nothing is.

    :param check_mode: that of the task, which need not be that of the command line (`ansible_check_mode`).
    """
    if variables.all.get("_raw_params"):  # so core calls the words of `-e` that belong to no `name=value`
        return (
            "A value that was given by -e ends at its first space. Nothing was changed. Quote it for Ansible, too: "
            "-e \"mfa_otp_vault_file='/a folder/mfa.yml'\", or give it in a file: -e @account.yml."
        )
    unknown = sorted(name for name in variables.all if name.startswith(PREFIX) and name not in _KNOWN)
    if unknown:
        return _unknown(unknown)
    return _Rules(variables, check_mode=check_mode).first()


def ignored_failure(variables: RoleVariables) -> str | None:
    """Return why a task must not go on when one before it failed: with `ignore_errors` the role would.

    A device that could not be stored would then be the only way in, and an entry would go while its device stays.
    """
    if variables.all.get("_mfa_otp_job") == "status":  # to look does no harm, and comes after a failure
        return None
    results = (value for name, value in variables.all.items() if name.startswith("_mfa_otp_"))
    if any(isinstance(result, Mapping) and result.get("failed") for result in results):
        return "A task of the role failed before, and that was ignored (ignore_errors). Nothing more is done."
    return None


def begun_in_the_middle(variables: RoleVariables, action: str, named: Mapping[str, Any]) -> str | None:
    """Return why a task must not run when one before it has not: what it makes sure of is not known.

    MFA would be turned on for an account whose secret is not stored.

    :param action: what the task does, by its full name.
    :param named: the options that it names.
    """
    job, is_proof = variables.all.get("_mfa_otp_job"), bool(named.get("require_second_factor"))
    if job == "status" or (action == LOGIN and not is_proof):
        return None
    # A task that was passed over by its `when` leaves a result, too.
    needed = ["login", *(["device"] if job == "enroll" and action in (LOGIN, SETTINGS) else [])]
    if all(variables.all.get(f"_mfa_otp_{name}") for name in needed):
        return None
    return (
        "The role was begun in its middle (--start-at-task, --step): a task before this one has not run. Nothing was "
        "changed. Run the role from its beginning."
    )


def _unknown(names: list[str]) -> str:
    told = []
    for name in names:
        # Without the prefix, by which any two names are alike.
        own = sorted(variable.removeprefix(PREFIX) for variable in VARIABLES)
        near = difflib.get_close_matches(name.removeprefix(PREFIX), own, 1)
        told.append(f"{name} (did you mean {PREFIX}{near[0]}?)" if near else name)
    return (
        f"The role has no variable {', '.join(told)}. Nothing was changed. Correct the name, or remove it; all "
        "variables: ansible-doc -t role rackspace.identity.mfa_otp"
    )


class _Rules:
    """What does not go together, or is missing; each rule is one sentence."""

    def __init__(self, variables: RoleVariables, *, check_mode: bool) -> None:
        self._value = variables.value
        self._is_defined = lambda name: PREFIX + name in variables.all
        self._job = variables.all.get("_mfa_otp_job")
        self._variables = variables
        self._check_mode = check_mode
        self._playbook_is_ours = "/ansible_collections/" in f"{variables.all.get('playbook_dir', '')}/"

    def first(self) -> str | None:
        """The first problem."""
        common = self._texts() or self._target() or self._store()
        if common or self._job == "status":  # it looks with what there is, and relative paths are the user's
            return common
        common = self._credentials() or self._places()
        if common or self._job == "remove":  # nothing is made or shown
            return common
        if not secret.HAS_PYOTP:  # a login by a bypass code would spend one before a new secret is made
            return str(secret.PyotpMissing())
        of_job = self._of_job() or self._proof() or self._codes()
        return of_job or self._way_to_verify() or self._kept_by_nobody() or self._person()

    def _target(self) -> str | None:
        """A variable that is missing by mistake must not turn an administrator's work on themselves."""
        for name in ("target_user", "target_user_id"):
            if self._is_defined(name) and not str(self._value(name) or "").strip():
                return f"{PREFIX}{name} is defined and empty. Give the user to act on, or remove the variable."
        return None

    def _texts(self) -> str | None:
        wrong = not_text(_TEXTS, {name: self._value(name) for name in _TEXTS})
        return not_text_words(PREFIX + wrong) if wrong else None

    def _credentials(self) -> str | None:
        if any(self._value(name) for name in ("password", "api_key", "auth_token")):
            return None
        return (
            f"mfa_otp_password, mfa_otp_api_key or mfa_otp_auth_token is needed to log in as {self._value('username')}."
        )

    def _store(self) -> str | None:
        kind = self._value("store")
        if kind not in tuple(STORE_KEYS):
            return (
                f"mfa_otp_store must be one of {', '.join(STORE_KEYS)}. What else a store needs has variables of its "
                "own, such as mfa_otp_vault_file and mfa_otp_hashi_vault."
            )
        if kind == "command":
            argv = self._value("store_command")
            words = argv if isinstance(argv, list) else str(argv or "").split(",")  # as core makes a list of text
            program = str(words[0]) if words else ""
            return self._relative("store_command", program) if "/" in program else None
        if kind != "hashi_vault":
            return None
        given = self._value("hashi_vault") or {}
        if not isinstance(given, Mapping):
            return "mfa_otp_hashi_vault must be a dictionary of url, path and the other keys of that store."
        unknown = ", ".join(str(key) for key in given if key not in STORE_KEYS["hashi_vault"])
        if unknown:
            return f"mfa_otp_hashi_vault has no key {unknown}. Its keys: {', '.join(STORE_KEYS['hashi_vault'])}."
        return None

    def _places(self) -> str | None:
        if self._value("store") == "vault_file" and not self._value("vault_file"):
            return "mfa_otp_vault_file is needed: the encrypted file that keeps the secret."
        if self._value("store") == "vault_file" and re.match("_?mfa_(otp|audit)_", str(self._value("variable"))):
            return (
                f"mfa_otp_variable is {self._value('variable')}. When the file is loaded, that is taken for a variable "
                "of the role or of the playbook audit. Choose a name with another beginning; if an entry has this one, "
                "rename it in the file first."
            )
        names = ("vault_file", "qr_path", "state_dir")
        return next(filter(None, (self._relative(name, str(self._value(name) or "/")) for name in names)), None)

    def _relative(self, name: str, path: str) -> str | None:
        if not self._playbook_is_ours or path[0] in "/~":
            return None
        return (
            f"{PREFIX}{name} is a relative path. Relative paths are resolved against the playbook's folder, which lies "
            "inside the collection: its next installation would remove the file. Give the whole path."
        )

    def _of_job(self) -> str | None:
        """The age must not be missing by mistake: the secret would be replaced, whatever its age."""
        values = {name: self._value(name) for name in _BY_TEMPLATES.get(self._job or "", ())}
        if values.get("rotate_after") == "":
            return "mfa_otp_rotate_after is empty. Give an age in days, or remove the variable."
        return None

    def _proof(self) -> str | None:
        """One that is asked for must not be left out in silence: a rotation would delete the old device without it."""
        if not self._variables.is_proof_wanted or self._variables.can_prove:
            return None
        if self._value("store") == "none":
            needed = "a store that keeps the secret, and mfa_otp_store is none"
        else:
            needed = f"{PREFIX}{self._variables.password_of_proof}, which is missing or empty"
        return (
            f"mfa_otp_prove_login is true: the proof is a login that needs {needed}. Nothing was changed. Give it, or "
            "leave mfa_otp_prove_login out."
        )

    def _codes(self) -> str | None:
        codes = self._value("bypass_codes")
        if isinstance(codes, bool) or not re.fullmatch(r"[0-9]{1,2}", str(codes)) or int(codes) > 10:
            return (
                "mfa_otp_bypass_codes must be a number from 0 to 10: the service makes no more. A code to log in with "
                "is mfa_otp_passcode."
            )
        if int(codes) and self._job in ("enroll", "recover") and not self._variables.acts_on_itself:
            return (
                "mfa_otp_bypass_codes cannot be kept for another user: the service gives an administrator one code for "
                f"at most three hours. Leave it out, or {self._job} the account by its own password or API key."
            )
        if int(codes) and self._value("store") == "none":
            return "mfa_otp_bypass_codes needs a store to keep them in: leave it out, or choose another mfa_otp_store."
        return None

    def _way_to_verify(self) -> str | None:
        """None is no way, either: templates would take it for a person who takes part, and then ask nobody."""
        if self._value("verify") not in _WAYS_TO_VERIFY:
            return f"mfa_otp_verify must be one of {', '.join(_WAYS_TO_VERIFY)}. The code itself is mfa_otp_code."
        return None

    def _kept_by_nobody(self) -> str | None:
        if self._value("store") != "none":
            return None
        if self._value("verify") == "secret":
            return (
                "mfa_otp_store is none, so only a person can verify the device. Let mfa_otp_verify be prompt or code, "
                "with a mfa_otp_qr that shows the secret, or choose a store."
            )
        if self._value("verify") == "prompt" and self._value("qr") == "none":
            return "mfa_otp_store is none, and the secret is not shown to anyone: choose a mfa_otp_qr, or a store."
        return None

    def _person(self) -> str | None:
        qr, verify = self._value("qr"), self._value("verify")
        is_file = qr in ("png", "html")
        if verify == "code" and self._value("code"):
            try:
                clean_code(str(self._value("code")))
            except OptionError as error:
                return named(str(error), variable_of)
        if verify == "code" and not self._value("code") and qr == "none" and not self._check_mode:
            return (
                "mfa_otp_verify is code: pass the code from the person's device as mfa_otp_code, or choose a "
                "mfa_otp_qr for a first run without it, which shows the QR code."
            )
        if is_file and not self._value("qr_path"):
            return "mfa_otp_qr_path is needed: the file for the QR code."
        if is_file and verify == "secret":
            return (
                "A file with the QR code is removed as soon as the device is verified, and mfa_otp_verify is secret: "
                "it would be gone before it is scanned. Choose prompt or code, or write the file from the stored "
                "secret with rackspace.identity.rax_otp_qr."
            )
        return None
