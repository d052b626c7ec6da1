# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rax_mobile_phone` in real runs, both ways."""

from __future__ import annotations

import pytest
from integration.harness.plays import Player, call, checked, do, four_times, look

NUMBER = "+15125550100"
CODE = "{{ seen.value.phone.code }}"


def test_a_phone_is_added_once_and_deleted_once(play: Player) -> None:
    steps = [
        *four_times(call("rax_mobile_phone", "alice", number="+1 (512) 555-0100")),
        *four_times(call("rax_mobile_phone", "alice", number="+15125550199")),
        *four_times(call("rax_mobile_phone", "alice", number=NUMBER, state="absent")),
        *four_times(call("rax_mobile_phone", "alice", state="absent")),
    ]
    outcomes = play(steps).outcomes
    added, replaced, other, deleted = (outcomes[start : start + 4] for start in range(0, 16, 4))
    assert [outcome.changed for outcome in added] == [True, True, False, False]
    assert [outcome.writes for outcome in added] == [[], ["POST ~/mobile-phones 201"], [], []]
    assert added[1].result["phone"] == added[3].result["phone"]
    assert added[0].result["diff"] == added[1].result["diff"]
    assert replaced[1].result["diff"] == {
        "before": {"phones": [{"number": NUMBER, "verified": False}]},
        "after": {"phones": [{"number": "+15125550199", "verified": False}]},
    }
    assert not any(outcome.changed or outcome.writes for outcome in other)
    assert [outcome.changed for outcome in deleted] == [True, True, False, False]
    assert [outcome.writes for outcome in deleted] == [[], ["DELETE ~/mobile-phones/{phone} 204"], [], []]


@pytest.mark.thorough
def test_a_code_is_sent_and_verifies_the_phone_once(play: Player) -> None:
    verified = call("rax_mobile_phone", "alice", state="verified", code=CODE)
    steps = [
        *four_times(call("rax_mobile_phone", "alice", number=NUMBER, state="code_sent")),
        look("seen", "alice"),
        call("rax_mobile_phone", "alice", number=NUMBER, state="verified", code="not-it"),
        *four_times(verified),
        call("rax_mobile_phone", "alice", number=NUMBER, state="code_sent"),
    ]
    played = play(steps)
    sent, wrong, right, again = played.outcomes[:4], played.outcomes[4], played.outcomes[5:9], played.outcomes[9]
    send = "POST ~/mobile-phones/{phone}/verificationcode 202"
    assert [outcome.writes for outcome in sent] == [[], ["POST ~/mobile-phones 201", send], [], [send]]
    assert all(outcome.result["diff"]["after"]["code_sent"] for outcome in sent)
    assert wrong.kind == "passcode_refused"
    assert [outcome.changed for outcome in right] == [True, True, False, False]
    assert [outcome.writes for outcome in right] == [[], ["POST ~/mobile-phones/{phone}/verify 204"], [], []]
    assert right[0].result["phone"] == right[1].result["phone"]
    assert not again.changed
    assert played.user("alice")["phone"]["verified"] is True


@pytest.mark.thorough
def test_a_lost_verification_is_looked_up_and_its_code_not_sent_again(play: Player) -> None:
    steps = [
        call("rax_mobile_phone", "alice", number=NUMBER, state="code_sent"),
        look("seen", "alice"),
        do("fault", kind="lost", method="POST", path="/verify$"),
        call("rax_mobile_phone", "alice", state="verified", code=CODE),
    ]
    lost = play(steps).outcomes[-1]
    assert lost.changed
    assert lost.wire[-2:] == ["POST ~/mobile-phones/{phone}/verify 204", "GET ~/mobile-phones/{phone} 200"]


@pytest.mark.thorough
def test_what_can_not_be_done_is_refused(play: Player) -> None:
    steps = [
        call("rax_mobile_phone", "alice", state="verified", code="123456"),
        call("rax_mobile_phone", "alice", number="512 555 0100"),
        call("rax_mobile_phone", "alice", number="", state="code_sent"),
        call("rax_mobile_phone", "alice", number=NUMBER, state="verified", code=""),
        checked(call("rax_mobile_phone", "alice", state="verified", code="123456")),
    ]
    outcomes = play(steps).outcomes
    assert [outcome.kind for outcome in outcomes] == ["not_found", None, None, None, "not_found"]
    assert [outcome.result["msg"].split()[0] for outcome in outcomes[1:4]] == ["number", "number", "state:"]
    assert not any(outcome.writes for outcome in outcomes)
