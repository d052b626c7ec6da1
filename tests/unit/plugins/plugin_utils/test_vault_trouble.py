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
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import private_file
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    PROD,
    change,
    look,
    put,
    states_left,
    text_of,
    vault_of,
    write,
)

FORK = multiprocessing.get_context("fork")


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


def killed_beside(neighbor: Path, work: Callable[[], object]) -> None:
    """Do the work in a process that is killed as soon as the new content stands beside the file."""

    def trace(_frame: Any, _event: str, _argument: Any) -> Any:
        if neighbor.exists() and neighbor.stat().st_size:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def run() -> None:
        sys.settrace(trace)
        work()

    assert in_child(run) == signal.SIGKILL


class TestTrouble:
    @pytest.fixture
    def open_folder(self) -> Iterator[Path]:
        """A folder that other users reach, unlike that of tmp_path."""
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            yield Path(name)

    @pytest.mark.parametrize("exists", [True, False], ids=["replaced", "new"])
    def test_killed_at_any_line_of_the_write(self, tmp_path: Path, exists: bool) -> None:
        folder, old, new = tmp_path / "whole", "a: old\n" if exists else "", f"a: {CANARY}\n"
        folder.mkdir()
        if exists:
            write(folder / "vault.yml", old)
        states = states_left(folder, lambda: change(folder / "vault.yml", values={"a": CANARY}, backup="~"))
        texts = set()
        for number, state in enumerate([*states, look(folder)]):
            path = tmp_path / str(number) / "vault.yml"
            put(path.parent, state)
            text = text_of(path) if path.exists() else ""
            texts.add(text)
            for content, mode in state.values():
                assert CANARY.encode() not in content
                assert mode == 0o600
            # What is left does no harm, and the next write takes it away.
            change(path, values={"b": 1})
            assert text_of(path) == f"{text}b: 1\n"
            assert [file.name for file in path.parent.iterdir() if not file.name.endswith("~")] == [path.name]
        assert texts == {old, new}
        left = {name for state in states for name in state}
        assert left == {"vault.yml", ".vault.yml.lock", ".vault.yml.new", *(["vault.yml~"] if exists else [])}

    def test_killed_for_real(self, path: Path) -> None:
        """What is seen at a line is what a kill leaves there, and the kernel releases the lock."""
        write(path, "a: old\n")
        killed_beside(path.with_name(".vault.yml.new"), functools.partial(change, path, values={"a": CANARY}))
        assert {file.name for file in path.parent.iterdir()} == {"vault.yml", ".vault.yml.lock", ".vault.yml.new"}
        assert text_of(path) == "a: old\n"
        change(path, values={"b": 1})
        assert text_of(path) == "a: old\nb: 1\n"
        assert list(path.parent.iterdir()) == [path]

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
        writers, keys = 6, 3
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
            for number in range(1, 15):
                change(path, values={"a": number})

        writer = FORK.Process(target=count)
        writer.start()
        seen = []
        while writer.is_alive():
            seen.append((VaultFile(str(path), vault_of(PROD)).read() or {})["a"])
        assert seen == sorted(seen)
        assert text_of(path) == "a: 14\n"

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
