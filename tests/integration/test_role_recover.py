# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device is lost: with a bypass code, an API key or an administrator the account gets a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import Lab, User, assert_enrolled
from integration.harness.accounts import (
    ENROLLED,
    assert_stored_secret_logs_in,
    bypass_codes,
    enrolled_lab,
    lock,
)

REPLACEMENT = ["create_device", "store_secret", "verify_device", "prove_login", "promote"]
WITH_CODES = [*REPLACEMENT, "delete_previous", "keep_bypass_codes"]


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab whose user was enrolled long ago, with three bypass codes in the store."""
    return enrolled_lab(make_lab, codes=3)


def assert_recovered(lab: Lab, old: dict[str, Any]) -> None:
    """One device, a new one; nothing pending; the bypass codes of the store are those of the service."""
    entry = lab.entry()
    assert_enrolled(lab)
    assert entry["device_id"] != old["device_id"]
    assert "next" not in entry
    assert "previous" not in entry
    assert sorted(entry.get("bypass_codes", [])) == sorted(code["code"] for code in lab.account()["bypass_codes"])
    assert_stored_secret_logs_in(lab)


@pytest.mark.thorough
def test_with_a_stored_bypass_code(lab: Lab) -> None:
    old = lab.entry()
    run = lab.run("recover", **lab.variables())
    assert run.result["steps"] == WITH_CODES
    assert run.result["proved"] is True
    assert run.passcodes == ["accepted", "accepted"]
    assert_recovered(lab, old)
    assert len(lab.entry()["bypass_codes"]) == 10
    assert set(lab.entry()["bypass_codes"]).isdisjoint(old["bypass_codes"])


def test_a_bypass_code_is_taken_out_of_the_store_before_it_is_sent(lab: Lab) -> None:
    first, *others = lab.entry()["bypass_codes"]
    hold = lab.control.fault("hold", nth=2)
    process = lab.start("recover", **lab.variables())
    lab.control.wait_for_fault(hold, 60)
    assert lab.entry()["bypass_codes"] == others
    assert first in [code["code"] for code in lab.account()["bypass_codes"]]
    lab.control.release(hold)
    assert lab.finish(process).rc == 0


@pytest.mark.thorough
def test_with_a_typed_bypass_code_and_an_empty_store(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed=ENROLLED))
    (lost,) = lab.account()["otp_devices"]
    (code,) = bypass_codes(lab, 1)
    run = lab.run("recover", **lab.variables(mfa_otp_passcode=code))
    assert run.result["steps"] == [*REPLACEMENT, "delete_previous"]
    assert_recovered(lab, {"device_id": lost["id"]})


def test_with_an_api_key_no_code_is_spent(lab: Lab) -> None:
    old = lab.entry()
    run = lab.run("recover", **lab.variables(by="api_key", mfa_otp_bypass_codes=2))
    assert run.result["steps"] == [step for step in WITH_CODES if step != "prove_login"]
    assert run.passcodes == []
    assert len(lab.entry()["bypass_codes"]) == 2
    assert_recovered(lab, old)


@pytest.mark.thorough
@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
def test_an_administrator_unlocks_and_recovers_another_user(make_lab: Callable[..., Lab], stored: bool) -> None:
    lab = enrolled_lab(make_lab)
    old = lab.entry()
    lab.control.users([{"username": "boss", "role": "user-admin"}])
    if not stored:
        lab.vault.unlink()
    lock(lab)
    given = {
        **lab.variables("boss"),
        "mfa_otp_target_user": "alice",
        "mfa_otp_target_password": lab.account()["password"],
    }
    run = lab.run("recover", **given)
    assert run.result["steps"] == ["unlock", *REPLACEMENT, "delete_previous"]
    assert_recovered(lab, old)
    assert lab.account("boss")["otp_devices"] == []


def test_no_way_in_is_said_before_any_passcode(make_lab: Callable[..., Lab]) -> None:
    lab = enrolled_lab(make_lab)
    run = lab.run("recover", **lab.variables())
    for way in ("mfa_otp_passcode", "mfa_otp_api_key", "mfa_otp_target_user"):
        assert way in run.message
    assert (run.passcodes, run.writes) == ([], [])
