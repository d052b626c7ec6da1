# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lock of the kernel on an open file, and who holds it: written into the file. Private to the collection."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
from datetime import datetime, timezone

PAUSE = 0.1
"""Seconds between two looks at a lock that another process holds."""
_MOST_WORDS = 1000


def taken(handle: int) -> bool:
    """Take the lock of an open file, unless another process holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def name_holder(handle: int) -> None:
    """Write into the file of a lock who holds it now: this process."""
    now = datetime.now(timezone.utc)
    holder = {"process": str(os.getpid()), "host": platform.node(), "since": f"{now:%Y-%m-%d %H:%M:%S} UTC"}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(holder).encode(), 0)


def words_of_holder(handle: int) -> str:
    """Return who has the lock, in words; the holder may not have written its name yet."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        holder = json.loads(os.pread(handle, _MOST_WORDS, 0))
        return f"process {holder['process']} on {holder['host']} since {holder['since']}"
    return "another run"
