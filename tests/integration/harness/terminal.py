# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of Ansible at a pseudo-terminal, with someone who reads the screen and types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

from .processes import kill_tree

TIME_LIMIT = 120.0
_ROWS, _COLUMNS = 60, 120
_CLOSED = -1
_SETTLED = 0.3
"""Seconds after core made the terminal raw and before it has thrown away what was typed too early."""


class AtTerminal:
    """A context manager: a command whose terminal is `screen`, its keyboard `type`."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.command, self._folder, self._environment = command, folder, environment
        self._output = bytearray()
        self._read = 0

    def __enter__(self) -> AtTerminal:
        self._terminal, self._other_end = pty.openpty()
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        # The first to open a terminal in a new session has it for its own: Ctrl+C and the foreground are as in life.
        self._process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" <>"$0" >&0 2>&0', os.ttyname(self._other_end), *self.command],
            cwd=self._folder,
            env=self._environment,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_unused: object) -> None:
        kill_tree(self._process.pid)
        self._process.wait()
        os.close(self._other_end)
        if self._terminal != _CLOSED:
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
        """Type it and press enter, as soon as someone reads the keys one by one."""
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
        return self._process.wait()

    def close(self) -> int:
        """Close the window, or drop the connection to it; the exit code."""
        os.close(self._terminal)
        self._terminal = _CLOSED
        return self._process.wait(TIME_LIMIT)

    def kill(self) -> int:
        """Kill the main process, and no worker of it; the exit code."""
        self._process.kill()
        return self._process.wait(TIME_LIMIT)

    def _more(self) -> bool:
        """Take what is shown within a moment; False when it has ended and all was taken."""
        ended = self._process.poll() is not None
        if select.select([self._terminal], [], [], 0.1)[0]:
            self._output += os.read(self._terminal, 65536)
            return True
        return not ended
