# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every statement of the contract has a row that names the tests which play it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import contract_calls, contract_logins, contract_settings
from .contract_text import ADVICE, PATH, Statement, statements

FOLDER = Path(__file__).resolve().parent
TABLE = contract_calls.ROWS | contract_logins.ROWS | contract_settings.ROWS
ROWS = {(section, row): tests for section, rows in TABLE.items() for row, tests in rows.items()}
PAGE = """# Title
A first sentence (with 1. one. And more; in brackets). A second: with `code. Here`; a clause.

## Section
| what | call |
| --- | --- |
| a row | `GET /` |
1. An item that goes on
   in a second line.
- Another.
"""


def names_in(path: Path) -> Iterator[str]:
    """The names of all tests of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{path.stem}::{node.name}::" if isinstance(node, ast.ClassDef) else f"{path.stem}::"
        yield from (prefix + function.name for function in inner if isinstance(function, ast.FunctionDef))


def test_contract_is_read_by_rows_sentences_and_clauses() -> None:
    assert [(found.section, found.text) for found in statements(PAGE)] == [
        ("Head", "A first sentence (with 1. one. And more; in brackets)."),
        ("Head", "A second: with `code. Here`;"),
        ("Head", "a clause."),
        ("Section", "| a row | `GET /` |"),
        ("Section", "An item that goes on in a second line."),
        ("Section", "Another."),
    ]


def test_row_changes_with_the_words_of_the_contract() -> None:
    rows = {Statement("S", text).row for text in ("One two three four five six.", "One two three four five seven.")}
    assert {row.rpartition(" ")[0] for row in rows} == {"One two three four five"}
    assert len(rows) == 2


def test_every_line_of_the_contract_has_a_row() -> None:
    """Without the contract beside the project, only the form of the rows is looked at."""
    assert not [row for _section, row in ROWS if not re.fullmatch(r"(\w+ ){1,5}[0-9a-f]{8}", row)]
    if not PATH.exists():
        return
    said = Counter((statement.section, statement.row) for statement in statements(PATH.read_text(encoding="utf-8")))
    without = sorted(f"{section}: {row}" for section, row in said if (section, row) not in ROWS)
    gone = sorted(f"{section}: {row}" for section, row in ROWS if (section, row) not in said)
    assert (without, gone) == ([], []), "read the new words, see that a test plays them, then name it in the table"


def test_every_row_names_tests_or_is_advice() -> None:
    assert all(tests == (ADVICE,) or (tests and ADVICE not in tests) for tests in ROWS.values())
    assert sum(tests == (ADVICE,) for tests in ROWS.values()) < len(ROWS) / 10


@pytest.mark.parametrize("section", list(TABLE))
def test_every_named_test_exists(section: str) -> None:
    known = {name for path in FOLDER.glob("test_*.py") for name in names_in(path)}
    named = {name for tests in TABLE[section].values() for name in tests} - {ADVICE}
    assert named - known == set()
