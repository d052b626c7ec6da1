# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left in variables afterwards, the role's own files, and the playbooks' choice of hosts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from integration.harness import Lab, User, assert_enrolled, find_leaks, rows
from integration.harness.accounts import enrolled_lab
from integration.harness.jobs import REMOVAL
from integration.harness.machine import BIN, ROOT

ROLE = ROOT / "roles" / "mfa_otp"
PLAYBOOKS = ROOT / "playbooks"
DUMP = {
    "name": "Show what the role left",
    "ansible.builtin.debug": {
        "msg": "{{ q('ansible.builtin.vars', *q('ansible.builtin.varnames', '^_?mfa_otp_[eclipqdrtuv]')) }}"
    },
}


def with_role(*variables: dict[str, Any], job: str = "main", **keywords: Any) -> list[dict[str, Any]]:
    """A play that includes the role with each of these variables, fail or not, and then shows all that it left."""
    role = {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp", "tasks_from": job}}
    failed = {"ansible.builtin.debug": {"msg": "it failed"}}
    tasks = [{"block": [role], "vars": own, "rescue": [failed]} for own in variables]
    return [{"hosts": "all", "gather_facts": False, "tasks": [*tasks, DUMP], **keywords}]


def assert_tokens_at_most(lab: Lab, shown: str) -> None:
    """The token of the login goes from task to task, and dies soon; no secret, no code and no password is there."""
    assert {leak.kind for leak in find_leaks(lab, {"shown": shown.encode()})} <= {"tokens"}


@pytest.mark.parametrize("job", rows(["main", "rotate", "recover", "remove"]))
def test_registers_hold_no_secret_afterwards(make_lab: Callable[..., Lab], job: str) -> None:
    lab = make_lab() if job == "main" else enrolled_lab(make_lab, codes=2)
    own = lab.variables(mfa_otp_bypass_codes=2)
    secret = {name: own.pop(name) for name in ("mfa_otp_password",)}
    run = lab.run(with_role(secret, job=job), **own)
    assert run.rc == 0, run.screen
    shown = run.screen.partition("TASK [Show what the role left]")[2]
    assert "alice" in shown, "something was shown"
    assert_tokens_at_most(lab, shown)


@pytest.mark.thorough
def test_nothing_is_left_after_a_failure(make_lab: Callable[..., Lab]) -> None:
    """No secret of the account that failed, and not the result of the one before."""
    lab = make_lab(User("alice"), User("bob", {"id": "id-of-bob"}))
    lab.control.fault("status", method="PUT", path="id-of-bob/RAX-AUTH/multi-factor$", status=400, times=0)
    accounts = [
        {**lab.variables(name), "mfa_otp_vault_file": str(lab.work / f"{name}.yml")} for name in ("alice", "bob")
    ]
    run = lab.run(with_role(*accounts))
    assert run.results["account"] == {}
    shown = run.screen.partition("TASK [Show what the role left]")[2]
    assert lab.account("bob")["otp_devices"], "it failed late"
    assert "bob" in shown
    assert_tokens_at_most(lab, shown)


BY_A_PERSON = {"mfa_otp_verify": "code", "mfa_otp_qr": "terminal"}


@pytest.mark.thorough
@pytest.mark.matrix
def test_files_beside_the_playbook_are_not_taken_for_the_roles_own(make_lab: Callable[..., Lab]) -> None:
    """Core looks for a file of tasks beside the playbook, too: a user's verify.yml must not be run in the role."""
    lab = make_lab()
    decoy = [{"name": "Decoy", "ansible.builtin.fail": {"msg": "decoy"}}]
    for folder in ("", "steps", "jobs", "tasks", "tasks/steps", "tasks/jobs"):
        (lab.inputs / folder).mkdir(parents=True, exist_ok=True)
        for path in (ROLE / "tasks").rglob("*.yml"):
            (lab.inputs / folder / path.name).write_text(yaml.safe_dump(decoy), encoding="utf-8")
    plays = [play for job in ("main", "rotate", "recover", "remove") for play in with_role({}, job=job)]
    run = lab.run(plays, **lab.variables(by="api_key", mfa_otp_bypass_codes=1))
    assert "decoy" not in run.screen
    assert run.result["steps"] == REMOVAL
    own = [(BY_A_PERSON, "main"), ({}, "main"), (BY_A_PERSON, "rotate"), (BY_A_PERSON, "recover")]
    asked = lab.run([play for given, job in own for play in with_role(given, job=job)], **lab.variables(by="api_key"))
    screens = asked.screen.split("PLAY [all]")[1:]
    assert ["waits for its code" in screen for screen in screens[: len(own)]] == [bool(given) for given, _job in own]


def playbook(name: str) -> Any:
    """A playbook of the collection, as data."""
    return yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8"))


def test_playbooks_begin_alike() -> None:
    """Each looks at the inventory first and chooses its hosts as the others do. Runs show so of one."""
    jobs = ("enroll", "rotate", "recover", "remove")
    assert len({playbook(name)[1]["hosts"] for name in (*jobs, "status")}) == 1
    checks = {name: playbook(name)[0] for name in (*jobs, "status")}
    assert {check["ansible.builtin.import_playbook"] for check in checks.values()} == {"shared/inventory.yml"}
    assert [checks[job]["vars"] for job in jobs] == [{"_mfa_otp_job": job} for job in jobs]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("args", "of_inventory", "given", "words"),
    [
        (("--limit", "b"), {"mfa_otp_hosts": "{{ nosuch }}"}, {}, "mfa_otp_hosts is a variable of the inventory"),
        pytest.param((), {}, {"mfa_otp_hosts": None}, "mfa_otp_hosts is empty", marks=pytest.mark.thorough),
        pytest.param((), {}, {"mfa_otp_hosts": []}, "mfa_otp_hosts is empty", marks=pytest.mark.thorough),
    ],
    ids=["inventory", "nothing", "empty list"],
)
def test_a_choice_of_accounts_that_would_be_passed_over_is_refused(
    lab: Lab, args: tuple[str, ...], of_inventory: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    inventory = {"all": {"hosts": {"a": lab.variables(), "b": of_inventory}}}
    run = lab.run("remove", *args, inventory=inventory, **given)
    assert run.rc != 0
    assert words in run.message
    assert run.requests == []


@pytest.mark.matrix
def test_a_choice_by_a_variable_of_the_inventory_is_not_everyone(lab: Lab) -> None:
    """Core works the hosts of a play out without the variables of the inventory."""
    accounts = {"hosts": {"account": lab.variables(), "other": {}}, "vars": {"leaving": "leavers"}}
    inventory = {"all": {**accounts, "children": {"leavers": {"hosts": {"account": {}}}}}}
    run = lab.run("remove", inventory=inventory, mfa_otp_hosts="{{ leaving }}")
    assert run.rc != 0
    assert "'leaving' is undefined" in run.screen
    assert run.requests == []


@pytest.mark.matrix
def test_an_account_by_a_variable_of_the_inventory_is_that_one(lab: Lab) -> None:
    inventory = {"all": {"hosts": {"web1": {}, "web2": {}}, "vars": {"vault_user": "alice"}}}
    given = lab.variables() | {"mfa_otp_username": "{{ vault_user }}"}
    run = lab.run("rotate", "--list-hosts", inventory=inventory, **given)
    hosts = run.screen.partition("Rotate accounts")[2].partition("playbook:")[0]
    assert hosts.split()[-1] == "localhost"


@pytest.mark.thorough
def test_extra_variables_alone_are_enough(lab: Lab) -> None:
    """Without an inventory the account is worked on from localhost."""
    given = lab.given("variables.json", lab.variables())
    command = [str(BIN / "ansible-playbook"), "rackspace.identity.enroll", "-e", f"@{given}"]
    done = subprocess.run(
        command, env=lab.environment(), cwd=lab.work, capture_output=True, text=True, check=False, timeout=120
    )
    assert "localhost                  : ok=" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout
    assert_enrolled(lab)


def role_file(name: str) -> Any:
    """A file of the role, as data."""
    return yaml.safe_load((ROLE / name).read_text(encoding="utf-8"))


def test_defaults_and_argument_specs_agree() -> None:
    specs = role_file("meta/argument_specs.yml")["argument_specs"]
    documented: dict[str, Any] = {}
    for entry_point, spec in specs.items():
        for name, option in spec["options"].items():
            assert documented.setdefault(name, option) == option, f"{name} of {entry_point} is described in two ways"
    defaults = role_file("defaults/main.yml")
    assert {name: option["default"] for name, option in documented.items() if "default" in option} == defaults


def test_every_entry_point_is_documented() -> None:
    specs = role_file("meta/argument_specs.yml")["argument_specs"]
    files = {path.stem for path in (ROLE / "tasks").glob("*.yml")} - {
        "on_controller",
        "look",
    }  # of the collection alone
    assert set(specs) == files
