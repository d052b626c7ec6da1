# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MFA goes off, the device and what is stored go away, and every account can log in afterwards."""

from __future__ import annotations

import pytest
from integration.harness import assert_nothing_to_do
from integration.harness.accounts import MakeLab, enrolled_lab
from integration.harness.jobs import REMOVAL


@pytest.mark.matrix
def test_off_and_gone_and_a_second_time_nothing(make_lab: MakeLab) -> None:
    lab = enrolled_lab(make_lab, others=1)
    run = lab.run("remove", **lab.variables(), mfa_otp_remove_all="no")  # text, as -e gives it
    assert run.result["steps"] == REMOVAL
    assert run.result["mfa"]["enabled"] is False
    names = [device["name"] for device in lab.account()["otp_devices"]]
    assert (lab.account()["mfa_enabled"], names, lab.entry()) == (False, ["other 0"], {})
    lab.control.move(61)
    assert_nothing_to_do(lab.run("remove", **lab.variables()))
