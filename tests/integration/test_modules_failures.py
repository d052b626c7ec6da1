# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of failure, provoked over HTTP; and answers that the contract does not know, which are no defects."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from integration.harness import rows
from integration.harness.plays import Call, Player, call, do, password, user

from emulator import Emulator

KINDS = {
    "bad_credentials",
    "passcode_required",
    "passcode_refused",
    "account_locked",
    "setup_required",
    "forbidden",
    "not_found",
    "conflict",
    "rate_limited",
    "unavailable",
    "invalid_answer",
    "connection",
    "tls",
}
ON = {"devices": [{"id": "d1", "name": "phone", "verified": True}], "mfa": {"enabled": True}}
USERS = [
    user("alice"),
    user("bob", **ON),
    user("carol", enforcement_level="REQUIRED"),
    user("dave", enabled=False),
    user("admin", role="user-admin", enforcement_level="OPTIONAL"),
    user("manager", role="user-manage"),
]
READS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("rax_mfa_info", "GET", {}),
    ("rax_otp_device", "GET", {"name": "x"}),
    ("rax_otp_device", "GET", {"device_id": "x", "state": "absent"}),
    ("rax_otp_device_info", "GET", {}),
    ("rax_mfa_settings", "GET", {"enabled": True}),
    ("rax_mobile_phone", "GET", {"number": "+15125550100"}),
    ("rax_mfa_domain", "GET", {"enforcement_level": "REQUIRED"}),
    ("rax_mfa_domain_info", "GET", {}),
    ("rax_bypass_codes", "POST", {}),
    ("rax_mobile_phone", "POST", {"number": "+15125550100"}),
    ("rax_mfa_settings", "PUT", {"enforcement_level": "OPTIONAL"}),
)
BODIES = (
    "",
    "null",
    "[]",
    "17",
    '"text"',
    "{}",
    '{"a": 1',
    "<html>hello</html>",
    "[" * 5000,
    '{"user": null, "users": {}, "RAX-AUTH:otpDevices": "none", "RAX-AUTH:multiFactorDevices": []}',
    '{"user": {"id": {}}, "users": [null, 1], "RAX-AUTH:otpDevices": [[]], "RAX-AUTH:otpDevice": {"id": null}}',
    '{"RAX-AUTH:mobilePhones": [{}], "RAX-AUTH:mobilePhone": {}, "RAX-AUTH:domain": {"id": []}}',
    '{"RAX-AUTH:multiFactorDevices": {"otpDevices": 5, "mobilePhones": {"a": 1}}}',
    '{"RAX-AUTH:bypassCodes": {"codes": 5}}',
    '{"access": {"token": 5, "user": "x"}, "RAX-AUTH:bypassCodes": []}',
)
CLEAN: set[str | None] = {None, "invalid_answer", "unavailable", "connection", "not_found"}
ANSWERS: tuple[tuple[dict[str, Any], set[str | None]], ...] = (
    *(({"kind": "misshapen", "text": text}, CLEAN) for text in BODIES),
    ({"kind": "status", "status": 502, "body": "html"}, {"unavailable"}),
    ({"kind": "status", "status": 500, "body": "empty"}, {"unavailable"}),
    ({"kind": "status", "status": 418, "body": "html"}, {"invalid_answer"}),
    ({"kind": "status", "status": 302, "body": "empty"}, {"invalid_answer"}),
    ({"kind": "status", "status": 404, "body": "html"}, CLEAN),
    ({"kind": "truncated"}, {"connection"}),
    ({"kind": "reset"}, {"connection"}),
)
"""What comes back, and the kinds of failure that it may lead to."""


def by_password(name: str, **options: Any) -> Call:
    return call("rax_mfa_info", username=name, password=password(name), **options)


@pytest.fixture(name="closed_port")
def _closed_port() -> Iterator[int]:
    """A port without a listener, for as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_each_kind_of_failure(play: Player, closed_port: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with Emulator(tls=context) as untrusted:
        steps = [
            call("rax_mfa_info", username="alice", password="canary-wrong"),
            call("rax_mfa_info", username="alice", api_key="canary-wrong"),
            call("rax_mfa_info", auth_token="canary-wrong"),
            by_password("bob"),
            by_password("bob", passcode="000000"),
            by_password("bob", passcode="000000"),
            by_password("bob", passcode="000001"),
            by_password("bob", passcode="000002", state_dir="{{ playbook_dir }}/other"),
            by_password("bob", passcode="000003", state_dir="{{ playbook_dir }}/other"),
            by_password("carol"),
            call("rax_mfa_info", "dave"),
            call("rax_mfa_info", "alice", target_user="nobody"),
            call("rax_mfa_settings", "alice", enabled=True),
            do("fault", kind="status", status=429, retry_after=30, method="POST"),
            call("rax_mfa_info", "alice", timeout=1),
            do("fault", kind="status", status=413, body="empty", times=0, path="users"),
            call("rax_mfa_info", "alice", timeout=1),
            do("clear_faults"),
            do("fault", kind="status", status=503, body="html", times=0, path="users"),
            call("rax_mfa_info", "alice", timeout=1),
            do("clear_faults"),
            do("fault", kind="misshapen", times=0, path="users"),
            call("rax_mfa_info", "alice"),
            call("rax_mfa_info", "alice", auth_endpoint=f"http://127.0.0.1:{closed_port}", timeout=1),
            call("rax_mfa_info", "alice", auth_endpoint=untrusted.url.replace("127.0.0.1", "localhost")),
        ]
        played = play(steps, users=USERS)
    kinds = [outcome.kind for outcome in played.outcomes]
    assert kinds == [
        "bad_credentials",
        "bad_credentials",
        "bad_credentials",
        "passcode_required",
        "passcode_refused",
        "passcode_refused",
        "passcode_refused",
        "passcode_refused",
        "account_locked",
        "setup_required",
        "forbidden",
        "not_found",
        "conflict",
        "rate_limited",
        "rate_limited",
        "unavailable",
        "invalid_answer",
        "connection",
        "tls",
    ]
    assert set(kinds) == KINDS
    for outcome in played.outcomes:
        assert set(outcome.result["error"]) == {"kind", "status", "service_message", "retry_after"}
    assert played.outcomes[13].result["error"]["retry_after"] == 30


@pytest.mark.thorough
@pytest.mark.parametrize("module", rows({f"{each[0]} {each[1]}": each for each in READS}))
def test_answers_that_the_contract_does_not_know(play: Player, module: tuple[str, str, dict[str, Any]]) -> None:
    name, method, options = module
    as_ = "admin" if method == "PUT" or name.startswith("rax_mfa_domain") else "alice"
    if name == "rax_mfa_settings" and method == "PUT":
        options = {**options, "target_user": "bob"}
    steps: list[Any] = []
    for fault, _unused in ANSWERS:
        steps += [
            do("clear_faults"),
            do("users", users=USERS),
            do("fault", **fault, method=method, path="users/|domains/", times=0),
            # Each answer that a module takes for a failure of the connection costs its whole time.
            call(name, as_, **options, timeout=1),
        ]
    outcomes = play(steps, users=USERS).outcomes
    for outcome, (fault, kinds) in zip(outcomes, ANSWERS, strict=True):
        assert "defect" not in outcome.result.get("msg", ""), (fault, outcome.result)
        assert outcome.kind in kinds, (fault, outcome.result)


@pytest.mark.thorough
def test_a_login_that_is_answered_wrongly(play: Player) -> None:
    """Twice, since a first answer without a login in it is doubted."""
    steps: list[Any] = []
    for text in BODIES:
        steps += [do("fault", kind="misshapen", text=text, method="POST", times=2), call("rax_mfa_info", "alice")]
        steps += [do("fault", kind="misshapen", text=text, method="POST", times=2), by_password("alice")]
    outcomes = play(steps, users=USERS).outcomes
    assert [outcome.kind for outcome in outcomes] == ["invalid_answer"] * len(steps[::2])
