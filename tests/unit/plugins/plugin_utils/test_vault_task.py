# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `vault_vars` and its results: what is taken, what is refused, and that no value is told."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultSecret
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils import vault_task
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import VaultFile
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_task import parse
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    DEV,
    PROD,
    vault_of,
    write,
)

DEFAULTS: dict[str, Any] = {
    "path": "x.yml",
    "values": None,
    "absent": None,
    "same_keys": [],
    "to_set": [],
    "vault_id": None,
    "mode": 0o600,
    "backup": False,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.yml"


def read(path: Path, *secrets: tuple[str, VaultSecret], **options: Any) -> dict[str, Any]:
    return vault_task.read(VaultFile(str(path), vault_of(*secrets)), parse({"path": str(path), **options}))


def change(path: Path, *secrets: tuple[str, VaultSecret], dry: bool = False, **options: Any) -> dict[str, Any]:
    file = VaultFile(str(path), vault_of(*(secrets or (PROD,))))
    return vault_task.change(file, parse({"path": str(path), **options}), ".old~", dry=dry)


def test_defaults() -> None:
    assert parse({"path": "x.yml"}) == DEFAULTS


def test_types_of_ansible_are_taken_off() -> None:
    given = {"path": "x.yml", "values": {"a": "b"}, "absent": ["c"], "vault_id": "dev", "mode": "0640"}
    options = parse(wrap_var(given))
    assert options == {**DEFAULTS, **given, "mode": 0o640}
    assert {type(text) for text in [options["path"], *options["values"]]} == {str}


@pytest.mark.parametrize(
    ("option", "given", "result"),
    [
        ("mode", "0600", 0o600),
        ("mode", "640", 0o640),
        ("mode", "0o400", 0o400),
        ("mode", 0o640, 0o640),
        ("mode", None, 0o600),
        ("absent", "a, b", ["a", "b"]),
        ("absent", ("a", "b"), ["a", "b"]),
        ("backup", "yes", True),
        ("backup", 1, True),
        ("backup", None, False),
        ("vault_id", "", None),
    ],
)
def test_what_an_option_means(option: str, given: Any, result: Any) -> None:
    assert parse({"path": "x.yml", option: given})[option] == result


@pytest.mark.parametrize("change", [{"values": {}}, {"absent": ["b"]}])
def test_to_set_is_for_a_task_that_reads(change: dict[str, Any]) -> None:
    assert parse({"path": "x.yml", "to_set": ["a"]})["to_set"] == ["a"]
    with pytest.raises(OptionError, match="to_set is for a task that reads"):
        parse({"path": "x.yml", "to_set": ["a"], **change})


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(
            {"value": CANARY, "vars": CANARY},
            "unknown options: value, vars. Those that it has are path, ",
            id="unknown",
        ),
        pytest.param({"path": ""}, "path is missing or empty", id="no-path"),
        pytest.param({"path": [CANARY]}, "path must be a string", id="path-of-another-type"),
        pytest.param(
            {"values": CANARY}, "values must be a dictionary of variables, not of the type str", id="values-text"
        ),
        pytest.param({"values": {"a-b": CANARY}}, "not names of variables: a-b", id="not-a-name"),
        pytest.param({"values": {"class": CANARY}}, "not names of variables: class", id="keyword"),
        pytest.param({"values": {1: CANARY}}, "not names of variables: one of the type int", id="number-as-name"),
        pytest.param({"values": {"a": {"b": CANARY.encode()}}}, "values cannot be used: .*bytes", id="bytes"),
        pytest.param({"values": {"a": 1}, "absent": ["a"]}, "in values and in absent: a", id="both"),
        pytest.param({"absent": {CANARY: 1}}, "absent must be a list", id="absent-dict"),
        pytest.param({"absent": [[CANARY]]}, "absent must be a list", id="absent-nested"),
        pytest.param({"vault_id": [CANARY]}, "vault_id must be a string", id="vault-id"),
        pytest.param({"mode": CANARY}, "mode must be an octal number in quotes", id="mode-text"),
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


@pytest.mark.parametrize(
    "new", [{"who": "b", "at": 1}, {"who": CANARY}, {"at": 2}, {}], ids=["one", "both", "none there", "empty"]
)
def test_another_ones_dictionary_is_not_replaced(path: Path, new: dict[str, Any]) -> None:
    write(path, "x:\n  who: a\n  at: 1\n  secret: kept\n")
    before = path.read_bytes()
    with pytest.raises(OptionError, match="its variable x has another who") as caught:
        change(path, values={"x": new}, same_keys=["who", "at"])
    assert CANARY not in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("old", ["{}", "{x: {}}", "{x: text}", "{x: {who: a, secret: old}}", "{x: {at: 1}}"])
def test_ones_own_dictionary_is_replaced(path: Path, old: str) -> None:
    write(path, old)
    assert change(path, values={"x": {"who": "a", "at": 1, "secret": "new"}}, same_keys=["who", "at"])["changed"]


@pytest.mark.parametrize("content", [None, "b: 1\n", "a: {}\n", "a: 1\n"], ids=["no file", "no a", "empty", "set"])
def test_what_must_be_set_can_be_set(path: Path, content: str | None) -> None:
    """With two vault ids a new file needs one to be chosen, and a file that is there has one."""
    if content is None:
        with pytest.raises(OptionError, match=f"cannot change {path}: .*vault_id"):
            read(path, PROD, DEV, to_set=["a"])
        assert read(path, PROD, to_set=["a"]) == {"changed": False, "exists": False, "vars": {}}
        assert not path.exists()
        return
    write(path, content)
    before = path.read_bytes()
    assert read(path, PROD, DEV, to_set=["a"])["vars"] == yaml.safe_load(content)
    assert path.read_bytes() == before


@pytest.mark.parametrize("dry", [True, False], ids=["check mode", "for real"])
def test_the_diff_names_what_changes_and_no_value(path: Path, *, dry: bool) -> None:
    write(path, f"gone: {CANARY}\nkept: {CANARY}\nother: {CANARY}\n", DEV)
    path.chmod(0o640)
    values = {"kept": CANARY, "other": f"{CANARY}2", "new": CANARY}
    result = change(path, PROD, DEV, dry=dry, values=values, absent=["gone"], vault_id="prod")
    assert result == {
        "changed": True,
        "path": str(path),
        "exists": True,
        "diff": {
            "before_header": str(path),
            "after_header": str(path),
            "before": "# vault id dev\n# mode 0640\ngone: (old value)\nother: (old value)\n",
            "after": "# vault id prod\n# mode 0600\nother: (new value)\nnew: (new value)\n",
        },
    }
    assert stat.S_IMODE(path.stat().st_mode) == (0o640 if dry else 0o600)


def test_the_diff_is_empty_when_nothing_changes(path: Path) -> None:
    write(path, "a: 1\n")
    result = change(path, values={"a": 1}, backup=True)
    assert (result["changed"], result["exists"], set(result)) == (False, True, {"changed", "path", "exists", "diff"})
    assert (result["diff"]["before"], result["diff"]["after"]) == ("", "")


def test_no_file_and_nothing_to_remove(path: Path) -> None:
    result = change(path, absent=["a"])
    assert (result["changed"], result["exists"]) == (False, False)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_a_backup_is_named_if_there_is_one(path: Path, *, there: bool) -> None:
    if there:
        write(path, "a: 0\n")
    assert "backup_file" not in change(path, dry=True, values={"a": 1}, backup=True)
    result = change(path, values={"a": 1}, backup=True)
    assert result.get("backup_file") == (f"{path}.old~" if there else None)
    assert path.with_name("vault.yml.old~").exists() is there
    path.chmod(0o644)
    assert "backup_file" not in change(path, values={"a": 1}, backup=True)
