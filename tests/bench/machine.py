# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine for measuring: a HOME of its own, and ansible-playbook with what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class BenchError(RuntimeError):
    """A run failed, or did not do what is measured: there is nothing to compare."""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and seconds of processor time of a program and all that it started.

    :param memory: of the largest of these processes, in MB.
    """

    wall: float
    cpu: float
    memory: float = 0.0

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu, self.memory - other.memory)

    def __truediv__(self, count: int) -> Cost:
        return Cost(self.wall / count, self.cpu / count, self.memory / count)


class Machine:
    """A context manager. Nothing of the caller's settings reaches a run, and nothing is left behind."""

    def __enter__(self) -> Machine:
        # Not in the checkout: Ansible puts a socket below HOME, and the path of a socket has at most 108 bytes.
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.root = Path(self._folder.name)
        (self.root / "home").mkdir()
        self.vault_password = self.file("vault-password", "the vault's password")
        return self

    def __exit__(self, *unused: object) -> None:
        self._folder.cleanup()

    def file(self, name: str, content: Any) -> Path:
        """A file with a text, or with data as JSON, which is YAML too."""
        path = self.root / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def fresh_folder(self, name: str) -> Path:
        """An empty folder of a name that was not used before."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.root))

    def play(self, playbook: str | Path, *arguments: str, **environment: str) -> Cost:
        """Run a playbook to its end (parameters of `run`)."""
        return self.run("ansible-playbook", str(playbook), *arguments, **environment)

    def run(self, program: str, *arguments: str, **environment: str) -> Cost:
        """Run a program to its end.

        :param environment: settings beside those of `_environment`.
        :raises BenchError: it failed.
        """
        screen = self.root / "screen"
        command = [str(BIN / program), *arguments]
        with screen.open("wb") as output:
            begun = time.monotonic()
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self._environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            _unused, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)  # waited for behind its back
        if process.returncode:
            raise BenchError(f"{program} {arguments[0]} failed:\n{screen.read_text(encoding='utf-8')[-5000:]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.root / "home"),
            "PATH": f"{BIN}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "tree"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.vault_password),
        }
