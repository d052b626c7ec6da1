# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MFA goes off, the device and what is stored go away, and every account can log in afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import ENROLLMENT, Lab, User, assert_nothing_to_do, rows, without_notes
from integration.harness.accounts import ENROLLED, enrolled_lab

REMOVAL = ["turn_off", "delete_device", "remove_stored"]


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab whose user was enrolled long ago, and has another device."""
    return enrolled_lab(make_lab, others=1)


def device_names(lab: Lab) -> list[str]:
    """The names of the user's devices."""
    return sorted(device["name"] for device in lab.account()["otp_devices"])


@pytest.mark.parametrize("by", rows(["password", "api_key"]))
def test_off_and_gone_and_a_second_time_nothing(lab: Lab, by: str) -> None:
    run = lab.run("remove", **lab.variables(by=by))
    assert run.result["steps"] == REMOVAL
    assert run.result["mfa"]["enabled"] is False
    assert (lab.account()["mfa_enabled"], device_names(lab), lab.entry()) == (False, ["other 0"], {})
    lab.control.move(61)
    assert_nothing_to_do(lab.run("remove", **lab.variables(by=by)))


@pytest.mark.thorough
def test_everything(make_lab: Callable[..., Lab]) -> None:
    lab = enrolled_lab(make_lab, others=1, phone={"verified": True})
    given = lab.variables(mfa_otp_remove_all=True)
    assert lab.run("remove", **given).result["steps"] == ["remove_everything", "remove_stored"]
    user = lab.account()
    assert (user["mfa_enabled"], user["otp_devices"], user["phone"], lab.entry()) == (False, [], None, {})
    assert_nothing_to_do(lab.run("remove", **given))


@pytest.mark.thorough
def test_what_is_stored_can_be_kept_and_enrolled_over(lab: Lab) -> None:
    given = lab.variables(mfa_otp_keep_stored=True)
    before = without_notes(lab.entry())
    assert lab.run("remove", **given).result["steps"] == ["turn_off", "delete_device"]
    assert without_notes(lab.entry()) == before
    assert_nothing_to_do(lab.run("remove", **given))
    old = lab.entry()
    assert lab.enroll().result["steps"] == ENROLLMENT
    assert lab.entry()["secret"] != old["secret"]


@pytest.mark.thorough
def test_other_variables_of_the_file_stay(lab: Lab) -> None:
    lab.run("remove", **lab.variables())
    lab.store({"kept": "as it was"}, "mine")
    assert lab.enroll().rc == 0
    assert_enrolled_beside_another(lab)
    lab.control.move(61)
    assert lab.run("remove", **lab.variables()).result["steps"] == REMOVAL
    assert lab.entry("mine") == {"kept": "as it was"}


def assert_enrolled_beside_another(lab: Lab) -> None:
    """The role's own device is there, and another one."""
    assert device_names(lab) == ["ansible", "other 0"]
    assert lab.account()["mfa_enabled"]


@pytest.mark.thorough
@pytest.mark.parametrize("more", rows({"device": {}, "everything": {"mfa_otp_remove_all": True}}))
def test_refused_while_the_level_is_required(make_lab: Callable[..., Lab], more: dict[str, Any]) -> None:
    lab = enrolled_lab(make_lab, enforcement_level="REQUIRED")
    before = without_notes(lab.entry())
    run = lab.run("remove", **lab.variables(**more))
    assert run.error_kind == "conflict"
    assert "enforcement level is REQUIRED" in run.message
    assert "OPTIONAL or DEFAULT" in run.message
    assert run.writes == []
    assert without_notes(lab.entry()) == before


@pytest.mark.thorough
def test_a_device_that_is_not_stored_goes_by_its_name(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={**ENROLLED, "devices": [*ENROLLED["devices"], {"name": "phone"}]}))
    run = lab.run("remove", **lab.variables(by="api_key"))
    assert run.result["steps"] == ["turn_off", "delete_device"]
    assert device_names(lab) == ["phone"]
