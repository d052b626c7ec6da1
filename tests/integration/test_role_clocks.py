# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that disagree, jump and lag; secrets that are wrong; logins at the same moment. No account is locked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from integration.harness import (
    ENROLLMENT,
    Fleet,
    Lab,
    User,
    assert_enrolled,
    assert_nothing_to_do,
    host_name,
    refused_passcodes,
    rows,
)
from integration.harness.accounts import MakeLab, let_time_pass

MOST_REFUSED = 1
LATE = 20.0
"""Seconds after the beginning of a time step, where the wait for the next one is short."""


@pytest.mark.thorough
def test_services_with_other_clocks(make_lab: MakeLab) -> None:
    labs = {}
    for window, skew in itertools.product(("strict", "lagging"), (-3700, -31, 17, 3700)):
        lab = make_lab(behavior={"accepted_steps": window})
        lab.control.skew(skew)
        if window == "strict":
            lab.to_phase(LATE)
        labs[host_name(f"{window} {skew}")] = lab
    fleet = Fleet({host: (lab, lab.variables()) for host, lab in labs.items()})
    for host, run in fleet.run("enroll").items():
        assert run.result["steps"] == ENROLLMENT
        assert_enrolled(labs[host])
    fleet.move(61)
    for host, run in fleet.run("enroll").items():
        assert_nothing_to_do(run)
        assert refused_passcodes(labs[host]) == 0, host


@pytest.mark.thorough
def test_clocks_that_jump_between_two_requests(make_lab: MakeLab) -> None:
    """They jump while a request is on its way: of the verification, of turning MFA on, or of the proof."""
    jumps = {f"jump{number}": jump for number, jump in enumerate([(5, -40), (5, 40), (8, 40), (9, -40), (9, 40)])}
    labs = {host: make_lab() for host in jumps}
    holds = {}
    for host, lab in labs.items():
        lab.to_phase(LATE)
        holds[host] = lab.control.fault("hold", nth=jumps[host][0])
    fleet = Fleet({host: (lab, lab.variables()) for host, lab in labs.items()})
    process = fleet.start("enroll")
    for host, lab in labs.items():
        lab.control.wait_for_fault(holds[host], 60)
        lab.control.move(jumps[host][1])
        lab.control.release(holds[host])
    failed = [host for host, run in fleet.finish(process).items() if run.rc]
    fleet.move(61)
    for run in (fleet.only(*failed).run("enroll") if failed else {}).values():
        assert run.rc == 0, run.screen
    for host, lab in labs.items():
        assert_enrolled(lab)
        assert refused_passcodes(lab) <= MOST_REFUSED, host


@pytest.mark.thorough
@pytest.mark.parametrize("seconds", rows([5, 2]))
def test_sessions_that_are_dead_when_mfa_was_just_turned_on(make_lab: MakeLab, seconds: int) -> None:
    lab = make_lab(behavior={"dead_sessions": seconds})
    run = lab.enroll()
    assert run.result["steps"] == ENROLLMENT
    assert_enrolled(lab)
    assert run.refused_passcodes <= MOST_REFUSED


@pytest.mark.thorough
@pytest.mark.parametrize(("accounts", "runs"), [(5, 4)])
def test_controllers_that_know_nothing_but_what_is_stored(make_lab: MakeLab, accounts: int, runs: int) -> None:
    """One directly after the other, each with a record of its own that is empty: no passcode is sent twice."""
    windows = itertools.cycle(["previous", "strict", "lagging", "wide"])
    labs = {f"account{number}": make_lab(behavior={"accepted_steps": next(windows)}) for number in range(accounts)}
    root = next(iter(labs.values())).root
    for number in range(runs + 1):
        own = {"mfa_otp_state_dir": str(root / f"controller{number}")}
        fleet = Fleet({host: (lab, lab.variables(**own)) for host, lab in labs.items()})
        for run in fleet.run("enroll").values():
            assert run.result["steps"] == ([] if number else ENROLLMENT)
            assert run.result["proved"] is True
            assert run.passcodes == ["accepted"]


def with_wrong_secret(make_lab: MakeLab) -> Lab:
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


def test_a_wrong_secret_costs_two_passcodes_in_three_runs(make_lab: MakeLab) -> None:
    """The third would lock the account, whichever controller sends it. The message says when it is safe again."""
    lab = with_wrong_secret(make_lab)
    runs = []
    for controller in ("one", "one", "other"):
        runs.append(lab.enroll(mfa_otp_state_dir=str(lab.root / controller)))
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
def test_after_the_longest_lock_out_two_more_may_be_sent(make_lab: MakeLab) -> None:
    lab = with_wrong_secret(make_lab)
    assert lab.enroll().passcodes == ["refused", "refused"]
    let_time_pass(lab, 31 * 60 + 1)
    assert lab.enroll().passcodes == ["refused", "refused"]
    assert not lab.account()["locked"]


@pytest.mark.thorough
def test_a_service_whose_clock_jumps_does_not_end_a_lock_out(make_lab: MakeLab) -> None:
    lab = with_wrong_secret(make_lab)
    assert lab.enroll().passcodes == ["refused", "refused"]
    lab.control.move(31 * 60 + 1)
    assert lab.enroll().passcodes == []


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


@pytest.mark.thorough
def test_three_forks_log_in_to_one_account(lab: Lab) -> None:
    assert lab.enroll(mfa_otp_prove_login=False).rc == 0
    lab.control.move(61)
    lab.to_phase(LATE)
    run = lab.run(logins(3), "-f", "3", inventory="a,b,c,", **lab.variables(stored=lab.entry()))
    assert run.rc == 0, run.screen
    assert run.passcodes == ["accepted"] * 3
    assert all(earlier < later for earlier, later in itertools.pairwise(steps_used(lab)))
    assert len(steps_used(lab)) == 3


@pytest.mark.thorough
def test_two_plays_log_in_to_one_account(lab: Lab) -> None:
    """Two processes that know nothing of each other: what was sent stands in the record."""
    assert lab.enroll(mfa_otp_prove_login=False).rc == 0
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
    assert lab.enroll().result["proved"] is True
    play = logins(1)
    play[0]["tasks"][0]["rackspace.identity.rax_auth_token"]["max_wait"] = 1
    run = lab.run(play, **lab.variables(stored=lab.entry()))
    assert run.error_kind == "passcode_refused"
    assert "auth_token" in run.message
    assert run.passcodes == []
    assert not lab.account()["locked"]
