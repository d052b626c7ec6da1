# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time for an account: a lock beside its record. Private to the collection.

The kernel releases the lock when its holder ends, however it ends. A worker whose run was killed keeps it until it has
done what it began.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ..api.errors import Conflict, OptionError
from .holder import PAUSE, name_holder, taken, words_of_holder
from .private_file import make_folder
from .record import usable


class AccountLock:
    """The lock of one account on this machine.

    :param path: the lock file, in the folder of the record.
    :param account: the name of the account, for messages.
    :param max_wait: seconds to wait for another holder.
    :param tell: shows a line at normal verbosity.
    """

    def __init__(
        self,
        path: Path,
        account: str,
        *,
        max_wait: float,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._account = account
        self._max_wait = max_wait
        self._tell = tell
        self._sleep = sleep
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock; return whether someone else had it first.

        :raises Conflict: someone still has it after `max_wait`. It says who, and since when.
        :raises OptionError: the folder of the record cannot be used, as on a full disk, or the lock is another user's.
        """
        handle = self._open()
        try:
            waited = self._wait(handle)
            name_holder(handle)
        except OSError as error:
            os.close(handle)
            raise OptionError(
                f"The lock of {self._account} in {self._path.parent} cannot be taken: {error.strerror}. Nothing was "
                "changed. Set O(state_dir) to a folder with free space, on a file system that has locks."
            ) from None
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return waited

    def release(self) -> None:
        """Give the lock back; a lock that is not held stays as it is."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _open(self) -> int:
        with usable(self._path.parent):
            make_folder(self._path.parent)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def _wait(self, handle: int) -> bool:
        waited = 0.0
        while not taken(handle):
            if not waited:
                self._tell(f"{self._account}: waiting for {words_of_holder(handle)}, up to {self._max_wait:.0f} s")
            if waited >= self._max_wait:
                raise Conflict(
                    f"{self._account} is being worked on by {words_of_holder(handle)}. Nothing was changed. Run this "
                    "again when that run has ended, or raise O(max_wait)."
                )
            self._sleep(PAUSE)
            waited += PAUSE
        return waited > 0
