# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet under load, by `make load`: many accounts in one run, and one request of twenty meets a fault.

It takes minutes, so no other target runs it; `LOAD_ACCOUNTS` says with how many accounts.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from integration.harness import Lab, Run, User
from integration.harness.accounts import MakeLab
from integration.harness.checks import refused_by_account
from integration.harness.faults import FAULTS, TIMEOUT

ACCOUNTS = int(os.environ.get("LOAD_ACCOUNTS", "300"))
FORKS = 8
SHARE = 0.05
SEED = 12
MOST_RUNS = 6
MOST_REFUSED = 1
_REQUESTS = 20
"""More than an account needs until it is settled."""


def spoil(lab: Lab) -> None:
    """Have a twentieth of the requests meet a fault, by chance."""
    chance = random.Random(SEED)
    for nth in range(1, ACCOUNTS * _REQUESTS):
        if chance.random() < SHARE:
            lab.control.fault(**FAULTS[chance.choice(list(FAULTS))], path="^/v2.0/", nth=nth)


def let_time_pass(lab: Lab, seconds: float) -> None:
    """Let it pass on every clock: the service's moves on, and what this machine noted of its own becomes older."""
    lab.control.move(seconds)
    for file in (lab.home / ".local" / "state" / "rackspace.identity").glob("**/*.json"):
        record = json.loads(file.read_bytes())
        for attempt in record["attempts"]:
            attempt |= {clock: attempt[clock] - seconds for clock in ("wall", "monotonic")}
        file.write_text(json.dumps(record))


def enroll(lab: Lab, names: Sequence[str]) -> Run:
    """One run for these accounts, however long it takes."""
    hosts = {
        name: lab.variables(
            name, mfa_otp_vault_file=str(lab.work / f"{name}.yml"), mfa_otp_timeout=TIMEOUT, ansible_connection="local"
        )
        for name in names
    }
    before = len(lab.control.requests())
    env = {"ANSIBLE_FORKS": str(FORKS), "ANSIBLE_STRATEGY": "free"}
    process = lab.start("enroll", inventory={"all": {"hosts": hosts}}, env=env)
    process.wait()
    return lab.finish(process, before)


def failures_of(run: Run, names: Sequence[str]) -> dict[str, Any]:
    """Why accounts failed, the last thing that each said."""
    hosts = {name: run.of_host(name, []) for name in names}
    return {name: host.failures[-1] for name, host in hosts.items() if host.rc}


@pytest.mark.timeout(0)
def test_every_account_is_healthy_in_the_end(make_lab: MakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"user{number:03}" for number in range(ACCOUNTS)]
    lab = make_lab(*map(User, names))
    spoil(lab)
    begun, waiting, told = time.monotonic(), names, []
    while waiting:
        run = enroll(lab, waiting)
        failures = failures_of(run, waiting)
        assert all("error" in failure for failure in failures.values()), failures
        waiting = list(failures)
        told.append(Counter(failure["error"]["kind"] for failure in failures.values()))
        assert len(told) < MOST_RUNS, failures
        # Who is told how long to wait waits.
        pauses = [failure["error"]["retry_after"] or 0 for failure in failures.values()]
        let_time_pass(lab, max([61, *pauses]))
    spent = time.monotonic() - begun
    faults = sum(fault["fired"] for fault in lab.control.faults())
    requests = len(lab.control.requests())
    lab.control.clear_faults()
    quiet = enroll(lab, names)

    refused = refused_by_account(lab)
    most = max(refused.values(), default=0)
    words = (
        f"{ACCOUNTS} accounts, {FORKS} forks: {faults} of {requests} requests met a fault. "
        f"Failed after each run: {[dict(kinds) for kinds in told]}. "
        f"{len(refused)} accounts had a refused passcode, at most {most} each. "
        f"{spent:.0f} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    )
    with capsys.disabled():
        print(f"\n{words}")
    assert faults > requests * SHARE / 2
    assert quiet.rc == 0, quiet.screen
    assert quiet.writes == []
    assert most <= MOST_REFUSED, refused
    for name in names:
        entry, account = lab.entry(file=lab.work / f"{name}.yml"), lab.account(name)
        (device,) = account["otp_devices"]
        assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"]), name
        assert (account["mfa_enabled"], account["locked"], device["verified"]) == (True, False, True), name
