# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each job meets each fault, in real runs: at most one more run completes what the first one did not.

Every host of a run is an account of its own, with a fault of its own, at one of its requests. `make faults` has each
fault at each request, as tests/unit has in memory (test_killed_runs). All print how many converged in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from integration.conftest import FIGURES
from integration.harness import Fleet, Lab, host_name, refused_passcodes
from integration.harness.accounts import MakeLab
from integration.harness.faults import FAULTS, TIMEOUT
from integration.harness.jobs import JOBS, Job
from integration.harness.tables import WHOLE, rows

from emulator.faults import KINDS

MOST_REFUSED = 1
SLICES = [list(FAULTS)[first : first + 4] for first in range(0, len(FAULTS), 4)]

SECOND_RUN = {
    "401": "at a login: the service refuses the password, or the passcode, and neither is sent again",
    "no end": "at the first step of a login: an answer that is larger than any other is no accident",
    "of another one": "what names another user or device is not acted on, and is not asked for again",
    "without an id": "the same holds for what names none",
}
"""The faults after which a run may end as failed, and why. All others are over when the run is."""


Case = tuple[str, Mapping[str, Sequence[int]]]


def cases() -> list[Any]:
    """A job, and the requests that each fault is to meet: an enrollment with a few of them for `make test`."""
    few = {fault: [1 + number % JOBS["enroll"].requests] for number, fault in list(enumerate(FAULTS))[::6]}
    return rows({"enroll, a few": ("enroll", few), **(everywhere() if WHOLE else once_each())})


def once_each() -> dict[str, Case]:
    """Each fault at one request of each job."""
    return {
        name: (name, {fault: [1 + number % job.requests] for number, fault in enumerate(FAULTS)})
        for name, job in JOBS.items()
    }


def everywhere() -> dict[str, Case]:
    """Each fault at each request of each job."""
    return {
        f"{name}, {faults[0]}": (name, dict.fromkeys(faults, range(1, job.requests + 1)))
        for name, job in JOBS.items()
        for faults in SLICES
    }


@pytest.mark.parametrize("case", cases())
def test_at_most_one_more_run(make_lab: MakeLab, case: Case, record_property: Callable[[str, object], None]) -> None:
    """Each fault at these requests of a job, each time of an account of its own."""
    name, faults = case
    job = JOBS[name]
    wanted = {host_name(f"{fault} at {nth}"): (fault, nth) for fault, numbers in faults.items() for nth in numbers}
    labs = {host: job.make(make_lab) for host in wanted}
    before = {host: lab.entry() for host, lab in labs.items()}
    rules = {host: labs[host].control.fault(**FAULTS[fault], nth=nth) for host, (fault, nth) in wanted.items()}
    more: dict[str, Any] = {"mfa_otp_timeout": TIMEOUT, "mfa_otp_rotate_after": 30}
    fleet = Fleet({host: (lab, lab.variables(**more)) for host, lab in labs.items()})

    first = fleet.run(name)
    failed = [host for host, run in first.items() if run.rc]
    for host, lab in labs.items():
        assert lab.control.wait_for_fault(rules[host], 0)["fired"] == 1, host
    second: dict[str, Any] = {}
    if failed:
        fleet.move(30)
        second = fleet.only(*failed).run(name)
    record_property(FIGURES, [name, len(labs), sorted(failed)])
    assert {wanted[host][0] for host in failed} <= SECOND_RUN.keys(), failed
    troubles = [trouble for host in labs if (trouble := trouble_of(host, job, labs[host], before[host]))]
    assert not troubles, "\n".join([*troubles, *(run.screen for host, run in second.items() if host in str(troubles))])
    for host, lab in labs.items():
        assert refused_passcodes(lab) <= MOST_REFUSED, host


def test_every_kind_of_fault_is_in_the_table() -> None:
    assert {fault["kind"] for fault in FAULTS.values()} == set(KINDS)


def trouble_of(host: str, job: Job, lab: Lab, old: dict[str, Any]) -> str | None:
    """Why an account has not converged; None when it has."""
    try:
        job.check(lab, old)
    except (AssertionError, ValueError) as error:
        return f"{host}: {error}"
    return None
