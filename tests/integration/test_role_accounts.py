# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role with each kind of account that it may meet: what it does, stores, and asks of the service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from integration.harness import ENROLMENT, Lab, User, assert_enrolled, assert_nothing_to_do

MOST_REQUESTS = 10
"""Of an enrolment with a password and a proof (`docs`: fewer tasks, fewer requests)."""


@pytest.mark.matrix
@pytest.mark.parametrize(("by", "most_requests_again"), [("password", 4), ("both", 3)])
def test_a_fresh_account_is_enrolled_once(lab: Lab, by: str, most_requests_again: int) -> None:
    run = lab.enrol(by=by)
    assert run.result["steps"] == ENROLMENT
    assert run.result["changed"] is True
    assert run.result["proved"] is True
    assert_enrolled(lab)
    assert run.refused_passcodes == 0
    assert len(run.requests) <= MOST_REQUESTS

    again = lab.rerun(by=by)
    assert_nothing_to_do(again)
    assert again.result["device"] == run.result["device"]
    assert len(again.requests) <= most_requests_again


def test_an_api_key_alone_enrols_without_a_proof(lab: Lab) -> None:
    run = lab.enrol(by="api_key")
    assert run.result["steps"] == [step for step in ENROLMENT if step != "prove_login"]
    assert run.result["proved"] is False
    assert_enrolled(lab)
    assert run.passcodes == []
    again = lab.rerun(by="api_key")
    assert_nothing_to_do(again)
    assert len(again.requests) <= 3


def test_the_proof_can_be_left_out(lab: Lab) -> None:
    run = lab.enrol(mfa_otp_prove_login=False)
    assert "prove_login" not in run.result["steps"]
    assert_enrolled(lab)
    assert run.passcodes == []


def test_a_service_that_takes_the_current_step_only_costs_a_wait_and_no_request(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(behaviour={"accepted_steps": "strict"})
    lab.to_phase(20)
    run = lab.enrol()
    assert run.result["steps"] == ENROLMENT
    assert run.refused_passcodes == 0
    assert len(run.requests) <= MOST_REQUESTS


def test_an_account_as_asked_by_somebody_else_is_left_alone(make_lab: Callable[..., Lab]) -> None:
    device = {"name": "ansible", "verified": True}
    lab = make_lab(User(seed={"devices": [device], "mfa": {"enabled": True}}))
    user = lab.account()
    (there,) = user["otp_devices"]
    lab.store(
        {
            "username": user["username"],
            "user_id": user["id"],
            "auth_endpoint": lab.emulator.url,
            "device_id": there["id"],
            "device_name": "ansible",
            "secret": there["secret"],
        }
    )
    before = lab.vault.read_bytes()
    assert_nothing_to_do(lab.enrol())
    assert lab.vault.read_bytes() == before


def test_a_device_that_a_dead_run_left_unverified_is_replaced(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"devices": [{"name": "ansible"}]}))
    (left,) = lab.account()["otp_devices"]
    run = lab.enrol()
    assert run.result["steps"] == ENROLMENT
    assert_enrolled(lab)
    assert lab.entry()["device_id"] != left["id"]


def test_devices_of_other_names_stay(make_lab: Callable[..., Lab]) -> None:
    others = [{"name": "phone", "verified": True}, {"name": "tablet"}, {"name": "Ansible"}, {"name": "ansible "}]
    lab = make_lab(User(seed={"devices": others}))
    lab.enrol()
    devices = lab.account()["otp_devices"]
    assert sorted(device["name"] for device in devices) == ["Ansible", "ansible", "ansible ", "phone", "tablet"]
    (ours,) = (device for device in devices if device["name"] == "ansible")
    assert (ours["verified"], ours["secret"]) == (True, lab.entry()["secret"])


def test_a_sixth_device_is_refused_before_any_write(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"devices": [{"name": f"device {n}"} for n in range(5)]}))
    run = lab.enrol()
    assert run.error_kind == "conflict"
    assert "as many as the service allows" in run.message
    assert run.writes == []


def test_a_verified_device_whose_secret_nobody_has_is_an_error_with_two_ways_on(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"devices": [{"name": "ansible", "verified": True}]}))
    run = lab.enrol()
    assert "mfa_otp_device_name" in run.message
    assert "recover" in run.message
    assert run.writes == []
    assert lab.entry() == {}


def test_an_account_that_must_set_mfa_up_first_is_enrolled(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"enforcement_level": "REQUIRED"}))
    run = lab.enrol()
    assert run.result["steps"] == ENROLMENT
    assert_enrolled(lab)
    assert_nothing_to_do(lab.rerun())


def test_an_account_with_a_phone_moves_to_codes(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"phone": {"verified": True}, "mfa": {"enabled": True, "factor_type": "SMS"}}))
    run = lab.enrol(by="both")
    assert run.result["steps"] == ENROLMENT
    assert_enrolled(lab)
    assert_nothing_to_do(lab.rerun(by="both"))


def test_an_administrator_enrols_another_user(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("boss", {"role": "user-admin"}), User("bob"))
    given = {
        **lab.variables("boss", by="api_key"),
        "mfa_otp_target_user": "bob",
        "mfa_otp_target_password": lab.account("bob")["password"],
    }
    run = lab.run("enroll", **given)
    assert run.result["steps"] == ENROLMENT
    assert_enrolled(lab, "bob")
    assert lab.account("boss")["otp_devices"] == []
    lab.control.move(61)
    assert_nothing_to_do(lab.run("enroll", **given))


def test_bypass_codes_are_made_once_and_kept(lab: Lab) -> None:
    run = lab.enrol(mfa_otp_bypass_codes=3)
    assert run.result["steps"] == [*ENROLMENT, "keep_bypass_codes"]
    codes = [bypass["code"] for bypass in lab.account()["bypass_codes"]]
    assert sorted(lab.entry()["bypass_codes"]) == sorted(codes)
    assert len(codes) == 3
    assert_nothing_to_do(lab.rerun(mfa_otp_bypass_codes=3))


def test_the_enforcement_level_is_set_once(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User(seed={"role": "user-admin"}))
    run = lab.enrol(mfa_otp_enforcement_level="REQUIRED")
    assert run.result["steps"] == [*ENROLMENT, "set_enforcement_level"]
    assert lab.account()["enforcement_level"] == "REQUIRED"
    assert_nothing_to_do(lab.rerun(mfa_otp_enforcement_level="REQUIRED"))
