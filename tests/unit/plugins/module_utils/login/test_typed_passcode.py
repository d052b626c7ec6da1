# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person types as a passcode or a code: cleaned, or refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.typed_passcode import (
    DEVICE_CODE,
    PHONE_CODE,
    clean_code,
    clean_passcode,
)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("012345", "012345"),
        (" 012345\n", "012345"),
        ("012 345", "012345"),
        ("012-345", "012345"),
        ("0123\u00a0456", "0123456"),
        ("0123 4567", "01234567"),
        ("012\u2011345\u2013678", "012345678"),
    ],
)
def test_blanks_and_hyphens_are_left_out(typed: str, sent: str) -> None:
    assert clean_passcode(typed) == sent


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (123456, "must be a string"),
        (12345.0, "must be a string"),
        (True, "must be a string"),
        (None, "must be a string"),
        (["123456"], "must be a string"),
        ("", "digits only"),
        ("  ", "digits only"),
        ("12345a", "digits only"),
        ("+12345", "digits only"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "digits only"),
        ("\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2", "digits only"),
        ("12345", "has 5 digits"),
        ("5349", "has 4 digits"),
        ("1234567890", "has 10 digits"),
        ("1" * 1_000_000, "digits"),
        ("123456\ud800", "digits only"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_can_not_be_a_passcode_is_refused_without_being_shown(typed: Any, words: str) -> None:
    with pytest.raises(OptionError, match=r"O\(passcode\).*") as caught:
        clean_passcode(typed)
    assert words in str(caught.value)
    assert "othing was sent" in str(caught.value)
    assert not (str(typed).strip() and len(str(typed)) > 1 and str(typed) in str(caught.value))


@pytest.mark.parametrize(
    ("typed", "kind", "sent"),
    [
        ("231 696", DEVICE_CODE, "231696"),
        ("012\u2011345\n", DEVICE_CODE, "012345"),
        ("0123", PHONE_CODE, "0123"),
        ("01-23-45", PHONE_CODE, "012345"),
    ],
)
def test_so_are_those_of_a_code(typed: str, kind: tuple[range, str], sent: str) -> None:
    assert clean_code(typed, kind) == sent


LOST = "Put it in quotes"


@pytest.mark.parametrize(
    ("typed", "kind", "words", "is_lost"),
    [
        (str(0o12345), DEVICE_CODE, "has 4 digits", True),
        ("1234567", DEVICE_CODE, "has 7 digits", False),
        ("abcdef", DEVICE_CODE, "digits only, and nothing was sent. The code of an OTP device has 6 digits.", False),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", DEVICE_CODE, "digits only", False),
        (" ", DEVICE_CODE, "digits only", False),
        (str(0o123), PHONE_CODE, "has 2 digits", True),
        ("1234567890", PHONE_CODE, "has 10 digits, so it cannot be a code, and nothing was sent. The code that", False),
        ("12a4", PHONE_CODE, "digits only, and nothing was sent. The code that a phone receives has 4 to 9", False),
    ],
)
def test_what_can_not_be_a_code_is_refused_without_being_shown(
    typed: str, kind: tuple[range, str], words: str, is_lost: bool
) -> None:
    with pytest.raises(OptionError, match=r"^O\(code\) .*nothing was sent") as caught:
        clean_code(typed, kind)
    told = str(caught.value)
    assert words in told
    assert (LOST in told) is is_lost
    assert not (typed.strip() and typed in told)
