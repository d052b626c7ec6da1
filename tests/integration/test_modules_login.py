# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to log in, in a real run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.harness import Lab, User
from integration.harness.plays import MID_STEP, Outcome, Player, call, checked, do, named, user

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ON = {"devices": [{"id": "d1", "name": "phone", "secret": SECRET, "verified": True}], "mfa": {"enabled": True}}
USERS = [user("alice"), user("bob", **ON)]
BOB = {"username": "BOB", "password": "{{ passwords.bob }}"}


def name_of(outcome: Outcome) -> Any:
    """Who logged in; else why the login failed."""
    return outcome.result.get("user", {}).get("name") or outcome.result["msg"]


def test_ways_to_log_in(play: Player) -> None:
    steps = [
        call("rax_auth_token", "alice"),
        checked(call("rax_auth_token", username="alice", password="{{ passwords.alice }}", tenant_id="100")),
        call("rax_auth_token", username="alice", password="{{ passwords.alice }}", tenant_id="999"),
        named("login", call("rax_auth_token", **BOB, otp_secret={"secret": SECRET, "step_offset": 0})),
        call("rax_auth_token", auth_token="{{ login.token.id }}"),
        checked(call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent")),
        call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent"),
        call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent"),
        call("rax_auth_token", auth_token="{{ login.token.id }}", username="bob", api_key="{{ api_keys.bob }}"),
        do("behave", lean=True, challenge_headers="joined", challenge_factor="OTPPASSCODE", error_prefix=True),
        do("move", seconds=61),
        call("rax_auth_token", **BOB, otp_secret=SECRET),
        call("rax_auth_token", "alice"),
        do("move", seconds=61),
        call("rax_auth_token", **BOB, passcode="{{ code }}"),
        call("rax_auth_token", **BOB, otp_secret=SECRET, max_wait=0),
    ]
    code = "{{ lookup('rackspace.identity.totp', '" + SECRET + "', at=" + str(int(MID_STEP) + 122) + ") }}"
    played = play(steps, users=USERS, vars={"code": code})
    by_key, by_password, tenant, login, by_token, check, revoked, again, renewed, joined, lean, typed, used = (
        played.outcomes
    )
    assert [name_of(outcome) for outcome in (by_key, by_password, login, by_token)] == ["alice", "alice", "bob", "bob"]
    assert tenant.kind == "bad_credentials"
    assert by_password.result["token"]["tenant"] == {"id": "100", "name": "100"}
    assert [outcome.result["second_factor"] for outcome in (by_key, login, by_token)] == [False, True, False]
    assert by_token.wire == ["GET /v2.0/tokens/{token} 200"]
    assert [outcome.changed for outcome in (check, revoked, again)] == [True, True, False]
    assert [outcome.writes for outcome in (check, again)] == [[], ["DELETE /v2.0/tokens/{token} 401"]]
    assert renewed.result["token"]["authenticated_by"] == ["APIKEY"]
    assert joined.result["second_factor"]
    assert lean.result["token"]["tenant"] is None
    assert typed.result["second_factor"]
    assert used.kind == "passcode_refused"
    assert "max_wait" in used.result["msg"]


@pytest.mark.matrix
def test_a_task_that_is_retried_has_what_it_was_given(make_lab: Callable[..., Lab]) -> None:
    """Its password is whole, and a mistyped option is refused again: without it, the task would act on its own user."""
    lab = make_lab(User("alice"))
    given = {"username": "alice", "password": lab.account()["password"], "auth_endpoint": lab.emulator.url}
    again = {"register": "tried", "until": "tried is success", "retries": 1, "delay": 0}
    tasks = [
        {"rackspace.identity.rax_mfa_info": given, **again},
        {"rackspace.identity.rax_mfa_settings": {**given, "state": "absent", "target_usr": "bob"}, **again},
    ]
    lab.control.fault("status", status=403, body="json", method="POST", path="tokens", nth=1, times=1)
    run = lab.run([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    assert [request["status"] for request in run.requests if request["path"].endswith("/tokens")] == [403, 200]
    assert "target_usr" in run.message
    assert run.writes == []
