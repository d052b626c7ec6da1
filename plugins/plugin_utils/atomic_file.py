# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are replaced whole or not at all, by one writer at a time. Private to the collection.

At any moment, also when the process is killed or the disk is full, the file is the old one or the new one. What is put
down beside it is hidden and does not end like a variables file, so Ansible never loads it, and the next writer takes it
over: it needs no cleaning.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER_MODE = 0o700
# Some network and container file systems can't sync a folder; there is nothing better to do on them.
NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def read_whole(path: Path) -> tuple[bytes, os.stat_result] | None:
    """The content and the attributes of one and the same file, or None when there is none.

    :raises OSError: it can't be read, or is no regular file (a pipe is not waited for).
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(), status
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Keep other writers of this file out, in this process tree and others. The kernel lets go when the holder dies.

    The lock is a neighbour of the file and not the file, which is a new one after every write. It is gone afterwards.

    :param waiting: called once when somebody else holds the lock.
    """
    lock = path.with_name(f".{path.name}.lock")
    descriptor = _locked(lock, waiting)
    try:
        yield
    finally:
        # Removed while it is held: whoever waits for it finds another file of that name, or none, and starts again.
        with contextlib.suppress(FileNotFoundError):
            lock.unlink()
        os.close(descriptor)


def _locked(lock: Path, waiting: Callable[[], None]) -> int:
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            _wait_for(descriptor, waiting)
            if _is_still(lock, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _wait_for(descriptor: int, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _is_still(lock: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(lock.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def write_whole(
    path: Path, content: bytes, mode: int, like: os.stat_result | None = None, locked: Path | None = None
) -> None:
    """Put the content in place of the file, durably.

    :param mode: the permissions of the file. They are in force before it has its name.
    :param like: the attributes of the file that is replaced; its owner is kept where this process may do that.
    :param locked: the file whose lock is held (default: this one). It names the neighbour, of which there is only one.
    """
    neighbour = path.with_name(f".{(locked or path).name}.new")
    with contextlib.suppress(FileNotFoundError):
        neighbour.unlink()  # of a run that was killed
    try:
        _write_new(neighbour, content, mode, like)
        neighbour.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            neighbour.unlink()
        raise
    sync_folder(path.parent)


def _write_new(path: Path, content: bytes, mode: int, like: os.stat_result | None) -> None:
    # O_EXCL: a file or link that somebody put there in the meantime is not written through.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if like is not None and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, mode)
        file.flush()
        os.fsync(descriptor)


def make_folder(path: Path) -> None:
    """Make the folder and those above it that are missing, for this user alone."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):  # another fork was first
        path.mkdir(FOLDER_MODE)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make sure that the names in a folder outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)
