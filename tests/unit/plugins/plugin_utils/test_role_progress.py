# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task of the role tells the next ones: the report so far, and what is left."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils import role, role_progress
from ansible_collections.rackspace.identity.plugins.plugin_utils.role_progress import RESULTS

TASKS = Path(role.__file__).parents[2] / "roles" / "mfa_otp" / "tasks"
DEVICE = "rackspace.identity.rax_otp_device"
GOOD: dict[str, Any] = {
    "mfa_otp_password": "p",
    "mfa_otp_store": "vault_file",
    "mfa_otp_verify": "secret",
    "mfa_otp_qr": "none",
    "mfa_otp_bypass_codes": 0,
    "_mfa_otp_job": "enroll",
    "_mfa_otp_login": {"second_factor": True},
}
PROVED = {"changed": False, "proved": True, "steps": [], "device": {"id": "d", "verified": True}}
UNPROVED = {**PROVED, "proved": False}
BY_STORE = {"second_factor": True, "device_id": "d"}
NEW = {"changed": True, "steps": ["create_device", "verify_device"], "device": {"id": "d", "verified": True}}
ON = {"changed": False, "steps": [], "mfa": {"enabled": True}}
TURNED_ON = {"changed": True, "steps": ["turn_on"], "mfa": {"enabled": True}}
SKIPPED = {"changed": False, "skipped": True}


def told(
    action: str = role.SETTINGS, result: dict[str, Any] | None = None, *, check_mode: bool = False, **change: Any
) -> dict[str, Any]:
    variables = {name if name.startswith("_") else f"mfa_otp_{name}": value for name, value in change.items()}
    of_role = role.RoleVariables({**GOOD, **variables}, lambda value: value)
    return role_progress.told_by(action, of_role, ON if result is None else result, check_mode=check_mode)


def test_a_settled_account() -> None:
    assert told(_mfa_otp_device=PROVED) == {
        "report": {
            "changed": False,
            "device": PROVED["device"],
            "mfa": ON["mfa"],
            "proved": True,
            "steps": [],
            "plan": [],
        },
        "proof_is_due": False,
        "left": "",
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_done_is_a_plan_in_check_mode(check_mode: bool) -> None:
    report = told(result=TURNED_ON, check_mode=check_mode, _mfa_otp_device=NEW, _mfa_otp_login={})["report"]
    steps = ["create_device", "verify_device", "turn_on"]
    assert (report["changed"], report["proved"]) == (True, False)
    assert (report["steps"], report["plan"]) == (([], steps) if check_mode else (steps, []))


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_proof_counts_when_it_was_done(check_mode: bool) -> None:
    before: dict[str, Any] = {"_mfa_otp_device": NEW, "_mfa_otp_settings": TURNED_ON, "_mfa_otp_login": {}}
    proof = {"changed": False, "steps": ["prove_login"]}
    report = told(role.LOGIN, proof, check_mode=check_mode, **before)["report"]
    assert (report["proved"], report["changed"], report["device"]) == (not check_mode, True, NEW["device"])


@pytest.mark.parametrize("change", [{"target_user": "ann"}, {"target_user_id": "u2"}], ids=str)
def test_the_login_of_an_administrator_proves_nothing_of_another_account(change: dict[str, Any]) -> None:
    assert not told(_mfa_otp_device=PROVED, **change)["report"]["proved"]


@pytest.mark.parametrize("proving", ["login", "device"])
def test_a_login_with_the_second_factor_is_a_proof(proving: str) -> None:
    rotation: dict[str, Any] = {"_mfa_otp_job": "rotate", "_mfa_otp_login": {"second_factor": proving == "login"}}
    assert told(DEVICE, {**NEW, "second_factor": proving == "device"}, **rotation)["report"]["proved"]


def test_the_last_device_counts_and_each_step_once() -> None:
    last = {**NEW, "steps": ["verify_device", "delete_device"], "device": {"id": "e"}}
    report = told(DEVICE, last, _mfa_otp_job="recover", _mfa_otp_settings={"steps": ["unlock"]}, _mfa_otp_device=NEW)
    assert report["report"]["device"] == {"id": "e"}
    assert report["report"]["steps"] == ["unlock", "create_device", "verify_device", "delete_device"]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, ""),
        ({"_mfa_otp_device": NEW}, "prove"),
        ({"_mfa_otp_device": {**NEW, "steps": ["prove_login"]}}, ""),
        ({"_mfa_otp_device": UNPROVED}, "prove"),
        ({"_mfa_otp_device": NEW, "password": ""}, ""),
        ({"_mfa_otp_device": NEW, "store": "none"}, ""),
        ({"_mfa_otp_device": UNPROVED, "_mfa_otp_login": BY_STORE}, ""),
        ({"_mfa_otp_device": UNPROVED, "_mfa_otp_login": BY_STORE, "passcode": "123456"}, "prove"),
        ({"_mfa_otp_device": UNPROVED, "_mfa_otp_login": {**BY_STORE, "device_id": "another"}}, "prove"),
        ({"_mfa_otp_device": NEW, "_mfa_otp_login": BY_STORE}, "prove"),
        ({"bypass_codes": "3"}, "if_wanted"),
        ({"enforcement_level": "REQUIRED"}, "if_wanted"),
        ({"enforcement_level": ""}, ""),
    ],
    ids=str,
)
def test_what_is_left(change: dict[str, Any], left: str) -> None:
    variables: dict[str, Any] = {"_mfa_otp_device": PROVED, **change}
    assert told(**variables)["left"] == left


def test_what_was_turned_on_now_is_proved() -> None:
    assert told(result=TURNED_ON, _mfa_otp_device=PROVED)["proof_is_due"]


@pytest.mark.parametrize(
    ("change", "takes_part"),
    [
        ({}, False),
        ({"verify": "prompt"}, True),
        ({"verify": "code"}, True),
        ({"qr": "html"}, True),
        ({"qr": "html", "check_mode": True}, False),
        ({"qr": "html", "_mfa_otp_job": "rotate"}, True),
        ({"qr": "html", "_mfa_otp_job": "remove"}, False),
    ],
    ids=str,
)
def test_whether_a_person_takes_part(change: dict[str, Any], takes_part: bool) -> None:
    assert told(role.LOGIN, {"changed": False}, **change)["person_takes_part"] is takes_part


@pytest.mark.parametrize("change", [{"result": {"failed": True}}, {"_mfa_otp_job": "status"}], ids=str)
def test_a_failure_and_a_look_tell_nothing(change: dict[str, Any]) -> None:
    """A failure that is ignored would else look like a settled account, as would one of which nothing is known."""
    assert told(**change) == {}


def test_what_was_passed_over_adds_nothing() -> None:
    before: dict[str, Any] = {"_mfa_otp_device": PROVED, "_mfa_otp_proof": SKIPPED, "_mfa_otp_prompted": SKIPPED}
    assert told(**before)["report"] == told(_mfa_otp_device=PROVED)["report"]


def test_templates_look_for_the_last_report_among_the_same_results() -> None:
    for job, names in RESULTS.items():
        text = (TASKS / ("main.yml" if job == "enroll" else f"{job}.yml")).read_text(encoding="utf-8")
        (listed,) = re.findall(r"\{\{ \[(.*?)\] \}\}", text, re.DOTALL)
        assert re.findall(r"_mfa_otp_(\w+)", listed) == list(names)
