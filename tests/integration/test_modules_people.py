# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may act on whom, for every module: oneself, a user-admin, a user-manage, and everyone else."""

from __future__ import annotations

from typing import Any

import pytest
from integration.harness.plays import PEOPLE, Call, Player, call, checked, do, four_times, user

DEVICE = {"device_id": "d1"}
DELETION = ("rax_otp_device", {**DEVICE, "state": "absent"})
NUMBER = "+15125550100"
ON_A_USER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rax_otp_device", {"name": "new"}),
    ("rax_otp_device", {**DEVICE, "state": "verified", "code": "000000"}),
    DELETION,
    ("rax_otp_device_info", {}),
    ("rax_mfa_info", {}),
    ("rax_mfa_settings", {"enabled": True}),
    ("rax_mfa_settings", {"enabled": False}),
    ("rax_mfa_settings", {"enforcement_level": "REQUIRED"}),
    ("rax_mfa_settings", {"unlock": True}),
    ("rax_mfa_settings", {"state": "absent"}),
    ("rax_mobile_phone", {"number": NUMBER}),
    ("rax_mobile_phone", {"number": NUMBER, "state": "code_sent"}),
    ("rax_mobile_phone", {"state": "verified", "code": "000000"}),
    ("rax_mobile_phone", {"state": "absent"}),
    ("rax_bypass_codes", {}),
)
"""All that a module may be asked to do on a user."""
ON = {"devices": [{"id": "d1", "name": "phone", "verified": True}], "mfa": {"enabled": True}}
USERS = [
    *(person for person in PEOPLE if person["username"] not in ("alice", "bob")),
    user("alice", **ON),
    user("bob", **ON),
    user("boss", role="user-admin", **ON),
]


@pytest.mark.thorough
def test_everyone_else_is_refused(play: Player) -> None:
    steps = []
    for module, options in ON_A_USER:
        refused = [
            call(module, "alice", **options, target_user="bob"),
            call(module, "stranger", **options, target_user_id="id-of-alice"),
            call(module, "manager", **options, target_user_id="id-of-boss"),
        ]
        steps += [*refused, checked(refused[0])]
    played = play(steps, users=USERS)
    for step, outcome in zip(steps, played.outcomes, strict=True):
        assert outcome.kind == "forbidden", (step, outcome.result)
        assert all(line.endswith("403") for line in outcome.writes), step
        assert not (step.check and outcome.writes), step
    for name in ("alice", "bob", "boss"):
        assert (played.user(name)["mfa_enabled"], len(played.user(name)["otp_devices"])) == (True, 1)


@pytest.mark.thorough
def test_who_may_not_touch_a_domain_or_a_level_is_refused(play: Player) -> None:
    steps = [
        call("rax_mfa_domain", "alice", enforcement_level="REQUIRED"),
        call("rax_mfa_domain", "manager", enforcement_level="REQUIRED"),
        call("rax_mfa_domain", "stranger", domain_id="100", enforcement_level="REQUIRED"),
        checked(call("rax_mfa_domain", "alice", enforcement_level="REQUIRED")),
        call("rax_mfa_domain_info", "alice"),
        call("rax_mfa_domain_info", "stranger", domain_id="100"),
        call("rax_mfa_settings", "alice", enforcement_level="REQUIRED"),
    ]
    played = play(steps, users=USERS)
    assert [outcome.kind for outcome in played.outcomes] == ["forbidden"] * len(steps)
    assert not any(line.endswith(("200", "201", "204")) for outcome in played.outcomes for line in outcome.writes)


# A deletion by id finds that the device is not there, which is what was asked for.
LOOKED_UP = [job for job in ON_A_USER if job is not DELETION]


@pytest.mark.thorough
def test_users_that_are_not_there_are_not_found(play: Player) -> None:
    targets = ({"target_user": "nobody"}, {"target_user_id": "no-such-id"})
    steps = [call(module, "admin", **options, **target) for module, options in LOOKED_UP for target in targets]
    outcomes = play([*steps, call("rax_mfa_domain_info", "admin", domain_id="none")], users=USERS).outcomes
    assert [outcome.kind for outcome in outcomes] == ["not_found"] * len(outcomes)


def test_the_level_of_a_domain_is_set_once(play: Player) -> None:
    def domain(level: str) -> Call:
        return call("rax_mfa_domain", "admin", enforcement_level=level)

    steps = [
        *four_times(domain("REQUIRED")),
        domain("OPTIONAL"),
        do("users", users=[user("admin", role="user-admin")]),
        checked(domain("REQUIRED")),
        domain("REQUIRED"),
        do("users", users=[user("admin", role="user-admin", domain_enforcement_level="RACKSPACE_MANDATED")]),
        checked(domain("REQUIRED")),
        domain("REQUIRED"),
        call("rax_mfa_settings", "admin", target_user="alice", enforcement_level="REQUIRED"),
    ]
    outcomes = play(steps, users=USERS).outcomes
    put = "PUT /v2.0/RAX-AUTH/domains/{domain}/multi-factor 204"
    assert [outcome.changed for outcome in outcomes[:5]] == [True, True, False, False, True]
    assert [outcome.writes for outcome in outcomes[:5]] == [[], [put], [], [], [put]]
    assert outcomes[0].result["diff"] == outcomes[1].result["diff"]
    assert outcomes[1].result["domain"] == {"id": "100", "name": "100", "enforcement_level": "REQUIRED"}
    assert [outcome.kind for outcome in outcomes[5:]] == ["forbidden"] * 5
    assert not any(outcome.writes for outcome in outcomes[5:9])


@pytest.mark.thorough
def test_the_users_of_a_domain_come_page_by_page(play: Player) -> None:
    steps = [
        checked(call("rax_mfa_domain_info", "admin")),
        call("rax_mfa_domain_info", "admin"),
        call("rax_mfa_domain_info", "manager"),
        do("behave", page_size=1, empty_pages=True),
        call("rax_mfa_domain_info", "admin", domain_id="100"),
    ]
    check, by_admin, by_manager, paged = play(steps, users=USERS).outcomes
    assert check.result["users"] == by_admin.result["users"]
    assert not any(outcome.changed or outcome.writes for outcome in (check, by_admin, by_manager, paged))
    names = [person["name"] for person in by_admin.result["users"]]
    assert names == ["admin", "alice", "bob", "boss", "manager"]
    assert by_admin.result["users"][1]["mfa"]["enabled"] is True
    assert [person["name"] for person in by_manager.result["users"]] == ["alice", "bob"]
    assert paged.result["users"] == by_admin.result["users"]
    assert by_admin.result["domain"]["enforcement_level"] == "OPTIONAL"


def test_bypass_codes_are_new_each_time_and_what_came_back_is_told(play: Player) -> None:
    login = {"username": "alice", "password": "{{ passwords.alice }}"}
    codes = Call("rax_bypass_codes", {"count": 3}, "alice", name="codes")
    steps = [
        checked(call("rax_bypass_codes", "alice", count=3)),
        codes,
        call("rax_auth_token", **login, passcode="{{ codes.codes[1] }}"),
        call("rax_auth_token", **login, passcode="{{ codes.codes[1] }}"),
        call("rax_bypass_codes", "alice", count=20, validity=90),
        call("rax_bypass_codes", "admin", target_user="alice", count=4, validity=1000),
        call("rax_bypass_codes", "admin", target_user="alice"),
        call("rax_bypass_codes", "alice", count=0),
        call("rax_bypass_codes", "manager"),
        checked(call("rax_bypass_codes", "manager")),
    ]
    check, three, login_once, login_twice, most, for_other, default, none, off, off_check = play(
        steps, users=USERS
    ).outcomes
    assert (check.changed, check.writes, "codes" in check.result) == (True, [], False)
    assert (three.changed, len(three.result["codes"]), three.result["validity_duration"]) == (True, 3, None)
    assert "warnings" not in three.result
    assert login_once.result["second_factor"] is True
    assert login_twice.kind == "passcode_refused"
    assert (len(most.result["codes"]), most.result["validity_duration"]) == (10, "PT90M0.000S")
    assert most.result["warnings"] == ["The service made 10 bypass codes and not 20."]
    assert (len(for_other.result["codes"]), for_other.result["validity_duration"]) == (1, "PT180M0.000S")
    assert len(for_other.result["warnings"]) == 2
    assert default.result["validity_duration"] == "PT30M0.000S"
    assert none.result["msg"].startswith("count must be 1 or more")
    assert [off.kind, off_check.kind] == ["conflict", "conflict"]
