# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at once on controllers that share only the store, interleaved at every request, read and save.

In the end there is one device and its secret is stored (none after a removal), no stored device was deleted by a run
that did not mean it, a run that was too late says so, and a further run leaves a settled account.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, Controller, in_memory
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import previous
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.turns import (
    Outcome,
    Schedule,
    Turns,
    switching_at,
)


class Pair(NamedTuple):
    """Two jobs that begin at the same moment, and the one that a later run does."""

    start: starts.Start
    first: Callable[..., list[str]]
    second: Callable[..., list[str]]
    last: Callable[..., list[str]]


ROTATE_BY_KEY, RECOVER_BY_KEY = partial(jobs.rotate, **KEY), partial(jobs.recover, **KEY)
PAIRS = {
    "enroll and enroll": Pair(starts.fresh, jobs.enroll, jobs.enroll, jobs.enroll),
    "enroll and enroll who must": Pair(starts.must_set_up, jobs.enroll, jobs.enroll, jobs.enroll),
    "enroll and enroll by key": Pair(starts.fresh, jobs.enroll, partial(jobs.enroll, **KEY), jobs.enroll),
    "rotate and rotate": Pair(starts.enrolled, jobs.rotate, jobs.rotate, jobs.enroll),
    "rotate and rotate by key": Pair(starts.enrolled, ROTATE_BY_KEY, ROTATE_BY_KEY, jobs.enroll),
    "complete and complete": Pair(starts.half_replaced, jobs.rotate, jobs.rotate, jobs.enroll),
    "recover and recover": Pair(starts.enrolled, jobs.recover, jobs.recover, jobs.enroll),
    "recover and recover by key": Pair(starts.enrolled, RECOVER_BY_KEY, RECOVER_BY_KEY, jobs.enroll),
    "recover and rotate": Pair(starts.enrolled, jobs.recover, jobs.rotate, jobs.enroll),
    "enroll and rotate": Pair(starts.enrolled, jobs.enroll, jobs.rotate, jobs.enroll),
    "rotate and enroll": Pair(starts.enrolled, jobs.rotate, jobs.enroll, jobs.enroll),
    "rotate and remove": Pair(starts.enrolled, jobs.rotate, jobs.remove, jobs.remove),
    "remove and rotate": Pair(starts.enrolled, jobs.remove, jobs.rotate, jobs.remove),
    "remove and enroll": Pair(starts.enrolled, jobs.remove, jobs.enroll, jobs.enroll),
    "remove and remove": Pair(starts.enrolled, jobs.remove, jobs.remove, jobs.remove),
}


ENROLL_BY_KEY = partial(jobs.enroll, **KEY)
WITHOUT_ROOM: dict[str, tuple[starts.Start, jobs.Job, jobs.Job]] = {
    "enroll and enroll": (starts.no_room, jobs.enroll, ENROLL_BY_KEY),
    "enroll and enroll with an entry": (starts.codes_without_room, jobs.enroll, ENROLL_BY_KEY),
    "rotate and rotate": (starts.enrolled_without_room, jobs.rotate, ROTATE_BY_KEY),
    "recover and recover": (starts.enrolled_without_room, jobs.recover, RECOVER_BY_KEY),
}


def refuse_to_lose(bench: Bench, device_id: str) -> None:
    """A device whose secret is stored is deleted by a removal alone."""
    entry: Entry = bench.shelf.content or {}
    assert device_id not in (entry.get("device_id"), (entry.get("next") or {}).get("device_id"))


def run_both(pair: Pair, switches: Iterable[int], folder: Path) -> int:
    """Run the pair in these turns, check what comes of it, and return how many points both passed."""
    with in_memory(folder) as bench:
        bench.begin(pair.start)
        bench.service.window, bench.service.late_is_forgiven = previous, True
        if jobs.remove not in (pair.first, pair.second):
            bench.service.deleting = partial(refuse_to_lose, bench)
        here, there = bench.another(), bench.another()
        outcomes = Turns(switching_at(list(switches))).run([(here, pair.first), (there, pair.second)])
        passed = len(here.points.passed) + len(there.points.passed)
        for outcome in outcomes:
            assert_ended_in_words(outcome)
        assert bench.service.refused_codes <= 1
        assert_no_entry_without_its_device(bench)
        bench.rest()
        here.points.passed.clear()
        settle(bench, pair)
        return passed


def assert_ended_in_words(outcome: Outcome) -> None:
    if isinstance(outcome, BaseException) and not isinstance(outcome, IdentityError):
        raise outcome


def assert_no_entry_without_its_device(bench: Bench) -> None:
    """Both runs came to an end, so nothing is stored of a device that a removal has deleted."""
    entry: Entry = bench.shelf.content or {}
    assert not entry.get("device_id") or entry["device_id"] in bench.service.devices


def settle(bench: Bench, pair: Pair) -> None:
    """A later run by key completes what is left, and finds a settled account."""
    later = bench.another()
    entry: Entry = bench.shelf.content or {}
    if {"next", "previous"} & entry.keys():
        jobs.rotate(later, **KEY)
    pair.last(later, **KEY)
    assert pair.last(later, **KEY) == []
    entry = bench.shelf.content or {}
    devices = {key: device.secret for key, device in bench.service.devices.items()}
    if pair.last is jobs.remove:
        assert (devices, entry) == ({}, {})
        return
    assert devices == {entry["device_id"]: entry["secret"]}
    assert set(entry.get("bypass_codes") or []) <= set(bench.service.codes)
    assert bench.service.mfa


@pytest.mark.parametrize("name", PAIRS)
def test_one_run_goes_first_at_each_point_of_the_other(tmp_path: Path, name: str) -> None:
    pair, most, number = PAIRS[name], 1, 0
    while number < most:
        try:
            most = max(most, run_both(pair, [number], tmp_path / str(number)))
        except Exception as error:
            raise AssertionError(f"switched at point {number}") from error
        number += 1


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(switches=st.lists(st.integers(0, 90), min_size=2, max_size=30))
def test_two_runs_in_any_turns(tmp_path_factory: pytest.TempPathFactory, name: str, switches: list[int]) -> None:
    run_both(PAIRS[name], switches, tmp_path_factory.mktemp("turns"))


@pytest.mark.parametrize("name", PAIRS)
def test_two_runs_step_by_step(tmp_path: Path, name: str) -> None:
    for pace in (1, 2, 3, 5):
        every = itertools.islice(itertools.count(0, pace), 120)
        run_both(PAIRS[name], list(every), tmp_path / str(pace))


DEVICES = "/v2.0/users/1/RAX-AUTH/multi-factor/otp-devices"


def when_one_was_made(runs: list[Controller], point: str) -> Schedule:
    """The second run goes first when the first has made a device and not stored it, and up to a point of its own."""

    def schedule(me: int) -> int:
        passed = runs[me].points.passed[-1]
        return int(f"after POST {DEVICES}" == passed) if me == 0 else int(not passed.startswith(point))

    return schedule


LISTED, DELETED = f"after GET {DEVICES}", f"before DELETE {DEVICES}"


@pytest.mark.parametrize("turns", [LISTED, DELETED, 1, 2, 3, 5], ids=["listed", "deleted", "1", "2", "3", "5"])
@pytest.mark.parametrize("name", WITHOUT_ROOM)
def test_two_runs_that_must_make_room(tmp_path: Path, name: str, turns: str | int) -> None:
    """Neither deletes what the other one has stored, and the devices that are in nobody's way stay."""
    start, first, second = WITHOUT_ROOM[name]
    with in_memory(tmp_path) as bench:
        bench.begin(start)
        bench.service.window, bench.service.late_is_forgiven = previous, True
        others = {key for key, device in bench.service.devices.items() if device.name != "ansible"}
        bench.service.deleting = partial(refuse_to_lose, bench)
        both = [bench.another(), bench.another()]
        every = switching_at(range(0, 150, turns)) if isinstance(turns, int) else None
        schedule = every or when_one_was_made(both, str(turns))
        for outcome in Turns(schedule).run([(both[0], first), (both[1], second)]):
            assert_ended_in_words(outcome)
        bench.rest()
        later = bench.another()
        if {"next", "previous"} & starts.entry_of(bench).keys():
            jobs.rotate(later, replace_after=1, **KEY)
        jobs.enroll(later, **KEY)
        assert jobs.enroll(later, **KEY) == []
        assert set(bench.service.devices) == {*others, starts.entry_of(bench)["device_id"]}


@pytest.mark.parametrize("start", [starts.fresh, starts.no_room], ids=["no other device", "other devices"])
def test_a_removal_looks_again_before_it_deletes_what_another_run_has_stored(
    tmp_path: Path, start: starts.Start
) -> None:
    """Nothing was stored when it began, and then the entry goes with its device, or stays with it."""
    with in_memory(tmp_path) as bench:
        bench.begin(start)
        others = {key for key, device in bench.service.devices.items() if device.name != "ansible"}
        both = [bench.another(), bench.another()]
        runs: list[jobs.Job] = [jobs.enroll, partial(jobs.remove, **KEY)]
        outcomes = Turns(when_one_was_made(both, LISTED)).run(list(zip(both, runs, strict=True)))
        for outcome in outcomes:
            assert_ended_in_words(outcome)
        stored = (bench.shelf.content or {}).get("device_id")
        assert set(bench.service.devices) == others | ({stored} if stored else set())
