# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: it writes nothing, and what it plans is what the real run then does.

From more start states the modules do so in memory (`test_stored_device.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple

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
        "as wanted but never proved": Start([], ENROLLED, {"proved": ""}),
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


class Case(NamedTuple):
    """A host of a run, its job, and what that does. The account is that of the lab's first user."""

    job: str
    lab: Lab
    given: dict[str, Any]
    steps: list[str]


def own(make_lab: MakeLab, job: str) -> dict[str, Case]:
    """The job for an account in each start state."""
    return {
        host_name(f"{job} {name}"): Case(job, *start.begin(make_lab), start.steps)
        for name, start in STARTS[job].items()
    }


FOR_ANOTHER = {"enroll": ENROLLMENT, "rotate": ROTATION, "recover": ["unlock", *ROTATION], "remove": REMOVAL}
OWN_JOBS = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.include_role": {"name": "rackspace.identity.mfa_otp", "tasks_from": "{{ entry_point }}"}}
        ],
    }
]
"""A play in which each host has a job of its own."""


def for_another(make_lab: MakeLab, job: str) -> Case:
    """The job for another user than the one who logs in."""
    lab = make_lab(User("alice", {} if job == "enroll" else ENROLLED), User("boss", {"role": "user-admin"}))
    if job != "enroll":
        lab.store(entry_of(lab, "alice"))
    if job == "recover":
        lock(lab, "alice")
    proof = {"mfa_otp_target_password": lab.account("alice")["password"]} if job != "remove" else {}
    return Case(job, lab, {**lab.variables("boss"), "mfa_otp_target_user": "alice", **proof}, FOR_ANOTHER[job])


def assert_plans_come_true(playbook: str | list[dict[str, Any]], cases: dict[str, Case]) -> None:
    """In check mode nothing is written, neither to the service nor to the store; then all of it is done."""
    entry_points = {host: "main" if case.job == "enroll" else case.job for host, case in cases.items()}
    fleet = Fleet({host: (one.lab, {**one.given, "entry_point": entry_points[host]}) for host, one in cases.items()})
    before = {host: lab.kept for host, lab in fleet.labs.items()}
    for host, checked in fleet.run(playbook, "--check", "--diff", env=TOGETHER).items():
        assert checked.result["plan"] == cases[host].steps, host
        assert checked.writes == [], host
        assert fleet.labs[host].kept == before[host], host
        assert checked.result["steps"] == [], host
        assert checked.result["changed"] is bool(cases[host].steps), host
        assert cases[host].job != "recover" or checked.passcodes == [], "no bypass code is spent"
        assert_it_says_what_is(fleet.labs[host], checked)
    fleet.move(61)
    for host, run in fleet.run(playbook, env=TOGETHER).items():
        assert run.result["steps"] == cases[host].steps, host
        assert run.result["plan"] == [], host
        assert_done(cases[host], host)


def assert_done(case: Case, host: str) -> None:
    """The account is enrolled, or nothing is left of it. That of someone who did it for another is as it was."""
    for helper in case.lab.users[1:]:
        assert case.lab.account(helper.name)["otp_devices"] == [], host
    if case.job != "remove":
        assert_enrolled(case.lab)
        return
    user = case.lab.account()
    assert (user["mfa_enabled"], user["otp_devices"], user["phone"]) == (False, [], None), host
    assert bool(case.lab.entry()) is ("mfa_otp_keep_stored" in case.given), host


def assert_it_says_what_is(lab: Lab, checked: Run) -> None:
    """The settings are those of the account, as far as they were looked at, and only a login proves a login."""
    mfa = checked.result["mfa"]
    assert mfa.get("enabled") in (None, lab.account()["mfa_enabled"])
    assert checked.result["proved"] is ("accepted" in checked.passcodes)


def test_the_plan_of_a_recovery_is_what_is_done(make_lab: MakeLab) -> None:
    assert_plans_come_true("recover", own(make_lab, "recover"))


@pytest.mark.thorough
def test_the_plan_of_each_job_is_what_is_done(make_lab: MakeLab) -> None:
    """Also for another user. The playbooks themselves run in check mode in `test_role_nothing_seen`."""
    cases = {host: case for job in STARTS if job != "recover" for host, case in own(make_lab, job).items()}
    cases |= {f"{job}_for_another": for_another(make_lab, job) for job in FOR_ANOTHER}
    assert_plans_come_true(OWN_JOBS, cases)


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
