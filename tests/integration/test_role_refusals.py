# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stops a run before anything is written to the service, and that it says so in one clear message."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from integration.harness import (
    TOGETHER,
    Fleet,
    Lab,
    Run,
    User,
    assert_enrolled,
    host_name,
    is_write,
)
from integration.harness.accounts import ENROLLED, enrolled_lab


def assert_refused(lab: Lab, run: Run, *words: str, kind: str = "") -> None:
    """It failed with one message that holds these words, nothing was written, and no secret is in the message."""
    for word in words:
        assert word in run.message
    assert run.error_kind == kind
    assert run.writes == []
    assert "Traceback" not in run.screen
    assert [secret for secret in lab.control.secrets() if secret in run.message] == []


def served_by(authority: trustme.CA) -> ssl.SSLContext:
    """TLS by a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@dataclass(frozen=True)
class Refusal:
    """What is wrong, and what the run says of it.

    :param given: variables of the role in place of the right ones.
    :param said: words of the message.
    :param whose: what stands in the store, if it is another account's.
    :param asked: whether the service is asked at all.
    :param tls: whether it has a certificate of an authority that nobody knows.
    """

    given: dict[str, Any]
    said: str | tuple[str, ...]
    kind: str = ""
    by: str = "password"
    seed: dict[str, Any] = field(default_factory=dict)
    whose: dict[str, str] = field(default_factory=dict)
    asked: bool = True
    tls: bool = False

    def begin(self, make_lab: Callable[..., Lab]) -> tuple[Lab, dict[str, Any]]:
        """A lab where it is so, which another user has, too, and the variables of the run."""
        lab = make_lab(User(seed=self.seed), User("bob"), tls=served_by(trustme.CA()) if self.tls else None)
        if self.whose:
            user = lab.account()
            own = {"username": user["username"], "user_id": user["id"], "auth_endpoint": lab.emulator.url}
            lab.store({**own, **self.whose, "device_id": "d", "device_name": "ansible", "secret": "JBSWY3DPEHPK3PXP"})
        return lab, {**lab.variables(by=self.by), **self.given}


REFUSALS = {
    "a wrong password": Refusal(
        {"mfa_otp_password": "not-the-password"}, "Unable to authenticate user", "bad_credentials"
    ),
    "a wrong API key": Refusal(
        {"mfa_otp_api_key": "not-the-key"}, "Unable to authenticate user", "bad_credentials", by="api_key"
    ),
    "neither password nor key": Refusal(
        {"mfa_otp_password": ""}, "mfa_otp_password, mfa_otp_api_key or mfa_otp_auth_token is needed", asked=False
    ),
    "a disabled user": Refusal({}, "disabled", "forbidden", seed={"enabled": False}),
    "nobody listens": Refusal(
        {"mfa_otp_auth_endpoint": "http://127.0.0.1:1"}, "http://127.0.0.1:1", "connection", asked=False
    ),
    "a certificate that does not verify": Refusal({}, ("certificate", "ca_path"), "tls", asked=False, tls=True),
    "a name that is a number": Refusal({"mfa_otp_target_user": 83}, "mfa_otp_target_user is not text", asked=False),
    "no vault file": Refusal({"mfa_otp_vault_file": ""}, "mfa_otp_vault_file is needed", asked=False),
    "nobody sees the secret": Refusal(
        {"mfa_otp_store": "none"}, "mfa_otp_store is none, so only a person can verify", asked=False
    ),
    "no folder for the QR code": Refusal(
        {"mfa_otp_verify": "prompt", "mfa_otp_qr": "html", "mfa_otp_qr_path": "/missing/code"}, "missing does not exist"
    ),
    "the entry of another user": Refusal({}, "belongs to", by="both", whose={"username": "someone-else"}),
    "the entry of another id": Refusal({}, "belongs to", by="both", whose={"user_id": "0123456789abcdef"}),
    "the entry of another endpoint": Refusal(
        {}, "belongs to", by="both", whose={"auth_endpoint": "https://identity.api.rackspacecloud.com"}
    ),
    "no program": Refusal(
        {"mfa_otp_store": "command", "mfa_otp_store_command": ["/nowhere/keeper"]}, "mfa_otp_store_command"
    ),
    "a verified device whose secret is lost": Refusal(
        {},
        ("choose another name for the device", "mfa_otp_secret", "recover"),
        "conflict",
        seed={"devices": [{"name": "ansible", "verified": True}]},
    ),
    "a secret that is not the device's": Refusal(
        {"mfa_otp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "mfa_otp_max_wait": 10},
        "probably not the one of the account's device",
        "passcode_refused",
        seed=ENROLLED,
    ),
    "no administrator": Refusal(
        {"mfa_otp_target_user": "bob"}, "Looking up the user bob (mfa_otp_target_user) is forbidden", "forbidden"
    ),
    # Without the record of passcodes an account could be locked, so nothing is turned on.
    "no state folder": Refusal({"mfa_otp_state_dir": __file__}, "record of used passcodes"),
}


def test_what_is_wrong_is_said_and_nothing_is_written(make_lab: Callable[..., Lab]) -> None:
    """Each to an account of its own, in one run."""
    given = {host_name(name): refusal.begin(make_lab) for name, refusal in REFUSALS.items()}
    before = {host: (lab.kept, lab.account()["otp_devices"]) for host, (lab, _unused) in given.items()}
    runs = Fleet(given).run("enroll", env=TOGETHER)
    for name, refusal in REFUSALS.items():
        host, words = host_name(name), (refusal.said,) if isinstance(refusal.said, str) else refusal.said
        lab, user = given[host][0], given[host][0].account()
        assert_refused(lab, runs[host], *words, kind=refusal.kind)
        assert bool(runs[host].requests) is refusal.asked, name
        assert ((lab.kept, user["otp_devices"]), user["locked"]) == (before[host], False), name
        for wrong in ("not-the-password", "not-the-key"):
            assert wrong not in runs[host].screen


@pytest.mark.thorough
def test_the_right_authority(make_lab: Callable[..., Lab], tmp_path: Path) -> None:
    authority, right = trustme.CA(), tmp_path / "right.pem"
    authority.cert_pem.write_to_path(right)
    lab = make_lab(tls=served_by(authority))
    assert lab.enroll(mfa_otp_ca_path=str(right)).result["proved"] is True
    assert_enrolled(lab)


def test_the_wrong_vault_password(make_lab: Callable[..., Lab]) -> None:
    lab = enrolled_lab(make_lab)
    before = lab.vault.read_bytes()
    other = lab.given("other-password", "x")
    run = lab.run("enroll", env={"ANSIBLE_VAULT_PASSWORD_FILE": str(other)}, **lab.variables())
    assert_refused(lab, run, str(lab.vault))
    assert run.passcodes == []
    assert lab.vault.read_bytes() == before


def test_what_counts_as_a_write() -> None:
    """The witness of this file is no blind one."""
    assert is_write({"method": "POST", "path": "/v2.0/users/1/RAX-AUTH/multi-factor/otp-devices"})
    assert is_write({"method": "PUT", "path": "/v2.0/users/1/RAX-AUTH/multi-factor"})
    assert is_write({"method": "DELETE", "path": "/v2.0/users/1/RAX-AUTH/multi-factor"})
    assert not is_write({"method": "POST", "path": "/v2.0/tokens"})
    assert not is_write({"method": "GET", "path": "/v2.0/users/1"})
