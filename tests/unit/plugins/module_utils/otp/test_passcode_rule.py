# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step is sent, and when: the cases that `test_simulation` finds by chance, by name."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.otp.passcode_rule import (
    Bounds,
    Choice,
    believed,
    choose,
    choose_late,
    good_for,
    offset_after,
    takes_next_one,
    verification_steps,
)

N = 1_000
START = 30.0 * N


def at(second: float, *, width: float = 1.0, travel: float = 0.1) -> Bounds:
    """So many seconds into step N."""
    return Bounds(START + second, START + second + width, travel)


def test_a_verification_tries_four_steps_oldest_first() -> None:
    assert list(verification_steps(N)) == [N - 2, N - 1, N, N + 1]


def test_without_a_login_after_it_no_step_is_tried_that_most_services_refuse() -> None:
    assert list(verification_steps(N, login_follows=False)) == [N - 1, N, N + 1]


@pytest.mark.parametrize(
    ("accepted", "refused_before", "offset"),
    [(N - 2, False, -1), (N - 1, True, -1), (N, True, 0), (N + 1, True, 0), (N, False, None)],
)
def test_the_accepted_step_tells_the_offset(accepted: int, refused_before: bool, offset: int | None) -> None:
    assert offset_after(accepted, N, before_was_refused=refused_before) == offset


@pytest.mark.parametrize(
    ("accepted", "refused_before", "takes"),
    [(N - 2, False, True), (N - 1, True, True), (N - 1, False, False), (N, True, True), (N, False, False)],
)
def test_the_oldest_step_of_a_window_is_followed_by_another_one(
    accepted: int, refused_before: bool, takes: bool
) -> None:
    assert takes_next_one(accepted, N, before_was_refused=refused_before) is takes


@pytest.mark.parametrize(
    ("now", "last", "choice"),
    [
        (at(10), None, Choice(N + 1, 44.0)),
        (at(29), N - 1, Choice(N + 1, 25.0)),
        (at(10), N + 1, Choice(N + 2, 74.0)),
        (at(10, width=6, travel=4), None, Choice(N + 1, 34.5)),
        (at(10, width=2, travel=17), None, Choice(N + 1, 20.0)),
    ],
    ids=[
        "a step that nobody has sent",
        "it is about to begin",
        "another fork waits for it",
        "a clock known badly",
        "so slow",
    ],
)
def test_a_second_passcode_is_one_that_nearly_every_service_takes(
    now: Bounds, last: int | None, choice: Choice
) -> None:
    assert choose_late(now, last) == choice
    then = Bounds(now.earliest + choice.wait, now.latest + choice.wait, now.travel)
    assert good_for(then, choice.step, 0) >= 0.5


@pytest.mark.parametrize(
    ("now", "wait"),
    [(at(0), 0.0), (at(28.3), 0.0), (at(28.4), 1.6), (at(20, width=8, travel=4), 10.0), (at(29.9), 0.1)],
)
def test_near_the_end_of_a_step_the_next_one_is_waited_for(now: Bounds, wait: float) -> None:
    assert now.until_settled() == pytest.approx(wait)
    assert (choose(now, 0, None) is None) is (wait > 0)


@pytest.mark.parametrize("offset", [0, -1])
def test_without_a_history_the_offset_alone_decides(offset: int) -> None:
    assert choose(at(10), offset, None) == Choice(N + offset, 0.0)


@pytest.mark.parametrize(
    ("offset", "last", "choice"),
    [
        (0, N - 5, Choice(N, 0.0)),
        (0, N - 1, Choice(N, 0.0)),
        (0, N, Choice(N + 1, 20.0)),
        (0, N + 1, Choice(N + 2, 50.0)),
        (-1, N - 2, Choice(N - 1, 0.0)),
        (-1, N - 1, Choice(N, 20.0)),
        (-1, N, Choice(N + 1, 50.0)),
    ],
)
def test_no_step_is_sent_twice_and_a_later_one_is_waited_for(offset: int, last: int, choice: Choice) -> None:
    assert choose(at(10), offset, last) == choice


@pytest.mark.parametrize(
    ("offset", "verified", "now", "choice"),
    [
        (-1, N - 1, at(10), Choice(N, 0.0)),  # what took the step before the current one takes the current one, now
        (-1, N - 1, at(29.9), Choice(N, 0.0)),  # and in the next step, too
        (-1, N - 2, at(10), Choice(N - 1, 0.0)),
        (-1, N - 2, at(29.9), None),  # but not later than that
        (-1, N, at(10), Choice(N + 1, 50.0)),  # the clock went back: nothing is known of a step to come
        (0, N, at(10), Choice(N + 1, 20.0)),
        (0, N - 1, at(10), Choice(N, 0.0)),
        (0, N - 1, at(29.9), None),
    ],
)
def test_the_first_login_after_a_verification(offset: int, verified: int, now: Bounds, choice: Choice | None) -> None:
    assert choose(now, offset, verified, follows_verification=True) == choice


@pytest.mark.parametrize(
    ("now", "step", "offset", "seconds"),
    [
        (at(0), N, 0, 28.4),
        (at(28), N, 0, 0.4),
        (at(29), N, 0, 0.0),
        (at(0), N - 1, 0, 0.0),
        (at(0), N - 1, -1, 28.4),
        (at(29), N - 1, -1, 0.0),
    ],
)
def test_a_chosen_step_is_looked_at_again_after_the_wait(now: Bounds, step: int, offset: int, seconds: float) -> None:
    assert good_for(now, step, offset) == pytest.approx(seconds)


@pytest.mark.parametrize(("lead", "is_believed"), [(-5, True), (101, True), (102, True), (103, False)])
def test_a_step_is_believed_that_someone_who_waits_can_have_reserved(lead: int, is_believed: bool) -> None:
    assert believed(N + lead, at(10), -1, 3_000.0) == (N + lead if is_believed else N - 1)
    assert believed(None, at(10), -1, 3_000.0) is None
