# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: it writes nothing, and what it plans is what the real run then does.

From more start states the modules do so in memory (`test_stored_device.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pytest
from integration.harness import ENROLLMENT, TOGETHER, Fleet, Lab, Run, User, assert_enrolled, host_name, rows
from integration.harness.accounts import ENROLLED, LONG_AGO, MakeLab, bypass_codes, entry_of, lock
from integration.harness.jobs import REMOVAL, ROTATION

TODAY = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Start:
    """A start state, and the steps of the job.

    :param seed: the user, as the emulator takes it.
    :param stored: what the store has of the device, and more; None if it has nothing.
    :param codes: how many bypass codes there are; they are stored, or (`typed`) one is given.
    """

    steps: list[str]
    seed: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] | None = None
    by: str = "password"
    more: dict[str, Any] = field(default_factory=dict)
    codes: int = 0
    typed: bool = False

    def begin(self, make_lab: MakeLab) -> tuple[Lab, dict[str, Any]]:
        """A lab in this state, and the variables of the role."""
        lab = make_lab(User(seed=self.seed))
        codes = bypass_codes(lab, self.codes) if self.codes else []
        if self.stored is not None:
            kept: dict[str, Any] = {"bypass_codes": codes} if codes and not self.typed else {}
            lab.store(entry_of(lab, **self.stored, **kept))
        return lab, lab.variables(by=self.by, **self.more, **({"mfa_otp_passcode": codes[0]} if self.typed else {}))


WITHOUT_PROOF = [step for step in ENROLLMENT if step != "prove_login"]
CODES_AND_LEVEL = ["keep_bypass_codes", "set_enforcement_level"]
WITH_CODES_AND_LEVEL = {"mfa_otp_bypass_codes": 2, "mfa_otp_enforcement_level": "REQUIRED"}
ADMIN = {"role": "user-admin"}
STARTS: dict[str, dict[str, Start]] = {
    "recover": {
        "a stored code": Start([*ROTATION, "keep_bypass_codes"], ENROLLED, {}, codes=2),
        "a typed code, nothing stored": Start(ROTATION, ENROLLED, codes=1, typed=True),
        "a key": Start([*ROTATION, "keep_bypass_codes"], ENROLLED, {}, by="both", codes=2),
    },
    "enroll": {
        "nothing": Start(ENROLLMENT),
        "as wanted": Start([], ENROLLED, {}),
        "by key": Start(WITHOUT_PROOF, by="api_key"),
        "codes and a level": Start([*ENROLLMENT, *CODES_AND_LEVEL], ADMIN, more=WITH_CODES_AND_LEVEL),
        "as wanted but for codes and a level": Start(
            CODES_AND_LEVEL, {**ADMIN, **ENROLLED}, {}, more=WITH_CODES_AND_LEVEL
        ),
    },
    "rotate": {
        "as wanted": Start(ROTATION, ENROLLED, {}, by="both"),
        "by key": Start([step for step in ROTATION if step != "prove_login"], ENROLLED, {}, by="api_key"),
        "young": Start([], ENROLLED, {"created": TODAY}, more={"mfa_otp_rotate_after": 30}),
        "old": Start(ROTATION, ENROLLED, {"created": LONG_AGO}, more={"mfa_otp_rotate_after": 30}),
    },
    "remove": {
        "as wanted": Start(REMOVAL, ENROLLED, {}),
        "nothing stored": Start(["turn_off", "delete_device"], ENROLLED, by="api_key"),
        "everything": Start(
            ["turn_off", "remove_everything", "remove_stored"],
            {**ENROLLED, "phone": {"verified": True}},
            {},
            more={"mfa_otp_remove_all": True},
        ),
        "kept": Start(["turn_off", "delete_device"], ENROLLED, {}, more={"mfa_otp_keep_stored": True}),
        "nothing": Start([]),
    },
}


def assert_plans_come_true(job: str, given: dict[str, tuple[Lab, dict[str, Any]]], steps: dict[str, list[str]]) -> None:
    """In check mode nothing is written, neither to the service nor to the store; then all of it is done."""
    fleet = Fleet(given)
    before = {host: lab.kept for host, lab in fleet.labs.items()}
    for host, checked in fleet.run(job, "--check", "--diff", env=TOGETHER).items():
        assert checked.result["plan"] == steps[host], host
        assert checked.writes == [], host
        assert fleet.labs[host].kept == before[host], host
        assert checked.result["steps"] == [], host
        assert checked.result["changed"] is bool(steps[host]), host
        assert job != "recover" or checked.passcodes == [], "no bypass code is spent"
        assert_it_says_what_is(fleet.labs[host], checked)
    fleet.move(61)
    for host, run in fleet.run(job, env=TOGETHER).items():
        assert run.result["steps"] == steps[host], host
        assert run.result["plan"] == [], host


def assert_it_says_what_is(lab: Lab, checked: Run) -> None:
    """The settings are those of the account, as far as they were looked at, and only a login proves a login."""
    mfa = checked.result["mfa"]
    assert mfa.get("enabled") in (None, lab.account()["mfa_enabled"])
    assert checked.result["proved"] is ("accepted" in checked.passcodes)


@pytest.mark.parametrize("job", rows(list(STARTS)))
def test_the_plan_is_what_is_done(make_lab: MakeLab, job: str) -> None:
    """From each start state."""
    given = {host_name(name): start.begin(make_lab) for name, start in STARTS[job].items()}
    assert_plans_come_true(job, given, {host_name(name): start.steps for name, start in STARTS[job].items()})
    for host, (lab, own) in given.items():
        if job != "remove":
            assert_enrolled(lab)
            continue
        user = lab.account()
        assert (user["mfa_enabled"], user["otp_devices"], user["phone"]) == (False, [], None), host
        assert bool(lab.entry()) is ("mfa_otp_keep_stored" in own), host


WITH_PERSON = {"mfa_otp_verify": "prompt", "mfa_otp_qr": "terminal"}
BY_KEYWORD = {
    "main": Start(ENROLLMENT, more=WITH_PERSON),
    "rotate": Start(ROTATION, ENROLLED, {}, by="both", more=WITH_PERSON),
    "recover": Start(ROTATION, ENROLLED, codes=1, typed=True, more=WITH_PERSON),
}


@pytest.mark.parametrize("job", rows(list(BY_KEYWORD)))
def test_the_mode_is_that_of_the_tasks(make_lab: MakeLab, job: str) -> None:
    """A keyword of the tasks sets it, also against the command line. In a real run a person takes part, or it fails."""
    start = BY_KEYWORD[job]
    lab, given = start.begin(make_lab)
    for check_mode, args in ((True, []), (False, ["--check"])):
        role = {"name": "rackspace.identity.mfa_otp", "tasks_from": job, "apply": {"check_mode": check_mode}}
        play = {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
        run = lab.run([play], *args, **given)
        assert run.writes == []
        if check_mode:
            assert (run.result["plan"], run.result["steps"]) == (start.steps, [])
        else:
            assert "foreground of a terminal" in run.screen
        lab.control.move(61)


FOR_ANOTHER = {"enroll": ENROLLMENT, "rotate": ROTATION, "recover": ["unlock", *ROTATION], "remove": REMOVAL}


@pytest.mark.thorough
@pytest.mark.parametrize("job", FOR_ANOTHER)
def test_the_plan_for_another_user(make_lab: MakeLab, job: str) -> None:
    lab = make_lab(User("alice", {} if job == "enroll" else ENROLLED), User("boss", {"role": "user-admin"}))
    if job != "enroll":
        lab.store(entry_of(lab, "alice"))
    if job == "recover":
        lock(lab, "alice")
    proof = {"mfa_otp_target_password": lab.account("alice")["password"]} if job != "remove" else {}
    given = {**lab.variables("boss"), "mfa_otp_target_user": "alice", **proof}
    assert_plans_come_true(job, {"account": (lab, given)}, {"account": FOR_ANOTHER[job]})
    if job != "remove":
        assert_enrolled(lab, "alice")
    else:
        assert (lab.account("alice")["mfa_enabled"], lab.account("alice")["otp_devices"]) == (False, [])
    assert lab.account("boss")["otp_devices"] == []
