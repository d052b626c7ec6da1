# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look for words that we do not use (`words.txt`) in all texts of the house: prose, messages, comments and names."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from house import ROOT, files_in_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIST = Path(__file__).with_name("words.txt")
# What others wrote, what is generated, the list itself and its test; the emulator keeps former names for its users.
ELSEWHERE = ("LICENSE", "changelogs/changelog.yaml", "tests/tools/words.txt", "tests/tools/tests/", "tests/emulator/")


class Word(NamedTuple):
    """A word to avoid, and what to write instead."""

    pattern: re.Pattern[str]
    instead: str


def words(text: str) -> list[Word]:
    """Return the words of a list. Names in code count, too: an underscore stands between words."""
    lines = [line.partition(" -> ") for line in text.splitlines() if line and not line.startswith("#")]
    return [
        Word(re.compile(rf"(?<![a-z])({_spaced(pattern)})(?![a-z])", re.IGNORECASE), instead)
        for pattern, _arrow, instead in lines
    ]


def _spaced(pattern: str) -> str:
    """A phrase may go over two lines, also of a comment, and may be a name."""
    return pattern.replace("*", "[a-z]*").replace(" ", r"(?:\s+(?:#\s+)?|_)")


def found(text: str, avoided: Sequence[Word]) -> Iterator[str]:
    """Yield a line for each word that the text should not have."""
    for word in avoided:
        for match in word.pattern.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            yield f"{number}: {' '.join(match[0].split())} -> {word.instead}"


def main() -> None:
    """Look through what git knows; exit with 1 when there is such a word."""
    avoided = words(LIST.read_text(encoding="utf-8"))
    paths = [path for path in files_in_git() if not path.startswith(ELSEWHERE) and (ROOT / path).is_file()]
    complaints = []
    for path in paths:
        text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
        complaints += [f"{path}:{line}" for line in found(f"{text}\n{path}", avoided)]
    for complaint in complaints:
        print(complaint)
    print(f"Looked for {len(avoided)} words in {len(paths)} files")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
