# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars` and its results: what is taken, what is refused, and that no value is told."""

from __future__ import annotations

import datetime
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultSecret
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.action.vault_vars import ActionModule
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import instance_of
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    DEV,
    PROD,
    write,
)


def run(path: Path, /, *secrets: tuple[str, VaultSecret], check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Run the action as a task does, in the folder of the file."""
    args = {"path": str(path), **options}
    action = instance_of(ActionModule, path.parent, action="rackspace.identity.vault_vars", args=args)
    action._task.check_mode = check_mode
    action._loader.set_vault_secrets(list(secrets or (PROD,)))
    result: dict[str, Any] = action.run(None, {"inventory_hostname": "localhost"})
    return result


@pytest.mark.parametrize("mode", ["0600", "640", "0400"])
def test_modes_that_are_taken(path: Path, mode: str) -> None:
    assert run(path, values={"a": 1}, mode=mode)["changed"]
    assert stat.S_IMODE(path.stat().st_mode) == int(mode, 8)


def test_options_that_are_null_are_not_set(path: Path) -> None:
    write(path, "a: 1\n")
    unset: dict[str, Any] = dict.fromkeys(["values", "absent", "vault_id"])
    assert run(path, **unset)["vars"] == {"a": 1}
    assert run(path, **unset | {"values": {"a": 2}})["changed"]


def test_what_is_read_keeps_its_types_and_is_hidden(path: Path) -> None:
    values = {"a": datetime.date(2026, 1, 31), "b": [1, 1.5, None, True], "c": {1: "{{ x }}"}}
    assert run(path, values=wrap_var(values))["changed"]
    result = run(path)
    assert result == {"changed": False, "exists": True, "vars": values, "_ansible_no_log": True}
    assert type(result["vars"]["c"][1]) is str


def test_relative_path_and_list_as_text(path: Path) -> None:
    write(path, "a: 1\nb: 2\nc: 3\n")
    assert run(path, path=path.name, absent="a,b")["path"] == str(path)
    assert run(path)["vars"] == {"c": 3}


@pytest.mark.parametrize("change", [{"values": {}}, {"absent": ["b"]}])
def test_to_set_is_for_a_task_that_reads(path: Path, change: dict[str, Any]) -> None:
    assert "to_set is for a task that reads" in run(path, to_set=["a"], **change)["msg"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param({"value": CANARY}, "value. Supported parameters include: absent, .*values", id="unknown"),
        pytest.param({"path": ""}, "path is empty", id="no-path"),
        pytest.param({"values": CANARY}, "values must be a dictionary of variables", id="values-text"),
        pytest.param({"values": {"a-b": CANARY}}, r"are not names of variables: a-b\.", id="not-a-name"),
        pytest.param({"values": {"class": CANARY}}, r"are not names of variables: class\.", id="keyword"),
        pytest.param({"values": {1: CANARY}}, r"are not names of variables: 1\.", id="number-as-name"),
        pytest.param({"values": {"a": {"b": CANARY.encode()}}}, "values cannot be used: .*bytes", id="bytes"),
        pytest.param({"values": {"a": CANARY}, "absent": {"a": 1}}, "absent.* list", id="absent-dict"),
        pytest.param({"values": {"a": CANARY, "b": 1}, "absent": ["c", "a"]}, r"removes: a\. Leave one", id="both"),
        pytest.param({"values": {"a": CANARY}, "backup": "what"}, "backup.* bool", id="backup"),
        pytest.param({"values": {"a": CANARY}, "mode": "rw"}, "mode must be an octal number in quotes", id="mode-text"),
        pytest.param({"mode": "rw"}, "mode must be an octal number in quotes", id="mode-of-a-task-that-reads"),
        pytest.param({"values": {"a": CANARY}, "mode": 0o600}, "mode must be", id="mode-without-quotes"),
        pytest.param({"values": {"a": CANARY}, "mode": "0000"}, "mode must be", id="mode-unreadable"),
        pytest.param({"values": {"a": CANARY}, "mode": "4600"}, "mode must be", id="mode-setuid"),
    ],
)
def test_refused_and_no_value_is_told(path: Path, arguments: dict[str, Any], complaint: str) -> None:
    result = run(path, **arguments)
    assert result["failed"]
    assert re.search(complaint, result["msg"])
    assert CANARY not in str(result)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "new", [{"who": "b", "at": 1}, {"who": CANARY}, {"at": 2}, {}], ids=["one", "both", "none there", "empty"]
)
def test_another_ones_dictionary_is_not_replaced(path: Path, new: dict[str, Any]) -> None:
    write(path, "x:\n  who: a\n  at: 1\n  secret: kept\n")
    before = path.read_bytes()
    result = run(path, values={"x": new}, same_keys=["who", "at"])
    assert "its variable x has another who" in result["msg"]
    assert CANARY not in str(result)
    assert path.read_bytes() == before


@pytest.mark.parametrize("old", ["{}", "{x: {}}", "{x: text}", "{x: {who: a, secret: old}}", "{x: {at: 1}}"])
def test_ones_own_dictionary_is_replaced(path: Path, old: str) -> None:
    write(path, old)
    assert run(path, values={"x": {"who": "a", "at": 1, "secret": "new"}}, same_keys=["who", "at"])["changed"]


@pytest.mark.parametrize("content", [None, "b: 1\n", "a: {}\n", "a: 1\n"], ids=["no file", "no a", "empty", "set"])
def test_what_must_be_set_can_be_set(path: Path, content: str | None) -> None:
    """With two vault ids a new file needs one to be chosen, and a file that is there has one."""
    if content is None:
        assert re.search(f"cannot change {path}: .*vault_id", run(path, PROD, DEV, to_set=["a"])["msg"])
        assert not run(path, PROD, to_set=["a"])["exists"]
        assert not path.exists()
        return
    write(path, content)
    before = path.read_bytes()
    assert run(path, PROD, DEV, to_set=["a"])["vars"] == yaml.safe_load(content)
    assert path.read_bytes() == before


@pytest.mark.parametrize("dry", [True, False], ids=["check mode", "for real"])
def test_the_diff_names_what_changes_and_no_value(path: Path, *, dry: bool) -> None:
    write(path, f"gone: {CANARY}\nkept: {CANARY}\nother: {CANARY}\n", DEV)
    path.chmod(0o640)
    values = {"kept": CANARY, "other": f"{CANARY}2", "new": CANARY}
    result = run(path, PROD, DEV, check_mode=dry, values=values, absent=["gone"], vault_id="prod")
    assert result == {
        "changed": True,
        "path": str(path),
        "exists": True,
        "diff": {
            "before_header": str(path),
            "after_header": str(path),
            "before": "# vault id dev, mode 0640\ngone: (old value)\nother: (old value)\n",
            "after": "# vault id prod, mode 0600\nother: (new value)\nnew: (new value)\n",
        },
    }
    assert stat.S_IMODE(path.stat().st_mode) == (0o640 if dry else 0o600)


def test_the_diff_is_empty_when_nothing_changes(path: Path) -> None:
    write(path, "a: 1\n")
    result = run(path, values={"a": 1}, backup=True)
    assert (result["changed"], result["exists"], set(result)) == (False, True, {"changed", "path", "exists", "diff"})
    assert result["diff"]["before"] == result["diff"]["after"]


def test_no_file_and_nothing_to_remove(path: Path) -> None:
    result = run(path, absent=["a"])
    assert (result["changed"], result["exists"]) == (False, False)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_a_backup_is_named_if_there_is_one(path: Path, *, there: bool) -> None:
    if there:
        write(path, "a: 0\n")
    assert "backup_file" not in run(path, check_mode=True, values={"a": 1}, backup=True)
    result = run(path, values={"a": 1}, backup=True)
    kept = [str(file) for file in path.parent.glob("*~")]
    assert kept == ([result["backup_file"]] if there else [])
    path.chmod(0o644)
    assert "backup_file" not in run(path, values={"a": 1}, backup=True)
