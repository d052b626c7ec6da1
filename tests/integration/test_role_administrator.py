# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An administrator does it for another user: enrolls, rotates, removes; and who is no administrator can't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import ENROLLMENT, Lab, User, assert_enrolled, assert_nothing_to_do, rows
from integration.harness.accounts import ENROLLED, entry_of

WITHOUT_PROOF = [step for step in ENROLLMENT if step != "prove_login"]


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab with an administrator, one of default users, and two of these."""
    return make_lab(
        User("boss", {"role": "user-admin"}), User("manager", {"role": "user-manage"}), User("alice"), User("bob")
    )


def acting(lab: Lab, admin: str = "boss", target: str = "alice", by: str = "password", **more: Any) -> dict[str, Any]:
    """The variables with which one user works on another."""
    return {**lab.variables(admin, by=by), "mfa_otp_target_user": target, **more}


def proved(lab: Lab, **more: Any) -> dict[str, Any]:
    """The same, with the password that the proof needs."""
    return acting(lab, mfa_otp_target_password=lab.account("alice")["password"], **more)


@pytest.mark.parametrize("who", rows(["boss password", "boss api_key", "manager api_key", "manager password"]))
def test_another_user_is_enrolled_and_proved(lab: Lab, who: str) -> None:
    admin, by = who.split()
    given = proved(lab, admin=admin, by=by)
    run = lab.run("enroll", **given)
    assert run.result["steps"] == ENROLLMENT
    assert run.result["proved"] is True
    assert_enrolled(lab, "alice")
    assert [lab.account(name)["otp_devices"] for name in ("boss", "manager", "bob")] == [[], [], []]
    lab.control.move(61)
    assert_nothing_to_do(lab.run("enroll", **given))


@pytest.mark.thorough
def test_without_the_users_password_nothing_is_proved(lab: Lab) -> None:
    run = lab.run("enroll", **acting(lab))
    assert run.result["steps"] == WITHOUT_PROOF
    assert run.result["proved"] is False
    assert_enrolled(lab, "alice")


@pytest.mark.thorough
def test_a_user_that_must_set_mfa_up_is_enrolled_and_gets_a_level(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("boss", {"role": "user-admin"}), User("alice", {"enforcement_level": "REQUIRED"}))
    run = lab.run("enroll", **proved(lab, mfa_otp_enforcement_level="OPTIONAL"))
    assert run.result["steps"] == [*ENROLLMENT, "set_enforcement_level"]
    assert lab.account("alice")["enforcement_level"] == "OPTIONAL"


@pytest.mark.thorough
def test_bypass_codes_for_another_user_are_refused_before_any_request(lab: Lab) -> None:
    """The service gives an administrator one that is good for minutes."""
    run = lab.run("enroll", **proved(lab, mfa_otp_bypass_codes=1))
    assert "mfa_otp_bypass_codes cannot be kept for another user" in run.message
    assert run.requests == []


@pytest.mark.thorough
def test_rotated_and_removed(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("boss", {"role": "user-admin"}), User("alice", ENROLLED))
    lab.store(entry_of(lab, "alice"))
    old = lab.entry()
    run = lab.run("rotate", **proved(lab))
    assert run.result["steps"][-2:] == ["promote", "delete_previous"]
    assert run.result["proved"] is True
    assert lab.entry()["secret"] != old["secret"]
    assert_enrolled(lab, "alice")
    assert lab.run("remove", **acting(lab)).result["steps"] == ["turn_off", "delete_device", "remove_stored"]
    assert (lab.account("alice")["mfa_enabled"], lab.account("alice")["otp_devices"]) == (False, [])


@pytest.mark.thorough
def test_an_administrator_with_mfa_needs_a_key_or_a_code(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("boss", {"role": "user-admin", **ENROLLED}), User("alice"))
    refused = lab.run("enroll", **acting(lab))
    assert refused.error_kind == "passcode_required"
    assert refused.writes == []
    assert lab.run("enroll", **acting(lab, by="api_key")).result["steps"] == WITHOUT_PROOF


@pytest.mark.parametrize("who", rows(["alice bob", "manager boss", "boss nobody"]))
def test_who_may_not_act_on_whom(lab: Lab, who: str) -> None:
    admin, target = who.split()
    run = lab.run("enroll", **acting(lab, admin, target))
    assert run.error_kind == ("not_found" if target == "nobody" else "forbidden")
    assert run.writes == []
    assert lab.entry() == {}


def test_the_administrators_own_entry_is_not_taken_for_the_users(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("boss", {"role": "user-admin", **ENROLLED}), User("alice"))
    lab.store(entry_of(lab, "boss"))
    run = lab.run("enroll", **acting(lab, by="api_key"))
    assert "belongs to" in run.message
    assert run.writes == []
