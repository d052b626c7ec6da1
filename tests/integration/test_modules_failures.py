# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of failure, provoked over HTTP."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
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
