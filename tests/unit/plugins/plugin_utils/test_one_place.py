# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that name one account: where they keep its secret, and what is said when it is not one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.rackspace.identity.plugins.plugin_utils.one_place import divided

Hosts = dict[str, dict[str, Any]]


def told(hosts: Hosts, asked: list[Any] | None = None) -> str | None:
    """What is said of hosts whose variables have no prefix here."""

    def facts(host: str) -> dict[str, Any]:
        if "unreadable" in hosts[host]:
            raise AnsibleError("Attempt to use undecryptable variable")
        return {f"mfa_otp_{name}": value for name, value in hosts[host].items()}

    def template(_facts: Mapping[str, Any]) -> Callable[[Any], Any]:
        def work_out(values: dict[str, Any]) -> dict[str, Any]:
            if asked is not None:
                asked.extend(values)
            if "{{ 1 / 0 }}" in values.values():
                raise ZeroDivisionError  # so does ansible-core 2.16
            return values

        return work_out

    return divided(hosts, facts, template)


A: dict[str, Any] = {"username": "admin", "target_user": "jo", "vault_file": "/a"}
VAULT: dict[str, Any] = {"username": "jo", "store": "hashi_vault"}


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
        {"auth_endpoint": "US", "vault_file": "/b"},
        {"auth_endpoint": "https://identity.api.rackspacecloud.com/v2.0/", "vault_file": "/b"},
    ],
)
def test_one_account_in_two_places(other: dict[str, Any]) -> None:
    said = told({"web": A, "db": {**A, "target_user": "ann", "vault_file": "/c"}, "web-new": {**A, **other}}) or ""
    assert "different places: web, web-new." in said
    assert "Nothing was done" in said
    assert "--limit" in said


def test_of_many_hosts_only_the_first_are_named() -> None:
    said = told({f"h{number}": {**A, "vault_file": f"/{number}"} for number in range(300)}) or ""
    assert "h0, h1, h2, h3, h4 and 295 more" in said


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"variable": "rax_mfa_otp", "store": "vault_file", "vault_id": "prod"},
        {"target_user": "ann", "vault_file": "/b"},
        {"target_user": "", "username": None, "vault_file": "/b"},
        {"target_user_id": "jo", "vault_file": "/b"},
        {"auth_endpoint": "uk", "vault_file": "/b"},
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


@pytest.mark.parametrize(("path", "is_refused"), [("mfa/jo", False), ("mfa/other", True)])
def test_how_a_vault_is_reached_is_not_where(path: str, is_refused: bool) -> None:
    ways = {"a": {"path": "mfa/jo", "token": "t-1"}, "b": {"path": path, "auth": "approle", "secret_id": "s-2"}}
    said = told({host: {**VAULT, "hashi_vault": way} for host, way in ways.items()})
    assert (said is not None) is is_refused


def test_the_place_of_an_account_of_one_host_is_not_worked_out() -> None:
    asked: list[str] = []
    told({"web": A, "db": {**A, "target_user": "ann"}}, asked)
    assert "target_user" in asked
    assert "vault_file" not in asked
