# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a playbook: what became of each account, on the screen and as JSON, also when accounts failed."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.harness import ENROLLMENT, Lab, Run, User, find_leaks
from integration.harness.accounts import ENROLLED, entry_of

MakeLab = Callable[..., Lab]
NAMES = ("ada", "bob", "cid", "dan")
WRONG = "canary-wrong-password"


@pytest.fixture(name="lab")
def _lab(make_lab: MakeLab) -> Lab:
    return make_lab(*map(User, NAMES))


def inventory(lab: Lab, *failing: str, by: str = "password") -> dict[str, Any]:
    """Each account as a host, in a group, too; some with a wrong password."""
    hosts = {name: lab.variables(name, by=by, mfa_otp_vault_file=str(lab.work / f"{name}.yml")) for name in NAMES}
    for name in failing:
        hosts[name]["mfa_otp_password"] = WRONG
    return {"all": {"hosts": hosts, "children": {"few": {"hosts": dict.fromkeys(NAMES[:3])}}}}


def outcomes(file: Path) -> dict[str, str]:
    return {account["host"]: account["outcome"] for account in json.loads(file.read_text())["accounts"]}


def headlines(run: Run) -> list[str]:
    return re.findall(r'"(\d+ accounts?: .*)"', run.screen)


def assert_no_secret(lab: Lab, run: Run) -> None:
    assert not find_leaks(lab, {"screen": run.screen.encode()})
    assert WRONG not in run.screen
    assert not [path for path in lab.work.rglob("*.json") if WRONG in path.read_text()]


@pytest.mark.matrix
def test_each_account_is_told_of(make_lab: MakeLab) -> None:
    """One that has nothing yet, one that was enrolled long ago, and one that can't log in."""
    lab = make_lab(*(User(name, ENROLLED if name == "bob" else {}) for name in NAMES))
    lab.store(entry_of(lab, "bob"), file=lab.work / "bob.yml")
    given = inventory(lab, "cid", "dan")
    env = {"ANSIBLE_ANY_ERRORS_FATAL": "true"}  # with which ansible-core 2.16 would end before the summary
    run = lab.run("enroll", inventory=given, env=env, mfa_otp_hosts="few", mfa_otp_summary="summary.json")
    assert run.rc != 0
    assert headlines(run) == ["3 accounts: 1 changed, 1 settled, 1 failed."]
    assert "cid failed: The login by password was refused: check mfa_otp_username" in run.screen
    file = lab.work / "summary.json"  # of the current folder, and not of the playbook's
    told = json.loads(file.read_text())
    assert (told["job"], told["check_mode"]) == ("enroll", False)
    assert told["counts"] == {"accounts": 3, "changed": 1, "settled": 1, "failed": 1, "not_reached": 0}
    ada, bob, cid = told["accounts"]
    assert ada == {"host": "ada", "outcome": "changed", "steps": ENROLLMENT}
    assert bob == {"host": "bob", "outcome": "settled", "steps": []}
    assert (cid["host"], cid["outcome"], cid["error"]["kind"]) == ("cid", "failed", "bad_credentials")
    assert cid["msg"] in run.screen
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert_no_secret(lab, run)


def test_a_file_that_cannot_be_written_is_told_before_anything_is_done(lab: Lab) -> None:
    file = str(lab.work / "missing" / "summary.json")
    run = lab.run("enroll", "--limit", "few", inventory=inventory(lab), mfa_otp_summary=file)
    assert run.rc != 0
    assert "mfa_otp_summary: can't write" in run.message
    assert run.requests == []


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_circuit_breaker_tells_who_was_not_reached(lab: Lab) -> None:
    play = {
        "hosts": "all",
        "gather_facts": False,
        "serial": 2,
        "max_fail_percentage": 40,
        "tasks": [
            {
                "block": [{"import_role": {"name": "rackspace.identity.mfa_otp"}}],
                "always": [
                    {
                        "rackspace.identity.rax_mfa_summary": {"path": str(lab.work / "summary.json"), "job": "enroll"},
                        "run_once": True,
                    }
                ],
            }
        ],
    }
    run = lab.run([play], "--limit", "!ada", inventory=inventory(lab, "bob"))
    assert run.rc != 0
    assert headlines(run) == ["3 accounts: 1 changed, 1 failed, 1 not reached."]
    assert outcomes(lab.work / "summary.json") == {"bob": "failed", "cid": "changed", "dan": "not_reached"}
    assert not lab.account("dan")["otp_devices"]


@pytest.mark.thorough
def test_it_comes_when_all_failed(lab: Lab) -> None:
    run = lab.run("rotate", inventory=inventory(lab, *NAMES), mfa_otp_summary=str(lab.work / "summary.json"))
    assert run.rc != 0
    assert set(headlines(run)) == {"4 accounts: 4 failed."}
    assert set(outcomes(lab.work / "summary.json").values()) == {"failed"}
    assert_no_secret(lab, run)


@pytest.mark.thorough
@pytest.mark.matrix
def test_with_the_strategy_free_the_last_host_sums_up(lab: Lab) -> None:
    """Once a play, and not by what an earlier one left."""

    def play(job: str, **keywords: Any) -> dict[str, Any]:
        summary = {"path": str(lab.work / f"{job}.json"), "job": job}
        block = [{"import_role": {"name": "rackspace.identity.mfa_otp", "tasks_from": job}}]
        tasks = [{"block": block, "always": [{"rackspace.identity.rax_mfa_summary": summary}]}]
        return {"hosts": "all", "gather_facts": False, "strategy": "free", "tasks": tasks, **keywords}

    run = lab.run([play("main"), play("remove", serial=2)], inventory=inventory(lab, "bob", by="api_key"))
    assert headlines(run) == ["4 accounts: 3 changed, 1 failed."] * 2, run.screen
    assert "run_once" not in run.screen
    for job in ("main", "remove"):
        assert list(outcomes(lab.work / f"{job}.json").items()) == [
            *(("ada", "changed"), ("bob", "failed"), ("cid", "changed"), ("dan", "changed"))
        ]


@pytest.mark.thorough
def test_check_mode_tells_the_plan(lab: Lab) -> None:
    run = lab.run("enroll", "--check", inventory=inventory(lab), mfa_otp_summary=str(lab.work / "summary.json"))
    assert run.rc == 0, run.screen
    assert headlines(run) == ["4 accounts: 4 would change."]
    told = json.loads((lab.work / "summary.json").read_text())
    assert told["check_mode"] is True
    assert told["accounts"][0]["steps"] == ENROLLMENT
    assert run.writes == []


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize(
    ("failing", "told"), [((), "1 would change, 3 not reached"), (("ada",), "1 failed, 3 not reached")]
)
def test_with_run_once_and_a_check_mode_of_its_own(lab: Lab, failing: tuple[str, ...], told: str) -> None:
    """Core gives each host the results of the one that the role ran for."""
    apply = {"run_once": True, "check_mode": True}
    block = [{"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp", "apply": apply}}]
    tasks = [{"block": block, "always": [{"rackspace.identity.rax_mfa_summary": None, "run_once": True}]}]
    run = lab.run([{"hosts": "all", "gather_facts": False, "tasks": tasks}], inventory=inventory(lab, *failing))
    assert headlines(run) == [f"4 accounts: {told}."]
    assert run.writes == []


@pytest.mark.thorough
@pytest.mark.parametrize(("hosts", "limit"), [("nobody", ()), ("few", ("--limit", "dan"))])
def test_a_group_without_accounts_leaves_no_summary_of_an_earlier_run(lab: Lab, hosts: str, limit: list[str]) -> None:
    file = lab.work / "summary.json"
    file.write_text("of an earlier run")
    given = inventory(lab)
    given["all"]["children"]["nobody"] = {}
    run = lab.run("remove", *limit, inventory=given, mfa_otp_hosts=hosts, mfa_otp_summary=str(file))
    assert run.rc == 0, run.screen
    assert outcomes(file) == {}


@pytest.mark.parametrize(
    ("hosts", "limit", "why"),
    [
        ("nowhere", (), "there is no such host or group"),
        pytest.param("mfa_of", (), "there is no such host or group", marks=pytest.mark.thorough),
        pytest.param("bob", ("--limit", "ada"), "--limit leaves that out", marks=pytest.mark.thorough),
    ],
)
def test_a_choice_that_is_refused_leaves_no_summary_of_an_earlier_run(
    lab: Lab, hosts: str, limit: list[str], why: str
) -> None:
    file = lab.work / "summary.json"
    file.write_text("of an earlier run")
    given = inventory(lab)
    if hosts == "mfa_of":
        given["all"]["children"]["rax_users"] = {}  # of an inventory that was read
    run = lab.run("remove", *limit, inventory=given, mfa_otp_hosts=hosts, mfa_otp_summary=str(file))
    assert why in run.message
    assert outcomes(file) == {}


@pytest.mark.matrix
def test_nothing_is_read_of_an_account_outside_of_the_limit(lab: Lab) -> None:
    """Its vault secret may be that of others."""
    theirs = lab.inputs / "host_vars" / "bob.yml"
    theirs.parent.mkdir()
    theirs.write_bytes(VaultLib([("default", VaultSecret(b"of another team"))]).encrypt("mfa_otp_api_key: theirs\n"))
    run = lab.run("enroll", "--check", "--limit", "ada", inventory=inventory(lab))
    assert run.rc == 0, run.screen


@pytest.mark.thorough
def test_an_account_that_no_inventory_has_is_one(lab: Lab) -> None:
    run = lab.run("enroll", inventory="several,others,", **lab.variables("ada"))
    assert run.rc == 0, run.screen
    assert headlines(run) == ["1 account: 1 changed."]
