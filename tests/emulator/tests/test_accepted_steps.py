# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, OTP devices: which time steps the service accepts; verification and login use one window."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import Service

STEP = 1_900_000_000 // 30

CASES = [
    pytest.param("strict", 0, {0}, id="strict"),
    pytest.param("previous", 0, {0, -1}, id="previous"),
    pytest.param("wide", 0, {-1, 0, 1}, id="wide"),
    pytest.param("lagging", 0, {-1, -2}, id="lagging-early-in-the-step"),
    pytest.param("lagging", 11.9, {-1, -2}, id="lagging-just-before-the-lag"),
    pytest.param("lagging", 12, {0, -1}, id="lagging-at-the-lag"),
    pytest.param("lagging", 29.9, {0, -1}, id="lagging-late-in-the-step"),
]


@pytest.mark.parametrize(("window", "seconds", "accepted"), CASES)
def test_verification(service: Service, window: str, seconds: float, accepted: set[int]) -> None:
    service.control.behave(accepted_steps=window)
    service.control.freeze(STEP * 30 + seconds)
    token = service.key_token("alice")
    found = set()
    for step in range(-3, 4):
        device = service.create("alice", token=token)
        if service.verify("alice", device["id"], service.code(device["secret"], step), token).status_code == 204:
            found.add(step)
        service.delete("alice", f"/otp-devices/{device['id']}", token)
    assert found == accepted
    assert {step - STEP for step in service.control.state()["accepted_steps"]} == accepted


@pytest.mark.parametrize(("window", "seconds", "accepted"), CASES)
def test_login(service: Service, window: str, seconds: float, accepted: set[int], device: dict[str, Any]) -> None:
    service.control.behave(accepted_steps=window, lock_threshold=100)
    service.control.freeze(STEP * 30 + 3000 + seconds)
    session = service.session("alice")
    found = set()
    for step in range(-3, 4):
        if service.second_step(session, service.code(device["secret"], step)).status_code == 200:
            found.add(step)
            session = service.session("alice")
    assert found == accepted


def test_lag_is_a_switch(service: Service) -> None:
    service.control.behave(accepted_steps="lagging", lag=27)
    service.control.freeze(STEP * 30 + 26.9)
    assert service.control.state()["accepted_steps"] == [STEP - 1, STEP - 2]
    service.control.freeze(STEP * 30 + 27)
    assert service.control.state()["accepted_steps"] == [STEP, STEP - 1]
