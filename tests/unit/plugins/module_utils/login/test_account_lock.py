# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of an account between processes: who waits, what is told, and that the kernel gives it back."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import account_lock
from ansible_collections.rackspace.identity.plugins.module_utils.login.account_lock import AccountLock
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.another_user import (
    as_root,
    is_refused,
)

FORK = multiprocessing.get_context("fork")


class Waiter:
    """A lock whose waits are counted and never slept; `meanwhile` happens at each of them."""

    def __init__(self, path: Path, max_wait: float = 1.0, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.told: list[str] = []
        self.waits = 0
        self._meanwhile = meanwhile
        self.lock = AccountLock(path, "alice", max_wait=max_wait, tell=self.told.append, sleep=self._sleep)

    def _sleep(self, _seconds: float) -> None:
        self.waits += 1
        self._meanwhile()


def hold(path: Path, pipe: Connection) -> None:
    """In another process: take the lock, say so, and give it back when asked to."""
    lock = AccountLock(path, "alice", max_wait=0, tell=print)
    lock.acquire()
    pipe.send(os.getpid())
    pipe.recv()
    lock.release()
    pipe.send("released")
    pipe.recv()


@contextmanager
def holder(path: Path) -> Iterator[tuple[int, Connection]]:
    """Another process that has the lock: its id, and the way to it."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=hold, args=(path, theirs))
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        process.kill()
        process.join()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "account.busy"


def test_a_free_lock_is_taken_at_once(path: Path) -> None:
    path = path.parent / "deeper" / path.name
    waiter = Waiter(path)
    waiter.lock.release()
    assert waiter.lock.acquire() is False
    assert (waiter.told, waiter.waits) == ([], 0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)} == {0o700}
    waiter.lock.release()
    waiter.lock.release()
    assert Waiter(path).lock.acquire() is False


def test_who_waits_too_long_is_told_who_has_it_and_since_when(path: Path) -> None:
    with holder(path) as (pid, _pipe):
        waiter = Waiter(path, max_wait=0.5)
        with pytest.raises(Conflict, match=rf"alice is being worked on by process {pid} on .* since \d{{4}}-\d\d-\d\d"):
            waiter.lock.acquire()
    assert waiter.waits == 5
    assert len(waiter.told) == 1
    assert f"alice: waiting for process {pid}" in waiter.told[0]


def test_who_waits_gets_it_when_it_is_given_back(path: Path) -> None:
    with holder(path) as (_pid, pipe):

        def meanwhile() -> None:
            pipe.send("release")
            assert pipe.recv() == "released"

        waiter = Waiter(path, meanwhile=meanwhile)
        assert waiter.lock.acquire() is True
        assert waiter.waits == 1
    assert json.loads(path.read_text())["process"] == str(os.getpid())


def test_the_kernel_gives_back_the_lock_of_a_killed_process(path: Path) -> None:
    with holder(path) as (pid, _pipe):
        waiter = Waiter(path, max_wait=1_000_000, meanwhile=lambda: os.kill(pid, signal.SIGKILL))
        assert waiter.lock.acquire() is True


def test_an_interrupted_run_does_not_keep_the_next_task_of_its_process_waiting(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(account_lock, "name_holder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Waiter(path).lock.acquire()
    assert Waiter(path, max_wait=0).lock.acquire() is False


@pytest.mark.parametrize("garbage", ["", "{", "[]", "{}", "\\udcff", '{"process": 1}', "[" * 1000, "null"])
def test_a_holder_that_is_not_told_is_another_run(path: Path, garbage: str) -> None:
    holding = Waiter(path).lock
    holding.acquire()
    path.write_text(garbage, encoding="utf-8")
    with pytest.raises(Conflict, match="is being worked on by another run"):
        Waiter(path, max_wait=0).lock.acquire()
    holding.release()


def test_a_link_is_not_followed(path: Path) -> None:
    path.parent.mkdir()
    target = path.with_name("target")
    target.write_text("precious")
    path.symlink_to(target)
    with pytest.raises(OptionError, match="cannot be used"):
        Waiter(path).lock.acquire()
    assert target.read_text() == "precious"


@as_root
def test_the_lock_of_another_user_is_named(tmp_path: Path) -> None:
    path = tmp_path / "account.busy"
    path.touch(0o600)
    words = rf"The file {path} belongs to another user \(ID 0\)\..* Run this as that user"
    assert is_refused(tmp_path, Waiter(path).lock.acquire, words)


@pytest.mark.parametrize(
    ("call", "number"), [("fcntl.flock", errno.ENOLCK), ("os.pwrite", errno.ENOSPC)], ids=["no locks", "full disk"]
)
def test_a_disk_that_cannot_lock_or_write_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fail(*_unused: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(call, fail)
        with pytest.raises(OptionError, match=rf"{os.strerror(number)}.*O\(state_dir\)"):
            Waiter(path).lock.acquire()
    assert Waiter(path).lock.acquire() is False


def test_a_folder_that_is_a_file_is_named(path: Path) -> None:
    path.parent.write_text("")
    with pytest.raises(OptionError, match="state_dir"):
        Waiter(path).lock.acquire()
