# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars`: what is taken, what is refused, and that no refusal tells a value."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_vars_options import VaultVarsOptions, parse

CANARY = "canary-7f3a"


def test_defaults_only_read() -> None:
    options = parse({"path": "x.yml"})
    assert options == VaultVarsOptions("x.yml", None, None, [], [], None, 0o600, False)
    assert options.only_reads


@pytest.mark.parametrize("given", [{"values": {}}, {"absent": []}, {"values": {"a": None}}])
def test_values_or_absent_even_empty_is_a_change(given: dict[str, Any]) -> None:
    assert not parse({"path": "x.yml", **given}).only_reads


def test_types_of_ansible_are_taken_off() -> None:
    options = parse(
        wrap_var({"path": "x.yml", "values": {"a": "b"}, "absent": ["c"], "vault_id": "dev", "mode": "0640"})
    )
    assert options == VaultVarsOptions("x.yml", {"a": "b"}, ["c"], [], [], "dev", 0o640, False)
    assert {type(text) for text in [options.path, *(options.values or {})]} == {str}


@pytest.mark.parametrize(
    ("mode", "number"),
    [("0600", 0o600), ("640", 0o640), ("0o400", 0o400), (0o600, 0o600), (None, 0o600)],
)
def test_mode(mode: Any, number: int) -> None:
    assert parse({"path": "x.yml", "mode": mode}).mode == number


@pytest.mark.parametrize("absent", ["a, b", ["a", "b"], ("a", "b")])
def test_absent_takes_a_list_or_names_between_commas(absent: Any) -> None:
    assert parse({"path": "x.yml", "absent": absent}).absent == ["a", "b"]


@pytest.mark.parametrize(("backup", "result"), [("yes", True), (False, False), (None, False), (1, True)])
def test_backup(backup: Any, result: bool) -> None:
    assert parse({"path": "x.yml", "backup": backup}).backup is result


@pytest.mark.parametrize("change", [{"values": {}}, {"absent": ["b"]}])
def test_to_set_is_for_a_task_that_reads(change: dict[str, Any]) -> None:
    assert parse({"path": "x.yml", "to_set": ["a"]}).to_set == ["a"]
    with pytest.raises(OptionError, match="to_set is for a task that reads"):
        parse({"path": "x.yml", "to_set": ["a"], **change})


@pytest.mark.parametrize("vault_id", [None, ""])
def test_empty_vault_id_counts_as_none(vault_id: Any) -> None:
    assert parse({"path": "x.yml", "vault_id": vault_id}).vault_id is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(
            {"value": CANARY, "vars": CANARY},
            "unknown options: value, vars. Supported parameters include: absent",
            id="unknown",
        ),
        pytest.param({"path": ""}, "path is empty", id="no-path"),
        pytest.param({"path": [CANARY]}, "path must be a string", id="path-of-another-type"),
        pytest.param(
            {"values": CANARY}, "values must be a dictionary of variables, not of the type str", id="values-text"
        ),
        pytest.param({"values": [CANARY]}, "not of the type list", id="values-list"),
        pytest.param({"values": {"a-b": CANARY}}, "not names of variables: a-b", id="not-a-name"),
        pytest.param({"values": {"class": CANARY}}, "not names of variables: class", id="keyword"),
        pytest.param({"values": {1: CANARY}}, "not names of variables: one of the type int", id="number-as-name"),
        pytest.param({"values": {"a": {"b": CANARY.encode()}}}, "values cannot be used: .*bytes", id="bytes"),
        pytest.param({"values": {"a": 1}, "absent": ["a"]}, "in values and in absent: a", id="both"),
        pytest.param({"absent": {CANARY: 1}}, "absent must be a list", id="absent-dict"),
        pytest.param({"absent": [[CANARY]]}, "absent must be a list", id="absent-nested"),
        pytest.param({"vault_id": [CANARY]}, "vault_id must be a string", id="vault-id"),
        pytest.param({"mode": CANARY}, "mode must be an octal number in quotes", id="mode-text"),
        pytest.param({"mode": "u=rw"}, "mode must be", id="mode-symbolic"),
        pytest.param({"mode": 600}, "mode must be", id="mode-without-quotes"),
        pytest.param({"mode": "0000"}, "mode must be", id="mode-unreadable"),
        pytest.param({"mode": "4600"}, "mode must be", id="mode-setuid"),
        pytest.param({"mode": True}, "mode must be", id="mode-boolean"),
        pytest.param({"backup": CANARY}, "backup must be true or false", id="backup"),
    ],
)
def test_refused_by_name_and_never_by_value(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(OptionError, match=complaint) as caught:
        parse({"path": "x.yml", **arguments})
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
