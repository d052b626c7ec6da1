# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One writer of a file at a time, and no wait is endless."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import private_file
from ansible_collections.rackspace.identity.plugins.module_utils.login.private_file import MOST_WAIT, exclusive
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record


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


def test_a_record_that_another_process_keeps_is_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_file, "MOST_WAIT", 0.0)
    record = Record(tmp_path, "https://identity.example.com", "jo")
    with exclusive(record.path), pytest.raises(OptionError, match=f"process {os.getpid()} on .* is writing it"):
        record.changing().__enter__()
