# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a run: all of them ended at one blow, and what their arguments show while they live (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from types import TracebackType


def tree(pid: int) -> list[int]:
    """A process and all that descend from it. Workers of Ansible lead sessions of their own, so a group is not all."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(OSError), os.scandir(f"/proc/{found[-1]}/task") as tasks:
            for task in tasks:
                waiting += map(int, _read(f"{task.path}/children").split())
    return found


def _read(path: str) -> bytes:
    """A file of the kernel, by the shortest way: `Arguments` reads thousands of them a second."""
    file = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(file, 1 << 16), b""))
    finally:
        os.close(file)


def kill_tree(pid: int) -> None:
    """SIGKILL to a process and all that descend from it: stopped first, so that none does one thing more."""
    stopped: set[int] = set()
    while more := set(tree(pid)) - stopped:
        for member in more:
            _signal(member, signal.SIGSTOP)
        stopped |= more
    for member in stopped:
        kill(member)


def kill(pid: int) -> None:
    """Kill a process, if it is still there."""
    _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


class Arguments:
    """Collects the arguments and the environments of a process and its descendants while the block runs.

    :param pause: seconds between two looks: shorter than any of the programs needs to start and end. A look costs about
        as much as the shortest pause.
    """

    def __init__(self, pid: int, pause: float = 0.003) -> None:
        self._pid = pid
        self._pause = pause
        self._seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="arguments", daemon=True)

    def __enter__(self) -> Arguments:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def text(self) -> bytes:
        """All that was seen."""
        return b"\n".join(sorted(self._seen)).replace(b"\0", b" ")

    def _watch(self) -> None:
        while not self._over.is_set():
            for pid in tree(self._pid):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        self._seen.add(_read(f"/proc/{pid}/{name}"))
            time.sleep(self._pause)
