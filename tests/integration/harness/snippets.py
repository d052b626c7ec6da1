# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The snippets of README, guides, other READMEs and EXAMPLES: YAML and commands, as they stand there."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .machine import ROOT

PLAYBOOKS = ROOT / "playbooks"
_GUIDES = ROOT / "docs" / "docsite" / "rst"
_PLUGINS = ("modules", "lookup", "filter", "inventory")
_SHELLS = ("console", "sh")
_FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CODE_BLOCK = re.compile(r"^( *)\.\. code-block:: (\w+)\n(?:\1 +:\S.*\n)*\n((?:\1 {4}.*\n|\n)+)", re.MULTILINE)
_EXAMPLES = re.compile(r'^EXAMPLES = r?"""\n(.*?)^"""', re.MULTILINE | re.DOTALL)


class Snippet(NamedTuple):
    """One block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands, as a name of a file."""
        return f"{self.page.stem}-{self.line}"

    @property
    def documents(self) -> list[Any]:
        """What the YAML says; examples of a plugin may be several documents."""
        return [document for document in yaml.safe_load_all(self.text) if document is not None]

    @property
    def commands(self) -> list[str]:
        """The commands of a shell, each on one line; none when it is no shell."""
        if self.language not in _SHELLS:
            return []
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return [" ".join(line.split()) for line in lines if line.strip()]


def pages() -> list[Path]:
    """Every page that has snippets for users."""
    readmes = [ROOT / name / "README.md" for name in (".", "roles/mfa_otp", "extensions/molecule", "tests/emulator")]
    plugins = [path for folder in _PLUGINS for path in sorted((ROOT / "plugins" / folder).glob("*.py"))]
    examples = sorted((ROOT / "examples").glob("**/README.md"))
    return [*readmes, *examples, *sorted(_GUIDES.glob("*.rst")), *plugins]


def snippets(page: Path) -> Iterator[Snippet]:
    """The snippets of a page, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    found = {
        ".md": ((match.start(), match[2], textwrap.dedent(match[3])) for match in _FENCED.finditer(text)),
        ".rst": ((match.start(), match[2], textwrap.dedent(match[3])) for match in _CODE_BLOCK.finditer(text)),
        ".py": ((match.start(), "yaml", match[1]) for match in _EXAMPLES.finditer(text)),
    }[page.suffix]
    for start, language, content in found:
        yield Snippet(page, text.count("\n", 0, start) + 1, language, content.strip("\n") + "\n")


def readme(folder: str) -> list[Snippet]:
    """The snippets of the README of a folder."""
    return list(snippets(ROOT / folder / "README.md"))


def guide(name: str) -> list[Snippet]:
    """The snippets of a guide."""
    return list(snippets(_GUIDES / f"guide_{name}.rst"))


def played(command: str) -> list[str]:
    """The playbooks that a command plays."""
    words = shlex.split(command, comments=True)
    if "ansible-playbook" not in words:
        return []
    arguments = words[words.index("ansible-playbook") + 1 :]
    takes_value = {"-i", "-e", "--vault-id", "--forks", "--limit", "--vault-password-file", "--tags"}
    values = {number + 1 for number, word in enumerate(arguments) if word in takes_value}
    return [word for number, word in enumerate(arguments) if number not in values and not word.startswith("-")]
