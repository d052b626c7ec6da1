# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Authentication 3: the challenge, sessions, replay, and the tenant."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .helpers import Service, assert_refused, session_of

MINUTE = 60


def methods(answer_json: dict[str, dict[str, dict[str, list[str]]]]) -> set[str]:
    """How a token was earned."""
    return set(answer_json["access"]["token"]["RAX-AUTH:authenticatedBy"])


def test_right_passcode_gives_a_token_of_both_factors(service: Service, device: dict[str, Any]) -> None:
    answer = service.login("alice", service.code(device["secret"]))
    assert methods(answer.json()) == {"PASSWORD", "OTPPASSCODE"}


@pytest.mark.parametrize(("style", "digits"), [("documented", 7), ("six", 6)])
def test_sms_passcode_gives_a_token_of_both_factors(service: Service, style: str, digits: int) -> None:
    """The challenge of SMS users has one name, whatever that of OTP users is."""
    service.add_phone("alice")
    service.control.behave(challenge_factor="OTPPASSCODE", sms_digits=style)
    assert service.put("alice", enabled=True).status_code == 204
    answer = service.by_password("alice")
    assert "factor='PASSCODE'" in answer.headers["WWW-Authenticate"]
    code = service.control.state()["sessions"][-1]["sms_code"]
    assert len(code) == digits
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

    def test_outlives_a_wrong_passcode(self, service: Service, device: dict[str, Any]) -> None:
        session = service.session("alice")
        assert service.second_step(session, "wrong").status_code == 401
        assert service.second_step(session, service.code(device["secret"])).status_code == 200

    def test_lives_five_minutes(self, service: Service, device: dict[str, Any]) -> None:
        session = service.session("alice")
        service.control.move(5 * MINUTE - 1)
        assert service.second_step(session, service.code(device["secret"])).status_code == 200
        session = service.session("alice")
        service.control.move(5 * MINUTE)
        assert service.second_step(session, service.code(device["secret"])).status_code == 401
        assert service.control.requests()[-1]["passcode"] == "dead_session"

    def test_is_spent_by_a_success(self, service: Service, device: dict[str, Any]) -> None:
        session = service.session("alice")
        assert service.second_step(session, service.code(device["secret"], -1)).status_code == 200
        assert service.second_step(session, service.code(device["secret"])).status_code == 401

    def test_several_live_side_by_side(self, service: Service, device: dict[str, Any]) -> None:
        first, second = service.session("alice"), service.session("alice")
        assert service.second_step(second, service.code(device["secret"], -1)).status_code == 200
        assert service.second_step(first, service.code(device["secret"])).status_code == 200

    def test_ends_when_mfa_is_turned_off(self, service: Service, device: dict[str, Any]) -> None:
        session = service.session("alice")
        service.put("alice", enabled=False)
        assert service.second_step(session, service.code(device["secret"])).status_code == 401

    def test_dead_one_sounds_like_a_wrong_passcode_and_neither_counts_nor_spends(
        self, service: Service, device: dict[str, Any]
    ) -> None:
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
        service.put("alice", enabled=True, factorType="OTP")  # on already: this makes no other dead one
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

    def test_first_one_later_than_those_seconds_lives(self, service: Service) -> None:
        service.control.behave(dead_session=60)
        device = service.enroll("alice")
        service.control.move(60)
        assert service.login("alice", service.code(device["secret"])).status_code == 200


class TestReplay:
    """A code that was accepted once."""

    @pytest.mark.parametrize(("replay", "status"), [("refused", 401), ("logins", 401), ("allowed", 200)])
    def test_second_login_with_one_code(
        self, service: Service, replay: str, status: int, device: dict[str, Any]
    ) -> None:
        service.control.behave(replay=replay)
        code = service.code(device["secret"])
        assert service.login("alice", code).status_code == 200
        assert service.login("alice", code).status_code == status
        outcome = service.control.requests()[-1]["passcode"]
        assert outcome == ("accepted" if status == 200 else "replayed")
        assert service.control.user("alice")["failures"] == (status == 401)

    @pytest.mark.parametrize(("replay", "status"), [("refused", 401), ("logins", 200), ("allowed", 200)])
    def test_login_with_the_code_of_the_verification(self, service: Service, replay: str, status: int) -> None:
        service.control.behave(replay=replay)
        device = service.create("alice")
        code = service.code(device["secret"])
        assert service.verify("alice", device["id"], code).status_code == 204
        service.put("alice", enabled=True)
        assert service.login("alice", code).status_code == status

    def test_code_of_another_device_is_not_spent(self, service: Service) -> None:
        first = service.enroll("alice")
        second = service.verified_device("alice")
        assert service.login("alice", service.code(first["secret"])).status_code == 200
        assert service.login("alice", service.code(second["secret"])).status_code == 200

    def test_refused_code_is_not_spent(self, service: Service, device: dict[str, Any]) -> None:
        code = service.code(device["secret"], 1)
        assert service.login("alice", code).status_code == 401
        service.control.move(30)
        assert service.login("alice", code).status_code == 200


class TestTenant:
    """The tenant belongs in the second step."""

    @pytest.mark.parametrize("tenant", ["tenantId", "tenantName"])
    def test_right_one(self, service: Service, tenant: str, device: dict[str, Any]) -> None:
        answer = service.second_step(service.session("alice"), service.code(device["secret"]), **{tenant: "100"})
        assert answer.status_code == 200

    def test_wrong_one_is_told_after_the_passcode_was_spent(self, service: Service, device: dict[str, Any]) -> None:
        code = service.code(device["secret"])
        answer = service.second_step(service.session("alice"), code, tenantId="999")
        assert_refused(answer, 401, "unauthorized", "Tenant")
        assert service.control.requests()[-1]["passcode"] == "accepted"
        assert service.login("alice", code).status_code == 401
        assert service.control.requests()[-1]["passcode"] == "replayed"

    def test_both_kinds_are_refused_before(self, service: Service, device: dict[str, Any]) -> None:
        session, code = service.session("alice"), service.code(device["secret"])
        assert service.second_step(session, code, tenantId="100", tenantName="100").status_code == 400
        assert service.second_step(session, code).status_code == 200
