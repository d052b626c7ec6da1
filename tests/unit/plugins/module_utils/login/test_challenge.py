# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The challenge among what else an answer may hold, however it is written, and in how much time."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import InvalidAnswer
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Challenge
from ansible_collections.rackspace.identity.plugins.module_utils.login.challenge import read_challenge

MINE = "OS-MF sessionId='s-1', factor='OTPPASSCODE'"


@pytest.mark.parametrize(
    "header",
    [
        MINE,
        f"Negotiate, {MINE}",
        f"Negotiate abc==, {MINE}",
        f"{MINE}, Negotiate",
        f"Basic realm=\"OS-MF sessionId='s-2'\", {MINE}",
        f"Basic realm='an \"odd' , {MINE}",
        f'Basic realm="say \\"OS-MF sessionId=s-2\\"", {MINE}',
        f"OS-MF factor='PASSCODE', {MINE}",
        f"OS-MF, {MINE}",
        f"Digest nonce=a, sessionId='s-2', {MINE}, Digest sessionId='s-3'",
        f", ,\t{MINE},,",
        f"{MINE}, sessionId='s-2'",
        "OS-MF sessionId=s-1,factor=OTPPASSCODE",
        "OS-MF sessionId='s-1' factor='OTPPASSCODE'",
        "OS-MF factor='OTPPASSCODE', sessionId='s-1'",
        "os-mf  SESSIONID = 's-1' ,factor= \"OTPPASSCODE\"",
    ],
)
def test_the_session_is_that_of_the_challenge(header: str) -> None:
    assert read_challenge(header) == Challenge("s-1")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "OS-MF",
        "OS-MF sessionId",
        "OS-MF sessionId=",
        "OS-MF sessionId='",
        "XOS-MF sessionId='s-1'",
        "OS-MFA sessionId='s-1'",
        "sessionId='s-1'",
        "Basic OS-MF='', sessionId='s-1'",
        "Basic realm=\"OS-MF sessionId='s-1'\"",
        " " * 20_000 + MINE,
    ],
)
def test_what_names_no_session_is_no_challenge(header: str) -> None:
    assert read_challenge(header) is None


@pytest.mark.parametrize("session_id", ["a b", "a\tb", "é", "a\u202eb", "x" * 2_049, "a\x00b", "a\nX-Auth-Token: b"])
def test_a_session_that_no_header_can_carry_is_not_used(session_id: str) -> None:
    with pytest.raises(InvalidAnswer, match="session") as caught:
        read_challenge(f"OS-MF sessionId='{session_id}', factor='PASSCODE'")
    assert session_id not in str(caught.value)


def test_a_long_session_in_the_alphabet_of_the_service_is_used() -> None:
    session_id = "aZ09+/=-_." * 200
    for quote in ("'", '"', ""):
        assert read_challenge(f"OS-MF sessionId={quote}{session_id}{quote}") == Challenge(session_id)


@pytest.mark.parametrize(
    "part",
    ["a", " ", "=", "'", '"', "\\", '\\"', ",", "a=", "a='", 'a="', "a=\\", "OS-MF ", "sessionId=", "a ='b", "a\t"],
)
@pytest.mark.parametrize("before", ["", "OS-MF ", "OS-MF sessionId='", 'OS-MF sessionId="', 'x="', "a "])
def test_the_time_is_linear_in_the_length(part: str, before: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(InvalidAnswer):
        read_challenge((before + part * 16_384)[:16_384])
    assert time.process_time() - begun < 0.3


@given(st.text(alphabet="OS-MFosmf sessionId='\"=,\\\t\x00é", max_size=200))
def test_whatever_a_header_holds_it_is_a_challenge_or_none_or_an_invalid_answer(header: str) -> None:
    try:
        found = read_challenge(header)
    except InvalidAnswer:
        return
    assert found is None or found.session_id.isascii()
