# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rax_mfa_settings` in real runs, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from integration.harness.plays import PEOPLE, Call, Player, call, checked, do, four_times, look, named, user

PUT = "PUT ~ 204"
VERIFIED = {"id": "d1", "name": "phone", "verified": True}
PHONE = {"id": "p1", "number": "+15125550100", "verified": True}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def settings(**options: Any) -> Call:
    return call("rax_mfa_settings", "alice", **options)


def test_it_is_turned_on_switched_and_off_once(play: Player) -> None:
    steps = [
        *four_times(settings(enabled=True, factor_type="OTP")),
        *four_times(settings(factor_type="SMS")),
        *four_times(settings(enabled=False)),
        *four_times(settings(state="absent")),
    ]
    users = [user("alice", devices=[VERIFIED], phone=PHONE)]
    played = play(steps, users=users)
    on, over, off, gone = (played.outcomes[start : start + 4] for start in range(0, 16, 4))
    for outcomes, write in ((on, PUT), (over, PUT), (off, PUT), (gone, "DELETE ~ 204")):
        assert [outcome.changed for outcome in outcomes] == [True, True, False, False]
        assert [outcome.writes for outcome in outcomes] == [[], [write], [], []]
        assert outcomes[0].result["diff"] == outcomes[1].result["diff"]
        assert outcomes[1].result["mfa"] == outcomes[3].result["mfa"]
    assert on[1].result["mfa"] == {
        "enabled": True,
        "state": "ACTIVE",
        "factor_type": "OTP",
        "enforcement_level": "DEFAULT",
    }
    assert over[1].result["mfa"]["factor_type"] == "SMS"
    assert off[1].result["mfa"]["factor_type"] is None
    assert (played.user("alice")["otp_devices"], played.user("alice")["phone"]) == ([], None)


def test_what_would_lock_the_user_out_is_refused(play: Player) -> None:
    users = [
        user("alice", devices=[{"id": "d0", "name": "new", "verified": False}]),
        user("bob", devices=[VERIFIED], phone=PHONE, enforcement_level="REQUIRED", mfa={"enabled": True}),
    ]
    as_bob = "rax_mfa_settings", "bob"
    refused = [
        settings(enabled=True),
        settings(enabled=True, factor_type="OTP", enforcement_level="REQUIRED"),
        settings(factor_type="OTP"),
        checked(settings(enabled=True, factor_type="OTP")),
        call(*as_bob, state="absent"),
        call(*as_bob, enabled=False),
        checked(call(*as_bob, enabled=False)),
    ]
    by_the_service = [settings(enabled=True, factor_type="SMS")]
    misused = [
        settings(enabled=False, factor_type="OTP"),
        settings(state="absent", enabled=True),
        settings(state="absent", unlock=True),
    ]
    played = play([*refused, *by_the_service, *misused], users=users)
    assert [outcome.kind for outcome in played.outcomes] == ["conflict"] * 8 + [None] * 3
    assert not any(outcome.writes for outcome in played.outcomes[:7] + played.outcomes[8:])
    assert played.outcomes[7].writes == ["PUT ~ 400"]
    assert all("eave" in outcome.result["msg"] for outcome in played.outcomes[8:])
    assert played.user("bob")["mfa_enabled"]


@pytest.mark.thorough
def test_both_kinds_verified_ask_for_a_factor(play: Player) -> None:
    users = [user("alice", devices=[VERIFIED], phone=PHONE)]
    outcome = play([settings(enabled=True)], users=users).outcomes[0]
    assert (outcome.kind, outcome.writes) == ("conflict", [])
    assert "factor_type" in outcome.result["msg"]


@pytest.mark.thorough
def test_an_administrator_unlocks_only_who_is_locked(play: Player) -> None:
    users = [*PEOPLE, user("alice", devices=[{**VERIFIED, "secret": SECRET}], mfa={"enabled": True})]
    wrong = call("rax_auth_token", username="alice", password="{{ passwords.alice }}", passcode="{{ codes[item] }}")
    wrong = Call(wrong.module, wrong.options, keywords={"loop": [0, 1, 2]})
    unlock = call("rax_mfa_settings", "admin", target_user="ALICE", unlock=True)
    right = call("rax_auth_token", username="alice", password="{{ passwords.alice }}", otp_secret=SECRET)
    other_machine = {"state_dir": "{{ playbook_dir }}/other"}
    third = Call(wrong.module, {**wrong.options, **other_machine, "passcode": "{{ codes[3] }}"})
    fourth = Call(wrong.module, {**wrong.options, **other_machine, "passcode": "{{ codes[4] }}"})
    steps = [unlock, wrong, third, fourth, settings(unlock=True), *four_times(unlock), right]
    # PEOPLE has an alice, too: the later one counts.
    users = [person for person in users if person["username"] != "alice" or "devices" in person]
    played = play(steps, users=users, vars={"codes": ["000001", "000002", "000003", "000004", "000005"]})
    before, tried, _third, locked, oneself, *unlocked, login = played.outcomes
    assert not before.changed
    assert [result["error"]["status"] for result in tried.result["results"]] == [401, 401, None]
    assert locked.kind == "account_locked"
    assert oneself.kind == "forbidden"
    assert [outcome.changed for outcome in unlocked] == [True, True, False, False]
    assert [outcome.writes for outcome in unlocked] == [[], [PUT], [], []]
    assert unlocked[1].result["diff"]["before"]["state"] == "LOCKED"
    # The record forgets the refusals with the service: else it would hold this login back for 30 minutes.
    assert login.result["second_factor"] is True


@pytest.mark.thorough
def test_levels_go_in_the_order_that_works(play: Player) -> None:
    users = [person for person in PEOPLE if person["username"] != "alice"]
    users.append(user("alice", devices=[VERIFIED]))

    def on_alice(**options: Any) -> Call:
        return call("rax_mfa_settings", "admin", target_user_id="id-of-alice", **options)

    steps = [
        *four_times(on_alice(enabled=True, factor_type="OTP", enforcement_level="REQUIRED")),
        *four_times(on_alice(enabled=False, enforcement_level="OPTIONAL")),
        *four_times(on_alice(enforcement_level="DEFAULT")),
        on_alice(enabled=True, enforcement_level="REQUIRED"),
        on_alice(state="absent", enforcement_level="OPTIONAL"),
    ]
    played = play(steps, users=users)
    for start, puts in ((0, 2), (4, 2), (8, 1)):
        four = played.outcomes[start : start + 4]
        assert [outcome.changed for outcome in four] == [True, True, False, False]
        assert [outcome.writes for outcome in four] == [[], [PUT] * puts, [], []]
    assert played.outcomes[-1].writes == [PUT, "DELETE ~ 204"]


@pytest.mark.thorough
def test_a_token_that_dies_by_the_change_is_no_error(play: Player) -> None:
    secret = "{{ added.secret }}"
    login = {"username": "alice", "password": "{{ passwords.alice }}"}
    steps = [
        named("login", call("rax_auth_token", **login)),
        named("added", call("rax_otp_device", auth_token="{{ login.token.id }}", name="phone")),
        call("rax_otp_device", **login, name="phone", state="verified", secret=secret),
        call("rax_mfa_settings", auth_token="{{ login.token.id }}", enabled=True, factor_type="OTP"),
        call("rax_mfa_info", auth_token="{{ login.token.id }}"),
        do("move", seconds=61),
        named("again", call("rax_auth_token", **login, otp_secret=secret)),
        call("rax_mfa_info", auth_token="{{ again.token.id }}"),
        call("rax_mfa_info", auth_token="{{ login.token.id }}", username="alice", api_key="{{ api_keys.alice }}"),
        call("rax_mfa_info", **login),
    ]
    enabled, dead, again, info, renewed, no_factor = play(steps).outcomes[-6:]
    assert (enabled.changed, enabled.writes) == (True, [PUT])
    assert (dead.kind, dead.result["error"]["status"]) == ("bad_credentials", 401)
    assert again.result["token"]["authenticated_by"] == ["OTPPASSCODE", "PASSWORD"]
    assert info.result["mfa"]["enabled"] is True
    assert renewed.result["mfa"]["enabled"] is True
    assert no_factor.kind == "passcode_required"


@pytest.mark.thorough
def test_a_lost_answer_of_the_put_is_told_apart_by_a_login(play: Player) -> None:
    login = {"username": "alice", "password": "{{ passwords.alice }}"}
    users = [user("alice", devices=[VERIFIED])]
    lost = [
        do("fault", kind="lost", method="PUT", path="multi-factor$"),
        call("rax_mfa_settings", **login, enabled=True, factor_type="OTP"),
    ]
    outcome = play(lost, users=users).outcomes[0]
    assert outcome.changed
    assert outcome.writes == [PUT, "PUT ~ 401"]


@pytest.mark.thorough
def test_an_account_that_must_set_it_up_does_so_by_its_scoped_token(play: Player) -> None:
    users = [user("alice", enforcement_level="REQUIRED")]
    login = {"username": "alice", "password": "{{ passwords.alice }}"}
    scoped = {"auth_token": "{{ scoped.token.id }}", "user_id": "{{ scoped.user.id }}"}
    steps = [
        call("rax_auth_token", **login),
        named("scoped", call("rax_auth_token", **login, scope="setup_mfa")),
        named("added", call("rax_otp_device", **scoped, name="phone")),
        call("rax_otp_device", **scoped, name="phone", state="verified", secret="{{ added.secret }}"),
        call("rax_otp_device", **scoped, name="phone", state="verified", secret="{{ added.secret }}", username="alice"),
        checked(call("rax_mfa_settings", **scoped, username="alice", enabled=True, factor_type="OTP")),
        call("rax_mfa_settings", **scoped, username="alice", enabled=True, factor_type="OTP"),
        do("move", seconds=61),
        call("rax_auth_token", **login, otp_secret="{{ added.secret }}"),
        call("rax_auth_token", **login, scope="setup_mfa"),
        look("seen", "alice"),
    ]
    needed, _scoped, _added, nameless, verified, check, on, again, refused = play(steps, users=users).outcomes
    assert needed.kind == "setup_required"
    assert nameless.result["msg"].startswith("username is missing")
    assert verified.changed
    assert [check.changed, on.changed] == [True, True]
    assert again.result["second_factor"]
    assert refused.kind in ("forbidden", "passcode_required")
