# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of an account: what its refusals, its successes and its clocks make of the budget."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Account, Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.module_utils.otp.passcode_rule import MEMORY

NOW = 1_790_000_000.0
YEAR = 365 * 86_400.0
HERE = Moment(NOW, NOW + 3_000, 5_000.0)
"""Now: this machine's clock is fifty minutes ahead of the service's."""


def moment(age: float, *, service: float = 0, wall: float = 0, monotonic: float = 0) -> Moment:
    """So long ago, on clocks that were set by so much since."""
    return Moment(NOW - age - service, NOW + 3_000 - age - wall, 5_000.0 - age - monotonic)


def attempt(age: float, *, settled: bool = True, when: Moment | None = None) -> Attempt:
    return Attempt(0, f"attempt of {age}").taken_at(when or moment(age), settled=settled)


def refused(*ages: float) -> Account:
    return Account(attempts=[attempt(age) for age in ages])


@pytest.mark.parametrize(
    ("ages", "wait"),
    [
        ((), 0),
        ((10,), 0),
        ((20, 10), MEMORY - 10),
        ((MEMORY - 1, 1), MEMORY - 1),
        # The service forgets all of them at once, so many minutes after the last: an old one still counts there.
        ((MEMORY + 100, 100), MEMORY - 100),
        ((2 * MEMORY, MEMORY - 10, 10), MEMORY - 10),
        ((MEMORY + 1, MEMORY), 0),
    ],
)
def test_two_refusals_stop_until_the_last_is_old_enough(ages: tuple[float, ...], wait: float) -> None:
    assert refused(*ages).safe_in(HERE) == pytest.approx(wait)


def test_the_memory_is_longer_than_the_longest_lock_out() -> None:
    assert MEMORY > 30 * 60


def test_an_attempt_counts_from_before_it_is_sent_until_it_is_withdrawn() -> None:
    account = refused(10)
    account.begin(HERE, "mine")
    assert account.safe_in(HERE) > 0
    account.withdraw("mine")
    assert account.safe_in(HERE) == 0


def test_a_success_clears_what_was_settled_before_it_was_sent() -> None:
    account = refused(20, 15)
    account.begin(HERE, "mine")
    account.begin(HERE, "another fork's")
    account.succeed("mine")
    assert [one.id for one in account.attempts] == ["another fork's"]


@pytest.mark.parametrize(("age", "kept"), [(1, True), (299, True), (301, False)])
def test_a_success_does_not_clear_what_was_on_its_way_as_long_as_that_can_count(age: float, kept: bool) -> None:
    account = Account(attempts=[attempt(age, settled=False)])
    account.begin(HERE, "mine")
    account.succeed("mine")
    assert bool(account.attempts) is kept


def test_a_success_does_not_clear_what_was_refused_after_it_was_sent() -> None:
    account = Account(attempts=[attempt(2, settled=False)])
    account.begin(HERE, "mine")
    account.settle(HERE, "attempt of 2", refused=True)
    account.succeed("mine")
    assert [(one.id, one.settled) for one in account.attempts] == [("attempt of 2", True)]


def test_a_refusal_counts_from_when_it_came() -> None:
    account = Account(attempts=[attempt(400, settled=False), attempt(300)])
    account.settle(HERE, "attempt of 400", refused=True)
    assert account.safe_in(HERE) == MEMORY


@pytest.mark.parametrize(
    ("shifts", "counts_as"),
    [
        ({}, 600),
        ({"service": 55}, 600),  # a minute is nothing
        ({"service": 32 * 60}, 600),
        ({"wall": 32 * 60}, 600),
        ({"service": 3e7}, 600),
        ({"service": -3e7}, 600),
        ({"service": -300}, 300),  # the service counts by its own clock
        ({"wall": -300}, 300),
        ({"wall": -3e7}, 600),
        ({"wall": 3e7}, 600),
        ({"service": 3e7, "wall": -3e7}, 600),
        ({"service": 32 * 60, "wall": 50 * 60}, 600),
        ({"monotonic": 3e4, "wall": 20}, 600),  # another machine
        ({"monotonic": -3e4}, 600),  # a restart
        ({"service": 7_200, "wall": 7_200}, 7_800),  # the machine slept, and its monotonic clock with it
    ],
)
def test_an_attempt_is_as_old_as_clocks_that_agree_say(shifts: dict[str, float], counts_as: float) -> None:
    account = Account(attempts=[attempt(610), attempt(600, when=moment(600, **shifts))])
    account.attempts = account.attempts[1:] * 2
    assert account.safe_in(HERE) == pytest.approx(max(0.0, MEMORY - counts_as))


def test_an_attempt_of_the_future_by_every_clock_counts_from_now_on_and_not_for_years() -> None:
    later = Moment(NOW + 2e9, NOW + 2e9, 3e9)
    account = Account(attempts=[Attempt(0, name).taken_at(later, settled=True) for name in "ab"])
    account.anchor(HERE)
    assert account.safe_in(HERE) == MEMORY
    assert account.safe_in(Moment(NOW + MEMORY, NOW + 3_000 + MEMORY, 5_000 + MEMORY)) == 0


def test_an_attempt_of_an_older_version_has_the_service_time_alone() -> None:
    account = Account(attempts=[Attempt(NOW - 600, "one"), Attempt(NOW - 500, "two")])
    account.anchor(HERE)
    assert account.safe_in(HERE) == MEMORY - 500


def test_a_success_that_another_one_cleared_clears_nothing() -> None:
    account = refused(20)
    account.succeed("cleared before")
    assert len(account.attempts) == 1


def test_old_attempts_are_pruned_when_a_new_one_begins() -> None:
    account = refused(MEMORY + 2, MEMORY + 1)
    account.begin(HERE, "mine")
    assert [one.id for one in account.attempts] == ["mine"]


@pytest.mark.parametrize(("on_at", "dead"), [(None, False), (-59.0, True), (-61.0, False), (40.0, True)])
def test_a_session_may_be_dead_in_the_minute_after_mfa_was_turned_on(on_at: float | None, dead: bool) -> None:
    account = Account(mfa_on_at=None if on_at is None else NOW + on_at)
    assert account.session_may_be_dead(NOW) is dead


@pytest.mark.parametrize(
    ("service", "wall"), [(32 * 60, 60), (60, 32 * 60)], ids=["the Date jumps", "this clock jumps"]
)
def test_a_clock_that_jumps_does_not_clear_what_another_controller_noted(service: float, wall: float) -> None:
    account = Account()
    account.learn(Moment(NOW + service, NOW + wall), {"one": Moment(NOW), "two": Moment(NOW)})
    assert account.safe_in(Moment(NOW + service, NOW + wall)) > 0


@pytest.mark.parametrize(
    ("service", "wall", "noted"),
    [
        (NOW, None, (None, NOW)),
        (NOW, NOW + 30, (None, NOW)),  # they agree, and an unlock goes by the service's clock
        (NOW, NOW - 7200, (NOW - 7200, NOW)),
        (NOW - 3600, NOW, (NOW, NOW)),
    ],
    ids=["one clock", "two that agree", "this one is behind", "the Date is behind"],
)
def test_a_note_has_both_clocks_where_they_are_apart(
    service: float, wall: float | None, noted: tuple[float | None, float]
) -> None:
    assert Moment(service, wall, 5_000.0).to_note == Moment(service, noted[0])
    assert Moment(service, wall).latest == noted[1]


@pytest.mark.parametrize("theirs", [-7200, 600, 7200])
@pytest.mark.parametrize("ours", [-7200, 2700, 7200])
def test_two_machines_whose_clocks_are_wrong_agree_by_the_clock_of_the_service(theirs: float, ours: float) -> None:
    account, noted, now = Account(), Moment(NOW - 60, NOW - 60 + theirs).to_note, Moment(NOW, NOW + ours)
    assert account.learn(now, {"one": noted, "two": noted}) == []
    assert account.safe_in(now) >= MEMORY - 60


@pytest.mark.parametrize("date", [-3 * YEAR, -3600.0])
def test_an_old_note_is_old_by_this_clock_whatever_the_date_tells(date: float) -> None:
    account, now = Account(), Moment(NOW + date, NOW)
    account.learn(now, {name: Moment(NOW - 2 * YEAR) for name in ("one", "two")})
    assert account.safe_in(now) == 0


@pytest.mark.parametrize(("later", "left"), [(0, 0), (600, 0), (-7200, 2)], ids=["at once", "later", "a wrong clock"])
def test_what_was_noted_before_the_count_was_cleared_is_over(later: float, left: int) -> None:
    account, now = Account(attempts=[Attempt(NOW, "mine")]), Moment(NOW + later, NOW + later)
    account.clear(NOW)
    account.learn(now, {name: Moment(NOW - ago + min(later, 0)) for name, ago in (("one", 60), ("two", 59))})
    assert len(account.attempts) == left
    account.learn(now, {"three": Moment(NOW + 1)})
    assert "three" in [attempt.id for attempt in account.attempts]
