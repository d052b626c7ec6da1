# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file for one person: for its owner alone from the first byte, and never over something else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.secret_file import remove, write

CONTENT = b"a secret"
OURS = CONTENT.startswith


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "code.png"


def test_it_is_written_for_its_owner_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    real = os.open

    def opened(name: str, flags: int, mode: int = 0o777) -> int:
        modes.append((flags & (os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW), mode))
        return real(name, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    assert write(path, CONTENT)
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert modes[-1] == (os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)


def test_a_second_time_changes_nothing(path: Path) -> None:
    write(path, CONTENT)
    before = path.stat()
    assert not write(path, CONTENT)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("part", [b"", CONTENT[:3]], ids=["empty", "half"])
def test_what_a_killed_run_left_is_replaced(path: Path, part: bytes) -> None:
    path.write_bytes(part)
    path.chmod(0o644)
    assert write(path, CONTENT)
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("other", [b"mine", CONTENT + b"!"], ids=["other", "longer"])
def test_what_is_not_ours_stays(path: Path, other: bytes) -> None:
    path.write_bytes(other)
    with pytest.raises(OptionError, match="is there already"):
        write(path, CONTENT)
    assert not remove(path, OURS)
    assert path.read_bytes() == other


@pytest.mark.parametrize("target_is_there", [True, False])
def test_links_are_not_followed(path: Path, *, target_is_there: bool) -> None:
    target = path.with_name("target")
    if target_is_there:
        target.write_bytes(b"")
    path.symlink_to(target)
    with pytest.raises(OptionError, match="is a link"):
        write(path, CONTENT)
    with pytest.raises(OptionError, match="is a link"):
        remove(path, OURS)
    assert target.exists() == target_is_there
    assert not target_is_there or target.read_bytes() == b""


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_in_the_way(path: Path, kind: str) -> None:
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(OptionError, match="not a regular file"):
        write(path, CONTENT)
    with pytest.raises(OptionError, match="not a regular file"):
        remove(path, OURS)


def test_the_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"the folder .*missing does not exist"):
        write(tmp_path / "missing" / "code.png", CONTENT)


def test_the_folder_must_let_files_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(OptionError, match="no permission to read and write in the folder"):
        write(path, CONTENT, dry=True)


def test_it_is_removed_once(path: Path) -> None:
    write(path, CONTENT)
    assert remove(path, OURS)
    assert not path.exists()
    assert not remove(path, OURS)


def test_a_dry_run_touches_nothing(path: Path) -> None:
    assert write(path, CONTENT, dry=True)
    assert not path.exists()
    write(path, CONTENT)
    assert remove(path, OURS, dry=True)
    assert path.exists()


def test_a_full_disk_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, _mode: str) -> None:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OptionError, match="No space left on device"):
        write(path, CONTENT)
    assert not path.exists()
