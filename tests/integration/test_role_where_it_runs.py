# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories that make everything remote, what is left in variables afterwards, and the playbooks' choice of hosts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.harness import ENROLLMENT, Lab, User, assert_enrolled, find_leaks, rows
from integration.harness.accounts import enrolled_lab
from integration.harness.machine import BIN

ROLE = Path(__file__).resolve().parents[2] / "roles" / "mfa_otp"
REMOTE = {
    "ansible_host": "192.0.2.1",
    "ansible_connection": "ssh",
    "ansible_become": True,
    "ansible_become_method": "ansible.builtin.sudo",
    "ansible_become_password": "wrong",
    "ansible_python_interpreter": "/nowhere/python3",
    "ansible_remote_tmp": "/nowhere",
}
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


@pytest.mark.thorough
@pytest.mark.parametrize("where", rows(["group all", "localhost, too"]))
def test_an_inventory_that_makes_everything_remote(lab: Lab, where: str) -> None:
    """Variables of the group `all` hold for the implicit localhost, too; a localhost in the inventory has them all."""
    names = ["far"] if where == "group all" else ["far", "localhost"]
    inventory = {"all": {"hosts": {name: {} for name in names}, "vars": REMOTE}}
    run = lab.run("enroll", "-l", "far", inventory=inventory, **lab.variables())
    assert run.rc == 0, run.screen
    assert run.results["far"]["steps"] == ENROLLMENT
    assert_enrolled(lab)


@pytest.mark.thorough
def test_defaults_of_a_play_for_modules_of_core(lab: Lab) -> None:
    """A fact that is cached is written to a file: with `cacheable` as a default, so would be every secret."""
    defaults = {
        "ansible.builtin.set_fact": {"cacheable": True},
        "ansible.builtin.assert": {"fail_msg": "not ours"},
        "rackspace.identity.vault_vars": {"backup": True, "vault_id": "unknown"},
    }
    cache = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(lab.work / "c")}
    play = with_role({}, module_defaults=defaults)
    run = lab.run(play, env=cache, **lab.variables())
    assert run.result["steps"] == ENROLLMENT
    assert_enrolled(lab)
    assert find_leaks(lab, {}) == set()


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
def test_registers_hold_no_secret_after_a_failure(lab: Lab) -> None:
    """The next accounts of the play go on, and see nothing of this one."""
    lab.control.fault("status", method="PUT", path="multi-factor$", status=400, times=0)
    own = lab.variables()
    secret = {name: own.pop(name) for name in ("mfa_otp_password",)}
    run = lab.run(with_role(secret), **own)
    shown = run.screen.partition("TASK [Show what the role left]")[2]
    assert lab.account()["otp_devices"], "it failed late"
    assert "alice" in shown
    assert_tokens_at_most(lab, shown)


@pytest.mark.thorough
def test_the_result_of_a_failed_run_is_not_that_of_the_one_before(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("alice"), User("bob"))
    first = {**lab.variables("alice"), "mfa_otp_vault_file": str(lab.work / "alice.yml")}
    second = {**lab.variables("bob"), "mfa_otp_password": "wrong"}
    run = lab.run(with_role(first, second))
    assert run.results["account"] == {}


@pytest.mark.thorough
@pytest.mark.parametrize("job", rows(["main", "rotate", "recover", "remove"]))
def test_files_beside_the_playbook_are_not_taken_for_the_roles_own(make_lab: Callable[..., Lab], job: str) -> None:
    """Core looks for a file of tasks beside the playbook, too: a user's verify.yml must not be run in the role."""
    lab = make_lab() if job == "main" else enrolled_lab(make_lab, codes=1)
    decoy = [{"name": "Decoy", "ansible.builtin.fail": {"msg": "decoy"}}]
    for folder in ("", "stages", "jobs", "tasks", "tasks/stages", "tasks/jobs"):
        (lab.inputs / folder).mkdir(parents=True, exist_ok=True)
        for path in (ROLE / "tasks").rglob("*.yml"):
            (lab.inputs / folder / path.name).write_text(yaml.safe_dump(decoy), encoding="utf-8")
    run = lab.run(with_role({}, job=job), **lab.variables())
    assert "decoy" not in run.screen
    assert run.result["changed"] is True


def plain_playbook(lab: Lab, job: str, *args: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """A playbook of the collection with nothing but these arguments and extra variables."""
    command = [
        str(BIN / "ansible-playbook"),
        f"rackspace.identity.{job}",
        "-e",
        f"@{lab.given('v.json', variables)}",
        *args,
    ]
    return subprocess.run(
        command, env=lab.environment(), cwd=lab.work, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.thorough
def test_extra_variables_alone_are_enough(lab: Lab) -> None:
    """Without an inventory the account is worked on from localhost, its whole life long."""
    for job in ("enroll", "rotate", "recover", "remove"):
        done = plain_playbook(lab, job, **lab.variables(by="both"))
        assert "localhost                  : ok=" in done.stdout, done.stdout + done.stderr
        assert done.returncode == 0, done.stdout
        assert lab.account()["mfa_enabled"] is (job != "remove")
        lab.control.move(61)


@pytest.mark.thorough
def test_one_account_is_worked_on_once_whatever_the_inventory(lab: Lab) -> None:
    inventory = lab.given("inventory.yml", {"all": {"hosts": {"web1": {}, "web2": {}}}})
    done = plain_playbook(lab, "enroll", "-i", str(inventory), **lab.variables())
    assert done.returncode == 0, done.stdout
    assert "web1" not in done.stdout
    assert_enrolled(lab)


@pytest.mark.thorough
def test_hosts_can_be_chosen(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("alice"), User("bob"))
    own = {
        name: {**lab.variables(name), "mfa_otp_vault_file": str(lab.work / f"{name}.yml")} for name in ("alice", "bob")
    }
    inventory = lab.given("inventory.yml", {"all": {"hosts": own}})
    done = plain_playbook(lab, "enroll", "-i", str(inventory), mfa_otp_hosts="bob")
    assert done.returncode == 0, done.stdout
    assert [lab.account(name)["mfa_enabled"] for name in ("alice", "bob")] == [False, True]


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
    files = {path.stem for path in (ROLE / "tasks").glob("*.yml")} - {"on_controller"}
    assert set(specs) == files
