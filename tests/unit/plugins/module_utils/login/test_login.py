# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first step of a login, while it is in doubt what time it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import InvalidAnswer, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import simulated
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import Figures, Person

DAY = 86_400.0


def enrolled(apart: float = 0.0) -> tuple[Person, Factor]:
    """An account that is settled, and a controller whose clock is wrong by so many seconds."""
    person = Person("a seed", simulated.strict, "all", Figures())
    person.wall = person.service.epoch + apart
    factor = person.enroll()
    person.enable()
    person.pass_by(120, 200)
    return person, factor


def told(person: Person, lies: Iterable[float]) -> list[str]:
    """Let the next answers lie; returns the requests that arrive, which the caller looks at."""
    left, kinds = iter(lies), list[str]()
    person.network.lies = lambda: next(left, 0.0)
    person.network.arrived = lambda _method, body: kinds.append(next(iter(body["auth"])))
    return kinds


@pytest.mark.parametrize(
    ("lies", "begun"),
    [([], 1), ([3 * DAY], 2), ([3 * DAY, -9 * DAY], 3), ([70_000 * DAY] * 9, 2)],
    ids=["no lie", "a lie", "two lies", "a time of no use"],
)
def test_the_login_begins_again_until_the_time_is_not_in_doubt(lies: list[float], begun: int) -> None:
    person, factor = enrolled()
    kinds = told(person, lies)
    person.log_in(factor)
    assert kinds == ["passwordCredentials"] * begun + ["RAX-AUTH:passcodeCredentials"]


@pytest.mark.parametrize("by", [lambda factor: factor, lambda _factor: Factor(passcode="12345678")])
def test_when_no_two_times_agree_no_passcode_is_sent(by: Callable[[Factor], Factor]) -> None:
    person, factor = enrolled()
    kinds = told(person, [3 * DAY, -9 * DAY, 5 * DAY])
    with pytest.raises(InvalidAnswer, match=r"answers of the service tell .*No two of them agree, so no passcode"):
        person.log_in(by(factor))
    assert kinds == ["passwordCredentials"] * 3


@pytest.mark.parametrize("apart", [-3 * DAY, -1_800.0, 1_800.0, 3 * DAY, 700 * DAY])
@pytest.mark.parametrize("by", ["secret", "passcode"])
def test_refusals_of_another_controller_count_whatever_the_clock_of_this_one_says(apart: float, by: str) -> None:
    person, factor = enrolled(apart)
    noted = {name: Moment(person.service.now - ago) for name, ago in (("one", 300), ("two", 290))}
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        person.log_in(factor._replace(refused=noted) if by == "secret" else Factor(passcode="12345678", refused=noted))
    assert person.service.refused == 0
