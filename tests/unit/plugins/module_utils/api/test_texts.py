# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message of the service is one short line of whole words."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api import texts

SECRET = "s" * 240


def test_a_short_message_stays_as_it_is() -> None:
    assert texts.message("Device not\n verified.") == "Device not verified."


@pytest.mark.parametrize("words_before", [0, 1, 12, 20, 30, 59, 100, 119, 120, 200])
def test_no_part_of_a_word_is_left_at_the_end(words_before: int) -> None:
    """A part of a secret could not be masked."""
    text = " ".join(["word"] * words_before + [SECRET] + ["word"] * 100)
    shown = texts.message(text)
    assert len(shown) <= 300
    assert set(shown.split()) <= {"word", SECRET}
    assert (SECRET in shown) == (words_before <= 12)


def test_a_word_that_is_too_long_is_left_out() -> None:
    assert texts.message("x" * 5000) == ""
