# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests that CONTRIBUTING.md names for what must not get in or out are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from house import ROOT

TITLE = "\n## What must not get in or out"
ROW = re.compile(r"^\| (?!---)(.+?) \| (.+) \|$", re.MULTILINE)
FILES = sorted((ROOT / "tests").rglob("*.py"))
NAME = re.compile(r"([\w/]*)::(test_\w+)")


def named(tests: str) -> Iterator[tuple[str, str]]:
    """The file and the name of each test of a row."""
    file = ""
    for other_file, test in NAME.findall(tests):
        file = other_file or file
        yield file, test


def is_there(file: str, test: str) -> bool:
    """Whether a file that ends so defines such a test."""
    return any(
        re.search(rf"^ *def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in FILES
        if path.as_posix().endswith(f"/{file}.py")
    )


def test_each_row_names_tests_that_exist() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [row for row in ROW.findall(page[page.index(TITLE) :]) if row[1] != "test"]
    assert len(rows) > 30
    assert [what for what, tests in rows if "::" not in tests and "make " not in tests] == []
    assert [(file, test) for _what, tests in rows for file, test in named(tests) if not is_there(file, test)] == []


def test_a_test_that_is_not_there_is_found() -> None:
    assert list(named("`a/test_b::test_c`, `::test_d`")) == [("a/test_b", "test_c"), ("a/test_b", "test_d")]
    assert is_there("tests/test_contributing", "test_each_row_names_tests_that_exist")
    assert not is_there("tests/test_contributing", "test_nothing")
