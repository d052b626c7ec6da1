# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something happens to an answer: the run or the next one gets over it. Each fault meets an account of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from integration.harness import Fleet, assert_enrolled, assert_nothing_to_do, refused_passcodes, rows
from integration.harness.accounts import MakeLab

REQUESTS = 9
"""Of an enrollment by password."""
MOST_REFUSED = 1
FAULTS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost"},
    "503": {"kind": "status", "status": 503},
    "reset": {"kind": "reset"},
}
OF_THE_CREATION: dict[str, dict[str, Any]] = {
    "truncated": {"kind": "truncated"},
    "misshapen": {"kind": "misshapen"},
    "status_after_the_work": {"kind": "status", "when": "after"},
    "html": {"kind": "status", "status": 502, "body": "html", "when": "after"},
}
"""Answers that are useless, and the secret was in them and nowhere else."""


def assert_they_are_got_over(make_lab: MakeLab, faults: Mapping[str, Mapping[str, Any]]) -> None:
    """The next run completes what the first one did not; the one after it changes nothing."""
    labs = {host: make_lab() for host in faults}
    rules = {host: lab.control.fault(**faults[host]) for host, lab in labs.items()}
    fleet = Fleet({host: (lab, lab.variables()) for host, lab in labs.items()})
    first = fleet.run("enroll")
    for host, lab in labs.items():
        assert lab.control.wait_for_fault(rules[host], 0)["fired"] == 1, host
    failed = [host for host, run in first.items() if run.rc]
    if failed:
        fleet.move(30)
        for run in fleet.only(*failed).run("enroll").values():
            assert run.rc == 0, run.screen
    fleet.move(61)
    for host, run in fleet.run("enroll").items():
        assert_nothing_to_do(run)
        assert_enrolled(labs[host])
        assert refused_passcodes(labs[host]) <= MOST_REFUSED, host


@pytest.mark.parametrize("fault", rows(FAULTS))
def test_a_fault_at_any_request(make_lab: MakeLab, fault: dict[str, Any]) -> None:
    assert_they_are_got_over(make_lab, {f"request{nth}": {**fault, "nth": nth} for nth in range(1, REQUESTS + 1)})


@pytest.mark.thorough
def test_the_answer_of_the_creation_is_useless(make_lab: MakeLab) -> None:
    creation = {"method": "POST", "path": "otp-devices$"}
    assert_they_are_got_over(make_lab, {name: {**fault, **creation} for name, fault in OF_THE_CREATION.items()})
