# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs work on one account at once: forks of one run, two runs on one machine, two that share only the store.

Each trial is an account of its own, whose service answers slowly in its own way. The runs of all trials go together.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from integration.harness import Fleet, Lab, Run, assert_enrolled
from integration.harness.accounts import MakeLab, assert_stored_secret_logs_in, enrolled_lab
from integration.harness.stores import STORES
from integration.harness.tables import WHOLE

TRIALS = 20 if WHOLE else 2
PLACES = ("forks", "processes", "controllers")
PAIRS = (("enroll", "enroll"), ("rotate", "rotate"), ("recover", "recover"))
MIXED = (("enroll", "rotate"), ("rotate", "recover"), ("recover", "enroll"), ("rotate", "remove"))
SOME_WITH_OTHER_STORES = (
    ("hashi_vault", PAIRS[0], "controllers"),
    ("hashi_vault", MIXED[1], "controllers"),
    ("pass", PAIRS[1], "processes"),
    ("command", PAIRS[2], "controllers"),
)
IN_WORDS = ("conflict", "passcode_refused", "bad_credentials")
"""How a run may end that another one was faster than: it says so."""


def slow(lab: Lab, seed: int) -> None:
    """Delay some answers, by chance; the seed is the trial's number."""
    chance = random.Random(seed)
    for _unused in range(4):
        lab.control.fault(
            "delay",
            path="^/v2.0/",
            nth=chance.randint(1, 16),
            when=chance.choice(["before", "after"]),
            seconds=round(chance.uniform(0.05, 0.6), 2),
        )


def labs_for(make_lab: MakeLab, jobs: Sequence[str], trials: int) -> dict[str, Lab]:
    """An account for each trial, which begins with nothing if all that happens to it is an enrollment."""
    labs = {}
    for trial in range(trials):
        lab = make_lab() if set(jobs) == {"enroll"} else enrolled_lab(make_lab, codes=4)
        slow(lab, trial)
        labs[f"trial{trial}"] = lab
    return labs


def together(labs: Mapping[str, Lab], jobs: tuple[str, str], place: str) -> dict[str, list[Run]]:
    """Both jobs on each account at once; the two runs of each. Two controllers share the store and nothing else."""
    more: dict[str, Any] = {"mfa_otp_bypass_codes": 2} if "recover" in jobs else {}
    if place == "forks":
        assert jobs[0] == jobs[1]
        hosts = {f"{host}_{side}": (lab, lab.variables(**more)) for host, lab in labs.items() for side in "ab"}
        runs = Fleet(hosts).run(jobs[0])
        return {host: [runs[f"{host}_{side}"] for side in "ab"] for host in labs}
    sides = []
    for side in "ab":
        own = {"mfa_otp_state_dir": str(next(iter(labs.values())).root / side)} if place == "controllers" else {}
        sides.append(Fleet({host: (lab, lab.variables(**more, **own)) for host, lab in labs.items()}))
    processes = [fleet.start(job) for fleet, job in zip(sides, jobs, strict=True)]
    ended = [fleet.finish(process) for fleet, process in zip(sides, processes, strict=True)]
    return {host: [runs[host] for runs in ended] for host in labs}


def complete_what_was_refused(lab: Lab, runs: Sequence[Run]) -> None:
    """A run whose passcodes came too late to its service may have stored its next device: the next run completes it."""
    lab.control.clear_faults()
    if "next" in lab.entry() and "passcode_refused" in [run.error_kind for run in runs]:
        lab.control.move(61)
        assert lab.run("rotate", **lab.variables()).rc == 0


def assert_one_device_and_its_secret(lab: Lab, *, is_removed: bool) -> None:
    """What is left is whole: an enrolled account, or nothing stored of a device that is gone."""
    assert not lab.account()["locked"]
    if is_removed and not lab.account()["mfa_enabled"]:
        assert lab.entry() == {} or lab.entry()["device_id"] in [one["id"] for one in lab.account()["otp_devices"]]
        return
    assert_enrolled(lab)
    assert {"next", "previous"} & lab.entry().keys() == set()
    assert_stored_secret_logs_in(lab)


def try_it(make_lab: MakeLab, jobs: tuple[str, str], place: str, trials: int) -> None:
    """No run breaks off without words, at least one does its job, and what is left is whole."""
    labs = labs_for(make_lab, jobs, trials)
    for host, runs in together(labs, jobs, place).items():
        screens = "\n".join(run.screen for run in runs)
        try:
            assert all(run.rc == 0 or run.error_kind in IN_WORDS for run in runs)
            assert any(run.rc == 0 for run in runs)
            assert "Traceback" not in screens
            complete_what_was_refused(labs[host], runs)
            assert_one_device_and_its_secret(labs[host], is_removed="remove" in jobs)
        except (AssertionError, ValueError) as error:
            kept = sorted(labs[host].entry())
            raise AssertionError(
                f"{host}: the entry has {kept}, the account {labs[host].account()}\n{screens}"
            ) from error


def with_files() -> list[tuple[tuple[str, str], str]]:
    """Two of a job everywhere, two jobs on machines of their own, or everywhere, too. Forks of one run do one job."""
    alike = [(jobs, place) for jobs in PAIRS for place in PLACES]
    return alike + [(jobs, place) for jobs in MIXED for place in (PLACES[1:] if WHOLE else PLACES[2:])]


@pytest.mark.thorough
@pytest.mark.parametrize(("jobs", "place"), with_files(), ids=str)
def test_two_runs_of_one_account(make_lab: MakeLab, jobs: tuple[str, str], place: str) -> None:
    try_it(make_lab, jobs, place, TRIALS)


def with_other_stores() -> list[Any]:
    """A password store belongs to one machine: it compares under a lock there."""
    every = [(store, jobs, place) for store in STORES for jobs in PAIRS + MIXED for place in PLACES[1:]]
    return [
        pytest.param(store, jobs, place, id=f"{store}, {'+'.join(jobs)}, {place}")
        for store, jobs, place in (every if WHOLE else SOME_WITH_OTHER_STORES)
        if (store, place) != ("pass", "controllers")
    ]


@pytest.mark.thorough
@pytest.mark.parametrize(("store", "jobs", "place"), with_other_stores())
def test_two_runs_with_another_store(make_lab: MakeLab, store: str, jobs: tuple[str, str], place: str) -> None:
    with STORES[store]() as kept_in:
        try_it(partial(make_lab, kept_in=kept_in), jobs, place, TRIALS)
