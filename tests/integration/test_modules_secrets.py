# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing secret is shown at any verbosity, either way; what is registered is whole, clean failures are readable."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.harness import rows
from integration.harness.likeness import Plain, differences
from integration.harness.machine import COLLECTIONS, FILES
from integration.harness.plays import (
    HERE_AND_THERE,
    Call,
    Played,
    Step,
    call,
    checked,
    do,
    look,
    named,
    plays,
    user,
)

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
        Call("rax_otp_device", {**by_loop, "name": "phone"}, keywords={"loop": ["bob", "carol", "alice"]}),
        Call("rax_auth_token", by_loop, keywords={"loop": ["bob", "carol", "alice"]}),
        call("rax_otp_device_info", "alice"),
        call("rax_auth_token", auth_token="{{ again.token.id }}", state="absent"),
        call("rax_mfa_info", auth_token="{{ again.token.id }}"),
    ]


def spied(folder: Path, ways: Sequence[str]) -> dict[str, str]:
    """The environment of a run whose every result a JUnit report and the callback plugin `acme.probe.spy` are given."""
    link = folder / "tree" / "ansible_collections" / "acme" / "probe"
    link.parent.mkdir(parents=True)
    link.symlink_to(FILES / "probe", target_is_directory=True)
    logs = folder / "-".join(ways) / "logs"
    return {
        "ANSIBLE_COLLECTIONS_PATH": f"{folder / 'tree'}:{COLLECTIONS}",
        "ANSIBLE_CALLBACKS_ENABLED": "acme.probe.spy,ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(logs),
        "PROBE_SPY": str(logs / "spy"),
    }


@pytest.mark.parametrize("ways", rows({"here": ["here"], "both ways": list(HERE_AND_THERE)}))
def test_no_output_holds_a_secret_and_the_registers_do(tmp_path: Path, ways: list[str]) -> None:
    wrong = {"wrong_secret": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK", "wrong_password": "canary-wrong"}
    users = [user("alice"), user("bob"), user("carol")]
    settings: dict[str, Any] = {"users": users, "vars": wrong, "environ": spied(tmp_path, ways)}
    all_played = plays(tmp_path, steps(), ways, args=["-vvvv", "--diff"], **settings)
    for played in all_played:
        see_what_is_shown_and_kept(played, wrong)
    folder = tmp_path / "-".join(ways)
    kept = "".join(path.read_text() for path in (folder / "state").iterdir())
    assert not any(secret in kept for played in all_played for secret in played.secrets if len(secret) > 5)
    # What any other callback is given is the same both ways, result by result.
    lines = (folder / "logs" / "spy").read_text(encoding="utf-8").splitlines()
    events = [json.dumps(json.loads(line), sort_keys=True) for line in lines]
    each = len(events) // len(ways)
    assert each > len(steps())
    halves = [events[first : first + each] for first in range(0, len(events), each)]
    here, *others = (Plain(played).text("\n".join(half)) for played, half in zip(all_played, halves, strict=True))
    for there in others:
        assert here == there, differences("the callbacks", here, there)


def see_what_is_shown_and_kept(played: Played, wrong: dict[str, str]) -> None:
    """Nobody sees a secret, everyone sees what is public and how a task failed, and the registers are whole."""
    assert not played.leaked
    assert not any(secret in played.output for secret in wrong.values())
    assert "otpauth://" not in played.output
    assert "data:image" not in played.output
    results: list[dict[str, Any]] = [outcome.result for outcome in played.outcomes]
    login, added = results[0], results[2]
    assert login["token"]["id"] in played.secrets
    assert added["secret"] in played.secrets
    assert added["qrcode"].startswith("data:image/png")
    assert [len(result["codes"]) for result in results if "codes" in result] == [2]
    # Failures and results without a secret are shown as they are, and a stored entry does not hide names.
    for words in ("No code of the secret was accepted", "The login by password was refused", *PUBLIC):
        assert words in played.screen
    for loop, product in ((results[-5], "secret"), (results[-4], "token")):
        assert [bool(item.get(product)) for item in loop["results"]] == [True, True, False]
        assert loop["results"][2]["error"]["kind"] == "passcode_required"
    assert results[-3]["otp_devices"][0]["name"] == "phone"
    assert results[-1]["error"]["kind"] == "bad_credentials"
    assert all(not result["failed"] for result in results[6:12]), results[6:12]
