# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at every request and at every save, in two ways: the next run completes what was begun.

Between two tasks a run keeps nothing but the registered results, so a kill there is one after the last request or save
of a task.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from integration.harness import TOGETHER, Fleet, Lab, Run, assert_enrolled, assert_nothing_to_do, refused_passcodes
from integration.harness.accounts import MakeLab, assert_stored_secret_logs_in, enrolled_lab
from integration.harness.killing import Moment, kill, moments_of, watching_saves
from integration.harness.stores import STORES
from integration.harness.tables import WHOLE

MOST_REFUSED = 1
"""Passcodes of a login that the service may refuse, over all runs: the third would lock the account."""
WAYS = ("tree", "main")
FILE = "vault_file"
SAMPLE = 2
"""Unless the whole table is wanted: of the moments of a run those round its saves and so many others. With another
store those round the first save and the last one, since the others do not know it."""
SAMPLED = [("enroll", "main"), ("rotate", "tree"), ("recover", "main"), ("remove", "tree")]
"""Each job, killed in one way."""


@dataclass(frozen=True)
class Job:
    """A job that has to survive a kill.

    :param begin: makes a lab where it has something to do.
    :param given: variables of the role beside the account's own. With them a settled account has nothing to do, where
        that can be.
    """

    playbook: str
    begin: Callable[[MakeLab], Lab]
    check: Callable[[Lab], None]
    given: Mapping[str, Any] = field(default_factory=dict)
    settles: bool = True

    def fleet(self, hosts: Mapping[str, MakeLab]) -> Fleet:
        """An account for each host."""
        labs = {host: self.begin(make_lab) for host, make_lab in hosts.items()}
        return Fleet({host: (lab, lab.variables(**self.given)) for host, lab in labs.items()})


def assert_enrolled_and_logs_in(lab: Lab) -> None:
    """One device, its secret stored, nothing pending, and a login with what is stored."""
    assert_enrolled(lab)
    entry = lab.entry()
    assert {"next", "previous", "orphans"} & entry.keys() == set()
    codes = [code["code"] for code in lab.account()["bypass_codes"]]
    assert sorted(entry.get("bypass_codes", [])) == sorted(codes)
    assert_stored_secret_logs_in(lab)


def assert_removed(lab: Lab) -> None:
    """MFA off, no device, and nothing stored."""
    assert (lab.account()["mfa_enabled"], lab.account()["otp_devices"], lab.entry()) == (False, [], {})


JOBS = {
    "enroll": Job("enroll", lambda make_lab: make_lab(), assert_enrolled_and_logs_in, {"mfa_otp_bypass_codes": 2}),
    "rotate": Job("rotate", enrolled_lab, assert_enrolled_and_logs_in, {"mfa_otp_rotate_after": 30}),
    "recover": Job(
        "recover",
        lambda make_lab: enrolled_lab(make_lab, codes=4),
        assert_enrolled_and_logs_in,
        {"mfa_otp_bypass_codes": 2},
        settles=False,
    ),
    "remove": Job("remove", enrolled_lab, assert_removed),
}


def assert_it_was_completed(job: Job, fleet: Fleet, following: Mapping[str, Run]) -> None:
    """The run after the kill, or one more where the killed run's worker was ahead of it, came to the end."""
    again = [host for host, run in following.items() if run.rc]
    for host in again:
        # Another run was faster, says it: its end is the end of both.
        assert following[host].error_kind == "conflict", following[host].screen
    fleet.move(61)
    runs = fleet.run(job.playbook, env=TOGETHER) if job.settles else {}
    if again and not job.settles:
        runs = fleet.only(*again).run(job.playbook)
    for host, run in runs.items():
        assert run.rc == 0, run.screen
        if job.settles and host not in again:
            assert_nothing_to_do(run)
    for host, lab in fleet.labs.items():
        assert refused_passcodes(lab) <= MOST_REFUSED, host
        job.check(lab)


def test_killed_when_the_device_was_created(make_lab: MakeLab) -> None:
    job = JOBS["enroll"]
    fleet = job.fleet({"account": make_lab})
    moment = Moment("request", 3, "after")
    assert_it_was_completed(job, fleet, kill(fleet, job.playbook, {"account": moment}, "tree"))


def cases() -> list[Any]:
    """The jobs, how they are killed, and with which stores beside the file: each job with one of them in the same run,
    or in the whole table with each in runs of their own."""
    if not WHOLE:
        few = zip(SAMPLED, itertools.cycle([store] for store in STORES))
        return [pytest.param(*case, [*stores, FILE], id="-".join([*case, *stores])) for case, stores in few]
    every = itertools.product(JOBS, WAYS, [FILE, *STORES])
    return [pytest.param(name, way, [store], id=f"{name}-{way}-{store}") for name, way, store in every]


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "way", "stores"), cases())
def test_killed_at_any_moment(make_lab: MakeLab, name: str, way: str, stores: list[str]) -> None:
    """Each moment happens to an account of its own, in one run, whose moments a whole run has told."""
    job = JOBS[name]
    with ExitStack() as stack:
        kept_in = {store: stack.enter_context(STORES[store]()) for store in stores if store != FILE}
        makers = {store: partial(make_lab, kept_in=kept_in.get(store)) for store in stores}
        whole = job.fleet(makers)
        moments, hosts = {}, {}
        for store, run in whole.run(job.playbook, env=watching_saves(whole)).items():
            assert run.rc == 0, run.screen
            assert {moment.what for moment in moments_of(run)} == {"request", "save"}
            for moment in chosen(moments_of(run), is_known=store != FILE):
                host = f"{store}_{moment.name}"
                moments[host], hosts[host] = moment, makers[store]
        fleet = job.fleet(hosts)
        assert_it_was_completed(job, fleet, kill(fleet, job.playbook, moments, way))


def chosen(moments: list[Moment], *, is_known: bool) -> list[Moment]:
    """All, or some from all over the run; few of a run that is killed everywhere with a file as its store."""
    if WHOLE:
        return moments
    saves = [moment for moment in moments if moment.what == "save"]
    if is_known:
        return saves[:2] + saves[-2:]
    others = [moment for moment in moments if moment.what != "save"]
    return saves + [others[number * len(others) // SAMPLE] for number in range(SAMPLE)]
