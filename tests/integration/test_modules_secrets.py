# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing secret is shown at any verbosity, either way; what is registered is whole, clean failures are readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.calls import HERE_AND_THERE, Call, Step, call, checked, do, look, named, play, user

PASSWORD = {"username": "alice", "password": "{{ passwords.alice }}"}
ENTRY = {"username": "alice", "device_id": "{{ added.device.id }}", "secret": "{{ added.secret }}", "step_offset": 0}
PUBLIC = ("alice", "phone", "+15125550100")


def steps() -> list[Step]:
    by_loop = {"username": "{{ item }}", "password": "{{ passwords[item] }}"}
    return [
        named("login", call("rax_auth_token", **PASSWORD)),
        call("rax_mfa_info", auth_token="{{ login.token.id }}"),
        named("added", call("rax_otp_device", auth_token="{{ login.token.id }}", name="phone")),
        call("rax_otp_device", "alice", name="phone", state="verified", secret="{{ wrong_secret }}"),
        call("rax_otp_device", "alice", name="phone", state="verified", secret=ENTRY),
        checked(call("rax_otp_device", "alice", name="more", on_unverified="replace")),
        call("rax_mfa_settings", auth_token="{{ login.token.id }}", enabled=True, factor_type="OTP"),
        call("rax_mobile_phone", "alice", number="+15125550100", state="code_sent"),
        look("seen", "alice"),
        call("rax_mobile_phone", "alice", state="verified", code="{{ seen.value.phone.code }}"),
        named("codes", call("rax_bypass_codes", "alice", count=2)),
        do("move", seconds=61),
        named("again", call("rax_auth_token", **PASSWORD, otp_secret=ENTRY)),
        call("rax_auth_token", **PASSWORD, passcode="{{ codes.codes[0] }}"),
        call("rax_auth_token", username="alice", password="{{ wrong_password }}"),
        call("rax_auth_token", username="alice", api_key="{{ wrong_password }}", state="{{ wrong_password }}"),
        Call("rax_auth_token", by_loop, keywords={"loop": ["bob", "carol", "alice"]}),
        call("rax_otp_device_info", "alice"),
        call("rax_auth_token", auth_token="{{ again.token.id }}", state="absent"),
        call("rax_mfa_info", auth_token="{{ again.token.id }}"),
    ]


@pytest.mark.parametrize("way", HERE_AND_THERE)
def test_no_output_holds_a_secret_and_the_registers_do(tmp_path: Path, way: str) -> None:
    wrong = {"wrong_secret": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK", "wrong_password": "canary-wrong"}
    users = [user("alice"), user("bob"), user("carol")]
    played = play(tmp_path, steps(), way=way, users=users, args=["-vvvv", "--diff"], vars=wrong)
    results: list[dict[str, Any]] = [outcome.result for outcome in played.outcomes]
    secrets = {secret for kind in played.state["secrets"].values() for secret in kind} | set(wrong.values())
    told = played.output + "".join(path.read_text() for path in (tmp_path / way / "state").iterdir())
    leaked = [secret for secret in secrets if len(secret) > 5 and secret in told]
    assert leaked == []
    assert "otpauth://" not in played.output
    assert "data:image" not in played.output
    login, added = results[0], results[2]
    assert login["token"]["id"] in secrets
    assert added["secret"] in secrets
    assert added["qrcode"].startswith("data:image/png")
    assert [len(result["codes"]) for result in results if "codes" in result] == [2]
    # Failures and results without a secret are shown as they are, and a stored entry does not blot out names.
    for words in ("No code of the secret was accepted", "The login by password was refused", *PUBLIC):
        assert words in played.output
    assert results[-4]["results"][2]["error"]["kind"] == "passcode_required"
    assert results[-3]["otp_devices"][0]["name"] == "phone"
    assert results[-1]["error"]["kind"] == "bad_credentials"
    assert all(not result["failed"] for result in results[6:12]), results[6:12]
