# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A worker whose lines are not taken goes on. That they are shown is a test of the controller."""

from __future__ import annotations

import contextlib
import os

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils import screen


def test_a_worker_whose_lines_are_not_read_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that read them was killed: the end of the pipe for reading is open elsewhere."""
    monkeypatch.setattr(screen, "PATIENCE", 0.05)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    written: list[int] = []
    screen.show_at_once(lambda: written.append(os.write(writer, b"waiting")))
    assert written == []
    os.close(reader)  # which ends the write that blocks
    os.close(writer)
