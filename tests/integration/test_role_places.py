# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the role runs: on the controller, whatever the hosts and the play are, one account apart from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import ENROLLMENT, Lab, User, assert_enrolled, assert_nothing_to_do, rows

ROLE = {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp"}}
THREE = tuple(User(name) for name in ("alice", "bob", "carol"))


def play(*tasks: dict[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    """A play that includes the role, or does other tasks."""
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks) or [ROLE], **keywords}]


def hosts(lab: Lab, own: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """An inventory: a host for each user, with the variables of its account and some of its own."""
    names = [user.name for user in lab.users]
    return {"all": {"hosts": {name: {**lab.variables(name), **own(name)} for name in names}}}


def own_file(lab: Lab) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"mfa_otp_vault_file": str(lab.work / f"{name}.yml")}


@pytest.mark.thorough
def test_a_play_on_remote_hosts(lab: Lab) -> None:
    """The host is not there, `become` asks for a password that is unknown, and the play's defaults are all wrong."""
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
    }
    inventory = {"all": {"hosts": {"far": {"ansible_host": "host.invalid", "ansible_connection": "ssh"}}}}
    keywords = {"become": True, "become_user": "nobody", "module_defaults": defaults, "remote_user": "nobody"}
    run = lab.run(play(**keywords), inventory=inventory, **lab.variables())
    assert run.result["steps"] == ENROLLMENT
    assert_enrolled(lab)


@pytest.mark.thorough
def test_a_loop_over_accounts(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(*THREE)
    items = [{**lab.variables(user.name), "mfa_otp_variable": f"rax_{user.name}"} for user in lab.users]
    names = items[0].keys()
    task = {**ROLE, "vars": {name: "{{ account." + name + " }}" for name in names}, "loop": "{{ accounts }}"}
    task |= {"loop_control": {"loop_var": "account", "label": "{{ account.mfa_otp_username }}"}}
    run = lab.run(play(task), accounts=items)
    assert run.rc == 0, run.screen
    for user in lab.users:
        assert_enrolled(lab, user.name, f"rax_{user.name}")
    lab.control.move(61)
    again = lab.run(play(task), accounts=items)
    assert_nothing_to_do(again)


@pytest.mark.thorough
def test_many_accounts_at_once(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(*THREE)
    inventory = hosts(lab, own_file(lab))
    run = lab.run("enroll", "-f", "3", inventory=inventory)
    assert run.rc == 0, run.screen
    assert [result["steps"] for result in run.results.values()] == [ENROLLMENT] * len(lab.users)
    for user in lab.users:
        (device,) = lab.account(user.name)["otp_devices"]
        assert lab.entry(file=lab.work / f"{user.name}.yml")["secret"] == device["secret"]


@pytest.mark.thorough
def test_many_accounts_in_one_file(make_lab: Callable[..., Lab]) -> None:
    """Each with a variable of its own: no update is lost."""
    lab = make_lab(*THREE)
    run = lab.run("enroll", "-f", "3", inventory=hosts(lab, lambda name: {"mfa_otp_variable": f"rax_{name}"}))
    assert run.rc == 0, run.screen
    for user in lab.users:
        assert_enrolled(lab, user.name, f"rax_{user.name}")


@pytest.mark.parametrize("forks", rows(["2", "1"]))
def test_two_accounts_in_one_place(make_lab: Callable[..., Lab], forks: str) -> None:
    """One of them is enrolled; the other one is refused, and its entry does not go over the first one's."""
    lab = make_lab(User("alice"), User("bob"))
    run = lab.run("enroll", "-f", forks, inventory=hosts(lab, lambda _name: {}))
    assert run.rc != 0, run.screen
    owner = lab.entry()["username"]
    assert_enrolled(lab, owner)
    (other,) = {"alice", "bob"} - {owner}
    assert (lab.account(other)["mfa_enabled"], lab.account(other)["otp_devices"]) == (False, [])
    assert any(words in run.message for words in ("belongs to", "Another run changed what is stored"))


@pytest.mark.thorough
def test_one_account_after_another_gets_nothing_of_the_first(make_lab: Callable[..., Lab]) -> None:
    """In one play, on one host: what the first account had stored is not taken for the second one's."""
    lab = make_lab(User("alice"), User("bob"))
    tasks = [
        {**ROLE, "vars": {**lab.variables(name), "mfa_otp_vault_file": str(lab.work / f"{name}.yml")}}
        for name in ("alice", "bob")
    ]
    run = lab.run(play(*tasks))
    assert run.rc == 0, run.screen
    secrets = [lab.entry(file=lab.work / f"{name}.yml")["secret"] for name in ("alice", "bob")]
    assert secrets == [lab.account(name)["otp_devices"][0]["secret"] for name in ("alice", "bob")]
