# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new secret for an account: what is stored can log in at every moment, and a run that was killed is finished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import Lab, assert_enrolled, assert_nothing_to_do, rows, without_notes
from integration.harness.accounts import (
    assert_stored_secret_logs_in,
    device_of,
    enrolled_lab,
)

ROTATION = ["create_device", "store_secret", "verify_device", "prove_login", "promote", "delete_previous"]


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab whose user was enrolled long ago."""
    return enrolled_lab(make_lab)


def rotate_when_old(lab: Lab, **more: Any) -> dict[str, Any]:
    """Variables with which a second run has nothing to do."""
    return lab.variables(mfa_otp_rotate_after=30, **more)


def assert_rotated(lab: Lab, old: dict[str, Any]) -> None:
    """A new device with a new secret, nothing of the old one, nothing pending, and it logs in."""
    entry = lab.entry()
    assert_enrolled(lab)
    assert entry["device_id"] != old["device_id"]
    assert entry["secret"] != old["secret"]
    assert "next" not in entry
    assert "previous" not in entry
    assert_stored_secret_logs_in(lab)


@pytest.mark.parametrize("by", rows(["password", "both", "api_key"]))
def test_the_secret_and_the_device_are_new(lab: Lab, by: str) -> None:
    old = lab.entry()
    run = lab.run("rotate", **lab.variables(by=by))
    proof = by != "api_key"
    assert run.result["steps"] == [step for step in ROTATION if proof or step != "prove_login"]
    assert run.result["proved"] is proof
    assert run.result["device"] == {"id": lab.entry()["device_id"], "name": "ansible", "verified": True}
    assert run.refused_passcodes == 0
    assert_rotated(lab, old)


@pytest.mark.thorough
def test_rotated_only_when_the_secret_is_old_enough(lab: Lab) -> None:
    old = lab.entry()
    assert lab.run("rotate", **rotate_when_old(lab)).result["steps"] == ROTATION
    lab.control.move(61)
    again = lab.run("rotate", **rotate_when_old(lab))
    assert_nothing_to_do(again)
    assert again.requests == []
    assert_rotated(lab, old)


def test_both_secrets_are_stored_while_both_devices_exist(lab: Lab) -> None:
    old = lab.entry()
    hold = lab.control.fault("hold", method="POST", path="/verify$", when="before")
    process = lab.start("rotate", **lab.variables())
    lab.control.wait_for_fault(hold, 60)
    entry = lab.entry()
    assert without_notes({name: entry[name] for name in old}) == without_notes(old)
    assert device_of(lab, entry["next"]["device_id"])["secret"] == entry["next"]["secret"]
    assert len(lab.account()["otp_devices"]) == 2
    lab.control.release(hold)

    hold = lab.control.fault("hold", method="DELETE", path="otp-devices/", when="before")
    lab.control.wait_for_fault(hold, 60)
    entry = lab.entry()
    assert entry["previous"] == old["device_id"]
    assert entry["secret"] != old["secret"]
    assert len(lab.account()["otp_devices"]) == 2
    lab.control.release(hold)
    assert lab.finish(process).rc == 0
    assert_rotated(lab, old)


@pytest.mark.thorough
def test_other_variables_and_devices_stay(make_lab: Callable[..., Lab]) -> None:
    lab = enrolled_lab(make_lab, others=3, codes=2)
    codes = lab.entry()["bypass_codes"]
    assert lab.run("rotate", **lab.variables()).result["steps"] == ROTATION
    assert sorted(device["name"] for device in lab.account()["otp_devices"]) == [
        "ansible",
        "other 0",
        "other 1",
        "other 2",
    ]
    assert lab.entry()["bypass_codes"] == codes


@pytest.mark.thorough
def test_an_account_that_is_not_stored_is_refused_before_any_write(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab()
    run = lab.run("rotate", **lab.variables())
    assert "no secret of alice" in run.message
    assert run.writes == []
