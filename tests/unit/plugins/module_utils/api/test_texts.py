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
    [("Device not\n verified.", "Device not verified."), ("a b" * 100, "a b" * 100), ("x" * 5000, texts.CUT)],
    ids=["short", "of the greatest length", "one word that is too long"],
)
def test_a_message_is_one_line_of_whole_words(text: str, shown: str) -> None:
    assert texts.message(text) == shown


@pytest.mark.parametrize("words_before", [0, 1, 12, 20, 30, 59, 100, 119, 120, 200])
def test_no_part_of_a_word_is_left_at_the_end(words_before: int) -> None:
    """A secret of several words may be cut, and what is there of it is masked: a mark says where."""
    text = " ".join(["word"] * words_before + [SECRET] + ["word"] * 100)
    shown = texts.message(text)
    assert shown.endswith(texts.CUT)
    assert len(shown) <= 301
    assert set(shown[:-1].split()) <= {"word", SECRET}
    assert (SECRET in shown) == (words_before <= 12)


@pytest.mark.parametrize(("blanks", "is_cut"), [(1_100, False), (1 << 16, True)])
def test_what_is_not_read_is_cut_too(blanks: int, is_cut: bool) -> None:
    assert texts.message("one two" + " " * blanks + "three") == ("one two" + texts.CUT if is_cut else "one two three")


@pytest.mark.parametrize(("length", "is_cut"), [(255, False), (256, True)])
def test_a_name_that_is_cut_has_the_mark_and_is_no_name(length: int, is_cut: bool) -> None:
    shown = texts.name("n" * length)
    assert shown == ("n" * 253 + texts.CUT + "\ufffd" if is_cut else "n" * length)


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
