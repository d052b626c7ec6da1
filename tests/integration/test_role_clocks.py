# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that disagree, jump and lag; secrets that are wrong; logins at the same moment. No account is locked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from integration.harness import ENROLMENT, Lab, User, assert_enrolled, assert_nothing_to_do

MOST_REFUSED = 1
LATE = 20.0
"""Seconds after the beginning of a time step, where the wait for the next one is short."""


@pytest.mark.thorough
@pytest.mark.parametrize("skew", [-3700, -31, 17, 3700])
@pytest.mark.parametrize("window", ["strict", "lagging"])
def test_a_service_with_another_clock(make_lab: Callable[..., Lab], window: str, skew: int) -> None:
    lab = make_lab(behaviour={"accepted_steps": window})
    lab.control.skew(skew)
    if window == "strict":
        lab.to_phase(LATE)
    run = lab.enrol()
    assert run.result["steps"] == ENROLMENT
    assert_enrolled(lab)
    again = lab.rerun()
    assert_nothing_to_do(again)
    assert run.refused_passcodes + again.refused_passcodes == 0


@pytest.mark.thorough
@pytest.mark.parametrize(("number", "jump"), [(5, -40), (5, 40), (8, 40), (9, -40), (9, 40)])
def test_a_clock_that_jumps_between_two_requests(lab: Lab, number: int, jump: int) -> None:
    """It jumps while a request is on its way: of the verification, of turning MFA on, or of the proof."""
    lab.to_phase(LATE)
    hold = lab.control.fault("hold", nth=number)
    process = lab.start("enroll", **lab.variables())
    lab.control.wait_for_fault(hold, 60)
    lab.control.move(jump)
    lab.control.release(hold)
    run = lab.finish(process)
    refused = run.refused_passcodes
    if run.rc:
        again = lab.rerun()
        assert again.rc == 0, again.screen
        refused += again.refused_passcodes
    assert_enrolled(lab)
    assert refused <= MOST_REFUSED


def with_wrong_secret(make_lab: Callable[..., Lab]) -> Lab:
    """An account that is on, and a store that has the secret of another device."""
    lab = make_lab(User(seed={"devices": [{"name": "ansible", "verified": True}], "mfa": {"enabled": True}}))
    user = lab.account()
    entry = {
        "username": user["username"],
        "user_id": user["id"],
        "auth_endpoint": lab.emulator.url,
        "device_id": user["otp_devices"][0]["id"],
        "device_name": "ansible",
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    }
    lab.store(entry)
    return lab


def test_a_wrong_secret_costs_two_passcodes_in_three_runs(make_lab: Callable[..., Lab]) -> None:
    """The third would lock the account. The message says what is wrong, and when it is safe again."""
    lab = with_wrong_secret(make_lab)
    runs = []
    for _unused in range(3):
        runs.append(lab.enrol())
        lab.control.move(61)
    assert [run.rc != 0 for run in runs] == [True] * 3
    assert [run.passcodes for run in runs] == [["refused", "refused"], [], []]
    assert not lab.account()["locked"]
    assert "The secret is probably not the one of the account's device" in runs[0].message
    for run in runs[1:]:
        assert "It is safe again at" in run.message
        assert run.error_kind == "passcode_refused"
    assert [run.writes for run in runs] == [[]] * 3


@pytest.mark.thorough
def test_after_the_longest_lock_out_two_more_may_be_sent(make_lab: Callable[..., Lab]) -> None:
    lab = with_wrong_secret(make_lab)
    assert lab.enrol().passcodes == ["refused", "refused"]
    lab.control.move(31 * 60 + 1)
    assert lab.enrol().passcodes == ["refused", "refused"]
    assert not lab.account()["locked"]


def logins(count: int) -> list[dict[str, Any]]:
    """One play that logs in to one account from so many hosts at once."""
    task = {
        "name": "Log in",
        "rackspace.identity.rax_auth_token": {
            "auth_endpoint": "{{ mfa_otp_auth_endpoint }}",
            "username": "{{ mfa_otp_username }}",
            "password": "{{ mfa_otp_password }}",
            "otp_secret": "{{ stored }}",
            "max_wait": 45 * count,
        },
    }
    return [{"hosts": "all", "gather_facts": False, "connection": "local", "tasks": [task]}]


def steps_used(lab: Lab) -> list[int]:
    """The time steps whose codes were accepted at logins."""
    (device,) = lab.account()["otp_devices"]
    return [int(used["step"]) for used in device["used"] if used["for"] == "login"]


def test_three_forks_log_in_to_one_account(lab: Lab) -> None:
    assert lab.enrol(mfa_otp_prove_login=False).rc == 0
    lab.control.move(61)
    lab.to_phase(LATE)
    run = lab.run(logins(3), "-f", "3", inventory="a,b,c,", **lab.variables(stored=lab.entry()))
    assert run.rc == 0, run.screen
    assert run.passcodes == ["accepted"] * 3
    assert all(earlier < later for earlier, later in pairwise(steps_used(lab)))
    assert len(steps_used(lab)) == 3


@pytest.mark.thorough
def test_two_plays_log_in_to_one_account(lab: Lab) -> None:
    """Two processes that know nothing of each other: what was sent stands in the record."""
    assert lab.enrol(mfa_otp_prove_login=False).rc == 0
    lab.control.move(61)
    lab.to_phase(LATE)
    before = len(lab.control.requests())
    given = lab.variables(stored=lab.entry())
    processes = [lab.start(logins(2), inventory=f"host{n},", **given) for n in range(2)]
    runs = [lab.finish(process, before) for process in processes]
    assert [run.rc for run in runs] == [0, 0], runs[0].screen
    assert runs[1].passcodes == ["accepted"] * 2
    assert len(steps_used(lab)) == 2


@pytest.mark.thorough
def test_a_wait_that_would_be_too_long_fails_at_once(lab: Lab) -> None:
    assert lab.enrol().result["proved"] is True
    play = logins(1)
    play[0]["tasks"][0]["rackspace.identity.rax_auth_token"]["max_wait"] = 1
    run = lab.run(play, **lab.variables(stored=lab.entry()))
    assert run.error_kind == "passcode_refused"
    assert "auth_token" in run.message
    assert run.passcodes == []
    assert not lab.account()["locked"]
