# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each request of each job meets each fault: at most one more run completes what the first one did not.

Every host of a run is an account of its own, with a fault of its own. `make faults` runs it whole and prints how many
converged in one run; otherwise each fault meets one of ten requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.conftest import FIGURES
from integration.harness import Fleet, Lab, host_name, refused_passcodes
from integration.harness.accounts import MakeLab
from integration.harness.faults import FAULTS, TIMEOUT
from integration.harness.jobs import JOBS, Job
from integration.harness.tables import WHOLE

from emulator.faults import KINDS

MOST_REFUSED = 1
SHARE = 1 if WHOLE else 10
FEW = list(FAULTS)[::6]
OTHERS = [fault for fault in FAULTS if fault not in FEW]
SLICES = [FEW, *(OTHERS[first : first + 4 * SHARE] for first in range(0, len(OTHERS), 4 * SHARE))]

SECOND_RUN = {
    "401": "at a login: the service refuses the password, or the passcode, and neither is sent again",
    "no end": "at the first step of a login: an answer that is larger than any other is no accident",
    "of another one": "what names another user or device is not acted on, and is not asked for again",
    "without an id": "the same holds for what names none",
}
"""The faults after which a run may end as failed, and why. All others are over when the run is."""


def cases() -> list[Any]:
    """The jobs with the faults in slices, each of them one or two runs. `make test` has a few of an enrollment."""
    return [
        pytest.param(name, faults, id=f"{name}, {faults[0]}", marks=pytest.mark.thorough if number or slice_ else ())
        for number, name in enumerate(JOBS)
        for slice_, faults in enumerate(SLICES)
    ]


@pytest.mark.parametrize(("name", "faults"), cases())
def test_at_most_one_more_run(
    make_lab: MakeLab, name: str, faults: list[str], record_property: Callable[[str, object], None]
) -> None:
    job = JOBS[name]
    wanted = {
        host_name(f"{fault} at {nth}"): (fault, nth) for fault in faults for nth in requests_that_meet(fault, job)
    }
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


def requests_that_meet(fault: str, job: Job) -> range:
    """The numbers of the requests, each fault's share of them."""
    return range(1 + list(FAULTS).index(fault) % SHARE, job.requests + 1, SHARE)


def test_every_kind_of_fault_is_in_the_table() -> None:
    assert {fault["kind"] for fault in FAULTS.values()} == set(KINDS)


def trouble_of(host: str, job: Job, lab: Lab, old: dict[str, Any]) -> str | None:
    """Why an account has not converged; None when it has."""
    try:
        job.check(lab, old)
    except (AssertionError, ValueError) as error:
        return f"{host}: {error}"
    return None
