# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Authentication 4: wrong passcodes lock the account, and what lifts the lock."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import Service, assert_refused, session_of

LOCKED = "The account has been locked"
MINUTE = 60
pytestmark = pytest.mark.usefixtures("device")  # Alice is enrolled


def test_second_step_is_forbidden(service: Service, device: dict[str, Any]) -> None:
    session = service.session("alice")
    service.fail_logins("alice", 3)
    answer = service.second_step(session, service.code(device["secret"]))
    assert_refused(answer, 403, "forbidden", LOCKED)
    assert service.control.requests()[-1]["passcode"] == "locked"


def test_first_step_is_unauthorized_without_a_challenge(service: Service) -> None:
    service.fail_logins("alice", 3)
    answer = service.by_password("alice")
    assert_refused(answer, 401, "unauthorized", LOCKED)
    assert "WWW-Authenticate" not in answer.headers


def test_more_than_six_may_be_needed(service: Service) -> None:
    service.control.behave(lock_threshold=7)
    service.fail_logins("alice", 6)
    assert session_of(service.by_password("alice"))
    service.fail_logins("alice", 1)
    assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)


def test_user_shows_it(service: Service) -> None:
    assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "ACTIVE"
    service.fail_logins("alice", 3)
    assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "LOCKED"


@pytest.mark.parametrize("minutes", [30, 10])
def test_ends_that_time_after_the_last_failure(service: Service, minutes: int) -> None:
    service.control.behave(lock_minutes=minutes)
    service.fail_logins("alice", 2)
    service.control.move(9 * MINUTE)
    service.fail_logins("alice", 1)
    service.control.move(minutes * MINUTE - 1)
    assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)
    service.control.move(1)
    assert session_of(service.by_password("alice"))
    assert service.control.user("alice")["failures"] == 0


def test_refusals_while_locked_do_not_prolong_it(service: Service) -> None:
    session = service.session("alice")
    service.fail_logins("alice", 3)
    service.control.move(4 * MINUTE)
    assert service.second_step(session, "wrong").status_code == 403
    service.control.move(26 * MINUTE)
    assert session_of(service.by_password("alice"))


def test_count_below_the_lock_ends_with_time_too(service: Service) -> None:
    service.fail_logins("alice", 2)
    service.control.move(30 * MINUTE)
    service.fail_logins("alice", 2)
    assert session_of(service.by_password("alice"))


def test_success_clears_the_count(service: Service, device: dict[str, Any]) -> None:
    service.fail_logins("alice", 2)
    assert service.login("alice", service.code(device["secret"])).status_code == 200
    assert service.control.user("alice")["failures"] == 0


def test_turning_mfa_off_clears_the_count(service: Service) -> None:
    service.fail_logins("alice", 3)
    service.put("alice", enabled=False)
    assert service.control.user("alice")["failures"] == 0


def test_removing_everything_keeps_the_count(service: Service) -> None:
    service.fail_logins("alice", 3)
    service.delete("alice")
    assert service.control.user("alice")["failures"] == 3
    assert service.by_password("alice").status_code == 200
    service.enroll("alice")
    assert_refused(service.by_password("alice"), 401, "unauthorized", LOCKED)


def test_bypass_codes_are_refused_and_kept(service: Service) -> None:
    (code,) = service.bypass_codes("alice")
    session = service.session("alice")
    service.fail_logins("alice", 3)
    assert service.second_step(session, code).status_code == 403
    service.put("alice", service.key_token("admin"), unlock=True)
    assert service.second_step(session, code).status_code == 200


def test_api_keys_work_before_and_while(service: Service) -> None:
    assert service.by_api_key("alice").status_code == 200
    service.fail_logins("alice", 3)
    assert service.by_api_key("alice").status_code == 200


def test_failed_verifications_do_not_lock(service: Service) -> None:
    other = service.create("alice")
    for _unused in range(5):
        assert service.verify("alice", other["id"], "000000x").status_code == 400
    assert session_of(service.by_password("alice"))
