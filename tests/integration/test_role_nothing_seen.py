# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is seen: on no screen, in no log or report, in no file left behind, in no argument of a process.

What is searched for is every password, key, secret, code, token and session id of the emulator's state, and the search
is proved: a planted leak of each sort is found.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Arguments, Lab, Leak, Run, User, find_leaks, host_name, rows
from integration.harness.accounts import assert_stored_secret_logs_in, enrolled_lab
from integration.harness.domains import ADMIN, SECRET, entry, member
from integration.harness.lab import CONTROLS

LOUD = ("-vvvv", "--diff")
JUNIT = re.compile(r"\d+-\w+-[\d.]+\.xml")
"""The name of a report: it holds the playbook's and the time."""
SPY = Path(__file__).resolve().parent / "files" / "probe" / "plugins" / "callback" / "spy.py"


def watched(
    lab: Lab,
    job: str | list[dict[str, Any]],
    *args: str,
    env: dict[str, str | None] | None = None,
    others: Iterable[Lab] = (),
    **variables: Any,
) -> tuple[Run, set[Leak]]:
    """One run with every output that there is, and what was seen in them, also of the secrets of other labs."""
    out = lab.work / "out"
    callbacks = lab.work / "callbacks"
    for folder in (out, callbacks):
        folder.mkdir(exist_ok=True)
    (callbacks / "spy.py").write_bytes(SPY.read_bytes())
    outputs = {
        "ANSIBLE_LOG_PATH": str(out / "log"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,spy",
        "ANSIBLE_CALLBACK_PLUGINS": str(callbacks),
        "JUNIT_OUTPUT_DIR": str(out),
        "JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT": "true",
        "PROBE_SPY": str(out / "spy"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(out / "facts"),
        **CONTROLS,
        **(env or {}),
    }
    before = len(lab.control.requests())
    process = lab.start(job, *args, env=outputs, **variables)
    with Arguments(process.pid) as arguments:
        run = lab.finish(process, before)
    assert b"ansible-playbook" in arguments.text
    assert {path.name for path in out.iterdir()} >= {"log", "spy"}
    assert list(out.glob("*.xml"))
    seen = {"screen": run.screen.encode(), "arguments": arguments.text}
    return run, {leak for each in (lab, *others) for leak in find_leaks(each, seen, machine=lab)}


JOBS = ("enroll", "rotate", "recover", "remove")
LIVES: dict[str, list[tuple[list[str], list[str]]]] = {
    # Every playbook, for real and when nothing is left to do: a rotation or a recovery always has work.
    "real": [(["enroll"], []), (["enroll", "rotate", "recover", "remove", "remove"], [])],
    "checked": [(["enroll"], ["--check"]), (["enroll"], []), (list(JOBS), ["--check"])],
}
"""The playbooks of each run, a minute between two of them, and arguments of the run."""


@pytest.mark.parametrize("life", rows(list(LIVES)))
def test_the_whole_life_of_an_account(lab: Lab, life: str) -> None:
    given = lab.variables(mfa_otp_bypass_codes=2)
    for jobs, mode in LIVES[life]:
        books = [[{"import_playbook": f"rackspace.identity.{job}"}, lab.a_minute_later()] for job in jobs]
        run, leaks = watched(lab, list(itertools.chain(*books)), *LOUD, *mode, **given)
        assert run.rc == 0, run.screen
        assert leaks == set(), (jobs, mode)
    kinds = {kind for kind, secrets in lab.control.state()["secrets"].items() if secrets}
    assert kinds >= {"passwords", "api_keys", "otp_secrets", "tokens", "sessions", "bypass_codes", "codes"}


def role_play(job: str = "main", **keywords: Any) -> dict[str, Any]:
    """A play that includes the role, with other keywords of the play."""
    role = {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp", "tasks_from": job}}
    return {"hosts": "all", "gather_facts": False, "tasks": [role], **keywords}


def test_with_an_environment_and_files_that_are_kept(lab: Lab) -> None:
    """An ordinary module would have its arguments in a file. What the role runs has none."""
    environment = {"HTTPS_PROXY": "http://127.0.0.1:9", "ANY": "thing"}
    rotation = role_play("rotate", environment=environment)
    plays = [role_play("main", environment=environment), lab.a_minute_later(), rotation]
    run, leaks = watched(lab, plays, *LOUD, env={"ANSIBLE_KEEP_REMOTE_FILES": "true"}, **lab.variables())
    assert run.result["proved"] is True
    assert run.passcodes == ["accepted"] * 3  # the proof, the login of the rotation, and its proof
    assert leaks == set()
    assert not list(lab.home.rglob("AnsiballZ_rax_*"))


@pytest.mark.thorough
def test_in_the_other_format_of_results(lab: Lab) -> None:
    """The default callback prints results as YAML, too, and that in lines of its own."""
    run, leaks = watched(lab, "enroll", *LOUD, env={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}, **lab.variables())
    assert run.rc == 0, run.screen
    assert re.search(r"^ +changed: (true|false)", run.screen, re.MULTILINE), "results are printed as YAML"
    assert leaks == set()


@pytest.mark.matrix
def test_an_audit_that_succeeds_and_one_that_fails(make_lab: Callable[..., Lab]) -> None:
    """By API key, and by password and device with what is refused before anything is read."""
    lab = make_lab(ADMIN, member("grace", on=True), member("root", on=True))
    given = entry(lab, "grace", next={"device_id": "d9", "secret": SECRET})
    root = {"mfa_audit_username": "root", "mfa_audit_password": lab.account("root")["password"]}
    audits = [
        {"mfa_audit_username": "admin", "mfa_audit_api_key": lab.account("admin")["api_key"]},
        {**root, "mfa_audit_otp_secret": entry(lab, "root"), "mfa_audit_fail_on": "HIGH"},
    ]
    plays = [{"import_playbook": "rackspace.identity.audit", "vars": variables} for variables in audits]
    env: dict[str, str | None] = {"RAX_AUTH_ENDPOINT": lab.emulator.url}
    run, leaks = watched(lab, plays, *LOUD, env=env, mfa_audit_entries=[given])
    assert "mfa_audit_fail_on has HIGH" in run.message
    assert run.requests
    assert leaks == set()


FAILURES = {
    "in the store": ["wrong secret"],
    "elsewhere": ["wrong password", "wrong key", "lock", "no answer", "key URI", "conflict", "nonsense"],
    "without the vault's password": ["no vault"],
}


@pytest.mark.parametrize("failures", rows(FAILURES))
def test_a_run_that_fails(make_lab: Callable[..., Lab], failures: list[str]) -> None:
    """Each for an account of its own, in one run."""
    given = {host_name(failure): failing(make_lab, failure) for failure in failures}
    hosts = {host: {**own, "ansible_connection": "local"} for host, (_lab, own) in given.items()}
    env: dict[str, str | None] = {"ANSIBLE_VAULT_PASSWORD_FILE": None} if "no vault" in failures else {}
    machine, *others = (lab for lab, _own in given.values())
    run, leaks = watched(machine, "enroll", *LOUD, env=env, others=others, inventory={"all": {"hosts": hosts}})
    assert [run.of_host(host, []).rc for host in hosts] == [1] * len(hosts)
    assert leaks == set()


def failing(make_lab: Callable[..., Lab], failure: str) -> tuple[Lab, dict[str, Any]]:
    """A lab where a run fails in one way, and the variables of the run."""
    device = {"name": "ansible", "verified": True}
    seed = {"devices": [device], "mfa": {"enabled": True}} if failure in ("wrong secret", "lock", "conflict") else {}
    lab = make_lab(User(seed=seed))
    given = lab.variables(by="api_key" if failure in ("wrong key", "conflict") else "password")
    provoke(lab, failure, given)
    return lab, given


def provoke(lab: Lab, failure: str, given: dict[str, Any]) -> None:
    """Make a run fail in one way."""
    user = lab.account()
    own = {"username": user["username"], "user_id": user["id"], "auth_endpoint": lab.emulator.url}
    if failure in ("wrong password", "wrong key"):
        given["mfa_otp_" + ("password" if failure == "wrong password" else "api_key")] = "canary-3a1f7c"
    elif failure in ("wrong secret", "lock"):
        lab.store({**own, "device_id": user["otp_devices"][0]["id"], "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"})
        given["mfa_otp_max_wait"] = 10
        lab.control.behave(lock_threshold=1 if failure == "lock" else 3)
    elif failure == "no answer":
        lab.control.fault("lost", method="POST", path="otp-devices$", times=0)
    elif failure == "key URI":
        lab.control.fault(
            "misshapen",
            method="POST",
            path="otp-devices$",
            times=0,
            text='{"RAX-AUTH:otpDevice": {"keyUri": "otpauth://totp/x?secret=AAAA"}}',
        )
    elif failure == "nonsense":
        lab.control.fault("misshapen", times=0, text='{"access": {"token": [], "user": 7}}')


PLANTED: dict[str, dict[str, Any]] = {
    "screen": {"ansible.builtin.debug": {"msg": "{{ planted }}"}},
    "home/left": {"ansible.builtin.copy": {"content": "{{ planted }}", "dest": "{{ file }}"}, "no_log": True},
    "arguments": {"ansible.builtin.command": {"argv": ["sh", "-c", "sleep 0.5", "{{ planted }}"]}, "no_log": True},
}
"""A task that leaks, by the place where the leak can be found."""


def test_a_planted_leak_is_found(make_lab: Callable[..., Lab]) -> None:
    """One secret of each kind, at each place: the search is able to fail."""
    lab = enrolled_lab(make_lab, codes=1)
    assert_stored_secret_logs_in(lab)
    secrets = {kind: found[-1] for kind, found in lab.control.state()["secrets"].items()}
    planted = " ".join([*secrets.values(), "data:image/png;base64,iVBORw0KGgoAAAA"])
    tasks = [{"name": "Leak", **task, "diff": False} for task in PLANTED.values()]
    play = {"hosts": "all", "gather_facts": False, "connection": "local", "tasks": tasks}
    run, leaks = watched(lab, [play], planted=planted, file=str(lab.home / "left"))
    assert run.rc == 0, run.screen
    places = [*PLANTED, "work/out/log", "work/out/spy", "work/out/junit"]
    found = {(leak.kind, JUNIT.sub("junit", leak.place)) for leak in leaks}
    assert found == set(itertools.product([*secrets, "qr_codes"], places))


@pytest.mark.thorough
def test_what_the_role_leaves_in_variables_is_no_secret(lab: Lab) -> None:
    """What was given stays, of course: the password; and the token of the login, which goes from task to task."""
    keep = {
        "name": "Write down all variables",
        "ansible.builtin.copy": {"content": "{{ hostvars[inventory_hostname] | to_json }}", "dest": "{{ file }}"},
        "no_log": True,
        "diff": False,
        "delegate_to": "localhost",
        "connection": "local",
    }
    play = role_play()
    play["tasks"].append(keep)
    file = lab.home / "variables"
    run, leaks = watched(lab, [play], **lab.variables(mfa_otp_bypass_codes=1, file=str(file)))
    assert run.result["proved"] is True
    assert "mfa_otp_result" in file.read_text(encoding="utf-8")
    assert leaks == {Leak("passwords", "home/variables"), Leak("tokens", "home/variables")}
