# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each request of each job meets each fault: at most one more run completes what the first one did not.

Every host of a run is an account of its own, with a fault of its own. `make faults` runs it whole and prints how many
converged in one run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from integration.conftest import FIGURES
from integration.harness import Fleet, Lab, assert_enrolled, host_name, refused_passcodes
from integration.harness.accounts import MakeLab, enrolled_lab
from integration.harness.faults import FAULTS, TIMEOUT

MOST_REFUSED = 1
SLICES = [["lost"], *(list(FAULTS)[first : first + 4] for first in range(1, len(FAULTS), 4))]


@dataclass(frozen=True)
class Job:
    """A job: what it begins with, how many requests it makes when all goes well, and when an account has converged."""

    requests: int
    make: Callable[[MakeLab], Lab]
    check: Callable[[Lab, dict[str, Any]], None]
    """Gets the lab and the entry before the job."""


def assert_replaced(lab: Lab, old: dict[str, Any]) -> None:
    """One device, a new one, whose secret is stored; nothing is pending."""
    assert_enrolled(lab)
    entry = lab.entry()
    assert entry["device_id"] != old["device_id"]
    assert "next" not in entry
    assert "previous" not in entry
    assert sorted(entry.get("bypass_codes", [])) == sorted(code["code"] for code in lab.account()["bypass_codes"])


def assert_removed(lab: Lab, _old: dict[str, Any]) -> None:
    """MFA is off, and neither the device nor the entry is there."""
    user = lab.account()
    assert (user["mfa_enabled"], user["otp_devices"], lab.entry()) == (False, [], {})


JOBS = {
    "enroll": Job(9, lambda make_lab: make_lab(), lambda lab, _old: assert_enrolled(lab)),
    "rotate": Job(11, enrolled_lab, assert_replaced),
    "recover": Job(12, lambda make_lab: enrolled_lab(make_lab, codes=3), assert_replaced),
    "remove": Job(7, enrolled_lab, assert_removed),
}


def cases() -> list[Any]:
    """The jobs with the faults in slices, each of them one or two runs; the first slice of an enrollment is for all."""
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
    wanted = {host_name(f"{fault} at {nth}"): (fault, nth) for fault in faults for nth in range(1, job.requests + 1)}
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
    troubles = [trouble for host in labs if (trouble := trouble_of(host, job, labs[host], before[host]))]
    assert not troubles, "\n".join([*troubles, *(run.screen for host, run in second.items() if host in str(troubles))])
    for host, lab in labs.items():
        assert refused_passcodes(lab) <= MOST_REFUSED, host


def trouble_of(host: str, job: Job, lab: Lab, old: dict[str, Any]) -> str | None:
    """Why an account has not converged; None when it has."""
    try:
        job.check(lab, old)
    except (AssertionError, ValueError) as error:
        return f"{host}: {error}"
    return None
