# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's clock, bounded by the dates of its answers."""

from __future__ import annotations

import random
from email.utils import formatdate

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import Known, ServiceClock
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments


def test_before_any_answer_it_is_the_local_clock() -> None:
    moments = Moments(now=50.0)
    clock = ServiceClock(moments.monotonic, lambda: 7_000.0 + moments.now)
    assert not clock.known
    assert clock.now() == (7_050.0, 7_050.0)
    assert clock.at(40.0) == (7_040.0, 7_040.0)


def test_one_answer_bounds_it_by_its_second_and_its_way() -> None:
    moments = Moments(now=103.0)
    clock = ServiceClock(moments.monotonic)
    clock.observe(9_000.0, 100.0, 103.0)
    assert clock.known
    assert clock.now() == (9_000.0, 9_004.0)
    assert clock.round_trip == 3.0
    moments.now = 113.0
    assert clock.now() == (9_010.0, 9_014.0)
    assert clock.at(100.0) == (8_997.0, 9_001.0)


def test_an_answer_without_a_date_tells_nothing() -> None:
    clock = ServiceClock(lambda: 0.0)
    clock.read({}, 0.0, 1.0)
    assert (clock.known, clock.round_trip) == (False, 0.0)


def test_more_answers_narrow_it() -> None:
    moments = Moments(now=20.0)
    clock = ServiceClock(moments.monotonic)
    clock.observe(1_000.0, 10.0, 10.2)
    clock.observe(1_010.0, 19.4, 19.6)
    assert clock.now() == pytest.approx((1_010.4, 1_011.0))
    assert clock.jumps == 0


@pytest.mark.parametrize("jump", [-40.0, 40.0, -3_700.0, 3_700.0])
def test_after_a_jump_only_what_came_later_counts(jump: float) -> None:
    moments = Moments(now=20.0)
    clock = ServiceClock(moments.monotonic)
    clock.observe(1_000.0, 10.0, 10.2)
    clock.observe(1_010.0 + jump, 20.0, 20.0)
    assert clock.now() == (1_010.0 + jump, 1_011.0 + jump)
    assert clock.jumps == 1


def test_the_truth_lies_between_the_bounds_whatever_the_way() -> None:
    rng = random.Random(1)
    for _run in range(500):
        moments, epoch = Moments(now=rng.uniform(0, 1e5)), rng.uniform(0, 1e9)
        clock = ServiceClock(moments.monotonic)
        width = float("inf")
        for _answer in range(6):
            sent = moments.now
            moments.pass_by(rng.uniform(0, 5))
            date = float(int(moments.now + epoch))
            moments.pass_by(rng.uniform(0, 5))
            clock.observe(date, sent, moments.now)
            earliest, latest = clock.now()
            assert earliest <= moments.now + epoch <= latest
            assert latest - earliest <= width + 1e-6
            width = latest - earliest
            moments.pass_by(rng.uniform(0, 100))
        assert clock.jumps == 0


WALL = 1_700_000_000
DAY, YEAR = 86_400, 365 * 86_400


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ([-7_200], -7_200),
        ([7_200], 7_200),
        ([-DAY - 60], None),
        ([DAY + 60], None),
        ([3 * DAY, 3 * DAY], 3 * DAY),
        ([-2 * YEAR, -2 * YEAR], -2 * YEAR),
        ([3 * DAY, 3 * DAY + 60], None),
        ([3 * DAY, 3 * DAY + 60, 3 * DAY], None),
        ([3 * DAY, 0, 3 * DAY], 0),
        ([0, 3 * DAY], 0),
        ([0, 3 * DAY, 3 * DAY], 3 * DAY),
        ([3 * DAY, 3 * DAY, 0], 0),
        ([-WALL + 60], None),
        ([200 * YEAR], None),
        ([0, 200 * YEAR], 0),
        ([3 * DAY, -WALL + 60, 3 * DAY], 3 * DAY),
    ],
    ids=str,
)
def test_a_date_far_from_the_local_clock_is_believed_when_the_next_one_agrees(
    told: list[int], believed: int | None
) -> None:
    moments = Moments(now=10.0)
    clock = ServiceClock(moments.monotonic, lambda: WALL + moments.now - 10)
    for apart in told:
        date = int(WALL + apart + moments.now - 10)
        clock.read({"Date": formatdate(date, usegmt=True)}, moments.now, moments.now)
        moments.pass_by(7.0)
    assert clock.known is (believed is not None)
    assert clock.now()[0] == WALL + (believed or 0) + moments.now - 10
    assert (clock.doubted is not None) is (told[-1] != believed)


@pytest.mark.parametrize("apart", [-WALL + 60, -5 * YEAR, 200 * YEAR], ids=str)
def test_a_service_that_never_tells_a_time_of_today_is_one_that_tells_none(apart: int) -> None:
    clock = ServiceClock(lambda: 10.0, lambda: float(WALL))
    doubted = []
    for _answer in range(4):
        clock.read({"Date": formatdate(WALL + apart, usegmt=True)}, 10.0, 10.0)
        doubted.append(clock.doubted is not None)
    assert doubted == [True, False, False, False]
    assert (clock.known, clock.now(), clock.apart()) == (False, (WALL, WALL), "")


def test_a_time_of_today_stays_in_doubt_whatever_answers_without_one_follow() -> None:
    """The local clock is not right for all that."""
    clock = ServiceClock(lambda: 10.0, lambda: float(WALL))
    for date in (WALL + 3 * DAY, 0, 0):
        clock.read({"Date": formatdate(date, usegmt=True)}, 10.0, 10.0)
        assert clock.doubted is not None


def test_a_far_date_that_agrees_with_what_is_recalled_is_believed() -> None:
    clock = ServiceClock(lambda: 100.0, lambda: WALL)
    clock.recall(Known(WALL + YEAR - 100.0, WALL + YEAR - 99.0, 100.0, WALL))
    clock.read({"Date": formatdate(WALL + YEAR, usegmt=True)}, 100.0, 100.0)
    assert (clock.doubted, clock.jumps) == (None, 0)


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (0, ""),
        (-20, ""),
        (3_600, "The answers of the service tell 2023-11-14 23:13:20 UTC, and the clock of this machine 2023-11-14 22"),
        (-3 * DAY, "The answers of the service tell 2023-11-11 22:13:20 UTC, and the clock of this machine 2023-11-14"),
        (253_402_400_000 - WALL, "The answers of the service tell 9999-12-31 23:59:59 UTC, and the clock"),
    ],
)
def test_two_times_are_told_when_they_are_apart(apart: int, words: str) -> None:
    clock = ServiceClock(lambda: 10.0, lambda: float(WALL))
    assert clock.apart() == ""
    date = "Fri, 31 Dec 9999 23:59:59 -2300" if apart > 200 * YEAR else formatdate(WALL + apart, usegmt=True)
    clock.read({"Date": date}, 10.0, 10.0)
    assert clock.apart().startswith(words)
    assert bool(clock.apart()) is bool(words)


@pytest.mark.parametrize(
    ("later", "shift", "is_recalled"),
    [
        (0.0, 0.0, True),
        (599.0, 0.9, True),
        (599.0, -0.9, True),
        (600.0, 0.0, False),
        (-1.0, 0.0, False),
        (10.0, 1.1, False),
        (10.0, -1.1, False),
    ],
)
def test_what_a_process_knew_is_recalled_by_another_one_of_this_machine(
    later: float, shift: float, is_recalled: bool
) -> None:
    before = ServiceClock(lambda: 100.0, lambda: 7_000.0)
    assert before.knowledge() is None
    before.observe(9_000.0, 99.0, 100.0)
    clock = ServiceClock(lambda: 100.0 + later, lambda: 7_000.0 + later + shift)
    clock.recall(None)
    clock.recall(before.knowledge())
    assert clock.known is is_recalled
    assert clock.now() == ((9_000.0 + later, 9_002.0 + later) if is_recalled else (7_000.0 + later + shift,) * 2)


def test_what_was_answered_counts_more_than_what_is_recalled() -> None:
    before, clock = (ServiceClock(lambda: 100.0, lambda: 7_000.0) for _process in range(2))
    before.observe(9_000.0, 99.0, 100.0)
    clock.observe(9_500.0, 99.0, 100.0)
    clock.recall(before.knowledge())
    assert clock.now() == (9_500.0, 9_502.0)
