# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of the role must not be: unknown names, and every rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ansible.errors import AnsibleUndefinedVariable

from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret
from ansible_collections.rackspace.identity.plugins.plugin_utils.role import LOGIN, SETTINGS, RoleVariables
from ansible_collections.rackspace.identity.plugins.plugin_utils.role_rules import begun_in_the_middle, ignored_failure
from ansible_collections.rackspace.identity.plugins.plugin_utils.role_rules import problem as problem_of

GOOD: dict[str, Any] = {
    "mfa_otp_username": "jo",
    "mfa_otp_password": "p",
    "mfa_otp_store": "vault_file",
    "mfa_otp_vault_file": "/vault.yml",
    "mfa_otp_verify": "secret",
    "mfa_otp_qr": "none",
    "mfa_otp_bypass_codes": 0,
    "_mfa_otp_job": "enroll",
}
OURS = {"playbook_dir": "/x/ansible_collections/r/i/playbooks"}


def problem(**change: Any) -> str | None:
    check_mode = bool(change.pop("check_mode", False))
    others = ("_", "ansible_", "playbook_")
    variables = {name if name.startswith(others) else f"mfa_otp_{name}": value for name, value in change.items()}
    return problem_of(RoleVariables({**GOOD, **variables}, lambda value: value), check_mode=check_mode)


def test_good_variables_have_no_problem() -> None:
    assert problem() is None
    assert problem(target_user="0123", device_name="1_6") is None
    assert problem(target_user_id=10012345) is None
    assert problem(result={}, hosts="all") is None
    assert problem_of(RoleVariables({**GOOD, "other": 1}, lambda value: value)) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pasword", "mfa_otp_pasword (did you mean mfa_otp_password?)"),
        ("valt_file", "mfa_otp_valt_file (did you mean mfa_otp_vault_file?)"),
        ("bypass_code", "mfa_otp_bypass_code (did you mean mfa_otp_bypass_codes?)"),
        ("xyzzy", "mfa_otp_xyzzy. Nothing was changed"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(name: str, told: str) -> None:
    assert told in (problem(**{name: 1}) or "")


def test_a_value_that_was_cut_off_at_a_space_is_not_used() -> None:
    told = problem(_raw_params="of-a-password play/mfa.yml") or ""
    assert "ends at its first space" in told
    assert "of-a-password" not in told


def test_all_unknown_names_are_told_at_once() -> None:
    told = problem(pasword="x", xyzzy=1) or ""
    assert "mfa_otp_pasword" in told
    assert "mfa_otp_xyzzy" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": ""}, "mfa_otp_password, mfa_otp_api_key or mfa_otp_auth_token is needed to log in as jo"),
        ({"vault_file": ""}, "mfa_otp_vault_file is needed"),
        ({"store": "hashi_vault", "hashi_vault": "https://vault"}, "mfa_otp_hashi_vault must be a dictionary"),
        ({"store": "hashi_vault", "hashi_vault": {"toekn": "t"}}, "mfa_otp_hashi_vault has no key toekn"),
        ({"vault_file": "mfa.yml", **OURS}, "is a relative path"),
        (
            {"qr_path": "qr.png", **OURS},
            "mfa_otp_qr_path is a relative",
        ),
        *[
            ({"bypass_codes": wrong}, "must be a number from 0 to 10")
            for wrong in (11, -1, True, "many", None, 1.5, "", ["12345678"], "12345678", {"codes": 2})
        ],
        *[
            ({"store": wrong}, "mfa_otp_store must be one of vault_file,")
            for wrong in ("valt", {"type": "pass"}, ["pass"], 7, None, "")
        ],
        *[({"verify": wrong}, "The code itself is mfa_otp_code") for wrong in ("123456", 123456, ["prompt"], True)],
        *[
            ({"verify": wrong, "_mfa_otp_job": job, **more}, "mfa_otp_verify must be one of secret, prompt, code")
            for wrong in (None, "")
            for job in ("enroll", "rotate", "recover")
            for more in ({}, {"store": "none"}, {"qr": "html", "qr_path": "/x"})
        ],
        ({"variable": "mfa_otp_entry"}, "mfa_otp_variable is mfa_otp_entry. When the file is loaded"),
        ({"variable": "_mfa_otp_login"}, "mfa_otp_variable is _mfa_otp_login"),
        ({"variable": "mfa_audit_entry", "_mfa_otp_job": "remove"}, "Choose a name with another beginning"),
        *[
            ({**OURS, "store": "command", "store_command": argv, "_mfa_otp_job": job}, "_command is a rel")
            for argv in (["bin/keep", "x"], "bin/keep", "bin/keep,/x")
            for job in ("enroll", "status")
        ],
        ({"_mfa_otp_job": "rotate", "rotate_after": ""}, "mfa_otp_rotate_after is empty"),
        *[
            ({**who, "bypass_codes": 1, "_mfa_otp_job": job}, f"or {job} the account by its own password or API key")
            for who in ({"target_user": "ann"}, {"target_user_id": "i"})
            for job in ("enroll", "recover")
        ],
        *[
            ({"prove_login": True, "_mfa_otp_job": job, **change}, told)
            for job in ("enroll", "rotate", "recover")
            for change, told in (
                ({"password": "", "api_key": "k"}, "needs mfa_otp_password, which is missing or empty. Nothing was"),
                ({"target_user": "ann"}, "needs mfa_otp_target_password, which is missing"),
                ({"target_user_id": "i", "target_password": ""}, "needs mfa_otp_target_password, which is missing"),
                ({"store": "none", "verify": "prompt", "qr": "terminal"}, "and mfa_otp_store is none. Nothing was"),
            )
        ],
        ({"prove_login": "yes", "password": "", "auth_token": "t"}, "mfa_otp_prove_login is true"),
        ({"store": "none", "bypass_codes": 1, "qr": "terminal"}, "mfa_otp_bypass_codes needs a store"),
        ({"store": "none"}, "so only a person can verify the device"),
        ({"store": "none", "qr": "terminal"}, "so only a person can verify the device"),
        ({"store": "none", "verify": "prompt"}, "the secret is not shown to anyone"),
        ({"password": 123456}, "mfa_otp_password is not text"),
        ({"password": True}, "mfa_otp_password is not text"),
        ({"target_user": "ann", "target_password": 1.5}, "mfa_otp_target_password is not text"),
        *[
            ({name: wrong, "_mfa_otp_job": job}, f"mfa_otp_{name} is not text: YAML or a template makes a number")
            for name in ("username", "target_user", "device_name")
            for wrong in (0o123, 1_6, True, 1.5, ["ann"], {"name": "ann"}, date(2026, 1, 3))
            for job in ("enroll", "rotate", "recover", "remove", "status")
        ],
        ({"target_user": 0}, "mfa_otp_target_user is not text"),
        ({"vault_id": 83}, "mfa_otp_vault_id is not text"),
        ({"store": "hashi_vault", "hashi_vault": {"path": 83}}, "mfa_otp_hashi_vault.path is not text"),
        *[({"target_user_id": wrong}, "mfa_otp_target_user_id is not text") for wrong in (True, 1e5, ["1"])],
        ({"state_dir": "state", **OURS}, "mfa_otp_state_dir is a rel"),
        ({"verify": "code"}, "pass the code from the person's device as mfa_otp_code"),
        ({"verify": "code", "code": 5349}, "mfa_otp_code has 4 digits"),
        ({"verify": "code", "code": "abcdef", "check_mode": True}, "mfa_otp_code must hold digits only"),
        ({"_mfa_otp_job": "recover", "verify": "code", "code": "1234567"}, "mfa_otp_code has 7 digits"),
        ({"qr": "png", "verify": "prompt"}, "mfa_otp_qr_path is needed"),
        ({"qr": "html", "qr_path": "/x"}, "it would be gone before it is scanned"),
        ({"_mfa_otp_job": "status", "valt_file": "x"}, "did you mean mfa_otp_vault_file"),
        ({"_mfa_otp_job": "status", "target_user": ""}, "mfa_otp_target_user is defined and empty"),
        ({"_mfa_otp_job": "status", "store": "hashi_vault", "hashi_vault": "x"}, "must be a dictionary"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(change: dict[str, Any], told: str) -> None:
    assert told in (problem(**change) or "")


@pytest.mark.parametrize(
    "change",
    [
        {"password": "", "api_key": "k"},
        {"password": "", "auth_token": "t"},
        {"store": "pass", "vault_file": ""},
        {"store": "hashi_vault"},
        {"vault_file": "mfa.yml", "playbook_dir": "/srv/play"},
        {"vault_file": "~/mfa.yml", **OURS},
        {"bypass_codes": "10"},
        *[{"_mfa_otp_job": job, "target_user": "ann", "bypass_codes": 3} for job in ("rotate", "remove", "status")],
        {"_mfa_otp_job": "recover", "target_user": "ann", "bypass_codes": "0"},
        {"prove_login": True},
        {"prove_login": True, "target_user": "ann", "target_password": "p"},
        *[{"prove_login": unset, "password": "", "api_key": "k"} for unset in (False, "no", None)],
        *[{"prove_login": True, "password": "", "api_key": "k", "_mfa_otp_job": job} for job in ("remove", "status")],
        *[{"_mfa_otp_job": job, "verify": None} for job in ("remove", "status")],
        {"variable": "mfa_of_jo"},
        {"variable": "mfa_otp_entry", "_mfa_otp_job": "status"},
        {"variable": "mfa_otp_entry", "store": "pass"},
        {"store": "command", "store_command": ["bin/keep"], "playbook_dir": "/srv/play"},
        *[
            {**OURS, "store": "command", "store_command": argv}
            for argv in (["/bin/keep"], "/bin/keep", ["~/keep"], ["keep"], "keep", "keep,/x", [], "", None)
        ],
        {"store": "none", "qr": "terminal", "verify": "prompt"},
        {"store": "none", "verify": "code", "code": "123456"},
        {"verify": "code", "code": "231 696"},
        {"verify": "code", "code": 231696},
        {"code": "not asked for"},
        {"_mfa_otp_job": "remove", "verify": "code", "code": "x"},
        {"store": "none", "_mfa_otp_job": "remove"},
        {"_mfa_otp_job": "status", "vault_file": "", "password": ""},
        {"_mfa_otp_job": "status", "vault_file": "mfa.yml", **OURS},
        {"verify": "code", "_mfa_otp_job": "remove"},
        {"qr": "html", "_mfa_otp_job": "remove"},
        {"verify": "code", "check_mode": True},
        {"verify": "code", "qr": "terminal"},
        {"qr": "png", "qr_path": "/x", "verify": "prompt"},
    ],
)
def test_what_is_allowed(change: dict[str, Any]) -> None:
    assert problem(**change) is None


@pytest.mark.parametrize(("job", "needs_it"), [("recover", True), ("enroll", True), ("remove", False)])
def test_a_missing_library_is_told_before_a_code_is_spent(
    job: str, needs_it: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret, "HAS_PYOTP", False)
    assert ("pip install pyotp" in (problem(_mfa_otp_job=job) or "")) is needs_it


@pytest.mark.parametrize(
    ("job", "name"), [("rotate", "rotate_after"), ("enroll", "secret"), ("enroll", "enforcement_level")]
)
def test_what_templates_take_for_not_given_is_worked_out(job: str, name: str) -> None:
    def template(value: dict[str, Any]) -> dict[str, Any]:
        if "{{ nosuch }}" in value.values():
            raise AnsibleUndefinedVariable("'nosuch' is undefined")
        return value

    given = {**GOOD, "_mfa_otp_job": job, f"mfa_otp_{name}": "{{ nosuch }}"}
    with pytest.raises(AnsibleUndefinedVariable):
        problem_of(RoleVariables(given, template))


def test_what_is_omitted_is_the_default() -> None:
    omitted = {"omit": "(omitted)", "mfa_otp_store": "(omitted)", "mfa_otp_bypass_codes": "(omitted)"}
    assert problem_of(RoleVariables({**GOOD, **omitted}, lambda value: value)) is None
    without_file = {**GOOD, **omitted, "mfa_otp_vault_file": ""}
    assert "mfa_otp_vault_file is needed" in (problem_of(RoleVariables(without_file, lambda value: value)) or "")


@pytest.mark.parametrize(
    ("result", "goes_on"),
    [({"failed": True, "msg": "no"}, False), ({"failed": False}, True), ({"skipped": True}, True), ({}, True)],
)
def test_no_task_goes_on_after_a_failure_that_was_ignored(result: dict[str, Any], goes_on: bool) -> None:
    told = ignored_failure(RoleVariables({**GOOD, "_mfa_otp_device": result}, lambda value: value))
    assert (told is None) is goes_on
    looking = {**GOOD, "_mfa_otp_device": result, "_mfa_otp_job": "status"}
    assert ignored_failure(RoleVariables(looking, lambda value: value)) is None


DEVICE, PROOF = "rackspace.identity.rax_otp_device", {"require_second_factor": True}
DONE: dict[str, Any] = {"skipped": True}


@pytest.mark.parametrize(
    ("job", "action", "named", "has", "goes_on"),
    [
        ("enroll", LOGIN, {}, [], True),
        ("enroll", DEVICE, {}, [], False),
        ("enroll", DEVICE, {}, ["login"], True),
        ("enroll", SETTINGS, {}, ["login"], False),
        ("enroll", SETTINGS, {}, ["login", "device"], True),
        ("enroll", LOGIN, PROOF, ["login"], False),
        ("enroll", LOGIN, PROOF, ["login", "device"], True),
        ("remove", SETTINGS, {}, ["login"], True),
        ("remove", DEVICE, {}, [], False),
        ("status", "rackspace.identity.rax_mfa_status", {}, [], True),
    ],
)
def test_no_task_runs_before_those_that_it_needs(
    job: str, action: str, named: dict[str, Any], has: list[str], goes_on: bool
) -> None:
    """Such as with `--start-at-task`."""
    results = {f"_mfa_otp_{name}": DONE if name in has else {} for name in ("login", "device")}
    variables = RoleVariables({**GOOD, **results, "_mfa_otp_job": job}, lambda value: value)
    assert (begun_in_the_middle(variables, action, named) is None) is goes_on
