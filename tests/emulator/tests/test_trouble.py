# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeded trouble: allowed nuisances, the same for the same seed, and a client that tries again gets on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise

import pytest

from emulator import BEHAVIORS, Emulator
from emulator.behavior import Behavior
from emulator.nuisances import PER_ANSWER, PER_SERVICE, Trouble
from emulator.wire import Answer, Refusal

from .helpers import Service, next_query

ROOT = "RAX-AUTH:otpDevice"
USERS = [{"username": f"user-{number}", "role": "user-admin"} for number in range(6)]


@pytest.fixture(params=[1, 2, 3])
def troubled(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service in trouble."""
    with Emulator(users=USERS, trouble=request.param) as emulator:
        yield Service(emulator)


def key_token(service: Service) -> str:
    """A token, by a client that tries again."""
    for _unused in range(2):
        answer = service.by_api_key("user-0")
        if answer.status_code == 200:
            return str(answer.json()["access"]["token"]["id"])
    raise AssertionError("refused twice in a row")


def test_refuses_a_share_of_the_requests_never_twice_in_a_row(troubled: Service) -> None:
    token = key_token(troubled)
    statuses = [troubled.call("GET", "/users?name=user-0", token=token).status_code for _unused in range(400)]
    assert {413, 429, 502, 503, 200} == set(statuses)
    assert not [pair for pair in pairwise(statuses) if 200 not in pair]
    assert 10 < 400 - Counter(statuses)[200] < 60


def test_creation_has_both_statuses(troubled: Service) -> None:
    token, path = key_token(troubled), troubled.mfa("user-0", "/otp-devices")
    seen = set()
    for _unused in range(40):
        answer = troubled.call("POST", path, {ROOT: {"name": "n"}}, token)
        seen.add(answer.status_code)
        if answer.ok:
            body = answer.json()
            device = body.get(ROOT) or body["rax-auth:otpDevice"]
            while not troubled.call("DELETE", f"{path}/{device['id']}", token=token).ok:
                pass
    assert {200, 201} <= seen


def test_list_of_devices_is_empty_at_times_but_not_twice_in_a_row(troubled: Service) -> None:
    token, path = key_token(troubled), troubled.mfa("user-0", "/otp-devices")
    while not troubled.call("POST", path, {ROOT: {"name": "n"}}, token).ok:
        pass
    answers = [troubled.call("GET", path, token=token) for _unused in range(300)]
    lengths = [len(next(iter(answer.json().values()))) for answer in answers if answer.status_code == 200]
    assert 0 < lengths.count(0) < 40
    assert (0, 0) not in set(pairwise(lengths))


def test_pages_still_hold_each_user_once(troubled: Service) -> None:
    token = key_token(troubled)
    names: list[str] = []
    query: str | None = ""
    while query is not None:
        answer = troubled.call("GET", f"/users{query}", token=token)
        if answer.status_code == 200:
            names += [user["username"] for user in answer.json()["users"]]
            query = next_query(answer)
    assert sorted(names) == [user["username"] for user in USERS]


def test_same_seed_makes_the_same_trouble() -> None:
    runs = []
    for _unused in range(2):
        with Emulator(users=USERS, trouble=42) as emulator:
            service = Service(emulator)
            runs.append([service.by_api_key("user-1").status_code for _unused in range(100)])
            assert emulator.control.state()["trouble"] == 42
    assert runs[0] == runs[1]


def test_draws_every_value_of_what_may_change_from_answer_to_answer() -> None:
    trouble = Trouble(7)
    drawn = [asdict(trouble.vary(Behavior())) for _unused in range(400)]
    for name in PER_ANSWER:
        if name not in ("authenticated_by", "page_size"):
            assert {behavior[name] for behavior in drawn} == set(BEHAVIORS[name]), name
    for name in PER_SERVICE:
        assert len({behavior[name] for behavior in drawn}) == 1, name
    limits = {"lock_threshold", "most_devices", "greatest_limit", "accepted_steps", "replay", "duplicate_names"}
    assert {name: BEHAVIORS[name][0] for name in limits} == {name: drawn[0][name] for name in limits}


def test_draws_what_the_service_is_like_once_for_each_start() -> None:
    services = [asdict(Trouble(seed).vary(Behavior())) for seed in range(60)]
    for name in PER_SERVICE:
        assert {service[name] for service in services} == set(BEHAVIORS[name]), name


def test_draws_refusals_of_the_service_and_pages_of_gateways() -> None:
    trouble = Trouble(7)
    met = [trouble.refusal("GET", f"/{number}", 0.0) for number in range(20_000)]
    refusals = [one for one in met if isinstance(one, Refusal)]
    pages = [one for one in met if isinstance(one, Answer)]
    assert {one.status for one in refusals} == {413, 429, 503}
    assert {type(one.members.get("retryAfter")) for one in refusals} == {type(None), int, str}
    headers = {value for one in refusals for _name, value in one.headers}
    assert {"0", "1", "Thu, 01 Jan 1970 00:00:01 GMT"} <= headers
    assert {one.status for one in pages} == {413, 429, 502, 503}
    assert {bool(one.body) for one in pages} == {True, False}


def test_log_names_it(troubled: Service) -> None:
    for _unused in range(100):
        troubled.by_api_key("user-0")
    refused = [entry for entry in troubled.control.requests() if entry["status"] != 200]
    assert refused
    assert {entry["fault"] for entry in refused} == {"trouble"}
