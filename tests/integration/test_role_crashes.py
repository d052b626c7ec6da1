# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed, refused, cut off at each request: the next run ends what was begun, and the one after that has nothing to do.

The entry points are rows of `JOURNEYS`: how a job begins, what the playbook is given, and what must be true at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from integration.harness import (
    Lab,
    Run,
    assert_enrolled,
    assert_nothing_to_do,
    in_slices,
    is_write,
    run_together,
)
from integration.harness.accounts import kill_at_request, kill_at_task, tasks_of_role


@dataclass(frozen=True)
class Journey:
    """A job that has to survive anything.

    :param requests: how many requests it makes of the service when nothing goes wrong.
    :param more: variables of the role beside the account's own.
    """

    playbook: str
    requests: int
    by: str
    check: Callable[[Lab], None]
    more: tuple[tuple[str, Any], ...] = ()
    prepare: Callable[[Lab], None] | None = None

    def variables(self, lab: Lab) -> dict[str, Any]:
        """What the playbook is given."""
        return lab.variables(by=self.by, **dict(self.more))

    def run(self, lab: Lab) -> Run:
        """One run to its end."""
        return lab.run(self.playbook, **self.variables(lab))

    def run_together(self, labs: Mapping[str, Lab]) -> dict[str, Run]:
        """One run for all of them."""
        given = {host: (lab, self.variables(lab)) for host, lab in labs.items()}
        return run_together(self.playbook, given) if given else {}


JOURNEYS = {
    "enrol by password": Journey("enroll", 9, "password", assert_enrolled),
    "enrol by key": Journey("enroll", 9, "both", assert_enrolled),
}
MOST_REFUSED = 1
"""Passcodes of a login that the service may refuse, over all runs: the third would lock the account."""


CHANGING = (3, 4, 5, 7, 9)
"""The requests of an enrolment that change something: the creation, two codes of the verification (the first one is too
old), turning MFA on, and the passcode of the proof."""
TASKS = 13
"""Of the role, in an enrolment."""
AT_ONCE = (JOURNEYS["enrol by password"].requests, "after")
"""The kill after which the next run comes at once: the proof's passcode is spent, and nobody was told."""


def begun(make_lab: Callable[..., Lab], journey: Journey) -> Lab:
    """A lab where the journey is about to begin."""
    lab = make_lab()
    if journey.prepare:
        journey.prepare(lab)
    return lab


def assert_it_ends(lab: Lab, journey: Journey, first: Run | None, pause: float = 30) -> None:
    """The next run converges, where the first one did not; the one after it changes nothing."""
    assert_they_end(journey, {"account": lab}, {"account": first}, pause)


def assert_they_end(
    journey: Journey, labs: Mapping[str, Lab], firsts: Mapping[str, Run | None], pause: float = 30
) -> None:
    """That, for many accounts.

    :param firsts: their first runs; None for one that was killed.
    :param pause: seconds before the next run. At once it has to wait for an unused code, up to a minute.
    """
    refused = {host: first.refused_passcodes if first else 0 for host, first in firsts.items()}
    failed = {host: labs[host] for host, first in firsts.items() if first is None or first.rc}
    for after, again, all_done in ((pause, failed, False), (61, labs, True)):
        for lab in labs.values():
            lab.control.move(after)
        for host, run in journey.run_together(again).items():
            assert run.rc == 0, run.screen
            refused[host] += run.refused_passcodes
            if all_done:
                assert_nothing_to_do(run)
        for host, lab in labs.items():
            journey.check(lab)
            assert refused[host] <= MOST_REFUSED, host


@pytest.mark.table(keep=1)
@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_the_cases_cover_every_request(make_lab: Callable[..., Lab], journey: Journey) -> None:
    run = journey.run(begun(make_lab, journey))
    assert run.rc == 0, run.screen
    said = [f"{one['method']} {one['path']}" for one in run.requests]
    assert len(said) == journey.requests, said
    assert tasks_of_role(run) == TASKS
    changing = [number for number, one in enumerate(run.requests, 1) if is_write(one) or one["passcode"]]
    assert tuple(changing) == CHANGING, said


def moments(journey: str) -> list[Any]:
    """When to kill: each request once the work is done, and those that change something also before that."""
    numbers = range(1, JOURNEYS[journey].requests + 1)
    return [(number, "after") for number in numbers] + [(number, "before") for number in CHANGING]


@pytest.mark.table(keep=1)
@pytest.mark.parametrize(("number", "when"), moments("enrol by password"))
def test_killed_while_a_request_is_answered(lab: Lab, number: int, when: str) -> None:
    """SIGKILL to all processes of the run: before the service did the work, or when it is done and not yet told."""
    journey = JOURNEYS["enrol by password"]
    kill_at_request(lab, journey.playbook, number, when, **journey.variables(lab))
    assert len(lab.control.requests()) == number
    assert_it_ends(lab, journey, None, pause=0 if (number, when) == AT_ONCE else 30)


@pytest.mark.thorough
@pytest.mark.parametrize("nth", range(2, TASKS + 1))
def test_killed_between_two_tasks(lab: Lab, nth: int) -> None:
    """SIGKILL when that task is about to start."""
    journey = JOURNEYS["enrol by password"]
    kill_at_task(lab, journey.playbook, nth, **journey.variables(lab))
    assert_it_ends(lab, journey, None)


FAULTS: dict[str, dict[str, Any]] = {
    "503": {"kind": "status", "status": 503},
    "lost answer": {"kind": "lost"},
    "reset": {"kind": "reset"},
}


@pytest.mark.table(keep=1)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("numbers", in_slices(range(1, JOURNEYS["enrol by password"].requests + 1), 3))
def test_a_fault_at_a_request(make_lab: Callable[..., Lab], numbers: list[int], fault: str) -> None:
    journey = JOURNEYS["enrol by password"]
    assert_they_get_over(
        journey, make_lab, {f"request_{number}": {**FAULTS[fault], "nth": number} for number in numbers}
    )


def assert_they_get_over(journey: Journey, make_lab: Callable[..., Lab], faults: Mapping[str, dict[str, Any]]) -> None:
    """Each fault happens to an account of its own, once."""
    labs = {host: begun(make_lab, journey) for host in faults}
    rules = {host: lab.control.fault(**faults[host]) for host, lab in labs.items()}
    firsts = journey.run_together(labs)
    for host, lab in labs.items():
        assert lab.control.wait_for_fault(rules[host], 0)["fired"] == 1, host
    assert_they_end(journey, labs, firsts)


@pytest.mark.thorough
def test_the_answer_of_the_creation_is_useless(make_lab: Callable[..., Lab]) -> None:
    """The secret was in it and nowhere else."""
    faults: dict[str, dict[str, Any]] = {
        "truncated": {"kind": "truncated"},
        "misshapen": {"kind": "misshapen"},
        "503_after_the_work": {"kind": "status", "when": "after"},
        "HTML": {"kind": "status", "status": 502, "body": "html", "when": "after"},
    }
    creation = {"method": "POST", "path": "otp-devices$"}
    assert_they_get_over(
        JOURNEYS["enrol by password"], make_lab, {name: {**fault, **creation} for name, fault in faults.items()}
    )
