# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links of a site that lead nowhere are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_of_docs import broken_links

PAGE = '<a href="other.html#there">a</a> <a href="#here">b</a> <p id="here"> <a href="https://example.com/x">c</a>'


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        ('<h1 id="there">', []),
        ('<h1 id="elsewhere">', ["page.html: other.html#there"]),
        (None, ["page.html: other.html#there"]),
        ('<h1 id="there"><img src="gone.svg">', ["other.html: gone.svg"]),
    ],
    ids=["all lead somewhere", "no such place", "no such page", "no such image"],
)
def test_links_that_lead_nowhere_are_found(tmp_path: Path, other: str | None, broken: list[str]) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    if other is not None:
        (tmp_path / "other.html").write_text(other)
    assert broken_links(tmp_path.resolve()) == (1 + (other is not None), broken)
