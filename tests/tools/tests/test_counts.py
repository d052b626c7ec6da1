# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a test that ran: the tools under test can be green over nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from counts import Counts, of_junit, of_proof, of_sanity

if TYPE_CHECKING:
    from pathlib import Path

SANITY = """\
Running sanity test "compile" on Python 3.13
Running sanity test "pep8"
WARNING: Skipping sanity test "shellcheck" because shellcheck is not available
Running sanity test "yamllint"
"""
FAILED = "FATAL: The 2 sanity test(s) listed below (out of 3) failed. See error output above for details.\n"


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        pytest.param("WARNING: All targets skipped.\n", Counts(), id="skipped all targets"),
        pytest.param(SANITY, Counts(passed=3, skipped=1), id="what announced itself"),
        pytest.param(SANITY + FAILED, Counts(passed=1, failed=2, skipped=1), id="less the failed ones"),
    ],
)
def test_sanity(output: str, counts: Counts) -> None:
    assert of_sanity(output) == counts


def test_errors_in_junit_are_failures(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text('<testsuites><testsuite tests="9" errors="1" failures="2" skipped="3"/></testsuites>')
    assert of_junit([file, file]) == Counts(passed=6, failed=6, skipped=6)


@pytest.mark.parametrize(
    ("returncode", "found", "told"),
    [
        pytest.param(0, Counts(passed=3), Counts(passed=3), id="good"),
        pytest.param(1, Counts(passed=3), Counts(passed=3, failed=1), id="ended badly, no test says so"),
        pytest.param(1, Counts(passed=2, failed=1), Counts(passed=2, failed=1), id="ended badly, a test says so"),
    ],
)
def test_a_tool_that_ended_badly_has_failed(returncode: int, found: Counts, told: Counts) -> None:
    assert found.confirmed(returncode) == told


@pytest.mark.parametrize(
    ("words", "passed"),
    [("no issues found in 12 source files", 1), ("no issues found in 0 source files", 0), ("nothing to do", 0)],
)
def test_a_check_needs_a_proof_that_it_looked_at_something(words: str, passed: int) -> None:
    assert of_proof(words, r"found in (\d+) source files") == Counts(passed=passed)
