# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that a worker shows while it works. Private to the collection."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

PATIENCE = 5.0
"""Seconds that a worker waits for a line to be taken."""


def show_at_once(show: Callable[[], object]) -> None:
    """Show a line, and go on whether or not it is taken.

    A worker outlives a main process that was killed. Nobody reads the pipe between them any more, and when it is full
    a write blocks for ever, while the worker holds the lock of its account. So another thread writes.
    """

    def write() -> None:
        with contextlib.suppress(Exception):
            show()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    writer.join(PATIENCE)
