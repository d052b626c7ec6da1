# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs work on one account at once: forks of one run, two runs on one machine, two that share only the store.

Each trial is an account of its own, whose service answers slowly in its own way. The runs of all trials go together.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from integration.harness import Fleet, Lab, Run, assert_enrolled
from integration.harness.accounts import MakeLab, assert_stored_secret_logs_in, enrolled_lab
from integration.harness.stores import STORES
from integration.harness.tables import WHOLE

TRIALS = 20 if WHOLE else 2
FILE = "vault_file"
STORES_AND_PLACES = [(store, place) for store in (FILE, *STORES) for place in ("processes", "controllers")]
STORES_AND_PLACES.remove(("pass", "controllers"))  # it belongs to one machine: it compares under a lock there
JOBS = {
    ("enroll", "enroll"): [("hashi_vault", "controllers")],
    ("rotate", "rotate"): [("pass", "processes")],
    ("recover", "recover"): [("command", "controllers")],
    ("enroll", "rotate"): [],
    ("rotate", "recover"): [("hashi_vault", "controllers")],
    ("recover", "enroll"): [],
    ("rotate", "remove"): [],
}
"""What is done at once, and with which other stores, where, unless the whole table is wanted."""
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


@dataclass(frozen=True)
class Trial:
    """An account that two runs work on.

    :param place: `forks` of one run, `processes` on one machine, or `controllers` that share only the store.
    """

    store: str
    place: str
    number: int

    @property
    def hosts(self) -> list[tuple[int, str]]:
        """The run and the host of each side."""
        name = f"{self.store}_{self.place}_{self.number}"
        return [(0, f"{name}_a"), (0, f"{name}_b")] if self.place == "forks" else [(0, name), (1, name)]


def begun(make_lab: MakeLab, jobs: tuple[str, str], trial: Trial) -> Lab:
    """An account, which begins with nothing if all that happens to it is an enrollment."""
    lab = make_lab() if set(jobs) == {"enroll"} else enrolled_lab(make_lab, codes=4)
    slow(lab, trial.number)
    return lab


def together(labs: Mapping[Trial, Lab], jobs: tuple[str, str]) -> dict[Trial, list[Run]]:
    """Both jobs on each account at once; the two runs of each."""
    more: dict[str, Any] = {"mfa_otp_bypass_codes": 2} if "recover" in jobs else {}
    machine = next(iter(labs.values()))
    runs: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for trial, lab in labs.items():
        for side, (run, host) in zip("ab", trial.hosts, strict=True):
            own = {"mfa_otp_state_dir": str(machine.root / side)} if trial.place == "controllers" else {}
            runs[run][host] = (lab, lab.variables(**more, **own))
    fleets = [Fleet(hosts) for hosts in runs if hosts]
    processes = [fleet.start(job) for fleet, job in zip(fleets, jobs, strict=False)]
    ended = [fleet.finish(process) for fleet, process in zip(fleets, processes, strict=True)]
    return {trial: [ended[run][host] for run, host in trial.hosts] for trial in labs}


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


def cases() -> list[Any]:
    """Both jobs, and the stores and places of their accounts: all in the same two runs, or in the whole table each in
    runs of its own. Two of a job are done with a file everywhere, two jobs on machines of their own."""
    found = []
    for jobs, others in JOBS.items():
        forks = [(FILE, "forks")] if jobs[0] == jobs[1] else []  # of one run, which does one job
        few = [*others, *forks, *STORES_AND_PLACES[0 if forks else 1 : 2]]  # the machine is that of the first one
        for places in [[place] for place in forks + STORES_AND_PLACES] if WHOLE else [few]:
            name = "+".join(jobs) + (", " + ", ".join(places[0]) if WHOLE else "")
            found.append(pytest.param(jobs, places, id=name))
    return found


@pytest.mark.thorough
@pytest.mark.parametrize(("jobs", "places"), cases())
def test_two_runs_of_one_account(make_lab: MakeLab, jobs: tuple[str, str], places: list[tuple[str, str]]) -> None:
    """No run breaks off without words, at least one does its job, and what is left is whole."""
    with ExitStack() as stack:
        labs: dict[Trial, Lab] = {}
        for store, place in places:
            kept_in = STORES[store]() if store != FILE else None
            make = partial(make_lab, kept_in=kept_in and stack.enter_context(kept_in))
            trials = [Trial(store, place, number) for number in range(TRIALS)]
            labs |= {trial: begun(make, jobs, trial) for trial in trials}
        for trial, runs in together(labs, jobs).items():
            lab, screens = labs[trial], "\n".join(dict.fromkeys(run.screen for run in runs))
            try:
                assert all(run.rc == 0 or run.error_kind in IN_WORDS for run in runs)
                assert any(run.rc == 0 for run in runs)
                assert "Traceback" not in screens
                complete_what_was_refused(lab, runs)
                assert_one_device_and_its_secret(lab, is_removed="remove" in jobs)
            except (AssertionError, ValueError) as error:
                raise AssertionError(
                    f"{trial}: the entry has {sorted(lab.entry())}, the account {lab.account()}\n{screens}"
                ) from error
