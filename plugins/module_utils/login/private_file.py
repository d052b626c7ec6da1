# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files for one user's eyes, replaced whole or not at all, by one writer at a time. Private to the collection.

At any moment, also when the process is killed or the disk is full, a file is the old one or the new one. Its neighbors
(the lock and the new content) are hidden and do not end like a variables file, so Ansible never loads them. The next
writer takes over what a killed one left.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..api.errors import OptionError
from .holder import PAUSE, name_holder, taken, words_of_holder

MOST_WAIT = 60.0
"""Seconds to wait for another writer of a file, who needs a fraction of one."""
_LONGEST_ENDING = ".lock"
_MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux lists what is mounted; other systems have no such file."""
_ESCAPES = str.maketrans({" ": r"\040", "\t": r"\011", "\n": r"\012", "\\": r"\134"})
"""Of the paths in that list."""
# Some network and container file systems cannot sync a folder; there is nothing better to do on them.
_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


@contextlib.contextmanager
def in_words(about: str) -> Iterator[None]:
    """Begin each refusal of the block with these words.

    :raises OptionError: the system refused something, or the block raised one.
    """
    try:
        yield
    except OptionError as error:
        raise OptionError(f"{about}: {error}") from None
    except OSError as error:
        raise OptionError(f"{about}: {error.strerror}.") from None


def read_whole(path: Path, most: int = -1, *, follow: bool = True) -> tuple[bytes, os.stat_result] | None:
    """Return the content and the attributes of one and the same file; None when there is no file.

    :param most: stop after this number of bytes.
    :param follow: also read through a symbolic link.
    :raises OSError: it cannot be read, or is not a regular file (a pipe is not waited for).
    """
    if not follow and path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, and links are not followed here")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW))
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most), status
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive(
    path: Path, waiting: Callable[[], None] = lambda: None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Keep other writers of this file out. The kernel releases the lock when its holder dies.

    The lock is a neighbor of the file, because the file is a new one after every write. It is gone afterwards.

    :param waiting: called once when another process holds the lock.
    :raises OSError: among others when another process still holds it after `MOST_WAIT`. It says which one.
    """
    if not path.name:  # the root
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    lock = path.with_name(f".{path.name}.lock")
    while True:
        with os.fdopen(_open_lock(lock)) as file:
            _wait_for(file.fileno(), waiting, sleep)
            if not _is_at(lock, file.fileno()):
                continue
            try:
                name_holder(file.fileno())  # on a full disk it cannot be written
                yield
            finally:
                # Removed while it is held: anyone who waits for it finds another file of that name, and starts again.
                with contextlib.suppress(OSError):
                    lock.unlink()
                fcntl.flock(file, fcntl.LOCK_UN)  # a process that was forked meanwhile has the descriptor, too
            return


def _open_lock(lock: Path) -> int:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        if not os.path.lexists(lock):
            raise
        raise PermissionError(
            errno.EACCES,
            f"another user is writing it, or was stopped while doing so. Run this again. When {lock} stays there and "
            "no run of that user is left, remove it",
            error.filename,
        ) from None


def _wait_for(lock: int, waiting: Callable[[], None], sleep: Callable[[float], None]) -> None:
    waited = 0.0
    while not taken(lock):
        if not waited:
            waiting()
        if waited >= MOST_WAIT:
            raise TimeoutError(errno.ETIMEDOUT, f"{words_of_holder(lock)} is writing it, for {MOST_WAIT:.0f} s now")
        sleep(PAUSE)
        waited += PAUSE


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def write_whole(path: Path, content: bytes, mode: int = 0o600, like: os.stat_result | None = None) -> None:
    """Replace the file by one with this content, durably. Only the holder of its lock may.

    :param mode: the permissions of the file. They are in force before it has its name.
    :param like: the attributes of the file that is replaced; its owner and its group are kept as far as they can be.
    """
    neighbor = path.with_name(f".{path.name}.new")
    neighbor.unlink(missing_ok=True)  # of a run that was killed
    create(neighbor, content, mode, like)
    try:
        neighbor.replace(path)
    except BaseException:
        neighbor.unlink(missing_ok=True)
        raise
    sync(path.parent)


def create(path: Path, content: bytes, mode: int = 0o600, like: os.stat_result | None = None) -> None:
    """Write a file that was not there; remove it again when that fails.

    :raises OSError: among others when something has this name already, which is never written through.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if like is not None:
                _give(descriptor, like)
            os.fchmod(descriptor, mode)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _give(descriptor: int, like: os.stat_result) -> None:
    """Give a file the group and the owner of another one, as far as the system lets this process."""
    for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, group)


def check_writable(path: Path) -> None:
    """Make sure, as far as one can tell, that the file can be replaced.

    :raises OSError: its name leaves no room for the neighbors, there is no permission, or it is mounted by itself.
    """
    folder = next(parent for parent in path.parents if parent.exists())
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is not a folder")
    longest = os.pathconf(folder, "PC_NAME_MAX") - len(_LONGEST_ENDING) - 1
    if len(os.fsencode(path.name)) > longest:
        raise OSError(errno.ENAMETOOLONG, f"the name of the file is too long; at most {longest} bytes are possible")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):  # to read, so that a new name in it can be made durable
        raise PermissionError(errno.EACCES, f"there is no permission to read and write in the folder {folder}")
    if path.exists() and _is_mounted(path):
        raise OSError(errno.EBUSY, "it is mounted by itself, so no new file can replace it. Mount its folder instead")


def _is_mounted(path: Path) -> bool:
    """Is the file a mount of its own, as containers get one? Its name then cannot be given to another file."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    name = os.path.realpath(path).translate(_ESCAPES)
    return any(mount.split(" ", 5)[4] == name for mount in mounts)


def check_private(folder: Path) -> None:
    """Make sure that other users cannot replace the files in the folder.

    :raises OSError: they can.
    """
    if folder.stat().st_mode & stat.S_IWOTH:
        raise PermissionError(errno.EPERM, "every user can write in it. Run chmod o-w on it, or choose another one")


def make_folder(path: Path) -> None:
    """Make the folder and those above it that are missing, for this user alone."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):  # another fork was first
        path.mkdir(0o700)
        sync(path.parent)


def sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)
