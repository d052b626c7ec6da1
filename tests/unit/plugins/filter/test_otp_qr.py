# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that draws. That its drawings scan is shown with a real reader, in the integration tests."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import segno
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.identity.plugins.filter.otp_qr import FilterModule
from ansible_collections.rackspace.identity.plugins.plugin_utils import qr

URI = "otpauth://totp/Rackspace:ansible?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rackspace"
SIZE = 37  # modules of a code of version 5, which holds up to 106 bytes
NEGATIVE = str.maketrans("█▀▄ ", " ▄▀█")

otp_qr = FilterModule().filters()["otp_qr"]


def modules(text: str) -> list[str]:
    """The rows of terminal text for a dark background, `#` for a dark module."""
    rows = []
    for line in text.split("\n"):
        rows.append("".join("#" if glyph in " ▄" else "." for glyph in line))
        rows.append("".join("#" if glyph in " ▀" else "." for glyph in line))
    return rows


def test_terminal_text_is_the_code_two_rows_a_line() -> None:
    code = segno.make(URI, error="l", micro=False)
    expected = ["".join("#" if module else "." for module in row) for row in code.matrix_iter(border=4)]
    assert modules(otp_qr(URI)) == [*expected, "." * (SIZE + 8)]
    assert len(otp_qr(URI).split("\n")) <= 24, "it does not fit the smallest usual terminal"


def test_the_text_for_a_light_terminal_is_the_negative() -> None:
    assert otp_qr(URI, background="light") == otp_qr(URI).translate(NEGATIVE)


def test_the_text_for_any_terminal_sets_and_resets_colors_in_each_line() -> None:
    lines = otp_qr(URI, background="any").split("\n")
    assert all(re.fullmatch(r"\x1b\[38;5;231;48;5;16m[█▀▄ ]+\x1b\[0m", line) for line in lines)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines] == otp_qr(URI).split("\n")


@pytest.mark.parametrize(("border", "width"), [(0, SIZE), (1, SIZE + 2), (4, SIZE + 8)])
def test_border(border: int, width: int) -> None:
    assert len(otp_qr(URI, border=border).split("\n")[0]) == width
    assert ET.fromstring(otp_qr(URI, "svg", border=border, scale=2)).get("width") == str(2 * width)


def test_svg_is_one_element_on_white_ground() -> None:
    svg = otp_qr(URI, "svg", scale=3)
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == root.get("height") == str(3 * (SIZE + 8))
    assert not svg.startswith("<?xml")
    assert "#fff" in svg


def test_png_is_base64_of_a_png() -> None:
    data = base64.b64decode(otp_qr(URI, "png", scale=3), validate=True)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(data[16:20], "big") == 3 * (SIZE + 8)


def test_what_apps_would_misread_is_quoted() -> None:
    assert otp_qr(URI.replace("ansible", "a?b#c&d")) == otp_qr(URI.replace("ansible", "a%3Fb%23c&d"))


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        pytest.param("CANARY", {}, "no URI", id="base32"),
        pytest.param("otpauth://totp/x?secret=CANARY01", {}, "not base32", id="bad secret"),
        pytest.param(None, {}, "string", id="nothing"),
        pytest.param(URI.replace("ansible", "CANARY" * 600), {}, "too long", id="too long"),
        pytest.param(URI, {"format": "CANARY"}, "terminal, svg, png", id="format"),
        pytest.param(URI, {"background": "CANARY"}, "dark, light, any", id="background"),
        pytest.param(URI, {"border": -1}, "border", id="border"),
        pytest.param(URI, {"scale": 0}, "scale", id="scale"),
        pytest.param(URI, {"scale": 101}, "scale", id="scale too large"),
        pytest.param(URI, {"scale": "CANARY"}, "scale", id="scale no number"),
    ],
)
def test_refusals_do_not_repeat_the_input(value: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        otp_qr(value, **options)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_missing_segno_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qr, "HAS_SEGNO", False)
    with pytest.raises(AnsibleFilterError, match="segno"):
        otp_qr(URI)
