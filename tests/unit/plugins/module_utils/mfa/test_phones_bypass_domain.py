# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phones, bypass codes and domains: the pure comparisons."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Forbidden, NotFound, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import BypassCodes, Domain, Mfa, Phone, User
from ansible_collections.rackspace.identity.plugins.module_utils.mfa import bypass, domain, phones
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.phones import PhonePlan

NUMBER = "+15125550100"
NEW, VERIFIED = Phone("p", NUMBER, verified=False), Phone("p", NUMBER, verified=True)
OTHER = Phone("o", "+15125550199", verified=True)


@pytest.mark.parametrize(
    ("have", "state", "after", "steps"),
    [
        ([], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([NEW], "present", [NEW], []),
        ([OTHER], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([], "code_sent", [Phone("", NUMBER, verified=False)], ["add", "send"]),
        ([NEW], "code_sent", [NEW], ["send"]),
        ([VERIFIED], "code_sent", [VERIFIED], []),
        ([NEW], "verified", [VERIFIED], ["verify"]),
        ([VERIFIED], "verified", [VERIFIED], []),
        ([VERIFIED], "absent", [], ["delete"]),
        ([OTHER], "absent", [OTHER], []),
        ([], "absent", [], []),
    ],
)
def test_a_phone(have: list[Phone], state: str, after: list[Phone], steps: list[str]) -> None:
    plan = phones.compare(have, phones.PhoneWish(state, NUMBER))
    assert plan == PhonePlan(tuple(have), tuple(after), tuple(steps))
    assert (plan.diff()["before"] != plan.diff()["after"]) is bool(steps)


@pytest.mark.parametrize("listed", ["15125550100", "+1 512 555-0100", "+1 (512) 555-0100", "1 512 555 0100"])
def test_a_number_that_the_service_lists_in_another_form_is_the_same(listed: str) -> None:
    have = [Phone("p", listed, verified=False)]
    assert phones.compare(have, phones.PhoneWish("present", NUMBER)).steps == ()
    assert phones.compare(have, phones.PhoneWish("absent", NUMBER)).steps == ("delete",)


def test_any_phone_is_meant_where_no_number_is_given() -> None:
    assert phones.compare([OTHER], phones.PhoneWish("absent")).steps == ("delete",)
    with pytest.raises(NotFound):
        phones.compare([], phones.PhoneWish("verified", code="123456"))


@pytest.mark.parametrize("text", ["+1 512 555 0100", "+1 (512) 555-0100", "+1.512.555.0100", NUMBER])
def test_a_number_is_taken_as_people_write_it(text: str) -> None:
    assert phones.normal(text) == NUMBER
    phones.check(phones.PhoneWish("present", phones.normal(text)))


@pytest.mark.parametrize(
    "wish",
    [
        phones.PhoneWish("present", "5125550100"),
        phones.PhoneWish("present", "+0125550100"),
        phones.PhoneWish("present", "+1512"),
        phones.PhoneWish("present"),
        phones.PhoneWish("code_sent"),
        phones.PhoneWish("verified", NUMBER),
    ],
)
def test_what_the_service_would_refuse_is_refused(wish: phones.PhoneWish) -> None:
    with pytest.raises(OptionError):
        phones.check(wish)


@pytest.mark.parametrize(
    ("wish", "codes", "told"),
    [
        (bypass.CodesWish(), BypassCodes(("1",), None), 0),
        (bypass.CodesWish(2, 30), BypassCodes(("1", "2"), "PT30M0.000S"), 0),
        (bypass.CodesWish(2, 90), BypassCodes(("1", "2"), "PT1H30M"), 0),
        (bypass.CodesWish(2, 90), BypassCodes(("1", "2"), "PT5400S"), 0),
        (bypass.CodesWish(20, 30), BypassCodes(("1", "2"), "PT30M0.000S"), 1),
        (bypass.CodesWish(20, 30), BypassCodes(("1", "2"), "PT20M0.000S"), 2),
        (bypass.CodesWish(1, 30), BypassCodes(("1",), None), 1),
        (bypass.CodesWish(1, 30), BypassCodes(("1",), "soon"), 1),
    ],
)
def test_what_came_back_is_compared_with_what_was_asked_for(
    wish: bypass.CodesWish, codes: BypassCodes, told: int
) -> None:
    assert len(bypass.differences(wish, codes)) == told


def test_numbers_that_the_service_would_turn_into_others_are_refused() -> None:
    for count, validity in ((0, None), (None, 0), (-1, 5)):
        with pytest.raises(OptionError):
            bypass.CodesWish(count, validity)
    assert bypass.CodesWish(validity=45).duration == "PT45M"
    assert bypass.CodesWish().duration is None


def test_the_level_of_a_domain() -> None:
    have = Domain("1", "one", "OPTIONAL")
    assert not domain.compare(have, "OPTIONAL").changed
    assert domain.compare(have, "REQUIRED").after == Domain("1", "one", "REQUIRED")
    with pytest.raises(Forbidden):
        domain.compare(Domain("1", "one", domain.MANDATED), "OPTIONAL")


@pytest.mark.parametrize(
    ("enabled", "level", "may"),
    [(True, "DEFAULT", True), (False, "OPTIONAL", True), (False, "DEFAULT", False), (False, "REQUIRED", False)],
)
def test_who_may_set_the_level_of_its_domain(enabled: bool, level: str, may: bool) -> None:
    mfa = Mfa(enabled=enabled, state=None, factor_type=None, enforcement_level=level)
    caller = User("1", "admin", "d", enabled=True, mfa=mfa)
    with nullcontext() if may else pytest.raises(Forbidden):
        domain.check_own_mfa(caller)
