# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each job, killed at each request before and after the service did it, and at each read and save of the store; and
each job with each fault at each request.

The next run converges: one device, whose secret is stored, at most one refused passcode, and nothing left to do.
"""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    IdentityError,
    InvalidAnswer,
    OptionError,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import (
    Bench,
    Controller,
    Killed,
    in_memory,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import BODIES, FAULTS

CASES: dict[str, tuple[starts.Start, jobs.Job, dict[str, Any]]] = {
    "enroll": (starts.fresh, jobs.enroll, {}),
    "enroll by key": (starts.fresh, jobs.enroll, KEY),
    "enroll with codes": (starts.fresh, jobs.enroll, {"codes": 2}),
    "enroll who must": (starts.must_set_up, jobs.enroll, {}),
    "enroll beside left-over devices": (starts.left_over, jobs.enroll, {}),
    "enroll without room": (starts.no_room, jobs.enroll, {}),
    "rotate": (starts.enrolled, jobs.rotate, {}),
    "rotate by key": (starts.enrolled, jobs.rotate, KEY),
    "recover": (starts.enrolled, jobs.recover, {}),
    "recover what is not stored": (starts.lost_device, jobs.recover, {}),
    "recover by key": (starts.lost_device, jobs.recover, KEY),
    "remove": (starts.enrolled, jobs.remove, {}),
    "remove by key": (starts.enrolled, jobs.remove, KEY),
}


def own_devices(bench: Bench) -> dict[str, str]:
    """The devices of the role's name, and their secrets."""
    return {key: device.secret for key, device in bench.service.devices.items() if device.name == "ansible"}


def assert_settled(bench: Bench, job: jobs.Job, here: Controller, options: dict[str, Any]) -> None:
    """One device, its secret stored and proved, nothing pending; or none of it after a removal.

    A further run does nothing.
    """
    entry: Entry = bench.shelf.content or {}
    if job is jobs.remove:
        assert (own_devices(bench), entry, bench.service.mfa) == ({}, {}, False)
        bench.rest()
        assert jobs.remove(here, **options) == []
        return
    assert own_devices(bench) == {entry["device_id"]: entry["secret"]}
    assert bench.service.devices[entry["device_id"]].verified
    assert not {"next", "previous"} & entry.keys()
    assert entry["proved"]
    assert bench.service.mfa
    bench.rest()
    assert jobs.enroll(here, **(options if job is jobs.enroll else {})) == []


@functools.cache
def undisturbed(case: str) -> Controller:
    """The controller of a job, with the points and the requests that it passes when nothing goes wrong."""
    start, job, options = CASES[case]
    with in_memory(Path("nowhere")) as bench:
        bench.begin(start)
        bench.here.points.passed.clear()
        bench.here.calls.clear()
        job(bench.here, **options)
        return bench.here


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "another controller"])
@pytest.mark.parametrize("case", CASES)
def test_a_killed_run_is_completed_by_the_next(tmp_path: Path, case: str, elsewhere: bool) -> None:
    start, job, options = CASES[case]
    for number, point in enumerate(undisturbed(case).points.passed):
        with in_memory(tmp_path / str(number)) as bench:
            bench.begin(start)
            bench.here.points.passed.clear()
            bench.here.points.kill_at = number
            with pytest.raises(Killed):
                job(bench.here, **options)
            bench.here.points.kill_at = None
            here = bench.another() if elsewhere else bench.here
            try:
                job(here, **options)
                assert bench.service.refused_codes <= 1
                assert_settled(bench, job, here, options)
            except Exception as error:
                raise AssertionError(f"killed at point {number}: {point}") from error


@pytest.mark.parametrize("case", ["recover what is not stored", "recover by key"])
def test_a_killed_recovery_that_a_rotation_completes_leaves_no_lost_device(tmp_path: Path, case: str) -> None:
    start, job, options = CASES[case]
    for number, point in enumerate(undisturbed(case).points.passed):
        with in_memory(tmp_path / str(number)) as bench:
            bench.begin(start)
            (lost,) = bench.service.devices
            bench.here.points.passed.clear()
            bench.here.points.kill_at = number
            with pytest.raises(Killed):
                job(bench.here, **options)
            bench.here.points.kill_at = None
            with contextlib.suppress(Conflict):  # nothing to rotate yet
                jobs.rotate(bench.here, **KEY)
                assert lost not in bench.service.devices, f"killed at point {number}: {point}"


MAY_END_A_RUN = {
    "401": "at a login: the password, or the passcode, was refused, and neither is sent again",
    "no end": "an answer that is larger than any other is no accident",
    "of another one": "what names another user or device is not acted on, and is not asked for again",
    "without an id": "the same holds for what names none",
    **dict.fromkeys(BODIES, "it is not the service's, and nothing is written that it should have stopped"),
}
"""The faults after which a run may end as failed. All others are over when the run is."""


def is_write(call: str) -> bool:
    """May it change the account? A login does not."""
    return not call.startswith("GET ") and not call.endswith("/v2.0/tokens")


def end_of(bench: Bench, job: jobs.Job, options: dict[str, Any]) -> Exception | None:
    """Run the job; why it failed."""
    try:
        job(bench.here, **options)
    except (IdentityError, OptionError) as error:
        return error
    return None


def disturb(bench: Bench, case: str, name: str, number: int) -> None:
    """Run a job with a fault at the call of that number, and once more if it failed: it is settled."""
    start, job, options = CASES[case]
    bench.begin(start)
    bench.here.calls.clear()
    bench.here.fault = lambda at: FAULTS[name] if at == number else faults.none
    failure = end_of(bench, job, options)
    bench.here.fault = lambda _at: faults.none
    if failure:
        assert name in MAY_END_A_RUN
        if isinstance(failure, InvalidAnswer):
            assert not [call for call in bench.here.calls[number + 1 :] if is_write(call)]
        bench.rest()
        job(bench.here, **options)
    assert bench.service.refused_codes <= 1
    assert_settled(bench, job, bench.here, options)


def faulted() -> list[tuple[str, str]]:
    """Some cases with all faults, the others with an answer that is lost and one that is another."""
    whole = ("enroll with codes", "enroll who must", "rotate", "recover", "remove")
    return [(case, fault) for case in CASES for fault in (FAULTS if case in whole else ("lost", "503 after the work"))]


@pytest.mark.parametrize(("case", "fault"), faulted())
def test_a_fault_at_each_request(tmp_path: Path, case: str, fault: str) -> None:
    for number, call in enumerate(undisturbed(case).calls):
        with in_memory(tmp_path / str(number)) as bench:
            try:
                disturb(bench, case, fault, number)
            except Exception as error:
                raise AssertionError(f"{fault} at call {number}: {call}") from error
