# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the role runs: on the controller, whatever the hosts and the play are, one account apart from the others."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import ENROLLMENT, Lab, User, assert_enrolled, assert_nothing_to_do, find_leaks
from integration.harness.jobs import ROTATION

ROLE = {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp"}}
REMOTE = {
    "ansible_host": "192.0.2.1",
    "ansible_connection": "ssh",
    "ansible_become": True,
    "ansible_become_method": "ansible.builtin.sudo",
    "ansible_become_password": "wrong",
    "ansible_python_interpreter": "/nowhere/python3",
    "ansible_remote_tmp": "/nowhere",
}
OMITTED = "{{ is_not_there | default(omit) }}"
CREDENTIALS = ("api_key", "auth_token", "passcode", "secret", "target_password")


def play(*tasks: dict[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    """A play that includes the role, or does other tasks."""
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks) or [ROLE], **keywords}]


@pytest.mark.thorough
def test_a_play_on_remote_hosts(lab: Lab) -> None:
    """The host is not there, `become` asks for a password that is unknown, and the play's defaults are all wrong.

    Variables of the group `all` hold for the implicit localhost, too. A fact that is cached is written to a file: with
    `cacheable` as a default, so would be every secret.
    """
    wrong = {
        "auth_endpoint": "http://127.0.0.1:1",
        "username": "mallory",
        "password": "wrong",
        "api_key": "wrong",
        "target_user": "mallory",
        "validate_certs": True,
        "state_dir": "/proc/nowhere",
    }
    defaults = {
        "group/rackspace.identity.rax": wrong,
        "rackspace.identity.rax_otp_device": {"name": "wrong", "state": "absent"},
        "rackspace.identity.rax_mfa_settings": {"enabled": False},
        "rackspace.identity.rax_auth_token": {"scope": "setup_mfa"},
        "rackspace.identity.vault_vars": {"backup": True, "vault_id": "unknown"},
        "ansible.builtin.set_fact": {"cacheable": True},
        "ansible.builtin.assert": {"fail_msg": "not ours"},
    }
    inventory = {"all": {"hosts": {"far": {}}, "vars": REMOTE}}
    keywords = {"become": True, "become_user": "nobody", "module_defaults": defaults, "remote_user": "nobody"}
    cache = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(lab.work / "c")}
    run = lab.run(play(**keywords), inventory=inventory, env=cache, **lab.variables())
    assert run.result["steps"] == ENROLLMENT
    assert_enrolled(lab)
    assert find_leaks(lab, {}) == set()


@pytest.mark.thorough
def test_a_localhost_that_is_remote(lab: Lab) -> None:
    """A localhost in the inventory has all variables of the group."""
    inventory = {"all": {"hosts": {"far": {}, "localhost": {}}, "vars": REMOTE}}
    run = lab.run("enroll", "-l", "far", inventory=inventory, **lab.variables())
    assert run.rc == 0, run.screen
    assert run.results["far"]["steps"] == ENROLLMENT
    assert_enrolled(lab)


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_loop_over_accounts(make_lab: Callable[..., Lab]) -> None:
    """What the first account had stored, or its login, is not taken for the second one's.

    A variable that the item does not have is omitted, which is how one leaves an option out. Facts of all accounts that
    were those of localhost would be taken for the next one's.
    """
    lab = make_lab(User("alice"), User("bob"))
    on_localhost: dict[str, Any] = {"apply": {"delegate_to": "localhost", "delegate_facts": True}}
    items = [{**lab.variables(user.name), "mfa_otp_variable": f"rax_{user.name}"} for user in lab.users]
    names = items[0].keys()
    left_out = {f"mfa_otp_{name}": OMITTED for name in (*CREDENTIALS, "code")}
    own = {name: "{{ account." + name + " }}" for name in names}
    task: dict[str, Any] = {"ansible.builtin.include_role": {**on_localhost, "name": "rackspace.identity.mfa_otp"}}
    task |= {"vars": left_out | own, "loop": "{{ accounts }}"}
    task |= {"loop_control": {"loop_var": "account", "label": "{{ account.mfa_otp_username }}"}}
    run = lab.run(play(task), accounts=items)
    assert run.rc == 0, run.screen
    for user in lab.users:
        assert_enrolled(lab, user.name, f"rax_{user.name}")
    lab.control.move(61)
    again = lab.run(play(task), accounts=items)
    assert_nothing_to_do(again)
    lab.control.move(61)
    rotation = {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp", "tasks_from": "rotate"}}
    # The module of a rotation logs in by itself, after tasks on the same host that were about both.
    rotated = lab.run(play(task, {**task, **rotation}), accounts=items)
    assert rotated.rc == 0, rotated.screen
    assert rotated.result["steps"] == ROTATION
    for user in lab.users:
        assert_enrolled(lab, user.name, f"rax_{user.name}")
    lab.control.move(61)
    refused = lab.run(play(task), accounts=items, mfa_otp_device_name="")
    assert "mfa_otp_device_name" in refused.message, "what went wrong is not hidden with the item"


@pytest.mark.thorough
@pytest.mark.matrix
def test_an_omitted_code_is_none(make_lab: Callable[..., Lab]) -> None:
    """The run waits for the person, and does not verify by itself. Without a password of the account nothing proves."""
    lab = make_lab(User("alice"))
    left_out = {"mfa_otp_code": OMITTED, "mfa_otp_password": OMITTED, "mfa_otp_target_password": OMITTED}
    by_key = lab.variables(by="api_key", mfa_otp_qr="html", mfa_otp_qr_path=str(lab.work / "qr.html"))
    run = lab.run(play(vars=left_out), **by_key, mfa_otp_verify="code")
    assert "Run this again with mfa_otp_code" in run.message
    assert (lab.account()["mfa_enabled"], lab.account()["otp_devices"][0]["verified"]) == (False, False)
    proved = lab.run(play(vars=left_out), **lab.variables(by="api_key"))
    assert proved.result["steps"] == ["verify_device", "turn_on"]


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize("password", ["p{{ 7 * 7 }}{% raw %}[1]", "0x1f2e3d4c"])
def test_a_password_that_looks_like_something_else(make_lab: Callable[..., Lab], password: str) -> None:
    """It is data, whether the variable of the role holds it, plain or encrypted, or is a template of one that does."""
    lab = make_lab(User("alice", {"password": password}))
    # From ansible-core 2.19 on, `!unsafe '0x1f'` is a number.
    quoted = f"!unsafe '{password}'" if "{{" in password else f"'{password}'"
    (lab.inputs / "own.yml").write_text(f"its_password: {quoted}\n", encoding="utf-8")
    own = lab.variables()
    del own["mfa_otp_password"]
    by_template = {"vars_files": ["own.yml"], "vars": {"mfa_otp_password": "{{ its_password }}"}}
    assert lab.run(play(**by_template), **own).result["steps"] == ENROLLMENT
    lab.control.move(61)
    encrypted = textwrap.indent(lab.vault_lib().encrypt(password).decode(), "  ")
    for value in (quoted, f"!vault |\n{encrypted}"):
        (lab.inputs / "own.yml").write_text(f"mfa_otp_password: {value}\n", encoding="utf-8")
        assert_nothing_to_do(lab.run(play(vars_files=["own.yml"]), **own))
        lab.control.move(61)


@pytest.mark.parametrize(
    "task", ["Turn MFA on", "Prove the login, and do what few accounts ask for", "Say what was done"]
)
def test_a_role_that_is_begun_in_its_middle_changes_nothing(make_lab: Callable[..., Lab], task: str) -> None:
    """The service would turn MFA on for a device whose secret is stored nowhere."""
    lab = make_lab(User("alice", {"devices": [{"name": "ansible", "verified": True}]}))
    role = {"ansible.builtin.import_role": {"name": "rackspace.identity.mfa_otp"}}
    run = lab.run(play(role), "--start-at-task", f"rackspace.identity.mfa_otp : {task}", **lab.variables())
    assert "object of type" not in run.screen
    assert ("was begun in its middle" in run.screen) is (task != "Say what was done")
    assert not lab.account()["mfa_enabled"]


@pytest.mark.thorough
def test_a_tag_of_the_role_is_one_of_all_its_tasks(lab: Lab) -> None:
    """Of those in its included files, too: the proof, and what few accounts ask for."""
    tagged = [
        {"hosts": "all", "gather_facts": False, "roles": [{"role": "rackspace.identity.mfa_otp", "tags": ["mfa"]}]}
    ]
    fresh = lab.run(tagged, "--tags", "mfa", **lab.variables())
    assert (fresh.rc, fresh.passcodes) == (0, ["accepted"]), fresh.screen
    lab.control.move(61)
    more = lab.run(tagged, "--tags", "mfa", **lab.variables(), mfa_otp_bypass_codes=2)
    assert (more.rc, len(lab.entry()["bypass_codes"])) == (0, 2), more.screen


@pytest.mark.thorough
def test_a_failure_that_is_ignored_is_told_in_words(lab: Lab) -> None:
    """Not by what a result of the role lacks. Each host has a job of its own."""
    jobs = ("main", "rotate", "recover", "remove")
    include = {"name": "rackspace.identity.mfa_otp", "tasks_from": "{{ inventory_hostname }}"}
    role = {"ansible.builtin.include_role": {**include, "apply": {"ignore_errors": True}}}
    summary = {"rackspace.identity.rax_mfa_summary": None, "run_once": True}
    run = lab.run(play(role, summary), inventory=",".join(jobs), **{**lab.variables(), "mfa_otp_password": "wrong"})
    assert "4 accounts: 4 failed." in run.screen
    assert run.results == {job: {} for job in jobs}
    for job in jobs:
        assert "The login by password was refused" in str(run.of_host(job, []).failures)
    assert "object of type" not in run.screen
    assert run.writes == []


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_failure_that_is_ignored_ends_the_role(make_lab: Callable[..., Lab]) -> None:
    """The account has another device, so the service would turn MFA on, with nothing stored."""
    lab = make_lab(User("alice", {"devices": [{"name": "phone", "verified": True}]}))
    lab.store({"username": "mallory", "user_id": "1", "device_id": "2", "secret": "JBSWY3DPEHPK3PXP"})
    run = lab.run(play(ignore_errors=True), **lab.variables(by="api_key"))
    assert "that was ignored (ignore_errors)" in run.screen
    assert run.writes == []


@pytest.mark.thorough
@pytest.mark.matrix
def test_check_mode_as_a_keyword(lab: Lab) -> None:
    run = lab.run(play(check_mode=True), **lab.variables())
    assert (run.result["plan"], run.result["steps"], run.result["proved"]) == (ENROLLMENT, [], False)
    assert run.writes == []


def test_two_accounts_in_one_place(make_lab: Callable[..., Lab]) -> None:
    """One of them is enrolled; the other one is refused, and its entry does not go over the first one's."""
    lab = make_lab(User("alice"), User("bob"))
    run = lab.run(
        "enroll", "-f", "2", inventory={"all": {"hosts": {name: lab.variables(name) for name in ("alice", "bob")}}}
    )
    assert run.rc != 0, run.screen
    owner = lab.entry()["username"]
    assert_enrolled(lab, owner)
    (other,) = {"alice", "bob"} - {owner}
    assert (lab.account(other)["mfa_enabled"], lab.account(other)["otp_devices"]) == (False, [])
    assert any(words in run.message for words in ("belongs to", "Another run changed what is stored"))
