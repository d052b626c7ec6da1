# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of logins with dead sessions, wrong Dates, clocks that are set, and processes that race.

What is shown: no account is ever locked, there are never more than two refusals within 31 minutes by the true clock
without a success between them, and nobody waits longer than that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    InvalidAnswer,
    PasscodeRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import simulated
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import (
    REPLAYS,
    WINDOWS,
    Figures,
    Person,
    enrolled,
    people,
)

HALF_HOUR = 32 * 60.0
YEAR = 86_400 * 365.0
SHIFTS = (40.0, 90.0, HALF_HOUR, 2 * 86_400.0, YEAR, 50 * YEAR)
LIES = (0.0, 0.0, 0.0, *SHIFTS, *(-shift for shift in SHIFTS))


@pytest.mark.parametrize("dead", [2, 5, 10])
@pytest.mark.parametrize("replay", REPLAYS)
@pytest.mark.parametrize("window", WINDOWS)
def test_sessions_that_are_dead_for_seconds_cost_one_passcode(
    window: str, replay: str, dead: int, figures: Figures
) -> None:
    for seed in range(people(30)):
        person = Person(f"{window} {replay} {dead} {seed}", WINDOWS[window], replay, figures)
        factor = person.enroll()
        person.enable(dead_seconds=dead)
        error = _error_of(person, factor)
        if error is None:
            assert person.service.dead_answers <= 1
        else:
            assert dead == 10
            assert "turned on less than a minute ago" in error.message
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_single_dates_of_another_day_cost_nothing(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures)
        person.network.lies = _single_lies(person, [shift for shift in SHIFTS if shift > 86_400])
        for later in (1, 20, 60, 100_000):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.done()
    assert (figures.refused, figures.locked, figures.stopped) == (0, 0, 0)


@pytest.mark.parametrize("apart", [shift * sign for shift in (86_500.0, *SHIFTS[3:]) for sign in (-1, 1)])
def test_a_controller_whose_clock_is_days_off_follows_the_service(apart: float, figures: Figures) -> None:
    for window in WINDOWS.values():
        for seed in range(people(30)):
            person = Person(f"{apart} {seed}", window, "all", figures)
            person.wall = person.service.epoch + apart
            factor = person.enroll(clock_known=seed % 2 > 0)
            person.enable()
            for later in (1, 20, 100_000):
                person.log_in_or_stop(factor)
                person.pass_by(0.1, later)
            person.done()
    assert (figures.refused, figures.locked, figures.stopped) == (0, 0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_whatever_dates_say_it_never_locks_and_ends_with_them(window: str, figures: Figures) -> None:
    for seed in range(people(60)):
        person, factor = enrolled(f"{window} {seed}", WINDOWS[window], figures)
        person.network.lies = lambda rng=person.rng: rng.choice(LIES)
        for later in (1, 20, 60, 600, 2_000, 20):
            with contextlib.suppress(PasscodeRefused, InvalidAnswer):  # no two tell the same time
                person.log_in(factor)
            person.pass_by(0.1, later)
        person.network.lies = None
        _log_in_within(person, factor, 70 * 60)
        person.done()
    assert figures.locked == 0
    assert figures.most_refused <= 2


@pytest.mark.parametrize("what", ["the service's", "the controller's", "Dates", "all"])
def test_a_wrong_secret_never_locks_whatever_clocks_are_set_to(what: str, figures: Figures) -> None:
    for seed in range(people(150)):
        person, _right = enrolled(f"{what} {seed}", simulated.previous, figures, longest=4.0)
        wrong = person.wrong()
        if what in ("Dates", "all"):
            person.network.lies = lambda rng=person.rng: rng.choice(LIES)
        person.network.before = _jumps(person, what)
        for _attempt in range(25):
            typed = Factor(passcode=f"{person.rng.randrange(10**6):06}")
            with contextlib.suppress(PasscodeRefused, InvalidAnswer):
                person.log_in(person.rng.choice([wrong, typed]))
            person.pass_by(0, person.rng.choice([1, 100, 1_000, 1_900]))
        person.done()
    assert figures.locked == 0
    assert figures.most_refused == 2
    assert figures.refused > people(300)


@pytest.mark.parametrize("slow", [0.3, 20.0, 100.0, 250.0])
@pytest.mark.parametrize("who", ["wrong", "both"])
def test_processes_that_race_with_a_wrong_secret_never_lock(who: str, slow: float, figures: Figures) -> None:
    for seed in range(people(60)):
        moments = simulated.SharedMoments(now=seed * 1_000.7)
        person, right = enrolled(f"{who} {slow} {seed}", simulated.wide, figures, replay="allowed", moments=moments)
        person.pass_by(120, 200)
        wrong = person.wrong()
        person.network.arrived = partial(_answers_slowly, person, slow)
        actors: list[Callable[[], object]] = []
        for _actor in range(6):
            factor = person.rng.choice([wrong, right]) if who == "both" else wrong
            actors.append(partial(_tries, person, factor, person.rng.uniform(0, 400)))
        moments.run(actors)
        person.done()
    assert figures.locked == 0
    assert figures.most_refused == 2
    assert figures.refused > people(60)


def _answers_slowly(person: Person, slow: float, _method: str, body: Any) -> None:
    """The second step is done at once, and its answer takes up to so many seconds."""
    person.network.down = person.rng.uniform(0, slow) if "RAX-AUTH:passcodeCredentials" in body["auth"] else 0.1


def _error_of(person: Person, factor: Factor) -> PasscodeRefused | None:
    try:
        person.log_in(factor)
    except PasscodeRefused as error:
        return error
    return None


def _log_in_within(person: Person, factor: Factor, seconds: float) -> None:
    """Log in as soon as it is said to be possible, now that the lies have ended. What they left may cost one more."""
    end = person.moments.now + seconds
    while (error := _error_of(person, factor)) is not None:
        assert 0 < (error.retry_after or 0) <= 31 * 60 + 1
        person.moments.pass_by(error.retry_after or 0)
        assert person.moments.now < end


def _tries(person: Person, factor: Factor, after: float) -> None:
    person.moments.pass_by(after)
    for _try in range(3):
        with contextlib.suppress(PasscodeRefused):
            person.log_in(factor)
        person.pass_by(0, 60)


def _single_lies(person: Person, shifts: list[float]) -> Callable[[], float]:
    """Never two lies in a row."""
    told: list[float] = [0.0]

    def lies() -> float:
        lie = person.rng.choice([0.0, *shifts, *(-shift for shift in shifts)])
        told.append(0.0 if told[-1] else lie)
        return told[-1]

    return lies


def _jumps(person: Person, what: str) -> Callable[[], Any]:
    """Now and then someone sets a clock, and sets it right again; never two clocks by the same, as a pause does."""
    epoch, wall = person.service.epoch, person.wall

    def jump() -> None:
        shift = person.rng.choice(SHIFTS) * person.rng.choice((-1, 0, 1))
        if what in ("the service's", "all") and person.rng.random() < 0.1:
            person.service.epoch = epoch + shift
        if what in ("the controller's", "all") and person.rng.random() < 0.1:
            person.wall = wall + 1.37 * shift

    return jump
