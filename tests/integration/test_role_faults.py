# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each request of each job meets each fault: at most one more run completes what the first one did not.

Every host of a run is an account of its own, with a fault of its own. `make faults` runs it whole and prints how many
converged in one run; otherwise most faults meet a third of the requests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from integration.conftest import FIGURES
from integration.harness import Fleet, Lab, host_name, refused_passcodes
from integration.harness.accounts import MakeLab
from integration.harness.jobs import JOBS, Job

from emulator.faults import KINDS

MOST_REFUSED = 1
FAULTS: dict[str, dict[str, Any]] = {
    "lost": {"kind": "lost"},
    "reset": {"kind": "reset"},
    "truncated": {"kind": "truncated"},
    "401": {"kind": "status", "status": 401},
    "413": {"kind": "status", "status": 413},
    "413, again in 1 s": {"kind": "status", "status": 413, "retry_after": 1},
    "429": {"kind": "status", "status": 429},
    "429, again in 1 s": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "500 after the work": {"kind": "status", "status": 500, "when": "after"},
    "502 HTML": {"kind": "status", "status": 502, "body": "html"},
    "502 HTML after the work": {"kind": "status", "status": 502, "body": "html", "when": "after"},
    "503": {"kind": "status", "status": 503},
    "404 HTML": {"kind": "status", "status": 404, "body": "html"},
    "empty body": {"kind": "status", "status": 200, "body": "empty", "when": "after"},
    "wrong shape": {"kind": "misshapen"},
    "drip": {"kind": "drip", "seconds": 0.002},
    "late by 2 s": {"kind": "delay", "seconds": 2.0},
    "hang before the work": {"kind": "hold", "when": "before"},
    "hang after the work": {"kind": "hold", "when": "after"},
    "no end": {"kind": "endless", "seconds": 0.001},
    "broken chunk": {"kind": "broken_chunk"},
    "garbled": {"kind": "garbled"},
    "of another one": {"kind": "changed", "members": {"id": "of-another", "username": "another"}},
    "without an id": {"kind": "changed", "without": ["id"]},
    "an hour off": {"kind": "date", "seconds": 3600},
    "no date": {"kind": "date", "text": ""},
    "103 before it": {"kind": "early_hints"},
}
TIMEOUT = 12
"""Seconds. What hangs, hangs until the client gives up: as with 60 s by default, and sooner."""
WHOLE = bool(os.environ.get("WHOLE_MATRIX"))
SHARE = 1 if WHOLE else 3
SLICES = [["lost"], *(list(FAULTS)[first : first + 4 * SHARE] for first in range(1, len(FAULTS), 4 * SHARE))]


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
    troubles = [trouble for host in labs if (trouble := trouble_of(host, job, labs[host], before[host]))]
    assert not troubles, "\n".join([*troubles, *(run.screen for host, run in second.items() if host in str(troubles))])
    for host, lab in labs.items():
        assert refused_passcodes(lab) <= MOST_REFUSED, host


def requests_that_meet(fault: str, job: Job) -> range:
    """The numbers of the requests: all that meet a lost answer, and of the others each fault's share."""
    share = 1 if fault == "lost" else SHARE
    return range(1 + list(FAULTS).index(fault) % share, job.requests + 1, share)


def test_every_kind_of_fault_is_in_the_table() -> None:
    assert {fault["kind"] for fault in FAULTS.values()} == set(KINDS)


def trouble_of(host: str, job: Job, lab: Lab, old: dict[str, Any]) -> str | None:
    """Why an account has not converged; None when it has."""
    try:
        job.check(lab, old)
    except (AssertionError, ValueError) as error:
        return f"{host}: {error}"
    return None
