# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reads an answer: no line without end, whatever the library above it asks for."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.connections import _Reader

LONGEST = 1 << 16


class Endless(io.RawIOBase):
    """What was given, and then the same character, for longer than anything should be read."""

    def __init__(self, first: bytes) -> None:
        super().__init__()
        self._first = first
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.taken > 8 * LONGEST:
            return 0
        piece = (self._first[: len(buffer)]).ljust(len(buffer), b"a")
        self._first = self._first[len(buffer) :]
        buffer[:] = piece
        self.taken += len(piece)
        return len(piece)


@pytest.mark.parametrize("size", [(), (-1,), (None,)], ids=["none given", "-1", "None"])
def test_a_line_without_end_is_not_read(size: tuple[int | None, ...]) -> None:
    """urllib3 before 2.6 reads the size of a chunk, and what follows the last one, without a bound."""
    endless = Endless(b"")
    with pytest.raises(http.client.LineTooLong):
        _Reader(endless).readline(*size)
    assert endless.taken < 2 * LONGEST


def test_a_line_that_ends_is_read_and_a_bound_is_kept() -> None:
    line = b"x" * LONGEST + b"\n"
    reader = _Reader(Endless(b"5\r\n" + line))
    assert [reader.readline(), reader.readline(), reader.readline(9)] == [b"5\r\n", line, b"a" * 9]


def test_the_end_of_what_is_sent_ends_a_line() -> None:
    reader = _Reader(io.BytesIO(b"5"))
    assert (reader.readline(), reader.is_at_end) == (b"5", False)
    assert (reader.readline(), reader.is_at_end) == (b"", True)
