# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the contract: its statements, each with the name of its row, which changes with its words."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Beside the project; a work tree elsewhere says where.
PATH = Path(os.environ.get("RAX_MFA_CONTRACT", Path(__file__).resolve().parents[4] / "shared" / "api-contract.md"))
Rows = dict[str, tuple[str, ...]]
"""The tests that play a statement, by the name of its row."""
ADVICE = "advice"
"""In the place of tests: the statement is about clients or about the page itself, and leaves nothing to serve."""
_HEAD = "Head"
_ITEM = re.compile(r"^(?:- |\d\. )")
_TABLE_LINE = re.compile(r"[ |-]+$")


@dataclass(frozen=True)
class Statement:
    """One row of a table or one sentence of the contract."""

    section: str
    text: str

    @property
    def row(self) -> str:
        """The name of its row: its first words without marks, and a digest of all of them."""
        words = " ".join(re.findall(r"[A-Za-z0-9]+", self.text)[:5])
        return f"{words} {hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


def statements(text: str) -> list[Statement]:
    """All statements in their order."""
    return [Statement(section, part) for section, block in _blocks(text) for part in _parts(block)]


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Paragraphs, items of lists and lines of tables, each with its section."""
    section, block = _HEAD, ""
    for line in [*text.splitlines(), ""]:
        begins = not line.strip() or line.startswith(("#", "|")) or _ITEM.match(line)
        if begins and block:
            yield section, block
            block = ""
        if line.startswith("## "):
            section = line[3:]
        elif not line.startswith("#"):
            block = f"{block} {line.strip()}".strip()


def _parts(block: str) -> list[str]:
    """A line of a table as it is (without heads and rules), or the sentences and clauses of a text."""
    if block.startswith("|"):
        return [] if _TABLE_LINE.match(block) or block.startswith(("| what ", "| body ")) else [block]
    return _clauses(_ITEM.sub("", block, count=1))


def _clauses(text: str) -> list[str]:
    """The text split after full stops and semicolons, but not inside of brackets or code."""
    parts, depth, in_code = [""], 0, False
    for index, letter in enumerate(text):
        in_code ^= letter == "`"
        depth += (letter in "([{") - (letter in ")]}") if not in_code else 0
        parts[-1] += letter
        if letter in ".;" and text[index + 1 : index + 2] == " " and not depth and not in_code:
            parts.append("")
    return [part.strip() for part in parts]
