# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of Ansible at a pseudo-terminal, with somebody who reads the screen and types."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

TIME_LIMIT = 120.0
_ROWS, _COLUMNS = 60, 120
_SETTLED = 0.3
"""Seconds after core made the terminal raw and before it has thrown away what was typed too early."""


class AtTerminal:
    """A context manager: a command whose terminal is `screen`, its keyboard `type`."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._command, self._folder, self._environment = command, folder, environment
        self._output = bytearray()
        self._read = 0

    def __enter__(self) -> AtTerminal:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(self._folder)
            os.execvpe(self._command[0], self._command, self._environment)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        return self

    def __exit__(self, *_unused: object) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    @property
    def screen(self) -> str:
        """All that was shown."""
        return self._output.decode("utf-8", "replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it is on the screen, after what was waited for before."""
        deadline = time.monotonic() + TIME_LIMIT
        while True:
            match = re.compile(pattern).search(self.screen, self._read)
            if match:
                self._read = match.end()
                return match
            assert time.monotonic() < deadline, f"{pattern} did not appear:\n{self.screen}"
            assert self._more(), f"it ended without {pattern}:\n{self.screen}"

    def type(self, text: str) -> None:
        """Type it and press enter, as soon as somebody reads the keys one by one."""
        deadline = time.monotonic() + TIME_LIMIT
        while termios.tcgetattr(self._terminal)[3] & termios.ICANON:
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.02)
        time.sleep(_SETTLED)
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        """Wait for the end; the exit code."""
        deadline = time.monotonic() + TIME_LIMIT
        while self._more():
            assert time.monotonic() < deadline, self.screen
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _more(self) -> bool:
        """Take what was shown within a second; False when nothing will ever be."""
        if select.select([self._terminal], [], [], 1.0)[0]:
            try:
                shown = os.read(self._terminal, 65536)
            except OSError:  # Linux: nobody has the terminal open any more
                return False
            self._output += shown
            return bool(shown)
        return True
