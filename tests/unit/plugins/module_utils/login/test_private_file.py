# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One writer of a file at a time, and nobody waits for ever; what is written is whole, durable, and its owner's."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import private_file
from ansible_collections.rackspace.identity.plugins.module_utils.login.holder import taken
from ansible_collections.rackspace.identity.plugins.module_utils.login.private_file import (
    MOST_WAIT,
    check_writable,
    create,
    exclusive,
    in_words,
    make_folder,
    read_whole,
    write_whole,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record


@pytest.mark.parametrize(
    ("error", "words"),
    [(FileNotFoundError(2, "it is not there"), "x: it is not there."), (OptionError("it is empty"), "x: it is empty")],
    ids=["system", "option"],
)
def test_what_is_refused_begins_with_what_it_is_about(error: Exception, words: str) -> None:
    with pytest.raises(OptionError) as caught, in_words("x"):
        raise error
    assert str(caught.value) == words
    assert caught.value.__suppress_context__


def test_who_waits_too_long_is_told_who_has_it_and_since_when(tmp_path: Path) -> None:
    told: list[str] = []
    slept: list[float] = []
    with (
        exclusive(tmp_path / "file"),
        pytest.raises(TimeoutError) as raised,
        exclusive(tmp_path / "file", lambda: told.append("waiting"), slept.append),
    ):
        raise AssertionError("There are two writers.")
    words = str(raised.value.strerror)
    assert words.startswith(f"process {os.getpid()} on ")
    assert " since " in words
    assert told == ["waiting"]
    assert sum(slept) == pytest.approx(MOST_WAIT)
    assert list(tmp_path.iterdir()) == []


def test_who_waits_goes_on_when_the_other_one_has_ended(tmp_path: Path) -> None:
    first = ExitStack()
    first.enter_context(exclusive(tmp_path / "file"))
    with exclusive(tmp_path / "file", sleep=lambda _seconds: first.close()):
        assert [path.name for path in tmp_path.iterdir()] == [".file.lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_holder_cannot_be_named_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(private_file, "name_holder", full)
    with pytest.raises(OSError, match="No space left"), exclusive(tmp_path / "file"):
        raise AssertionError("It is not held.")
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_was_forked_meanwhile_keeps_no_one_out(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    may_end = fork.Event()
    child = fork.Process(target=may_end.wait)
    with ExitStack() as later:
        with exclusive(tmp_path / "file"):
            waiting = later.enter_context((tmp_path / ".file.lock").open("r+b"))
            later.callback(child.join)
            later.callback(may_end.set)
            child.start()
        assert taken(waiting.fileno())


@pytest.mark.parametrize(
    ("is_there", "words"),
    [(True, r"another user is writing it, .*\.file\.lock stays there"), (False, "^\\[Errno 13\\] Permission denied")],
    ids=["of another user", "in a folder of another user"],
)
def test_a_lock_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool, words: str
) -> None:
    if is_there:
        (tmp_path / ".file.lock").touch()

    def refused(path: Path, *_unused: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        with pytest.raises(PermissionError, match=words), exclusive(tmp_path / "file"):
            raise AssertionError("It is not held.")
    assert (tmp_path / ".file.lock").exists() == is_there


def test_a_record_that_another_process_keeps_is_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_file, "MOST_WAIT", 0.0)
    record = Record(tmp_path, "https://identity.example.com", "jo")
    with exclusive(record.path), pytest.raises(OptionError, match=f"process {os.getpid()} on .* is writing it"):
        record.changing().__enter__()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is made durable, by the kind of it, and when the new file gets its name."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("sync of the folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync of the file")
        fsync(descriptor)

    def replaced(path: Path, target: Path) -> Path:
        steps.append("replace")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    return steps


def test_a_file_outlives_a_power_cut_as_soon_as_it_has_its_name(tmp_path: Path, done: list[str]) -> None:
    write_whole(tmp_path / "file", b"new")
    assert done == ["sync of the file", "replace", "sync of the folder"]


def test_each_folder_that_is_made_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(private_file, "sync", synced.append)
    make_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path, tmp_path / "a"]


def test_what_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_has_the_name_already_is_not_written_through(kind: str, tmp_path: Path) -> None:
    path, there = tmp_path / "file", tmp_path / "there"
    there.write_bytes(b"precious")
    if kind == "link":
        path.symlink_to(there)
    else:
        there.rename(path)
    with pytest.raises(FileExistsError):
        create(path, b"new")
    assert path.read_bytes() == b"precious"


@pytest.mark.timeout(30)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_whole(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("owner", [65534, os.geteuid()], ids=["another user", "this one"])
def test_a_file_keeps_its_owner_and_its_group(tmp_path: Path, owner: int) -> None:
    os.chown(tmp_path, -1, 65532)
    tmp_path.chmod(0o2770)  # new files get the group of the folder
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, owner, 65533)
    write_whole(path, b"new", like=path.stat())
    assert (path.read_bytes(), path.stat().st_uid, path.stat().st_gid) == (b"new", owner, 65533)


@pytest.mark.parametrize(
    ("allowed", "kept"),
    [({-1}, [(-1, 65533)]), (set(), [])],
    ids=["the group alone", "nothing"],
)
@pytest.mark.parametrize("reason", [errno.EPERM, errno.EINVAL], ids=["not root", "unknown in this container"])
def test_a_file_keeps_what_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: set[int], kept: list[tuple[int, int]], reason: int
) -> None:
    given: list[tuple[int, int]] = []

    def fchown(_descriptor: int, owner: int, group: int) -> None:
        if owner not in allowed:
            raise OSError(reason, "refused")
        given.append((owner, group))

    monkeypatch.setattr(os, "fchown", fchown)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_whole(path, b"new", like=os.stat_result((*path.stat()[:4], 65534, 65533, *path.stat()[6:])))
    assert (path.read_bytes(), given) == (b"new", kept)


def test_a_file_that_is_mounted_by_itself_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a container: a new file could not be renamed to its name."""
    path, mounts = tmp_path / "m f\\a.yml", tmp_path / "mountinfo"
    root = "36 35 98:0 / / rw,noatime master:1 - ext4 /dev/root rw"
    in_list = str(path).replace("\\", r"\134").replace(" ", r"\040")
    mounts.write_text(f"{root}\n37 36 98:0 /srv/x.yml {in_list} rw shared:2 - ext4 /dev/root rw\n", encoding="utf-8")
    monkeypatch.setattr(private_file, "_MOUNTS", mounts)
    check_writable(path)
    path.touch()
    link = tmp_path / "link.yml"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(OSError, match="mounted by itself"):
            check_writable(name)
    check_writable(mounts)
    mounts.unlink()
    check_writable(path)
