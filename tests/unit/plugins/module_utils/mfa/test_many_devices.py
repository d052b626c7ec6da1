# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of many users: each user's own, read side by side, and an empty list once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    NotFound,
    OptionError,
    TokenRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa, Phone, User
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.many_devices import (
    check_threads,
    devices_of,
    phones_of,
)

OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level=None)


class Session:
    """A session, and those beside it with its token. What a user's list is, one reading after the other, is given."""

    def __init__(self, **lists: list[Any]) -> None:
        self.client = self
        self.token = "the-token"
        self.lists = lists
        self.beside_with: list[str] = []
        self.asked: list[str] = []
        self.logins = 0

    def renew(self) -> bool:
        self.logins -= 1
        self.token = "a new token"
        return self.logins >= 0

    @contextmanager
    def beside(self, token: str) -> Iterator[Session]:
        self.beside_with.append(token)
        yield self

    def otp_devices(self, user_id: str) -> list[Device]:
        self.asked.append(user_id)
        told = self.lists[user_id].pop(0)
        if isinstance(told, Exception):
            raise told
        return [Device(one, one, verified=True) for one in told]

    def phones(self, user_id: str) -> list[Phone]:
        return [Phone(f"phone-of-{user_id}", "+1", verified=True)]


def read(session: Any, threads: int) -> dict[str, list[str] | None]:
    users = [User(name, name, None, True, OFF) for name in session.lists]
    found = devices_of(session, users, threads)
    return {user: None if devices is None else [one.id for one in devices] for user, devices in found.items()}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_each_user_has_its_own(threads: int) -> None:
    session = Session(a=[["1"]], b=[["2", "3"]], c=[["4"]])
    assert read(session, threads) == {"a": ["1"], "b": ["2", "3"], "c": ["4"]}
    assert sorted(session.asked) == ["a", "b", "c"]
    assert session.beside_with == ["the-token"] * min(threads, 3)


def test_an_empty_list_is_read_again_for_every_user() -> None:
    """It would hide a finding, or put the user into the group of those without devices."""
    session = Session(a=[[], ["1"]], b=[[], []], c=[["2"]])
    assert read(session, 1) == {"a": ["1"], "b": [], "c": ["2"]}
    assert session.asked == ["a", "a", "b", "b", "c"]


def test_who_is_not_to_be_looked_at_is_told_from_who_is_gone() -> None:
    session = Session(a=[NotFound("gone")], b=[Forbidden("no")], c=[["1"]])
    assert read(session, 2) == {"b": None, "c": ["1"]}


def test_a_token_that_dies_meanwhile_is_renewed_once() -> None:
    session = Session(a=[["1"], ["1"]], b=[TokenRefused("dead"), ["2"]])
    session.logins = 1
    assert read(session, 1) == {"a": ["1"], "b": ["2"]}
    assert session.beside_with == ["the-token", "a new token"]
    session.lists = {"a": [TokenRefused("dead")]}
    with pytest.raises(TokenRefused):
        read(session, 1)


def test_phones_are_read_the_same_way() -> None:
    session: Any = Session()
    found = phones_of(session, [User(name, name, None, True, OFF) for name in "ab"], 2)
    assert {user: phones and phones[0].id for user, phones in found.items()} == {"a": "phone-of-a", "b": "phone-of-b"}


@pytest.mark.parametrize(("threads", "is_right"), [(0, False), (1, True), (32, True), (33, False)])
def test_the_number_of_connections_has_limits(threads: int, is_right: bool) -> None:
    with nullcontext() if is_right else pytest.raises(OptionError):
        check_threads(threads)
