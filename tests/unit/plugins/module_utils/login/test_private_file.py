# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One writer of a file at a time, and nobody waits for ever; what is written is whole, durable, and its owner's."""

from __future__ import annotations

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


def test_a_process_that_was_forked_meanwhile_keeps_no_one_waiting(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    may_end = fork.Event()
    child = fork.Process(target=may_end.wait)
    with exclusive(tmp_path / "file"):
        waiter = os.open(tmp_path / ".file.lock", os.O_RDWR)
        child.start()
    try:
        assert taken(waiter)
    finally:
        os.close(waiter)
        may_end.set()
        child.join()


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


def test_a_folder_that_was_missing_outlives_a_power_cut_with_its_file(tmp_path: Path, done: list[str]) -> None:
    make_folder(tmp_path / "a" / "b")
    assert done == ["sync of the folder"] * 2


def test_a_file_that_cannot_get_its_name_leaves_no_secret_beside_it(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


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
def test_a_file_keeps_its_owner_and_its_group(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 65534, 65533)
    write_whole(path, b"new", like=path.stat())
    assert (path.read_bytes(), path.stat().st_uid, path.stat().st_gid) == (b"new", 65534, 65533)


def test_a_file_that_can_not_be_given_away_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_unused: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    like = os.stat_result((*path.stat()[:4], 65534, *path.stat()[5:]))
    write_whole(path, b"new", like=like)
    assert path.read_bytes() == b"new"


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
