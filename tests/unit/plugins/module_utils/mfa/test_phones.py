# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phones: the plan, the numbers that are the same, and what is asked of the service for each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Verification
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    LostAnswer,
    NotFound,
    OptionError,
    PasscodeRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Phone
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.phones import (
    PhonePlan,
    Phones,
    PhoneWish,
    check,
    compare,
    normal,
)

NUMBER = "+15125550100"
NEW, OLD = Phone("p1", NUMBER, verified=False), Phone("p1", NUMBER, verified=True)


OTHER = Phone("o", "+15125550199", verified=True)


@pytest.mark.parametrize(
    ("have", "state", "after", "steps"),
    [
        ([], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([NEW], "present", [NEW], []),
        ([OTHER], "present", [Phone("", NUMBER, verified=False)], ["add"]),
        ([], "code_sent", [Phone("", NUMBER, verified=False)], ["add", "send"]),
        ([NEW], "code_sent", [NEW], ["send"]),
        ([OLD], "code_sent", [OLD], []),
        ([NEW], "verified", [OLD], ["verify"]),
        ([OLD], "verified", [OLD], []),
        ([OLD], "absent", [], ["delete"]),
        ([OTHER], "absent", [OTHER], []),
        ([], "absent", [], []),
    ],
)
def test_a_phone(have: list[Phone], state: str, after: list[Phone], steps: list[str]) -> None:
    plan = compare(have, PhoneWish(state, NUMBER))
    assert plan == PhonePlan(tuple(have), tuple(after), tuple(steps))
    assert (plan.diff()["before"] != plan.diff()["after"]) is bool(steps)


@pytest.mark.parametrize("listed", ["15125550100", "+1 512 555-0100", "+1 (512) 555-0100", "1 512 555 0100"])
def test_a_number_that_the_service_lists_in_another_form_is_the_same(listed: str) -> None:
    have = [Phone("p1", listed, verified=False)]
    assert compare(have, PhoneWish("present", NUMBER)).steps == ()
    assert compare(have, PhoneWish("absent", NUMBER)).steps == ("delete",)


def test_any_phone_is_meant_where_no_number_is_given() -> None:
    assert compare([OTHER], PhoneWish("absent")).steps == ("delete",)
    with pytest.raises(NotFound):
        compare([], PhoneWish("verified", code="123456"))


@pytest.mark.parametrize("text", ["+1 512 555 0100", "+1 (512) 555-0100", "+1.512.555.0100", NUMBER])
def test_a_number_is_taken_as_people_write_it(text: str) -> None:
    assert normal(text) == NUMBER
    check(PhoneWish("present", normal(text)))


@pytest.mark.parametrize(
    "wish",
    [
        PhoneWish("present", "5125550100"),
        PhoneWish("present", "+0125550100"),
        PhoneWish("present", "+1512"),
        PhoneWish("present"),
        PhoneWish("code_sent"),
        PhoneWish("verified", NUMBER),
    ],
)
def test_what_the_service_would_refuse_is_refused(wish: PhoneWish) -> None:
    with pytest.raises(OptionError):
        check(wish)


# At the service


class Client:
    """Notes what it is asked for. A verification ends in `outcome`, and a phone is `now` when it is looked at alone."""

    def __init__(
        self, *phones: Phone, outcome: Verification | Exception = Verification.ACCEPTED, now: Phone | None = None
    ) -> None:
        self.asked: list[tuple[Any, ...]] = []

        def verify(*_args: str) -> Verification:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        self.answers: dict[str, Callable[..., Any]] = {
            "phones": lambda _user: list(phones),
            "phone": lambda _user, _phone: now,
            "add_phone": lambda _user, number: Phone("p2", number, verified=False),
            "send_phone_code": lambda _user, _phone: None,
            "delete_phone": lambda _user, _phone: None,
            "verify_phone": verify,
        }

    def __getattr__(self, name: str) -> Any:
        def ask(*args: str) -> Any:
            self.asked.append((name, *args))
            return self.answers[name](*args)

        return ask


def apply(client: Any, wish: PhoneWish) -> tuple[Phone, ...]:
    phones = Phones(client, "u1")
    return phones.apply(phones.plan(wish), wish).after


@pytest.mark.parametrize(
    ("have", "wish", "asked"),
    [
        ([], PhoneWish("present", NUMBER), [("add_phone", "u1", NUMBER)]),
        ([], PhoneWish("code_sent", NUMBER), [("add_phone", "u1", NUMBER), ("send_phone_code", "u1", "p2")]),
        ([NEW], PhoneWish("present", NUMBER), []),
        ([NEW], PhoneWish("code_sent", NUMBER), [("send_phone_code", "u1", "p1")]),
        ([NEW], PhoneWish("verified", NUMBER, "1234"), [("verify_phone", "u1", "p1", "1234")]),
        ([OLD], PhoneWish("verified", NUMBER, "1234"), []),
        ([OLD], PhoneWish("absent", NUMBER), [("delete_phone", "u1", "p1")]),
        ([], PhoneWish("absent", NUMBER), []),
    ],
)
def test_each_step_is_asked_for_once(have: list[Phone], wish: PhoneWish, asked: list[tuple[str, ...]]) -> None:
    client = Client(*have)
    apply(client, wish)
    assert client.asked == [("phones", "u1"), *asked]


def test_a_new_phone_has_the_id_that_the_service_gave_it() -> None:
    assert apply(Client(), PhoneWish("present", NUMBER)) == (Phone("p2", NUMBER, verified=False),)


def test_a_code_that_is_refused_is_an_error() -> None:
    with pytest.raises(PasscodeRefused):
        apply(Client(NEW, outcome=Verification.REFUSED), PhoneWish("verified", NUMBER, "1234"))


def test_a_lost_answer_is_told_apart_by_the_phone() -> None:
    wish = PhoneWish("verified", NUMBER, "1234")
    apply(Client(NEW, outcome=LostAnswer("lost"), now=OLD), wish)
    with pytest.raises(LostAnswer):
        apply(Client(NEW, outcome=LostAnswer("lost"), now=NEW), wish)
