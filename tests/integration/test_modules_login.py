# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to log in, sources of credentials, defaults, and task keywords, in real runs and both ways."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from integration.harness.machine import environment
from integration.harness.plays import (
    MID_STEP,
    Call,
    Outcome,
    Player,
    api_key,
    call,
    checked,
    do,
    named,
    password,
    user,
)

from emulator import Emulator

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ON = {"devices": [{"id": "d1", "name": "phone", "secret": SECRET, "verified": True}], "mfa": {"enabled": True}}
USERS = [user("alice"), user("bob", **ON), user("carol")]
BOB = {"username": "BOB", "password": "{{ passwords.bob }}"}
FILE = f"[rackspace_cloud]\nusername = carol\napi_key = {api_key('carol')}\n"


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


def test_credentials_come_from_one_source_whole(tmp_path: Path, play: Player) -> None:
    file = tmp_path / "creds"
    file.write_text(FILE, encoding="utf-8")
    environ = {
        "RAX_USERNAME": "alice",
        "RAX_API_KEY": api_key("alice"),
        "OS_USERNAME": "bob",
        "OS_PASSWORD": password("bob"),
        "RAX_CREDS_FILE": str(file),
    }
    steps = [
        call("rax_auth_token"),
        call("rax_auth_token", username="", password=""),
        call("rax_auth_token", credentials_file=str(file)),
        call("rax_auth_token", "carol", credentials_file="/nowhere"),
        call("rax_auth_token", password="{{ passwords.bob }}"),
        call("rax_auth_token", username="bob"),
        call("rax_auth_token", **BOB, api_key="{{ api_keys.bob }}"),
        call("rax_auth_token", **BOB, otp_secret=SECRET, passcode="123456"),
        call("rax_auth_token", **BOB, tenant_id="1", tenant_name="1"),
        call("rax_auth_token", credentials_file="/nowhere"),
        call("rax_mfa_info", "alice", target_user="a", target_user_id="b"),
        call("rax_auth_token", **BOB, otp_secret="not base32!"),
    ]
    outcomes = play(steps, users=USERS, environ=environ).outcomes
    assert [name_of(outcome) for outcome in outcomes[:4]] == ["alice", "alice", "carol", "carol"]
    leave = "leave one out"
    words_of_each = ("username", "password", leave, leave, leave, "/nowhere", "exclusive", "otp_secret")
    for outcome, words in zip(outcomes[4:], words_of_each, strict=True):
        assert words in outcome.result["msg"]
        assert outcome.kind is None
        assert not outcome.requests


@pytest.mark.thorough
def test_the_second_environment_and_the_file(tmp_path: Path, play: Player) -> None:
    file = tmp_path / "creds"
    file.write_text(FILE, encoding="utf-8")
    os_only = {"OS_USERNAME": "alice", "OS_PASSWORD": password("alice"), "RAX_CREDS_FILE": str(file)}
    (by_os,) = play([call("rax_auth_token")], users=USERS, environ=os_only).outcomes
    (by_file,) = play([call("rax_auth_token")], users=USERS, environ={"RAX_CREDS_FILE": str(file)}).outcomes
    assert [name_of(by_os), name_of(by_file)] == ["alice", "carol"]


@pytest.mark.thorough
def test_defaults_of_the_group_and_of_single_modules(tmp_path: Path, play: Player) -> None:
    shared = {
        "auth_endpoint": "{{ url }}",
        "state_dir": str(tmp_path / "state"),
        "username": "alice",
        "api_key": "{{ api_keys.alice }}",
    }
    defaults = {
        "group/rackspace.identity.rax": shared,
        "rackspace.identity.rax_otp_device": {"name": "from the defaults"},
        "rackspace.identity.rax_mobile_phone": {"number": "+15125550100"},
        "rackspace.identity.rax_mfa_info": {"username": "bob", "api_key": "{{ api_keys.bob }}"},
    }
    one_name = {"module_defaults": {"rackspace.identity.rax_otp_device_info": {"name": "of the task"}}}
    steps = [
        call("rax_otp_device"),
        call("rax_otp_device", name="of the task"),
        call("rax_otp_device_info"),
        Call("rax_otp_device_info", keywords=one_name),
        call("rax_otp_device_info"),
        call("rax_mobile_phone"),
        call("rax_mfa_info"),
        call("rax_auth_token"),
    ]
    by_default, own, listed, one, listed_again, phone, info, login = play(
        steps, users=USERS, module_defaults=defaults
    ).outcomes
    assert by_default.result["device"]["name"] == "from the defaults"
    assert own.result["device"]["name"] == "of the task"
    assert one.result["otp_devices"] == [own.result["device"]]
    for each in (listed, listed_again):
        assert sorted(device["name"] for device in each.result["otp_devices"]) == ["from the defaults", "of the task"]
    assert phone.result["phone"]["number"] == "+15125550100"
    assert [name_of(info), name_of(login)] == ["bob", "alice"]


@pytest.mark.thorough
def test_keywords_of_tasks_and_nothing_left_from_item_to_item(play: Player) -> None:
    login = {"username": "{{ item }}", "api_key": "{{ api_keys[item] }}"}
    steps = [
        do("fault", kind="misshapen", path="otp-devices$", times=4),  # each attempt asks twice
        Call(
            "rax_otp_device_info",
            keywords={"until": "it is not failed", "retries": 5, "delay": 0},
            as_="alice",
            name="it",
        ),
        Call("rax_mfa_info", {"target_user": "nobody"}, "alice", keywords={"failed_when": False}),
        Call("rax_mfa_info", login, keywords={"loop": ["alice", "bob", "carol"]}),
        Call("rax_mfa_info", {"username": "alice", "api_key": "{{ keys[item] }}"}, keywords={"loop": [0, 1]}),
    ]
    until, fine, loop, keys = play(steps, users=USERS, vars={"keys": ["canary-wrong", ""]}).outcomes
    assert until.result["attempts"] == 3
    assert fine.result["failed"] is False
    assert fine.kind == "not_found"
    assert [item["user"]["name"] for item in loop.result["results"]] == ["alice", "bob", "carol"]
    assert [item["mfa"]["enabled"] for item in loop.result["results"]] == [False, True, False]
    assert "No way to log in" in keys.result["results"][1]["msg"]


@pytest.mark.thorough
def test_ad_hoc(tmp_path: Path) -> None:
    """The other way is by an interpreter that, by its path, is not the controller's own."""
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    here, there = (ad_hoc(tmp_path / way, python) for way, python in (("here", sys.executable), ("there", str(other))))
    assert ["AnsiballZ_" in each[1] for each in (here, there)] == [False, True]
    assert [here[0], here[2]] == [there[0], there[2]]
    check, again = here[0], here[2]
    assert "CHANGED" in check
    assert "+++ after" in check
    assert "SUCCESS" in again
    assert '"name": "phone"' in again


def ad_hoc(folder: Path, python: str) -> list[str]:
    """What `ansible -m` says of a new device: in check mode, really and at -vvvv, and again."""
    folder.mkdir()
    variables = {"key": api_key("alice"), "ansible_python_interpreter": python}
    with Emulator(users=USERS) as emulator:
        arguments = {
            "auth_endpoint": emulator.url,
            "username": "alice",
            "api_key": "{{ key }}",
            "state_dir": str(folder / "state"),
            "name": "phone",
        }
        command = ["ansible", "localhost", "-m", "rackspace.identity.rax_otp_device", "-a", json.dumps(arguments)]
        runs = [
            subprocess.run(
                [*command, *more, "-e", json.dumps(variables)],
                env=environment(folder),
                capture_output=True,
                text=True,
                check=True,
            )
            for more in (("--check", "--diff"), ("-vvvv",), ("--diff",))
        ]
        secrets = [secret for secret in emulator.control.secrets() if len(secret) > 5]
    assert not any(secret in run.stdout + run.stderr for secret in secrets for run in runs)
    assert "censored" in runs[1].stdout
    return [re.sub(r"\b[0-9a-f]{32}\b", "<id>", run.stdout) for run in runs]
