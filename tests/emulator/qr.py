# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The QR code of a creation's answer: a PNG of exactly 640 by 640 pixels as a data URI."""

from __future__ import annotations

import base64
import struct
import zlib

import segno

SIZE = 640
_QUIET_ZONE = 4


def data_uri(text: str) -> str:
    """Draw a text. segno's own PNG has a whole number of pixels a module and so never the service's size.

    Any mask can be read. To look for the best of the eight, as is usual, takes longer than the rest of a request.
    """
    matrix = segno.make_qr(text, error="l", mask=0).matrix
    scale = SIZE // (len(matrix) + 2 * _QUIET_ZONE)
    white = "1" * SIZE
    rows = [white] * ((SIZE - scale * len(matrix)) // 2)
    for modules in matrix:
        rows += ["".join(("0" if module else "1") * scale for module in modules).center(SIZE, "1")] * scale
    rows += [white] * (SIZE - len(rows))
    return "data:image/png;base64," + base64.b64encode(_png(rows)).decode("ascii")


def _png(rows: list[str]) -> bytes:
    """A grayscale PNG of one bit a pixel from rows of ones and zeros (ISO/IEC 15948)."""
    packed = b"".join(b"\0" + int(row, 2).to_bytes(SIZE // 8, "big") for row in rows)
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(packed)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
