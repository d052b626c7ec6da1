# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of enrollments and logins against a truthful service, for each window and replay rule of the contract.

What is shown: no passcode is refused, whatever the phase of the step, the network and the clocks; and where one must be
(a clock jumps, a secret is wrong, the offset is not known) no account is locked. `-s` prints the figures.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import LostAnswer, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import time_step
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import simulated
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import (
    REPLAYS,
    WINDOWS,
    Figures,
    Person,
    enrolled,
    people,
)


@pytest.mark.parametrize("replay", REPLAYS)
@pytest.mark.parametrize("window", WINDOWS)
def test_no_passcode_is_refused_after_a_verification(window: str, replay: str, figures: Figures) -> None:
    for seed in range(people(80)):
        longest = (0.02, 0.3, 2.0, 4.0)[seed % 4]
        person = Person(f"{window} {replay} {seed}", WINDOWS[window], replay, figures, longest=longest)
        factors = [person.enroll(clock_known=seed % 5 > 0)]
        person.enable(dead_first_session=seed % 3 == 0)
        for later in (1, 20, 60, 100_000):
            person.log_in_or_stop(factors[-1])
            person.pass_by(0.1, later)
        factors.append(person.enroll("second"))
        for factor in (*factors, factors[1]):
            person.log_in_or_stop(factor)
        person.forget()
        person.log_in_or_stop(factors[0])
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_an_unknown_offset_costs_one_passcode_at_most_and_only_if_the_service_is_strict(
    window: str, figures: Figures
) -> None:
    for seed in range(people(60)):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        factor = Factor(otp=person.enroll().otp)
        person.enable()
        if seed % 2:
            person.forget()
        else:
            # The run that verified it was killed while the answer was on its way.
            with person.record.changing() as account:
                account.secrets = {digest: Used(used.last) for digest, used in account.secrets.items()}
        for later in (1, 20, 60):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.done()
        assert person.service.refused == (1 if window == "strict" else 0)
    assert figures.locked == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_an_administrator_leaves_a_user_who_logs_in_at_once(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        factor = person.enroll(login_follows=False)
        person.enable()
        for later in (1, 20, 60):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_typed_code_costs_a_passcode_only_if_the_service_is_strict(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        factor = person.enroll_by_hand()
        person.enable()
        for later in (1, 20, 60):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.done()
        assert person.service.refused <= (1 if window == "strict" else 0)
    assert figures.locked == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_a_passcode_that_a_person_typed_is_not_sent_again(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures)
        person.pass_by(90, 200)
        shown = [step for step in WINDOWS[window](person.service.now) if step <= time_step(person.service.now)]
        assert factor.otp
        with contextlib.suppress(PasscodeRefused):  # it was typed too late
            person.log_in(Factor(passcode=factor.otp.code_at(person.rng.choice(shown))))
        refused = person.service.refused
        for later in (1, 20, 60):
            person.pass_by(0.1, later)
            person.log_in_or_stop(factor)
        person.done()
        assert person.service.refused == refused
    assert figures.locked == 0


@pytest.mark.parametrize("knows", ["the record", "the offset", "nothing"])
@pytest.mark.parametrize("window", WINDOWS)
def test_controllers_that_share_no_store_lock_nobody(window: str, knows: str, figures: Figures) -> None:
    """Two that keep their records, or jobs in containers that keep none: with the stored dictionary, or the secret."""
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {knows} {seed}", WINDOWS[window], figures)
        person.pass_by(100, 200)
        records = [person.record, simulated.MemoryRecord()]
        given = Factor(otp=factor.otp) if knows == "nothing" else factor
        for login in range(20):
            person.record = records[login % 2] if knows == "the record" else simulated.MemoryRecord()
            with contextlib.suppress(PasscodeRefused):
                person.log_in(given)
            person.pass_by(0.1, 40)
        person.done()
    assert figures.locked == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_an_offset_that_is_wrong_now_is_right_again_after_a_stop_at_most(window: str, figures: Figures) -> None:
    """The service took other steps when it was learned. The way there and back takes seconds."""
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures, longest=3.0)
        wrong = Factor(otp=factor.otp, step_offset=-1 if window == "strict" else 0)
        person.forget()
        stops = 0
        for _login in range(6):
            person.pass_by(2_000, 3_000)
            try:
                person.log_in(wrong)
            except PasscodeRefused:
                stops += 1
        person.done()
        assert stops <= 1
    assert figures.locked == 0


@pytest.mark.parametrize("jump", [-40, 40])
@pytest.mark.parametrize("window", WINDOWS)
def test_a_clock_that_jumps_costs_one_passcode_at_most(window: str, jump: int, figures: Figures) -> None:
    for seed in range(people(100)):
        person = Person(f"{window} {jump} {seed}", WINDOWS[window], "all", figures)
        left = iter(range(person.rng.randrange(12), -1, -1))

        def jump_once(service: simulated.SimulatedService = person.service, left: Iterator[int] = left) -> None:
            if next(left, None) == 0:
                service.epoch += jump

        person.network.before = jump_once
        factor = person.enroll()
        person.enable()
        for later in (1, 20, 300):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.network.before = None
        person.pass_by(120, 200)
        person.log_in(factor)
        person.done()
        assert person.service.refused <= 1
    assert figures.locked == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_lost_answers_of_the_second_step_neither_refuse_nor_lock(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures)

        def loses(body: Any, rng: random.Random = person.rng) -> bool:
            return "RAX-AUTH:passcodeCredentials" in body["auth"] and rng.random() < 0.4

        person.network.loses = loses
        for _login in range(6):
            try:
                person.log_in_or_stop(factor)
            except LostAnswer:
                person.pass_by(1, 60)
            person.pass_by(1, 600)
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_way_that_is_suddenly_much_longer_may_cost_a_passcode_and_never_locks(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        person.network.jitter = 8.0
        factor = person.enroll()
        person.enable()
        for _login in range(6):
            with contextlib.suppress(PasscodeRefused):
                person.log_in(factor)
            person.pass_by(1, 600)
        person.done()
    assert figures.locked == 0
    assert figures.refused < figures.logins / 20


@pytest.mark.parametrize("kind", ["computed", "typed", "both"])
def test_a_wrong_secret_never_locks_whenever_it_is_tried_again(kind: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person, right = enrolled(f"wrong {seed}", simulated.previous, figures, longest=4.0)
        wrong = person.wrong()
        for _attempt in range(25):
            typed = Factor(passcode=f"{person.rng.randrange(10**8):08}")
            factor = {"computed": wrong, "typed": typed}.get(kind) or person.rng.choice([wrong, typed, right])
            stopped: PasscodeRefused | None = None
            try:
                stopped = person.log_in_or_stop(factor)
            except PasscodeRefused:
                person.pass_by(0, 1)
            # As soon as it is said to be safe, or a little before, or at any other time.
            if stopped and stopped.retry_after and person.rng.random() < 0.7:
                person.moments.pass_by(max(0.0, stopped.retry_after - person.rng.uniform(0, 10)))
            else:
                person.pass_by(0, person.rng.choice([1, 100, 1_900]))
        person.done()
    assert figures.locked == 0
    assert figures.refused > people(60)


@pytest.mark.parametrize("window", WINDOWS)
def test_three_forks_at_once_send_later_and_later_steps(window: str, figures: Figures) -> None:
    for seed in range(people(30)):
        moments = simulated.SharedMoments(now=seed * 1_000.7)
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures, moments=moments)
        person.pass_by(120, 200)
        moments.run([partial(person.log_in, factor)] * 3)
        assert len(person.service.accepted) == 3
        assert person.service.accepted == sorted(set(person.service.accepted))
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)
