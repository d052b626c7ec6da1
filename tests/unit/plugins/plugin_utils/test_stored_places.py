# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where stored entries are looked for: files by their names and by wildcards, and the option `entries`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.stored_places import StoredPlaces
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import PROD, vault_of, write

ENTRY = {"username": "alice", "user_id": "a1", "device_id": "d1", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.yml", "b.yml", "deep/er/c.yml", "a[1].yml", "d.txt", ".a.yml.new", ".git/e.yml", "a.yml.1~"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, json.dumps({"text": "x", "one": {**ENTRY, "user_id": name}, "two": {**ENTRY, "username": name}}))
    (tmp_path / "latest.yml").symlink_to("a.yml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*patterns: str, warn: Callable[[str], None] = print) -> list[str]:
    """The files in which entries are found, each with two."""
    places = StoredPlaces(vault_of(PROD), None).read(list(patterns), warn) or []
    files = [source.rpartition(": ")[0] for source, _entry in places]
    assert files[::2] == files[1::2]
    return [str(Path(file).relative_to(Path.cwd())) for file in files[::2]]


@pytest.mark.parametrize(
    ("patterns", "files"),
    [
        (["a.yml"], ["a.yml"]),
        (["*.yml"], ["a.yml", "a[1].yml", "b.yml"]),
        (["**/*.yml"], ["a.yml", "a[1].yml", "b.yml", "deep/er/c.yml"]),
        (["a[1].yml"], ["a[1].yml"]),
        (["?.yml", "a.yml", "b.yml"], ["a.yml", "b.yml"]),
        (["none*.yml"], []),
        (["a*"], ["a.yml", "a[1].yml"]),
        (["**/e*"], []),
        ([".git/*"], [".git/e.yml"]),
        ([".a*"], [".a.yml.new"]),
        (["*~"], ["a.yml.1~"]),
        ([".a.yml.new", "a.yml.1~"], [".a.yml.new", "a.yml.1~"]),
        (["latest.yml", "a.yml"], ["latest.yml"]),
        ([], []),
    ],
    ids=str,
)
def test_files_by_name_and_wildcard(folder: Path, patterns: list[str], files: list[str]) -> None:
    assert found(*patterns) == files
    assert found(*(str(folder / pattern) for pattern in patterns)) == files


def test_a_name_without_wildcards_must_exist(folder: Path) -> None:
    with pytest.raises(OptionError, match=r"there is no file .*/missing\.yml"):
        found("missing.yml")
    assert folder.is_dir()


def test_a_pattern_without_a_file_is_told_and_where_nothing_may_pass_an_error(folder: Path) -> None:
    """The accounts of its files would not be stored, and their entries neither old nor incomplete."""
    warnings: list[str] = []
    assert found("*.yaml", "b*.yml", "?.yaml", warn=warnings.append) == ["b.yml"]
    assert [warning.partition(". ")[0] for warning in warnings] == [
        f"There is no file {folder}/*.yaml",
        f"There is no file {folder}/?.yaml",
    ]
    with pytest.raises(OptionError, match=r"there is no file .*/\*\.yaml\. Correct the name"):
        StoredPlaces(vault_of(PROD), None, must_match=True).read(["b*.yml", "*.yaml"], print)


def test_nothing_given_is_not_the_same_as_nothing_found(folder: Path) -> None:
    assert StoredPlaces(vault_of(PROD), None).read(None, print) is None
    assert StoredPlaces(vault_of(PROD), []).read(None, print) == []
    assert folder.is_dir()


def test_entries_that_are_equal_as_data_are_one(folder: Path) -> None:
    write(folder / "copy.yml", json.dumps({"one": {**ENTRY, "user_id": "a.yml"}}))
    given = [dict(reversed(ENTRY.items())), ENTRY, {**ENTRY, "step_offset": 0}]
    places = StoredPlaces(vault_of(PROD), given).read(["a.yml", "copy.yml"], print) or []
    assert [source.removeprefix(f"{folder}/") for source, _entry in places] == [
        "entries[0]",
        "entries[2]",
        "a.yml: one",
        "a.yml: two",
    ]


@pytest.mark.parametrize("given", ["text", {"username": "alice"}, ["text"], 7], ids=repr)
def test_entries_of_another_type_are_refused_without_repeating_them(given: Any) -> None:
    with pytest.raises(OptionError, match="list of dictionaries"):
        StoredPlaces(vault_of(PROD), given).read(None, print)


def test_an_error_names_the_file_and_no_value(folder: Path) -> None:
    (folder / "plain.yml").write_text("one: canary-value\n", encoding="utf-8")
    with pytest.raises(OptionError, match=r"plain\.yml: it is not encrypted") as caught:
        found("plain.yml")
    assert "canary" not in str(caught.value)
