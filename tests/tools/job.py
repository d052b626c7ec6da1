# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One running part of the tests: its log, and the programs it starts."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from house import LOGS, ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIME_LIMIT = 900  # seconds for one program: a hung test fails, it does not hang the CI

_running: set[int] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it wrote (both streams, as it came)."""

    returncode: int
    output: str


class Job:
    """Runs programs one after another, and keeps all they write in ``.cache/logs/NAME.log``."""

    def __init__(self, name: str, time_limit: float = TIME_LIMIT) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.time_limit = time_limit
        self.log = self.log_of(name)
        self.junit = LOGS / f"{name}.xml"
        self.log.write_text("")
        self.junit.unlink(missing_ok=True)

    @staticmethod
    def log_of(name: str) -> Path:
        """Return where the log of that name lies."""
        return LOGS / f"{name}.log"

    def run(self, *command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Done:
        """Run a program without a terminal and without input; a program that takes too long is killed."""
        with self.log.open("ab") as log:
            log.write(f"$ {shlex.join(command)}\n".encode())
            log.flush()
            start = log.tell()
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment() if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            returncode = self._wait(process)
        with self.log.open("rb") as written:
            written.seek(start)
            return Done(returncode, written.read().decode(errors="replace"))

    def note(self, text: str) -> None:
        """Add a line of our own to the log."""
        with self.log.open("a") as log:
            log.write(f"{text}\n")

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        with _lock:
            _running.add(process.pid)
        try:
            return process.wait(timeout=self.time_limit)
        except subprocess.TimeoutExpired:
            _kill(process.pid)
            self.note(f"Killed after {self.time_limit} s.")
            return process.wait()
        finally:
            with _lock:
                _running.discard(process.pid)


def stop_all() -> None:
    """End every program that still runs: they have sessions of their own, and do not hear the terminal's Ctrl-C."""
    with _lock:
        for pid in _running:
            _kill(pid)


def _kill(session: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)
