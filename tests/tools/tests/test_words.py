# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words are found where, by the list that is used."""

from __future__ import annotations

import pytest
from words import LIST, found, words

AVOIDED = words(LIST.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("enroll, enrolled, Enrollment, ENROLLED", []),
        ("one\nenrol", ["2: enrol -> enroll"]),
        ("two Enrolments, ENROLS", ["1: Enrolments -> enroll...", "1: ENROLS -> enroll..."]),
        ("def test_the_behaviour_of():", ["1: behaviour -> behavior"]),
        ("a\n# It is as\n# ever.", ["2: as # ever -> as usual"]),
        ("class as_ever:", ["1: as_ever -> as usual"]),
        ("whatever amended is, ideary is endearing", []),
        ("what was asked for, as asked for", []),
        ("no organiser", []),
        ("organising it", ["1: organising -> ...ize"]),
        ("promise, advise, otherwise, disguises, raised", []),
        ("a one-time password", []),
        ("a one-time code", ["1: one-time code -> passcode, or code where it verifies a device"]),
    ],
)
def test_words_that_we_do_not_use(text: str, complaints: list[str]) -> None:
    assert list(found(text, AVOIDED)) == complaints


def test_every_line_of_the_list_says_what_to_write_instead() -> None:
    assert len(AVOIDED) > 30
    assert [word for word in AVOIDED if not word.instead] == []
