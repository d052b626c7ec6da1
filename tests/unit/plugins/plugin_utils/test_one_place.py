# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that name one account: where they keep its secret, and what is said when it is not one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.plugin_utils.one_place import divided
from ansible_collections.rackspace.identity.plugins.plugin_utils.role import RoleVariables
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import open_store

Hosts = dict[str, dict[str, Any]]


def told(hosts: Hosts, asked: list[str] | None = None) -> str | None:
    """What is said of hosts whose variables have no prefix here."""

    def template(values: dict[str, Any]) -> dict[str, Any]:
        if asked is not None:
            asked.extend(values)
        if "{{ 1 / 0 }}" in values.values():
            raise ZeroDivisionError  # so does ansible-core 2.16
        return {name: value for name, value in values.items() if value != OMITTED}

    def variables_of(host: str) -> RoleVariables:
        if "unreadable" in hosts[host]:
            raise AnsibleError("Attempt to use undecryptable variable")
        given = {f"mfa_otp_{name}": value for name, value in hosts[host].items()}
        return RoleVariables({**given, "omit": OMITTED}, template)

    def place_of(store: dict[str, Any]) -> str:
        return open_store(store, DataLoader(), print, {"VAULT_ADDR": VAULT_URL}).place

    return divided(hosts, variables_of, place_of)


OMITTED = "omit_place_holder"
VAULT_URL = "https://vault.example.com"
A: dict[str, Any] = {"username": "admin", "target_user": "jo", "vault_file": "/a"}
IN_VAULT: dict[str, Any] = {"path": "mfa/jo", "token": "canary-token"}


@pytest.fixture(autouse=True)
def _of_uk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAX_AUTH_ENDPOINT", "uk")


@pytest.mark.parametrize(
    "other",
    [
        {"vault_file": "/b"},
        {"variable": "mine"},
        {"store": "pass"},
        {"store": "command", "store_command": ["keep"]},
        {"store": "none"},
        {"target_user": "JO", "vault_file": "/b"},
        {"target_user": None, "username": "Jo", "vault_file": "/b"},
        {"auth_endpoint": "UK", "vault_file": "/b"},
        {"auth_endpoint": "https://lon.identity.api.rackspacecloud.com/v2.0/", "vault_file": "/b"},
        {"device_name": OMITTED, "vault_file": "/b"},
    ],
)
def test_one_account_in_two_places(other: dict[str, Any]) -> None:
    said = told({"web": A, "db": {**A, "target_user": "ann", "vault_file": "/c"}, "web-new": {**A, **other}}) or ""
    assert "different places: web (the variable rax_mfa_otp in /a), web-new (" in said
    assert "Nothing was done" in said
    assert "--limit" in said


def test_of_many_hosts_only_the_first_are_named() -> None:
    said = told({f"h{number}": {**A, "vault_file": f"/{number}"} for number in range(300)}) or ""
    assert "h4 (the variable rax_mfa_otp in /4) and 295 more" in said


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"variable": "rax_mfa_otp", "store": "vault_file", "vault_id": "prod"},
        {"variable": OMITTED, "store": OMITTED},
        {"target_user": "ann", "vault_file": "/b"},
        {"target_user": "", "username": None, "vault_file": "/b"},
        {"target_user_id": "jo", "vault_file": "/b"},
        {"auth_endpoint": "us", "vault_file": "/b"},
        {"auth_endpoint": "no endpoint", "vault_file": "/b"},
        {"device_name": "of-web-new", "vault_file": "/b"},
        {"vault_file": ""},
        {"vault_file": "{{ 1 / 0 }}"},
        {"target_user": "{{ 1 / 0 }}", "vault_file": "/b"},
        {"unreadable": True},
        {"store": "hashi_vault", "hashi_vault": "no dictionary"},
    ],
)
def test_what_is_let_pass(other: dict[str, Any]) -> None:
    """One place, another account or device, or a host that fails by itself."""
    assert told({"web": A, "web-new": {**A, **other}}) is None


@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [
        (("vault_file", "~/mfa/jo.yml"), ("vault_file", f"{Path.home()}/mfa//jo.yml"), False),
        (("hashi_vault", IN_VAULT), ("hashi_vault", {**IN_VAULT, "path": "mfa/other"}), True),
        (("hashi_vault", IN_VAULT), ("hashi_vault", {**IN_VAULT, "token": "t-2", "mount": "secret/"}), False),
        (("hashi_vault", IN_VAULT), ("hashi_vault", {**IN_VAULT, "url": f"{VAULT_URL}/"}), False),
        (("pass_name", "mfa/jo"), ("pass_name", "mfa/jo"), False),
    ],
)
def test_how_a_place_is_spelled_or_reached_is_not_where(
    one: tuple[str, Any], other: tuple[str, Any], is_refused: bool
) -> None:
    def host(name: str, value: Any) -> dict[str, Any]:
        return {"username": "jo", "store": name.removesuffix("_name"), name: value}

    said = told({"a": host(*one), "b": host(*other)})
    assert (said is not None) is is_refused
    assert "canary-token" not in (said or "")


def test_the_place_of_an_account_of_one_host_is_not_worked_out() -> None:
    asked: list[str] = []
    told({"web": A, "db": {**A, "target_user": "ann"}}, asked)
    assert "target_user" in asked
    assert "vault_file" not in asked
