# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role: the options that tasks have from them, and the names that errors use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.run.store_spec import STORE_KEYS
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_device
from ansible_collections.rackspace.identity.plugins.plugin_utils import role

SPECS = Path(role.__file__).parents[2] / "roles" / "mfa_otp" / "meta" / "argument_specs.yml"
OMITTED = "the mark of what is omitted, before ansible-core 2.19"
GOOD: dict[str, Any] = {
    "omit": OMITTED,
    "mfa_otp_username": "jo",
    "mfa_otp_password": "p",
    "mfa_otp_validate_certs": False,
    "mfa_otp_store": "vault_file",
    "mfa_otp_vault_file": "/vault.yml",
    "mfa_otp_variable": "rax_mfa_otp",
    "_mfa_otp_job": "enroll",
}
LOGIN = {"token": {"id": "t"}, "user": {"id": "u"}}


DEVICE = "rackspace.identity.rax_otp_device"
LOG_IN = "rackspace.identity.rax_auth_token"
STATUS = "rackspace.identity.rax_mfa_status"


def options(*, action: str = DEVICE, named: dict[str, Any] | None = None, **change: Any) -> dict[str, Any]:
    variables = {name if name.startswith("_") else f"mfa_otp_{name}": value for name, value in change.items()}
    return role.RoleVariables({**GOOD, **variables}, lambda value: value).options(action, named or {})


def of_proof(**change: Any) -> dict[str, Any]:
    return options(action=LOG_IN, named={"require_second_factor": True}, **change)


def test_every_variable_of_the_specs_is_known_and_no_other() -> None:
    specs = yaml.safe_load(SPECS.read_text(encoding="utf-8"))["argument_specs"]
    documented = {name for spec in specs.values() for name in spec["options"]}
    assert documented == role.VARIABLES


def test_the_proof_logs_in_by_the_name_of_the_account_that_has_the_device() -> None:
    device = {"user": {"id": "i", "name": "1_000"}}  # of which a template can make a number
    proof = of_proof(target_user_id="i", target_password="q", _mfa_otp_device=device)
    assert proof["username"] == "1_000"
    assert of_proof()["username"] == "jo"
    assert of_proof(_mfa_otp_device={"changed": False})["username"] == "jo"


def test_what_a_task_has_without_naming_it() -> None:
    assert options() == {
        "username": "jo",
        "password": "p",
        "validate_certs": False,
        "store": {"type": "vault_file", "path": "/vault.yml", "variable": "rax_mfa_otp", "vault_id": None},
        "use": "secret",
        "proof_password": "p",
    }


def test_every_such_option_is_one_of_the_modules_with_the_variable_that_errors_name() -> None:
    given = {name: f"x-{name}" for name in role.VARIABLES}
    store = {"mfa_otp_store": "command", "mfa_otp_api_key": "", "_mfa_otp_login": LOGIN}
    variables = role.RoleVariables({**GOOD, **given, **store}, lambda value: value)
    found = {**variables.options(LOG_IN, {}), **variables.options(DEVICE, {})}
    assert found.keys() <= {*AUTH_SPEC.argument_spec, *TARGET_SPEC.argument_spec, *rax_otp_device.SPEC.argument_spec}
    for option, value in found.items():
        if isinstance(value, str) and value.startswith("x-") and option != "proof_password":
            assert f"x-{role.variable_of(option)}" == value


@pytest.mark.parametrize("value", [None, "", OMITTED])
@pytest.mark.parametrize("name", ["auth_endpoint", "timeout", "max_wait", "api_key", "auth_token", "state_dir"])
def test_an_empty_or_omitted_value_is_none(name: str, value: Any) -> None:
    assert options(**{name: value}) == options()


def test_the_store_has_a_default_when_it_is_omitted() -> None:
    assert options(store=OMITTED) == options()


def test_what_is_looked_at_without_the_role_has_the_defaults_of_the_role() -> None:
    told = yaml.safe_load((SPECS.parents[1] / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert role.DEFAULTS.items() <= {name.removeprefix(role.PREFIX): value for name, value in told.items()}.items()


def test_zero_and_false_are_values() -> None:
    found = options(max_wait=0, store_is_persistent=False)
    assert (found["max_wait"], found["store_is_persistent"]) == (0, False)


def test_the_key_manages() -> None:
    assert options(api_key="k")["api_key"] == "k"
    assert "password" not in options(api_key="k")


@pytest.mark.parametrize(
    ("login", "token", "user"),
    [
        (LOGIN, "t", "u"),
        ({"skipped": True, "changed": False}, "own", None),
        ({"failed": True, "msg": "no"}, "own", None),
        ({"token": None, "user": None}, "own", None),
    ],
)
def test_the_login_before_is_used(login: dict[str, Any], token: str, user: str | None) -> None:
    found = options(auth_token="own", _mfa_otp_login=login)
    assert (found["auth_token"], found.get("user_id")) == (token, user)


@pytest.mark.parametrize(("job", "passcode"), [("rotate", "123456"), ("enroll", None), ("recover", None)])
def test_a_task_that_logs_in_by_itself_has_the_passcode(job: str, passcode: str | None) -> None:
    skipped = {"skipped": True, "changed": False}
    assert options(passcode="123456", _mfa_otp_job=job, _mfa_otp_login=skipped).get("passcode") == passcode
    assert "passcode" not in options(passcode="123456", _mfa_otp_job=job, _mfa_otp_login=LOGIN)


@pytest.mark.parametrize("action", [LOG_IN, STATUS])
def test_a_login_begins_anew(action: str) -> None:
    found = options(action=action, auth_token="own", _mfa_otp_login=LOGIN)
    assert (found["auth_token"], found.get("user_id")) == ("own", None)


def test_the_status_is_that_of_the_target_with_its_store_or_none() -> None:
    found = options(action=STATUS, target_user="ann", passcode="123456")
    assert (found["passcode"], found["store"]["path"]) == ("123456", "/vault.yml")
    assert options(action=STATUS, vault_file="")["store"] == {"type": "none"}


@pytest.mark.parametrize(
    ("login", "user", "token"),
    [
        (LOGIN, "u", "proof"),
        (LOGIN, "that of the target or of the account before", "t"),
        ({"skipped": True}, "u", "own"),
    ],
)
def test_the_proof_is_a_login_too_if_it_is_that_of_the_same_user(login: dict[str, Any], user: str, token: str) -> None:
    proof = {"token": {"id": "proof"}, "user": {"id": user}}
    assert options(auth_token="own", _mfa_otp_login=login, _mfa_otp_proof=proof)["auth_token"] == token


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({}, {"scope": "auto"}),
        ({"passcode": "123456"}, {"scope": "auto", "passcode": "123456"}),
        ({"auth_token": "own"}, {"auth_token": "own"}),
        ({"auth_token": OMITTED}, {"scope": "auto"}),
        ({"secret": "ABC"}, {"scope": "auto", "otp_secret": "ABC"}),
        ({"secret": "ABC", "passcode": OMITTED}, {"scope": "auto", "otp_secret": "ABC"}),
        ({"secret": "ABC", "passcode": "123456"}, {"scope": "auto", "passcode": "123456"}),
        ({"secret": "ABC", "_mfa_otp_job": "rotate"}, {"scope": "auto"}),
        ({"secret": "ABC", "target_user": "ann"}, {"target_user": "ann", "store": {"type": "none"}}),
    ],
)
def test_the_login_of_the_account_that_does_the_work(change: dict[str, Any], more: dict[str, Any]) -> None:
    common = {name: value for name, value in options().items() if name != "proof_password"}
    assert options(action=LOG_IN, **change) == {**common, **more}


@pytest.mark.parametrize(
    ("action", "named", "change", "is_needless"),
    [
        (LOG_IN, {}, {"auth_token": "own", "target_user": "ann"}, True),
        (LOG_IN, {}, {"auth_token": "own", "target_user_id": "1"}, True),
        (LOG_IN, {}, {"auth_token": "own"}, False),
        (LOG_IN, {}, {"target_user": "ann"}, False),
        (LOG_IN, {}, {"auth_token": OMITTED, "target_user": "ann"}, False),
        (LOG_IN, {"require_second_factor": True}, {"auth_token": "own", "target_user": "ann"}, False),
        (DEVICE, {}, {"auth_token": "own", "target_user": "ann"}, False),
    ],
)
def test_nothing_is_asked_about_an_administrators_token(
    action: str, named: dict[str, Any], change: dict[str, Any], is_needless: bool
) -> None:
    variables = {f"mfa_otp_{name}": value for name, value in change.items()}
    found = role.RoleVariables({**GOOD, **variables}, lambda value: value).needs_no_login(action, named)
    assert found is is_needless


@pytest.mark.parametrize(
    ("change", "password"),
    [
        ({}, "p"),
        ({"api_key": "k", "auth_token": "own"}, "p"),
        ({"target_user": "ann", "target_password": "q"}, "q"),
    ],
)
def test_the_proof_is_by_password_alone(change: dict[str, Any], password: str) -> None:
    found = of_proof(**change)
    assert found["password"] == password
    assert found.keys().isdisjoint(("api_key", "auth_token", "scope"))
    assert found["store"]["type"] == "vault_file"


@pytest.mark.parametrize(
    ("change", "password"),
    [
        ({}, "p"),
        ({"prove_login": "yes"}, "p"),
        ({"prove_login": OMITTED}, "p"),
        ({"prove_login": "no"}, ""),
        ({"prove_login": False}, ""),
        ({"prove_login": []}, ""),
        ({"password": OMITTED}, ""),
        ({"target_user": "ann"}, ""),
        ({"target_user_id": "1", "target_password": "q"}, "q"),
    ],
)
def test_the_password_that_proves_is_never_another_users(change: dict[str, Any], password: str) -> None:
    assert options(**change)["proof_password"] == password
    variables = {f"mfa_otp_{name}": value for name, value in change.items()}
    assert role.RoleVariables({**GOOD, **variables}, lambda value: value).can_prove is bool(password)


def test_nothing_proves_a_secret_that_is_not_kept() -> None:
    assert not role.RoleVariables({**GOOD, "mfa_otp_store": "none"}, lambda value: value).can_prove


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"store": "none"}, "123456"),
        ({"store": "none", "verify": "prompt"}, None),
        ({}, "123456"),
        ({"secret": "ABC"}, None),
        ({"_mfa_otp_job": "rotate"}, "123456"),
        ({"_mfa_otp_job": "recover"}, "123456"),
        ({"_mfa_otp_job": "recover", "secret": "ABC"}, "123456"),
        ({"_mfa_otp_job": "remove"}, None),
        ({"_mfa_otp_job": "remove", "store": "none"}, None),
        ({"_mfa_otp_job": "recover", "store": "none"}, "123456"),
        ({"verify": "secret"}, None),
        ({"code": OMITTED}, None),
        ({"store": "none", "code": OMITTED}, None),
    ],
)
def test_the_code_tells_that_a_device_is_there(change: dict[str, Any], code: str | None) -> None:
    assert options(**{"verify": "code", "code": "123456", **change}).get("code") == code


def test_the_role_forgets_all_that_its_tasks_register() -> None:
    files = set((SPECS.parents[1] / "tasks").rglob("*.yml")) - {SPECS.parents[1] / "tasks" / "look.yml"}  # no job
    tasks = [task for path in files for task in all_tasks(path)]
    (forget,) = (task["ansible.builtin.set_fact"] for task in tasks if task["name"].startswith("Forget"))
    assert set(forget) == {"mfa_otp_result", *(task["register"] for task in tasks if "register" in task)}
    assert not any(forget.values())


def test_what_the_role_says_and_forgets_belongs_to_the_host_of_the_account() -> None:
    """Not to localhost, with a delegate_facts of the user's: the next account would have the login of this one."""
    tasks = [task for path in (SPECS.parents[1] / "tasks").rglob("*.yml") for task in all_tasks(path)]
    delegated = [task["delegate_facts"] for task in tasks if "delegate_to" in task]
    assert delegated == [False]


def all_tasks(path: Path) -> Iterator[dict[str, Any]]:
    waiting = list(yaml.safe_load(path.read_text(encoding="utf-8")))
    while waiting:
        task = waiting.pop()
        yield task
        waiting += [*task.get("block", ()), *task.get("always", ())]


def test_every_condition_is_one_for_ansible_core_2_17_too() -> None:
    """It puts a condition into an if statement, which takes none with an inline if at its top."""
    home = SPECS.parents[3]
    for file in (*home.glob("roles/**/tasks/**/*.yml"), *home.glob("playbooks/**/*.yml")):
        for found in conditions(yaml.safe_load(file.read_text(encoding="utf-8"))):
            Environment(autoescape=True).parse(f"{{% if {found} %}}{{% endif %}}")


def conditions(data: Any) -> Iterator[str]:
    """Yield each `when` in what YAML says."""
    if isinstance(data, dict):
        yield from map(str, [data["when"]] if isinstance(data.get("when"), str) else data.get("when", ()))
    if isinstance(data, (dict, list)):
        for one in data.values() if isinstance(data, dict) else data:
            yield from conditions(one)


def test_a_recovery_logs_in_with_a_bypass_code() -> None:
    assert options(_mfa_otp_job="recover")["use"] == "bypass_code"


@pytest.mark.parametrize(
    ("change", "store"),
    [
        ({"store": "pass"}, {"type": "pass", "name": "rax_mfa_otp"}),
        ({"store": "pass", "pass_name": "mfa/jo"}, {"type": "pass", "name": "mfa/jo"}),
        ({"store": "hashi_vault", "hashi_vault": {"url": "u"}}, {"type": "hashi_vault", "url": "u"}),
        ({"store": "hashi_vault"}, {"type": "hashi_vault"}),
        ({"store": "command", "store_command": ["x"]}, {"type": "command", "argv": ["x"], "key": "jo"}),
        (
            {"store": "command", "store_command": ["x"], "target_user": "ann"},
            {"type": "command", "argv": ["x"], "key": "ann"},
        ),
        ({"store": "none"}, {"type": "none"}),
    ],
)
def test_the_store(change: dict[str, Any], store: dict[str, Any]) -> None:
    assert options(**change)["store"] == store


def test_a_value_is_worked_out_once() -> None:
    asked: list[str] = []

    def template(value: dict[str, Any]) -> Any:
        asked.extend(value)
        return value

    variables = role.RoleVariables(GOOD, template)
    assert [variables.value("password"), variables.value("password")] == ["p", "p"]
    assert asked == ["password"]


@pytest.mark.parametrize(
    ("store", "key"), [(store, key) for store in STORE_KEYS for key in ("type", *STORE_KEYS[store])]
)
def test_every_key_of_a_store_has_a_variable(store: str, key: str) -> None:
    variable = role.variable_of(f"store.{key}", store)
    assert variable.partition(".")[0] in role.VARIABLES
    assert ("." in variable) is (store == "hashi_vault" and key != "type")


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("proof_password", "mfa_otp_password"),
        ("otp_secret", "mfa_otp_secret"),
        ("name", "mfa_otp_device_name"),
        ("replace_after", "mfa_otp_rotate_after"),
        ("store", "mfa_otp_store"),
        ("tenant_id", "tenant_id"),
    ],
)
def test_the_variable_that_an_option_comes_from(option: str, variable: str) -> None:
    assert role.variable_of(option) == variable
