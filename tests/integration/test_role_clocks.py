# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are wrong, and logins at the same moment. No account is locked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from integration.harness import Lab, User
from integration.harness.accounts import MakeLab

LATE = 20.0
"""Seconds after the beginning of a time step, where the wait for the next one is short."""


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
        runs.append(lab.enroll(mfa_otp_state_dir=str(lab.root / controller), mfa_otp_max_wait=10))
        lab.control.move(61)
    assert [run.rc != 0 for run in runs] == [True] * 3
    assert [run.passcodes for run in runs] == [["refused", "refused"], [], []]
    assert not lab.account()["locked"]
    assert "The secret is probably not the one of the account's device" in runs[0].message
    for run in runs[1:]:
        assert "It is safe again in" in run.message
        assert run.error_kind == "passcode_refused"
    assert [run.writes for run in runs] == [[]] * 3


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
