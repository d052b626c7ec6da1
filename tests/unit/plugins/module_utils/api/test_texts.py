# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message of the service is one short line of whole words."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api import texts
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import InvalidAnswer

SECRET = "s" * 240


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Device not\n verified.", "Device not verified."), ("a b" * 100, "a b" * 100), ("x" * 5000, "")],
    ids=["short", "of the greatest length", "one word that is too long"],
)
def test_a_message_is_one_line_of_whole_words(text: str, shown: str) -> None:
    assert texts.message(text) == shown


@pytest.mark.parametrize("words_before", [0, 1, 12, 20, 30, 59, 100, 119, 120, 200])
def test_no_part_of_a_word_is_left_at_the_end(words_before: int) -> None:
    """A part of a secret could not be masked."""
    text = " ".join(["word"] * words_before + [SECRET] + ["word"] * 100)
    shown = texts.message(text)
    assert len(shown) <= 300
    assert set(shown.split()) <= {"word", SECRET}
    assert (SECRET in shown) == (words_before <= 12)


@pytest.mark.parametrize(
    ("blanks", "after", "is_whole"),
    [(1_100, "", False), (956, "", True), (956, " more", True), (957, "", False)],
    ids=["cut", "to the end", "a blank behind it", "its last letter"],
)
def test_a_word_at_the_end_of_what_is_read_is_whole_or_left_out(blanks: int, after: str, is_whole: bool) -> None:
    shown = texts.message("one two" + " " * (blanks - 3) + SECRET + after)
    assert shown == ("one two " + SECRET if is_whole else "one two")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Not Authorized", " The service says: Not Authorized."),
        ("Not verified.", " The service says: Not verified."),
        ("Why?", " The service says: Why?"),
        ("", ""),
        (None, ""),
    ],
)
def test_quoted_words_are_a_sentence(words: str | None, shown: str) -> None:
    assert texts.said(words) == shown


@pytest.mark.parametrize("token", [None, "", "t\u00f6ken", "a\tb", "a b", "a" * 8193])
def test_what_no_header_can_carry_is_no_token(token: str | None) -> None:
    with pytest.raises(InvalidAnswer, match="token"):
        texts.token(token)
    assert texts.token("a" * 8192) == "a" * 8192
