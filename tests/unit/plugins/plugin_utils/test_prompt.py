# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app takes over, and what a person is asked."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse_uri
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_prompt
from ansible_collections.rackspace.identity.plugins.plugin_utils.enrollment import read
from ansible_collections.rackspace.identity.plugins.plugin_utils.prompt import Prompt, Question, advice
from ansible_collections.rackspace.identity.plugins.plugin_utils.terminal import Terminal
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import in_memory

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Rackspace:my%20phone?secret={SECRET}&issuer=Rackspace"
NOW = 1_800_000_000 // 30


def test_a_stored_entry_brings_its_names() -> None:
    stored = {"secret": SECRET, "key_uri": URI, "username": "jane", "device_name": "phone"}
    enrollment = read(stored)
    assert enrollment is not None
    assert (enrollment.uri, enrollment.account, enrollment.device) == (URI, "jane", "phone")
    assert enrollment.key == "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
    assert SECRET not in repr(enrollment)


def test_a_uri_brings_the_name_in_it() -> None:
    enrollment = read(URI)
    assert enrollment is not None
    assert (enrollment.device, enrollment.account, enrollment.issuer) == ("my phone", "", "Rackspace")


@pytest.mark.parametrize("secret", [SECRET, SECRET.lower(), {"secret": SECRET}])
def test_a_bare_secret_gets_a_uri(secret: object) -> None:
    enrollment = read(secret, device="a/b&c")
    assert enrollment is not None
    assert enrollment.uri == f"otpauth://totp/Rackspace:a%2Fb%26c?secret={SECRET}&issuer=Rackspace"
    assert parse_uri(enrollment.uri).secret == SECRET


def test_a_bare_secret_without_a_name_is_refused() -> None:
    with pytest.raises(OptionError, match=r"device_name\) is missing"):
        read(SECRET)


@pytest.mark.parametrize("secret", ["", None, {}])
def test_no_secret_is_none(secret: object) -> None:
    assert read(secret) is None


def test_a_bad_secret_is_not_repeated() -> None:
    with pytest.raises(OptionError) as error:
        read("n0t-base32!")
    assert "n0t" not in str(error.value)


def test_a_list_that_is_empty_by_mistake_does_not_hide_the_device(tmp_path: Path) -> None:
    with in_memory(tmp_path) as bench:
        device_id = bench.service.make_device(verified=False, name="x")
        bench.service.empty_lists = 1
        module = bench.here.module(rax_otp_prompt, check_mode=True, name="x", store=None, **KEY)
        told = bench.here.run(Prompt(create_autospec(Terminal)), module)
        assert told["device"]["id"] == device_id


def test_a_question_names_the_device_and_steers_no_terminal() -> None:
    text = Question("ja\x1b[2Jne", "pho\nne", 3, "The code is in /home").text()
    assert "pho?ne of ja?[2Jne" in text
    assert text.startswith("The code is in /home\nThe code that the app shows now")
    assert "\x1b" not in text


@pytest.mark.parametrize("answer", ["123456", "123 456", " 123-456 ", "123\u2011456"])
def test_a_code_is_taken_as_apps_show_it(answer: str) -> None:
    assert Question("jane", "phone", 3).take(answer) == "123456"


@pytest.mark.parametrize("answer", ["", " ", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_what_is_no_code_is_not_sent(answer: str) -> None:
    question = Question("jane", "phone", 3)
    assert question.take(answer) is None
    assert "a code has 6 digits. Tries left: 2." in question.text()


def test_a_refused_code_is_not_sent_again() -> None:
    question = Question("jane", "phone", 3)
    assert question.take("123456")
    question.refused("123456", "Wait.")
    assert question.take("123456") is None
    assert "the code from before" in question.text()
    assert "123456" not in question.text()


def test_questions_come_to_an_end() -> None:
    question = Question("jane", "phone", 2)
    for _turn in range(2):
        assert question.may_be_asked
        question.take("no")
    assert not question.may_be_asked
    assert isinstance(question.given_up(), PasscodeRefused)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (0, r"^Wait until"),
        (-2, r"^Wait until"),
        (2, r"^Wait until"),
        (-10, r"about 5 min behind"),
        (120, r"about 60 min ahead"),
        (121, r"not one of this device"),
    ],
)
def test_the_clock_of_the_phone_is_told(steps: int, words: str) -> None:
    otp = parse_uri(URI)
    assert re.search(words, advice(otp, otp.code_at(NOW + steps), NOW))


def test_without_the_secret_nothing_is_known_of_the_clock() -> None:
    assert advice(None, "123456", NOW).startswith("Wait until")
