# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phones at the service: what is asked of it for each step, and by what a lost answer is told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Verification
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import LostAnswer, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Phone
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.phones import Phones, PhoneWish

NUMBER = "+15125550100"
NEW, OLD = Phone("p1", NUMBER, verified=False), Phone("p1", NUMBER, verified=True)


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
