# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker shows a line, and goes on when it is not taken."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils import screen
from ansible_collections.rackspace.identity.plugins.plugin_utils.screen import show_at_once


@pytest.fixture(name="full_pipe")
def _full_pipe() -> Iterator[tuple[int, int]]:
    """A pipe to a process that was killed: its end for reading is open elsewhere, and nothing is read."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    yield reader, writer
    os.close(reader)  # which ends a write that blocks
    os.close(writer)


def test_a_line_is_shown_before_the_work_goes_on() -> None:
    shown: list[str] = []
    show_at_once(lambda: shown.append("waiting"))
    assert shown == ["waiting"]


def test_a_worker_whose_lines_are_not_read_goes_on(full_pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "PATIENCE", 0.05)
    _reader, writer = full_pipe
    written: list[int] = []
    show_at_once(lambda: written.append(os.write(writer, b"waiting")))
    assert written == []


def test_a_screen_that_is_gone_stops_nothing() -> None:
    def broken() -> None:
        raise BrokenPipeError

    show_at_once(broken)
