# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed writers, full disks, folders without rights, and many writers at once."""

from __future__ import annotations

import functools
import multiprocessing
import os
import resource
import signal
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import private_file
from ansible_collections.rackspace.identity.plugins.plugin_utils import vault_file
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    PROD,
    change,
    text_of,
    vault_of,
    write,
)

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.yml"


def in_child(work: Callable[[], object]) -> int:
    """Run it in a process of its own; returns what `waitpid` says."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def killed_at_line(number: int, work: Callable[[], object]) -> Callable[[], None]:
    """The work, killed by SIGKILL before it executes its n-th line of our files."""
    ours = {private_file.__file__, vault_file.__file__}
    seen = 0

    def trace(frame: Any, event: str, _argument: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in ours:
            return None
        if event == "line":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def run() -> None:
        sys.settrace(trace)
        work()

    return run


class TestTrouble:
    @pytest.fixture
    def open_folder(self) -> Iterator[Path]:
        """A folder that other users reach, unlike that of tmp_path."""
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            yield Path(name)

    @pytest.mark.parametrize("exists", [True, False], ids=["replaced", "new"])
    def test_killed_at_any_line_of_the_write(self, tmp_path: Path, exists: bool) -> None:
        new, states, number = f"a: {CANARY}\n", set(), 0
        status = -1
        while status != 0:
            number += 1
            path = tmp_path / str(number) / "vault.yml"
            path.parent.mkdir()
            if exists:
                write(path, "a: old\n")
            status = in_child(killed_at_line(number, functools.partial(change, path, values={"a": CANARY}, backup="~")))
            assert status in (0, signal.SIGKILL)
            state = text_of(path) if path.exists() else ""
            assert state in ("a: old\n" if exists else "", new)
            states.add((state == new, status))
            for file in path.parent.iterdir():
                assert CANARY.encode() not in file.read_bytes()
                assert stat.S_IMODE(file.stat().st_mode) == 0o600
            # What is left does no harm, and the next write takes it away.
            change(path, values={"b": 1})
            assert text_of(path).endswith("b: 1\n")
            assert [file.name for file in path.parent.iterdir() if not file.name.endswith("~")] == [path.name]
        assert number > 60, "the trace saw too few lines: this test would not bite"
        assert states == {(False, signal.SIGKILL), (True, signal.SIGKILL), (True, 0)}

    @pytest.mark.parametrize("backup", ["", "~"])
    def test_full_disk_leaves_the_old_content_and_nothing_else(self, path: Path, backup: str) -> None:
        write(path, "a: old\n")
        before = path.read_bytes()

        def on_a_full_disk() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
            with pytest.raises(OptionError, match=r"cannot change .*vault.yml: File too large"):
                change(path, values={"a": CANARY}, backup=backup)

        assert in_child(on_a_full_disk) == 0
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("dry", [True, False], ids=["check-mode", "for-real"])
    def test_read_only_folder(self, open_folder: Path, dry: bool) -> None:
        path = open_folder / "vault.yml"
        write(path, "a: old\n")
        path.chmod(0o644)
        path.parent.chmod(0o555)

        def without_rights() -> None:
            if os.geteuid() == 0:
                os.setuid(65534)
            file = VaultFile(str(path), vault_of(PROD))
            assert file.read() == {"a": "old"}
            have, want = file.apply(FileChange(values={"a": "old"}, mode=0o644))
            assert have == want
            with pytest.raises(OptionError, match="ermission"):
                file.apply(FileChange(values={"a": 1}), dry=dry)

        assert in_child(without_rights) == 0
        path.parent.chmod(0o755)
        assert text_of(path) == "a: old\n"
        assert list(path.parent.iterdir()) == [path]

    def test_planted_links_are_not_written_through(self, tmp_path: Path, path: Path) -> None:
        victim = tmp_path / "victim"
        victim.write_text("untouched")
        (tmp_path / ".vault.yml.new").symlink_to(victim)
        change(path, values={"a": 1})
        assert victim.read_text() == "untouched"
        (tmp_path / ".vault.yml.lock").symlink_to(victim)
        with pytest.raises(OptionError, match="symbolic links"):
            change(path, values={"a": 2})
        assert victim.read_text() == "untouched"

    def test_many_writers_of_one_file_lose_no_update(self, path: Path) -> None:
        writers, keys = 6, 5
        start = FORK.Barrier(writers)

        def add(writer: int) -> None:
            start.wait()
            for key in range(keys):
                change(path, values={f"w{writer}_{key}": writer})

        workers = [FORK.Process(target=add, args=(writer,)) for writer in range(writers)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * writers
        assert VaultFile(str(path), vault_of(PROD)).read() == {
            f"w{writer}_{key}": writer for writer in range(writers) for key in range(keys)
        }
        assert list(path.parent.iterdir()) == [path]

    def test_reader_beside_a_writer_always_sees_a_whole_file(self, path: Path) -> None:
        write(path, "a: 0\n")

        def count() -> None:
            for number in range(1, 30):
                change(path, values={"a": number})

        writer = FORK.Process(target=count)
        writer.start()
        seen = []
        while writer.is_alive():
            seen.append((VaultFile(str(path), vault_of(PROD)).read() or {})["a"])
        assert seen == sorted(seen)
        assert text_of(path) == "a: 29\n"

    def test_waiting_for_another_writer_is_told(self, path: Path) -> None:
        told: list[str] = []
        release, held = FORK.Event(), FORK.Event()

        def hold() -> None:
            with private_file.exclusive(path, lambda: None):
                held.set()
                release.wait()

        holder = FORK.Process(target=hold)
        holder.start()
        held.wait()

        def waiting() -> None:
            told.append("waiting")
            release.set()

        VaultFile(str(path), vault_of(PROD), waiting).apply(FileChange(values={"a": 1}))
        holder.join()
        assert told == ["waiting"]
        assert list(path.parent.iterdir()) == [path]
