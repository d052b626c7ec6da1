# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Authentication 3 and 4: the challenge, sessions, replay, and the lock-out."""

from __future__ import annotations

import re

import pytest

from .helpers import Service, assert_refused, session_of

LOCKED = "The account has been locked"
MINUTE = 60


def methods(answer_json: dict[str, dict[str, dict[str, list[str]]]]) -> set[str]:
    """How a token was earned."""
    return set(answer_json["access"]["token"]["RAX-AUTH:authenticatedBy"])


def test_right_passcode_gives_a_token_of_both_factors(service: Service) -> None:
    device = service.enroll("alice")
    answer = service.login("alice", service.code(device["secret"]))
    assert methods(answer.json()) == {"PASSWORD", "OTPPASSCODE"}


def test_sms_passcode_gives_a_token_of_both_factors(service: Service) -> None:
    service.add_phone("alice")
    assert service.put("alice", enabled=True).status_code == 204
    answer = service.by_password("alice")
    assert "factor='PASSCODE'" in answer.headers["WWW-Authenticate"]
    code = service.control.state()["sessions"][-1]["sms_code"]
    assert len(code) == 7
    assert methods(service.second_step(session_of(answer), code).json()) == {"PASSWORD", "PASSCODE"}


class TestChallenge:
    """What the first step answers."""

    def test_single_header(self, service: Service) -> None:
        service.enroll("alice")
        answer = service.by_password("alice")
        assert_refused(answer, 401, "unauthorized", "Additional authentication credentials required")
        assert re.fullmatch("OS-MF sessionId='[^']{500,}', factor='PASSCODE'", answer.headers["WWW-Authenticate"])

    def test_factor_of_otp_users_may_have_another_name(self, service: Service) -> None:
        service.control.behave(challenge_factor="OTPPASSCODE")
        service.enroll("alice")
        assert service.by_password("alice").headers["WWW-Authenticate"].endswith("factor='OTPPASSCODE'")

    def test_factor_of_sms_users_has_one_name(self, service: Service) -> None:
        service.control.behave(challenge_factor="OTPPASSCODE")
        service.add_phone("alice")
        service.put("alice", enabled=True)
        assert service.by_password("alice").headers["WWW-Authenticate"].endswith("factor='PASSCODE'")

    @pytest.mark.parametrize(
        ("alphabet", "expected"), [("base64", "[A-Za-z0-9+/]{500,}={0,2}"), ("url_safe", "[A-Za-z0-9_-]{500,}")]
    )
    def test_alphabet_of_session_ids(self, service: Service, alphabet: str, expected: str) -> None:
        service.control.behave(session_ids=alphabet)
        device = service.enroll("alice")
        session = service.session("alice")
        assert re.fullmatch(expected, session)
        assert service.second_step(session, service.code(device["secret"])).status_code == 200

    @pytest.mark.parametrize(("style", "count"), [("several", 3), ("joined", 1)])
    def test_other_values_beside_it(self, service: Service, style: str, count: int) -> None:
        service.enroll("alice")
        service.control.behave(challenge_headers=style)
        answer = service.by_password("alice")
        values = answer.raw.headers.getlist("WWW-Authenticate")
        assert len(values) == count
        assert sum("OS-MF" in value for value in values) == 1
        assert 'Basic realm="' in answer.headers["WWW-Authenticate"]
        assert session_of(answer)

    def test_tenant_of_the_first_step_is_not_looked_at(self, service: Service) -> None:
        service.enroll("alice")
        assert session_of(service.by_password("alice", tenantId="999"))


class TestSession:
    """What lies between the steps."""

    def test_outlives_a_wrong_passcode(self, service: Service) -> None:
        device = service.enroll("alice")
        session = service.session("alice")
        assert service.second_step(session, "wrong").status_code == 401
        assert service.second_step(session, service.code(device["secret"])).status_code == 200

    def test_lives_five_minutes(self, service: Service) -> None:
        device = service.enroll("alice")
        session = service.session("alice")
        service.control.move(5 * MINUTE - 1)
        assert service.second_step(session, service.code(device["secret"])).status_code == 200
        session = service.session("alice")
        service.control.move(5 * MINUTE)
        assert service.second_step(session, service.code(device["secret"])).status_code == 401
        assert service.control.requests()[-1]["passcode"] == "dead_session"

    def test_is_spent_by_a_success(self, service: Service) -> None:
        device = service.enroll("alice")
        session = service.session("alice")
        assert service.second_step(session, service.code(device["secret"], -1)).status_code == 200
        assert service.second_step(session, service.code(device["secret"])).status_code == 401

    def test_several_live_side_by_side(self, service: Service) -> None:
        device = service.enroll("alice")
        first, second = service.session("alice"), service.session("alice")
        assert service.second_step(second, service.code(device["secret"], -1)).status_code == 200
        assert service.second_step(first, service.code(device["secret"])).status_code == 200

    def test_ends_when_mfa_is_turned_off(self, service: Service) -> None:
        device = service.enroll("alice")
        session = service.session("alice")
        service.put("alice", enabled=False)
        assert service.second_step(session, service.code(device["secret"])).status_code == 401

    def test_dead_one_sounds_like_a_wrong_passcode_and_neither_counts_nor_spends(self, service: Service) -> None:
        device = service.enroll("alice")
        code = service.code(device["secret"])
        wrong, dead = service.login("alice", "wrong"), service.second_step("no-such-session", code)
        assert (wrong.status_code, wrong.json()) == (dead.status_code, dead.json())
        assert service.control.user("alice")["failures"] == 1
        assert service.login("alice", code).status_code == 200

    def test_first_one_after_mfa_was_turned_on_may_be_dead(self, service: Service) -> None:
        service.control.behave(dead_session=60)
        device = service.enroll("alice")
        code = service.code(device["secret"])
        assert service.login("alice", code).status_code == 401
        assert service.control.requests()[-1]["passcode"] == "dead_session"
        assert service.login("alice", code).status_code == 200

    def test_each_one_in_the_seconds_after_may_be_dead(self, service: Service) -> None:
        service.control.behave(dead_sessions=4)
        device = service.enroll("alice")
        code = service.code(device["secret"])
        for _unused in range(3):
            assert service.login("alice", code).status_code == 401
            service.control.move(1)
        assert service.control.user("alice")["failures"] == 0
        service.control.move(1)
        assert service.login("alice", code).status_code == 200

    def test_turning_mfa_on_again_makes_no_other_dead_one(self, service: Service) -> None:
        service.control.behave(dead_session=60)
        device = service.enroll("alice")
        assert service.login("alice", service.code(device["secret"])).status_code == 401
        service.put("alice", enabled=True, factorType="OTP")
        assert service.login("alice", service.code(device["secret"])).status_code == 200

    def test_first_one_later_than_those_seconds_lives(self, service: Service) -> None:
        service.control.behave(dead_session=60)
        device = service.enroll("alice")
        service.control.move(60)
        assert service.login("alice", service.code(device["secret"])).status_code == 200


class TestReplay:
    """A code that was accepted once."""

    @pytest.mark.parametrize(("replay", "status"), [("refused", 401), ("logins", 401), ("allowed", 200)])
    def test_second_login_with_one_code(self, service: Service, replay: str, status: int) -> None:
        device = service.enroll("alice")
        service.control.behave(replay=replay)
        code = service.code(device["secret"])
        assert service.login("alice", code).status_code == 200
        assert service.login("alice", code).status_code == status
        outcome = service.control.requests()[-1]["passcode"]
        assert outcome == ("accepted" if status == 200 else "replayed")

    @pytest.mark.parametrize(("replay", "status"), [("refused", 401), ("logins", 200), ("allowed", 200)])
    def test_login_with_the_code_of_the_verification(self, service: Service, replay: str, status: int) -> None:
        service.control.behave(replay=replay)
        device = service.create("alice")
        code = service.code(device["secret"])
        assert service.verify("alice", device["id"], code).status_code == 204
        service.put("alice", enabled=True)
        assert service.login("alice", code).status_code == status

    def test_replayed_code_counts_as_wrong(self, service: Service) -> None:
        device = service.enroll("alice")
        code = service.code(device["secret"])
        service.login("alice", code)
        service.login("alice", code)
        assert service.control.user("alice")["failures"] == 1

    def test_code_of_another_device_is_not_spent(self, service: Service) -> None:
        first = service.enroll("alice")
        second = service.verified_device("alice")
        assert service.login("alice", service.code(first["secret"])).status_code == 200
        assert service.login("alice", service.code(second["secret"])).status_code == 200

    def test_refused_code_is_not_spent(self, service: Service) -> None:
        device = service.enroll("alice")
        code = service.code(device["secret"], 1)
        assert service.login("alice", code).status_code == 401
        service.control.move(30)
        assert service.login("alice", code).status_code == 200


class TestTenant:
    """The tenant belongs in the second step."""

    @pytest.mark.parametrize("tenant", ["tenantId", "tenantName"])
    def test_right_one(self, service: Service, tenant: str) -> None:
        device = service.enroll("alice")
        answer = service.second_step(service.session("alice"), service.code(device["secret"]), **{tenant: "100"})
        assert answer.status_code == 200

    def test_wrong_one_is_told_after_the_passcode_was_spent(self, service: Service) -> None:
        device = service.enroll("alice")
        code = service.code(device["secret"])
        answer = service.second_step(service.session("alice"), code, tenantId="999")
        assert_refused(answer, 401, "unauthorized", "Tenant")
        assert service.control.requests()[-1]["passcode"] == "accepted"
        assert service.login("alice", code).status_code == 401
        assert service.control.requests()[-1]["passcode"] == "replayed"

    def test_both_kinds_are_refused_before(self, service: Service) -> None:
        device = service.enroll("alice")
        session, code = service.session("alice"), service.code(device["secret"])
        assert service.second_step(session, code, tenantId="100", tenantName="100").status_code == 400
        assert service.second_step(session, code).status_code == 200


class TestLockOut:
    """Three wrong passcodes."""

    def test_second_step_is_forbidden(self, service: Service) -> None:
        device = service.enroll("alice")
        session = service.session("alice")
        service.fail_logins("alice", 3)
        answer = service.second_step(session, service.code(device["secret"]))
        assert_refused(answer, 403, "forbidden", LOCKED)
        assert service.control.requests()[-1]["passcode"] == "locked"

    def test_first_step_is_unauthorized_without_a_challenge(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        answer = service.by_password("alice")
        assert_refused(answer, 401, "unauthorized", LOCKED)
        assert "WWW-Authenticate" not in answer.headers

    def test_two_do_not_lock(self, service: Service) -> None:
        device = service.enroll("alice")
        service.fail_logins("alice", 2)
        assert service.login("alice", service.code(device["secret"])).status_code == 200

    def test_threshold_is_a_switch(self, service: Service) -> None:
        service.enroll("alice")
        service.control.behave(lock_threshold=5)
        service.fail_logins("alice", 4)
        assert session_of(service.by_password("alice"))

    def test_more_than_six_may_be_needed(self, service: Service) -> None:
        service.enroll("alice")
        service.control.behave(lock_threshold=7)
        service.fail_logins("alice", 6)
        assert session_of(service.by_password("alice"))
        service.fail_logins("alice", 1)
        assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)

    def test_user_shows_it(self, service: Service) -> None:
        service.enroll("alice")
        assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "ACTIVE"
        service.fail_logins("alice", 3)
        assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "LOCKED"

    @pytest.mark.parametrize("minutes", [30, 10])
    def test_ends_that_time_after_the_last_failure(self, service: Service, minutes: int) -> None:
        service.enroll("alice")
        service.control.behave(lock_minutes=minutes)
        service.fail_logins("alice", 2)
        service.control.move(9 * MINUTE)
        service.fail_logins("alice", 1)
        service.control.move(minutes * MINUTE - 1)
        assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)
        service.control.move(1)
        assert session_of(service.by_password("alice"))
        assert service.control.user("alice")["failures"] == 0

    def test_refusals_while_locked_do_not_prolong_it(self, service: Service) -> None:
        service.enroll("alice")
        session = service.session("alice")
        service.fail_logins("alice", 3)
        service.control.move(4 * MINUTE)
        assert service.second_step(session, "wrong").status_code == 403
        service.control.move(26 * MINUTE)
        assert session_of(service.by_password("alice"))

    def test_count_below_the_lock_ends_with_time_too(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 2)
        service.control.move(30 * MINUTE)
        service.fail_logins("alice", 2)
        assert session_of(service.by_password("alice"))

    def test_success_clears_the_count(self, service: Service) -> None:
        device = service.enroll("alice")
        service.fail_logins("alice", 2)
        assert service.login("alice", service.code(device["secret"])).status_code == 200
        assert service.control.user("alice")["failures"] == 0

    def test_unlock_clears_the_count(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        assert service.put("alice", service.key_token("admin"), unlock=True).status_code == 204
        assert session_of(service.by_password("alice"))

    def test_turning_mfa_off_clears_the_count(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        service.put("alice", enabled=False)
        assert service.control.user("alice")["failures"] == 0

    def test_removing_everything_keeps_the_count(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        service.call("DELETE", service.mfa("alice"), token=service.key_token("alice"))
        assert service.control.user("alice")["failures"] == 3
        assert service.by_password("alice").status_code == 200
        service.enroll("alice")
        assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)

    def test_bypass_codes_are_refused_and_kept(self, service: Service) -> None:
        service.enroll("alice")
        path = service.mfa("alice", "/bypass-codes")
        made = service.call("POST", path, {"RAX-AUTH:bypassCodes": {}}, service.key_token("alice"))
        code = made.json()["RAX-AUTH:bypassCodes"]["codes"][0]
        session = service.session("alice")
        service.fail_logins("alice", 3)
        assert service.second_step(session, code).status_code == 403
        service.put("alice", service.key_token("admin"), unlock=True)
        assert service.second_step(session, code).status_code == 200

    def test_api_keys_work(self, service: Service) -> None:
        service.enroll("alice")
        service.fail_logins("alice", 3)
        assert service.by_api_key("alice").status_code == 200

    def test_failed_verifications_do_not_lock(self, service: Service) -> None:
        service.enroll("alice")
        other = service.create("alice")
        for _unused in range(5):
            assert service.verify("alice", other["id"], "000000x").status_code == 400
        assert session_of(service.by_password("alice"))
