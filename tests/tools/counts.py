# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many tests ran, read from what the tools leave behind: JUnit files, or their own words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"

    @classmethod
    def of_one(cls, passed: bool) -> Counts:
        """Count one check."""
        return cls(passed=int(passed), failed=int(not passed))

    def confirmed(self, returncode: int) -> Counts:
        """Count a tool that ended badly as a failure, also when no test of it says so (a crash, a bad option)."""
        return self + Counts(failed=1) if returncode and not self.failed else self


def of_junit(files: Iterable[Path]) -> Counts:
    """Add up JUnit files; an error counts as a failure."""
    total = Counts()
    for file in files:
        for suite in ET.parse(file).getroot().iter("testsuite"):
            tests, errors, failures, skipped = (
                int(suite.get(key, "0")) for key in ("tests", "errors", "failures", "skipped")
            )
            total += Counts(tests - errors - failures - skipped, errors + failures, skipped)
    return total


def of_sanity(output: str) -> Counts:
    """Count the tests of ``ansible-test sanity``: each announces itself, the failed ones are listed at the end."""
    ran = len(re.findall(r"^Running sanity test ", output, re.MULTILINE))
    listed = re.search(r"^.*The (\d+) sanity test\(s\) listed below", output, re.MULTILINE)
    failed = int(listed[1]) if listed else 0
    skipped = len(re.findall(r"^WARNING: Skipping sanity test", output, re.MULTILINE))
    return Counts(max(ran - failed, 0), failed, skipped)


def of_proof(output: str, proof: str) -> Counts:
    """Count one check, if the tool's words prove that it looked at something: group 1 of ``proof`` is not zero."""
    found = re.search(proof, output)
    return Counts(passed=1) if found and found[1] != "0" else Counts()
