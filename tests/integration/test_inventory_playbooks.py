# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks on the groups of a domain: a failed inventory is red, an empty group is green, findings come back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.harness import Lab, find_leaks, rows
from integration.harness.domains import ADMIN, admin, entry, member, source

MakeLab = Callable[..., Lab]
PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


@pytest.fixture(name="domain")
def _domain(make_lab: MakeLab) -> Lab:
    return make_lab(ADMIN, member("ada"), member("grace", on=True))


def for_each(lab: Lab) -> None:
    """Variables with which an administrator works on each user of the domain."""
    (lab.inputs / "group_vars").mkdir()
    passwords = json.dumps({user.name: lab.account(user.name)["password"] for user in lab.users})
    (lab.inputs / "group_vars" / "rax_users.yml").write_text(
        "mfa_otp_username: admin\n"
        f"mfa_otp_auth_endpoint: {lab.emulator.url}\n"
        f"mfa_otp_api_key: {lab.account('admin')['api_key']}\n"
        'mfa_otp_target_user: "{{ rax_name }}"\n'
        f"mfa_otp_target_password: '{{{{ {passwords}[rax_name] }}}}'\n"
        f"mfa_otp_vault_file: '{lab.work}/mfa-{{{{ rax_id }}}}.yml'\n",
        encoding="utf-8",
    )


@pytest.mark.matrix
def test_a_failed_inventory_is_red(domain: Lab) -> None:
    env = admin(domain) | {"RAX_API_KEY": "wrong"}
    run = domain.run("rotate", inventory=str(source(domain)), env=env, mfa_otp_hosts="mfa_off")
    assert run.rc != 0
    assert "An inventory of rackspace.identity.rax_users failed" in " ".join(run.screen.split())
    assert {request["path"] for request in run.requests} == {"/v2.0/tokens"}


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize("others", ["a host", "the same users", "users by hand"])
def test_a_failed_inventory_is_red_beside_another_one(domain: Lab, others: str) -> None:
    """Whatever that one has: accounts are missing."""
    failing = source(domain, "failing", strict=True, compose={"composed": "1 // (0 if rax_name == 'ada' else 1)"})
    by_hand = domain.inputs / "by_hand.yml"
    by_hand.write_text("rax_users: {children: {vip: {hosts: {grace: {}}}}}\n", encoding="utf-8")
    other = {"a host": "here,", "the same users": str(source(domain)), "users by hand": str(by_hand)}[others]
    run = domain.run("enroll", "-i", str(failing), inventory=other, env=admin(domain), mfa_otp_hosts="mfa_off")
    assert run.rc != 0
    assert "An inventory of rackspace.identity.rax_users failed" in " ".join(run.screen.split())
    assert not run.writes


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_failed_inventory_is_no_hindrance_to_a_single_account(domain: Lab) -> None:
    """Such as that of the administrator, whose inventory fails until it is recovered."""
    env = admin(domain) | {"RAX_API_KEY": "wrong"}
    run = domain.run("enroll", inventory=str(source(domain)), env=env, **domain.variables("ada"))
    assert run.rc == 0, run.screen
    assert domain.account("ada")["mfa_enabled"]


@pytest.mark.matrix
@pytest.mark.parametrize("job", rows(["remove", "enroll", "rotate", "recover", "status"]))
def test_a_failed_inventory_is_red_with_a_limit(domain: Lab, job: str) -> None:
    """Without a host of the inventory, ansible-core takes any limit, and no play has a host."""
    env = admin(domain) | {"RAX_API_KEY": "wrong"}
    run = domain.run(job, "--limit", "ada", inventory=str(source(domain)), env=env)
    assert run.rc != 0
    assert "Did the inventory fail?" in " ".join(run.screen.split())


@pytest.mark.matrix
def test_a_limit_that_leaves_out_the_audit_is_red(domain: Lab) -> None:
    run = domain.run("audit", "--limit", "ada", inventory=str(source(domain)), env=admin(domain))
    assert run.rc != 0
    assert "--limit leaves out localhost" in " ".join(run.screen.split())


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize(
    "given", rows([("@{file}", "localhost,"), ("ada,@{file}", "ada,"), ("localhost", "127.0.0.1,"), ("", "ada,")])
)
def test_a_limit_that_has_localhost_is_none_to_the_audit(domain: Lab, given: tuple[str, str]) -> None:
    limit, inventory = given
    file = domain.inputs / "audit.retry"
    file.write_text("localhost\n", encoding="utf-8")
    run = domain.run("audit", "--limit", limit.format(file=file), inventory=inventory, env=admin(domain))
    assert run.rc == 0, run.screen
    assert run.requests


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize("limit", rows(["localhost", ""]))
def test_a_limit_without_an_inventory_may_be_localhost(lab: Lab, limit: str) -> None:
    check = [{"ansible.builtin.import_playbook": str(PLAYBOOKS / "shared" / "inventory.yml")}]
    run = lab.run(check, "--limit", limit, inventory={"all": FAILED})
    assert run.rc == 0, run.screen


@pytest.mark.matrix
def test_an_empty_group_is_green(domain: Lab) -> None:
    run = domain.run("enroll", inventory=str(source(domain)), env=admin(domain), mfa_otp_hosts="mfa_locked")
    assert run.rc == 0, run.screen
    assert not run.writes


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_domain_without_findings_is_green_under_a_limit(make_lab: MakeLab) -> None:
    """The audit is told at localhost, and the choice is checked at the hosts."""
    lab = make_lab(member("admin", on=True, role="user-admin"))
    lab.store(entry(lab, "admin"))
    both = [{"import_playbook": f"rackspace.identity.{job}"} for job in ("audit", "enroll")]
    audit = {"mfa_audit_vault_files": [str(lab.vault)]}
    args = ("--limit", "all,localhost")
    run = lab.run(both, *args, inventory="here,", env=admin(lab), mfa_otp_hosts="mfa_needs_work", **audit)
    assert run.rc == 0, run.screen


HERE: dict[str, Any] = {"hosts": {"ada": {}, "bob": {}}, "children": {"few": {"hosts": {"ada": {}}}, "nobody": {}}}
OF_DOMAIN = {**HERE, "children": {**HERE["children"], "rax_users": {}}}
FAILED: dict[str, Any] = {}
"""No host and no group: core has no more of an inventory that it could not read."""
CHOICES: list[tuple[dict[str, Any], str, dict[str, bool]]] = [
    (HERE, "", {"few:!ada": True, "nobody[0:9]": True, "nowhere:!nobody": False, "fwe:&few": False}),
    (HERE, "ada", {"nobody": True, "bob,nobody": False}),
    (
        OF_DOMAIN,
        "",
        {
            "mfa_off[0:9]": True,
            "~mfa_(off|locked)": True,
            "mfa_off:!user_disabled": True,
            "mfa_of:!user_disabled": False,
        },
    ),
    (FAILED, "", {"all": False, "*": False, "~mfa_.*": False, "mfa_off[0:9]": False}),
]
"""An inventory, a limit, and whether a choice of accounts is green."""


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize(("inventory", "limit", "choices"), CHOICES, ids=["accounts", "limit", "domain", "failed"])
def test_a_choice_of_accounts_that_is_none_is_red(
    lab: Lab, inventory: dict[str, Any], limit: str, choices: dict[str, bool]
) -> None:
    """And a group that has nobody today, or within the limit, is green. Each choice in a play of one run."""
    (check,) = yaml.safe_load((PLAYBOOKS / "shared" / "inventory.yml").read_text(encoding="utf-8"))
    plays = [
        {**check, "name": choice, "vars": {**check["vars"], "mfa_otp_hosts": choice}, "ignore_errors": True}
        for choice in choices
    ]
    run = lab.run(plays, *(("--limit", limit) if limit else ()), inventory={"all": inventory})
    screens = run.screen.split("\nPLAY [")[1:]
    assert {choice: "fatal: " not in screen for choice, screen in zip(choices, screens, strict=False)} == choices


def of_administrator(lab: Lab, place: str) -> dict[str, Any]:
    """Two accounts, the variables of whose administrator are those of all hosts."""
    given = lab.variables("admin", by="api_key", mfa_otp_vault_file=f"{lab.work}/{place}.yml")
    return {"all": {"vars": {"mfa_otp_target_user": "{{ inventory_hostname }}", **given}, "hosts": HERE["hosts"]}}


@pytest.mark.matrix
def test_an_account_by_extra_variable_whose_place_depends_on_the_host_is_refused(domain: Lab) -> None:
    """Each host would have a new device of it, and keep the secret in a file of its own."""
    given = of_administrator(domain, "{{ inventory_hostname }}")
    run = domain.run("recover", inventory=given, mfa_otp_target_user="grace")
    assert run.rc != 0
    assert f"different places: ada (the variable rax_mfa_otp in {domain.work}/ada.yml), bob (" in run.message
    assert run.requests == []


@pytest.mark.thorough
@pytest.mark.matrix
def test_an_account_by_extra_variable_is_that_of_the_chosen_host(domain: Lab) -> None:
    """Also when a template names it, which only hosts can work out."""
    given = of_administrator(domain, "{{ inventory_hostname }}")
    run = domain.run("enroll", inventory=given, mfa_otp_target_user="{{ inventory_hostname }}", mfa_otp_hosts="ada")
    assert "ada: create_device" in run.screen
    run = domain.run("recover", "--limit", "ada", inventory=given, mfa_otp_target_user="ada")
    assert "ada: create_device" in run.screen
    assert domain.entry(file=domain.work / "ada.yml")["user_id"] == "id-of-ada"


@pytest.mark.thorough
def test_hosts_that_share_an_account_and_its_place_are_legitimate(domain: Lab) -> None:
    given = of_administrator(domain, "shared")
    given["all"]["vars"]["mfa_otp_target_user"] = "ada"
    run = domain.run("enroll", inventory=given)
    assert run.rc == 0, run.screen
    (device,) = domain.account("ada")["otp_devices"]
    assert domain.entry(file=domain.work / "shared.yml")["device_id"] == device["id"]


def test_all_playbooks_choose_their_hosts_alike() -> None:
    jobs = ("enroll", "rotate", "recover", "remove", "status")
    plays = [yaml.safe_load((PLAYBOOKS / f"{job}.yml").read_text(encoding="utf-8"))[1] for job in jobs]
    assert len({play["hosts"] for play in plays}) == 1


@pytest.mark.thorough
def test_a_retry_file_goes_where_it_is_told(domain: Lab) -> None:
    env = admin(domain) | {
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(domain.work / "retry"),
    }
    run = domain.run("enroll", inventory=str(source(domain)), env=env, mfa_otp_hosts="mfa_off")
    assert run.rc != 0  # no variables of accounts
    (file,) = (domain.work / "retry").iterdir()
    assert set(file.read_text().split()) == {"admin", "ada"}
    assert not list(PLAYBOOKS.glob("*.retry"))


@pytest.mark.matrix
def test_accounts_that_need_work_are_enrolled_in_the_same_run(domain: Lab) -> None:
    """One that has nothing yet, and one whose run was killed after MFA was turned on."""
    for_each(domain)
    begun = domain.work / "mfa-id-of-grace.yml"
    stored = entry(domain, "grace")
    del stored["proved"]
    domain.store(stored, file=begun)
    both = [{"import_playbook": f"rackspace.identity.{job}"} for job in ("audit", "enroll")]
    run = domain.run(
        both,
        inventory=str(source(domain, exclude_filters=["rax_name == 'admin'"])),
        env=admin(domain),
        mfa_otp_hosts="mfa_needs_work:!admin",
        mfa_audit_vault_files=[f"{domain.work}/mfa-*.yml"],
        mfa_audit_expect={"enforcement_level": "OPTIONAL"},
    )
    ada = domain.account("ada")
    assert [device["verified"] for device in ada["otp_devices"]] == [True], run.screen
    assert ada["mfa_enabled"]
    assert domain.entry(file=domain.work / "mfa-id-of-ada.yml")["user_id"] == "id-of-ada"
    assert domain.entry(file=begun)["proved"], run.screen
    assert not find_leaks(domain, {"screen": run.screen.encode()})


@pytest.mark.matrix
@pytest.mark.parametrize("native", rows(["false", "true"]))
def test_who_needs_work_has_the_host_of_the_inventory_whatever_the_user_is_called(
    make_lab: MakeLab, native: str
) -> None:
    """A server has the name of a user, and another one that is in no inventory; other names read as no text."""
    ids = {"True": "7", "1000": "1e3", "web1": "8", "web2": "9", "admin": "id-of-admin"}
    names = {"True": "True", "1000": "1000", "web1": "h-8", "web2": "user-9", "admin": "admin"}
    lab = make_lab(ADMIN, *(member(name, id=ids[name]) for name in ids if name != "admin"))
    servers = lab.inputs / "servers.yml"
    servers.write_text(json.dumps({"servers": {"hosts": {"web1": {"ansible_connection": "ssh"}, "web2": {}}}}))
    users = source(lab, hostname="{{ 'h-' ~ rax_id }}", include_filters=["rax_name == 'web1'"])
    told = "{{ inventory_hostname }} is {{ rax_name }}, {{ rax_id }}, {{ rax_id is string and rax_name is string }}."
    look = {
        "hosts": "mfa_needs_work",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.debug": {"msg": f"{told} {{{{ hostvars.web1.ansible_connection }}}}."}}],
    }
    env = admin(lab) | {"ANSIBLE_STRATEGY": "free", "ANSIBLE_JINJA2_NATIVE": native}
    run = lab.run(
        [{"import_playbook": "rackspace.identity.audit"}, look], "-i", str(users), inventory=str(servers), env=env
    )
    assert run.rc == 0, run.screen
    shown = re.findall(r'"msg": "([^"]+)"', run.screen.split("PLAY [mfa_needs_work]")[1])
    assert set(shown) >= {f"{host} is {name}, {ids[name]}, True. ssh." for name, host in names.items()}
