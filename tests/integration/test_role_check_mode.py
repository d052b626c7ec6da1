# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: from every start state it writes nothing, and what it plans is what the real run then does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from integration.harness import Fleet, Lab, Run, User, host_name, rows
from integration.harness.accounts import ENROLLED, LONG_AGO, bypass_codes, entry_of, lock

VERIFIED = {"name": "ansible", "verified": True}
UNVERIFIED = {"name": "ansible"}
OFF = {"enabled": False}


@dataclass(frozen=True)
class Start:
    """A start state.

    :param seed: the user, as the emulator takes it.
    :param stored: what the store has of the first device, and more; None if it has nothing.
    :param next_device, previous_device: which other device the entry names so.
    :param codes: how many bypass codes there are; they are stored, or (`typed`) one is given.
    """

    seed: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] | None = None
    by: str = "password"
    more: dict[str, Any] = field(default_factory=dict)
    next_device: int | None = None
    previous_device: int | None = None
    codes: int = 0
    typed: bool = False

    def begin(self, make_lab: Callable[..., Lab]) -> tuple[Lab, dict[str, Any]]:
        """A lab in this state, and the variables of the role."""
        lab = make_lab(User(seed=self.seed))
        codes = bypass_codes(lab, self.codes) if self.codes else []
        if self.stored is not None:
            entry = entry_of(lab, **self.stored)
            if codes and not self.typed:
                entry["bypass_codes"] = codes
            if self.next_device is not None:
                entry["next"] = entry_of(lab, device=self.next_device)
            if self.previous_device is not None:
                entry["previous"] = lab.account()["otp_devices"][self.previous_device]["id"]
            lab.store(entry)
        return lab, lab.variables(by=self.by, **self.more, **({"mfa_otp_passcode": codes[0]} if self.typed else {}))


TWO = {"devices": [VERIFIED, VERIFIED], "mfa": {"enabled": True}}
STARTS: dict[str, dict[str, Start]] = {
    "enroll": {
        "nothing": Start(),
        "a device that was left": Start({"devices": [UNVERIFIED]}),
        "stored and not verified": Start({"devices": [UNVERIFIED]}, {}),
        "stored and gone": Start(
            {"devices": [VERIFIED], "mfa": OFF},
            {"device_id": "gone", "device_name": "x"},
            more={"mfa_otp_device_name": "x"},
        ),
        "verified and MFA off": Start({"devices": [VERIFIED], "mfa": OFF}, {}),
        "as wanted": Start(ENROLLED, {}),
        "a phone": Start({"phone": {"verified": True}, "mfa": {"enabled": True, "factor_type": "SMS"}}, by="both"),
        "a phone, and a device": Start(
            {"devices": [VERIFIED], "phone": {"verified": True}, "mfa": {"enabled": True, "factor_type": "SMS"}},
            {},
            by="both",
        ),
        "must set MFA up": Start({"enforcement_level": "REQUIRED"}),
        "must set MFA up, and a device": Start({"enforcement_level": "REQUIRED", "devices": [UNVERIFIED]}, {}),
        "codes and a level": Start(
            {"role": "user-admin"}, more={"mfa_otp_bypass_codes": 2, "mfa_otp_enforcement_level": "REQUIRED"}
        ),
        "as wanted but for codes and a level": Start(
            {"role": "user-admin", **ENROLLED},
            {},
            more={"mfa_otp_bypass_codes": 2, "mfa_otp_enforcement_level": "REQUIRED"},
        ),
        "by key": Start(by="api_key"),
    },
    "rotate": {
        "as wanted": Start(ENROLLED, {}),
        "young": Start(ENROLLED, {"created": "2999-01-01T00:00:00Z"}, more={"mfa_otp_rotate_after": 30}),
        "old": Start(ENROLLED, {"created": LONG_AGO}, more={"mfa_otp_rotate_after": 30}),
        "a next one": Start({**TWO, "devices": [VERIFIED, UNVERIFIED]}, {}, next_device=1),
        "a next one, verified": Start(TWO, {}, next_device=1),
        "a previous one": Start(TWO, {}, previous_device=1),
        "MFA off": Start({"devices": [VERIFIED], "mfa": OFF}, {}),
    },
    "recover": {
        "a stored code": Start(ENROLLED, {}, codes=2),
        "a typed code, nothing stored": Start(ENROLLED, codes=1, typed=True),
        "a key": Start(ENROLLED, {}, by="both", codes=2),
        "a key, nothing stored": Start(ENROLLED, by="both"),
        "a key, no device": Start(by="api_key"),
        "a next one and a code": Start({**TWO, "devices": [VERIFIED, UNVERIFIED]}, {}, next_device=1, codes=1),
        "a previous one": Start(TWO, {}, previous_device=1),
    },
    "remove": {
        "as wanted": Start(ENROLLED, {}),
        "nothing stored": Start(ENROLLED, by="api_key"),
        "everything": Start(ENROLLED, {}, more={"mfa_otp_remove_all": True}),
        "kept": Start(ENROLLED, {}, more={"mfa_otp_keep_stored": True}),
        "MFA off": Start({"devices": [VERIFIED], "mfa": OFF}, {}),
        "MFA off, everything": Start({"devices": [VERIFIED], "mfa": OFF}, {}, more={"mfa_otp_remove_all": True}),
        "two devices": Start(TWO, {}, previous_device=1),
        "nothing": Start(),
    },
}


def assert_plans_come_true(job: str, given: dict[str, tuple[Lab, dict[str, Any]]]) -> None:
    """In check mode nothing is written, neither to the service nor to the store; then all of it is done."""
    fleet = Fleet(given)
    before = {host: lab.kept for host, lab in fleet.labs.items()}
    plans: dict[str, list[str]] = {}
    for host, checked in fleet.run(job, "--check", "--diff").items():
        plans[host] = checked.result["plan"]
        assert checked.writes == [], host
        assert fleet.labs[host].kept == before[host], host
        assert checked.result["steps"] == [], host
        assert checked.result["changed"] is bool(plans[host]), host
        assert_it_says_what_is(fleet.labs[host], checked)
    fleet.move(61)
    for host, run in fleet.run(job).items():
        assert run.result["steps"] == plans[host], host
        assert run.result["plan"] == [], host


def assert_it_says_what_is(lab: Lab, checked: Run) -> None:
    """The settings are those of the account, as far as they were looked at, and only a login proves a login."""
    mfa = checked.result["mfa"]
    assert mfa.get("enabled") in (None, lab.account()["mfa_enabled"])
    assert checked.result["proved"] is ("accepted" in checked.passcodes)


@pytest.mark.thorough
@pytest.mark.parametrize("job", rows(["rotate", "enroll", "recover", "remove"]))
def test_the_plan_is_what_is_done(make_lab: Callable[..., Lab], job: str) -> None:
    """From every start state."""
    assert_plans_come_true(job, {host_name(name): start.begin(make_lab) for name, start in STARTS[job].items()})


@pytest.mark.thorough
@pytest.mark.parametrize("job", ["enroll", "rotate", "recover", "remove"])
def test_the_plan_for_another_user(make_lab: Callable[..., Lab], job: str) -> None:
    lab = make_lab(User("alice", {} if job == "enroll" else ENROLLED), User("boss", {"role": "user-admin"}))
    if job != "enroll":
        lab.store(entry_of(lab, "alice"))
    if job == "recover":
        lock(lab, "alice")
    proof = {"mfa_otp_target_password": lab.account("alice")["password"]} if job != "remove" else {}
    given = {**lab.variables("boss"), "mfa_otp_target_user": "alice", **proof}
    assert_plans_come_true(job, {"account": (lab, given)})


def test_a_bypass_code_is_not_spent(make_lab: Callable[..., Lab]) -> None:
    lab, given = STARTS["recover"]["a stored code"].begin(make_lab)
    run = lab.run("recover", "--check", **given)
    assert (run.passcodes, run.writes) == ([], []), "nobody logs in"
    assert run.result["plan"]
