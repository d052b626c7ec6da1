# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Someone who follows our pages: writes their files and types their commands, in order, in one shell."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .lab import Lab
from .machine import ROOT
from .snippets import Snippet

PROMPT = "--vault-id prod@prompt"
REAL = "https://identity.api.rackspacecloud.com"
Page = list[Snippet]


class Reader:
    """A folder and a shell. The emulator stands in for the service, files for the prompts of ansible-vault."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._variables = lab.inputs / "variables.sh"
        self._variables.touch()

    def text(self, page: Page, language: str, part: str) -> str:
        """The snippet of a page in which some words stand."""
        (found,) = (one.text for one in page if one.language == language and part in one.text)
        return self._as_here(found)

    def copy(self, example: str, folder: str = ".") -> None:
        """Copy a folder of examples."""
        shutil.copytree(ROOT / "examples" / example, self.lab.work / folder, dirs_exist_ok=True)

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        path = self.lab.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def encrypt(self, name: str, variables: dict[str, Any]) -> None:
        """Write a file, and encrypt it as `ansible-vault encrypt --vault-id prod@...` does."""
        text = self.lab.vault_lib("prod").encrypt(json.dumps(variables), vault_id="prod")
        self.write(name, bytes(text).decode())

    def edit(self, variables: dict[str, Any] | str) -> None:
        """What is written into each file that `ansible-vault create` opens from now on."""
        text = variables if isinstance(variables, str) else json.dumps(variables)
        content = self.write("../inputs/edited.yml", text)
        self._variables.write_text(f"export EDITOR={shlex.quote(f'cp {content}')}\n", encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        """The entry in a vault file of the folder."""
        return self.lab.entry(file=self.lab.work / name)

    def type(self, page: Page, part: str, **environment: str | None) -> str:
        """Type the commands of the snippet in which some words stand; returns the screen."""
        (snippet,) = (one for one in page if one.commands and part in one.text)
        commands = snippet.commands if snippet.language == "console" else [snippet.text]
        return "".join(self.run(command, **environment) for command in commands)

    def run(self, command: str, **environment: str | None) -> str:
        """Type a command, a minute after the one before. What it exports is there for the next one."""
        self.lab.control.move(61)
        more = {"RAX_AUTH_ENDPOINT": self.lab.emulator.url, "ANSIBLE_VAULT_PASSWORD_FILE": None, **environment}
        kept = shlex.quote(str(self._variables))
        done = subprocess.run(
            ["/bin/sh", "-ec", f". {kept}\n{self._as_here(command)}\nexport -p >{kept}"],
            cwd=self.lab.work,
            env=self.lab.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def _as_here(self, text: str) -> str:
        stand_ins = {
            PROMPT: f"--vault-id prod@{self.lab.vault_password}",
            "/etc/mfa/vault-password": str(self.lab.vault_password),
            "ansible-vault create": "ansible-vault create --skip-tty-check",
            "/srv/mfa": str(self.lab.work),
            "~/.ansible/collections": str(self.lab.collections),
            REAL: self.lab.emulator.url,
        }
        for written, here in stand_ins.items():
            text = text.replace(written, here)
        return text
