# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: one clock for everything that has a time."""

from __future__ import annotations

import json
import math
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from .helpers import Service


def date(service: Service) -> float:
    """The `Date` of an answer."""
    return parsedate_to_datetime(service.call("GET", "/users").headers["Date"]).timestamp()


def test_stands_where_it_was_frozen(service: Service) -> None:
    assert service.control.freeze(1_800_000_000) == 1_800_000_000
    assert date(service) == 1_800_000_000


def test_moves_while_it_stands(service: Service) -> None:
    before = service.control.now()
    assert service.control.move(61) == before + 61
    assert date(service) == before + 61


def test_runs_on_from_where_it_stood(service: Service) -> None:
    service.control.freeze(1_800_000_000)
    service.control.unfreeze()
    assert 0 <= service.control.now() - 1_800_000_000 < 10


def test_moves_while_it_runs(service: Service) -> None:
    service.control.unfreeze()
    service.control.skew(0)
    service.control.move(-3600)
    assert abs(service.control.now() - (time.time() - 3600)) < 5


def test_skew_is_the_distance_to_the_machine(service: Service) -> None:
    service.control.unfreeze()
    for _unused in range(2):
        service.control.skew(500)
    assert abs(service.control.now() - (time.time() + 500)) < 5


WRONG: tuple[Any, ...] = (
    {},
    {"move": "1"},
    {"move": 1, "skew": 1},
    {"unfreeze": 1},
    {"stop": 1},
    [],
    {"skew": math.nan},
)


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_wrong_change_is_refused(service: Service, body: Any) -> None:
    answer = service.http.post(f"{service.emulator.url}/_emulator/clock", data=json.dumps(body))
    assert answer.status_code == 400
    assert "expected one of" in answer.json()["error"]


@pytest.mark.parametrize(
    "change", [{"freeze": 1767225600000}, {"freeze": -1}, {"move": 1e12}, {"skew": -1e12}], ids=str
)
def test_time_without_a_date_is_refused_and_nothing_changes(service: Service, change: dict[str, float]) -> None:
    before = service.control.now()
    answer = service.http.post(f"{service.emulator.url}/_emulator/clock", json=change)
    assert (answer.status_code, "from 1970 to 2999" in answer.json()["error"]) == (400, True)
    assert (service.control.now(), date(service)) == (before, before)
