# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device is lost: with a bypass code, an API key or an administrator the account gets a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import TOGETHER, Fleet, Lab, User
from integration.harness.accounts import assert_stored_secret_logs_in, enrolled_lab, entry_of
from integration.harness.jobs import ROTATION, assert_replaced

WITH_CODES = [*ROTATION, "keep_bypass_codes"]


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab whose user was enrolled long ago, with three bypass codes in the store."""
    return enrolled_lab(make_lab, codes=3)


def assert_recovered(lab: Lab, old: dict[str, Any]) -> None:
    """One device, a new one; nothing pending; the bypass codes of the store are those of the service."""
    assert_replaced(lab, old)
    assert_stored_secret_logs_in(lab)


def test_a_bypass_code_is_taken_out_of_the_store_before_it_is_sent(lab: Lab) -> None:
    old = lab.entry()
    first, *others = old["bypass_codes"]
    hold = lab.control.fault("hold", nth=2)
    process = lab.start("recover", **lab.variables())
    lab.control.wait_for_fault(hold, 60)
    assert lab.entry()["bypass_codes"] == others
    assert first in [code["code"] for code in lab.account()["bypass_codes"]]
    lab.control.release(hold)
    run = lab.finish(process)
    assert run.result["steps"] == WITH_CODES
    assert run.result["proved"] is True
    assert run.passcodes == ["accepted", "accepted"]
    assert_recovered(lab, old)
    assert len(lab.entry()["bypass_codes"]) == 10
    assert set(lab.entry()["bypass_codes"]).isdisjoint(old["bypass_codes"])


@pytest.mark.matrix
def test_with_an_api_key_no_code_is_spent(lab: Lab) -> None:
    old = lab.entry()
    run = lab.run("recover", **lab.variables(by="api_key", mfa_otp_bypass_codes=2))
    assert run.result["steps"] == [step for step in WITH_CODES if step != "prove_login"]
    assert run.passcodes == []
    assert len(lab.entry()["bypass_codes"]) == 2
    assert_recovered(lab, old)


def test_what_can_not_be_recovered_is_refused_before_a_passcode_is_sent_or_a_device_replaced(
    make_lab: Callable[..., Lab],
) -> None:
    """One account without a way in; one whose codes can't be made, since support turned MFA off. Check mode says so."""
    no_way_in = enrolled_lab(make_lab)
    no_codes = make_lab(User(seed={"devices": [{"name": "ansible", "verified": True}]}))
    no_codes.store(entry_of(no_codes, bypass_codes=["12345678"]))
    old = no_codes.entry()
    fleet = Fleet(
        {
            "no_way_in": (no_way_in, no_way_in.variables()),
            "no_codes": (no_codes, no_codes.variables(mfa_otp_bypass_codes=2)),
        }
    )
    for flags in ((), ("--check",)):
        runs = fleet.run("recover", *flags, env=TOGETHER)
        for way in ("mfa_otp_passcode", "mfa_otp_api_key", "mfa_otp_target_user"):
            assert way in runs["no_way_in"].message
        assert (runs["no_way_in"].passcodes, runs["no_way_in"].writes) == ([], [])
        assert "rackspace.identity.enroll" in runs["no_codes"].message
        assert (runs["no_codes"].writes, no_codes.entry()) == ([], old)
