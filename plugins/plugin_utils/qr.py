# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""QR codes of otpauth URIs, for terminals and as pictures. Private to the collection. segno draws.

Nothing here writes a file: where the secret goes is the caller's decision.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import requote

try:
    import segno
except ImportError:
    HAS_SEGNO = False
else:
    HAS_SEGNO = True

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET_ZONE = 4
"""Light modules around the code: ISO/IEC 18004 asks for four."""

# Two modules, one above the other, where the ink is light. Keys: is the upper one dark, is the lower one.
_LIGHT_INK = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}

# White on black by their places in the color cube: themes change the sixteen named colors, and leave the cube.
_WHITE_ON_BLACK, _RESET = "\x1b[38;5;231;48;5;16m", "\x1b[0m"

BACKGROUNDS = ("dark", "light", "any")


class SegnoMissing(RuntimeError):
    """A QR code was asked for, and this Python has no segno."""

    def __init__(self) -> None:
        super().__init__(
            "QR codes are drawn by the Python library segno, which is missing. Run: "
            f"{sys.executable} -m pip install segno"
        )


def terminal(uri: str, *, border: int = QUIET_ZONE, background: str = "dark") -> str:
    """The code as lines of half blocks, two rows of modules a line, without a line feed at the end.

    :param border: width of the quiet zone, in modules.
    :param background: what the terminal looks like, one of `BACKGROUNDS`. A reader needs dark modules on light ground,
        so text in the terminal's own colors suits one of `dark` and `light`. `any` sets colors by escape sequences.
    :raises SecretError: if `uri` is no otpauth URI that this collection can read.
    :raises ValueError: if it is too long for a QR code.
    :raises SegnoMissing: if segno is not installed.
    """
    lines = ("".join(_LIGHT_INK[pair] for pair in pairs) for pairs in _pairs(_code(uri), border))
    if background == "any":
        lines = (f"{_WHITE_ON_BLACK}{line}{_RESET}" for line in lines)
    text = "\n".join(lines)
    return text.translate(str.maketrans("█▀▄ ", " ▄▀█")) if background == "light" else text


def svg(uri: str, *, border: int, scale: int) -> str:
    """The code as an SVG element, good as a file of its own and inside HTML. It raises as `terminal` does.

    :param scale: pixels a module.
    """
    out = io.BytesIO()
    # The ground is painted too: on a dark page a transparent one would make the code unreadable.
    _code(uri).save(out, kind="svg", border=border, scale=scale, light="white", xmldecl=False)
    return out.getvalue().decode("utf-8")


def png(uri: str, *, scale: int, border: int = QUIET_ZONE) -> bytes:
    """The code as the content of a PNG file. It raises as `terminal` does.

    :param scale: pixels a module.
    """
    out = io.BytesIO()
    _code(uri).save(out, kind="png", border=border, scale=scale)
    return out.getvalue()


def _code(uri: str) -> segno.QRCode:
    if not HAS_SEGNO:
        raise SegnoMissing
    text = requote(uri)
    try:
        # The lowest level of error correction makes the smallest code, which a terminal needs; if there is room,
        # segno raises it. Readers guess at what is not ASCII unless its encoding is announced (ECI).
        return segno.make(text, error="l", encoding="utf-8", eci=not text.isascii(), micro=False)
    except segno.DataOverflowError:
        raise ValueError("The otpauth URI is too long for a QR code.") from None


def _pairs(code: segno.QRCode, border: int) -> Iterator[Iterator[tuple[bool, bool]]]:
    """Two rows at a time, module by module: is the upper one dark, is the lower one."""
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=border)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return (zip(upper, lower, strict=True) for upper, lower in zip(rows[::2], rows[1::2], strict=True))
