# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an inventory keeps in a cache, and when it does not believe it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa, User
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Connection, Credentials
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import PART
from ansible_collections.rackspace.identity.plugins.plugin_utils.roster import Roster, groups, made_for, variables

ON = Mfa(enabled=True, state="LOCKED", factor_type="OTP", enforcement_level="REQUIRED")
OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level=None)
ALICE = User("a1", "alice", "100", True, ON)
BOB = User("b1", "bob", None, False, OFF)
ROSTER = Roster("100", [ALICE, BOB], {"a1": (Device("d1", "phone", verified=True),), "b1": None})
WAY = Connection("https://id.example.com", True, 60.0, 65.0, Path())
READ_AT = 1_000_000.0


def kept(**changes: Any) -> Any:
    return {**json.loads(json.dumps(ROSTER.as_data("mark", READ_AT))), **changes}


def test_a_cache_gives_back_what_it_was_given() -> None:
    assert Roster.from_data(kept(), "mark", READ_AT + 60, 3600) == ROSTER
    plain = ROSTER._replace(devices=None)
    assert Roster.from_data(plain.as_data("mark", READ_AT), "mark", READ_AT, 0) == plain


@pytest.mark.parametrize(
    ("data", "now"),
    [
        pytest.param(kept(), READ_AT + 3601, id="too old"),
        pytest.param(kept(), READ_AT - 1, id="of the future"),
        pytest.param(kept(made_for="another"), READ_AT, id="of another account"),
        pytest.param(kept(version=0), READ_AT, id="of another version"),
        pytest.param(kept(users=[["a1"]]), READ_AT, id="cut off"),
        pytest.param(kept(read_at="noon"), READ_AT, id="no time"),
        pytest.param(None, READ_AT, id="nothing"),
        pytest.param("text", READ_AT, id="text"),
        pytest.param({}, READ_AT, id="empty"),
    ],
)
def test_what_a_cache_is_not_believed(data: Any, now: float) -> None:
    assert Roster.from_data(data, "mark", now, 3600) is None


def test_a_cache_serves_one_account_and_what_it_read() -> None:
    alice = Credentials(username="alice", api_key="canary-key")
    marks = {
        made_for(WAY, alice, devices=False),
        made_for(WAY, alice, devices=True),
        made_for(WAY, alice._replace(username="bob"), devices=False),
        made_for(WAY._replace(endpoint="https://other.example.com"), alice, devices=False),
        made_for(WAY, Credentials(auth_token="canary-one"), devices=False),
        made_for(WAY, Credentials(auth_token="canary-two"), devices=False),
    }
    assert len(marks) == 6
    assert made_for(WAY, alice._replace(username="ALICE", api_key="new"), devices=False) in marks
    assert "canary" not in str(marks)


def test_a_secret_of_the_task_in_any_name_is_masked() -> None:
    told = Mfa(enabled=True, state="canary-key", factor_type="a canary-key", enforcement_level="canary-key")
    users = [User("u1", "canary-key", "d-canary-key", True, told), ALICE]
    devices = {"u1": (Device("d1", "my canary-key", verified=True),), "a1": None}
    shown = Roster("d-canary-key", users, {**devices}).masked({"canary-key", "ALI", "alice"}, {"alice"})
    assert "canary" not in str(shown)
    assert shown.users[1] == ALICE
    assert shown.devices_of(shown.users[0]) == (Device("d1", f"my {PART}", verified=True),)
    assert list(groups(shown.users[0], None))[:3] == ["rax_users", "mfa_on", "factor_unknown"]


def test_with_nothing_to_mask_it_is_the_same() -> None:
    for roster in (ROSTER, ROSTER._replace(devices=None)):
        assert roster.masked({"canary-key", "ali"}, {"alice"}) == roster


def test_users_whose_devices_could_not_be_read_are_told() -> None:
    told = ROSTER.unread_warning([ALICE, BOB])
    assert told is not None
    assert "of 1 of 2 users could not be read" in told
    assert ROSTER.unread_warning([ALICE]) is None
    assert ROSTER._replace(devices=None).unread_warning([ALICE, BOB]) is None


def test_groups_and_variables() -> None:
    devices = ROSTER.devices or {}
    assert list(groups(ALICE, devices["a1"])) == [
        "rax_users",
        "mfa_on",
        "factor_otp",
        "mfa_locked",
        "level_required",
        "otp_devices_1",
    ]
    assert list(groups(BOB, None)) == ["rax_users", "mfa_off", "level_default", "user_disabled"]
    unknown = ALICE._replace(mfa=ON._replace(factor_type="SOMETHING", state=None))
    assert list(groups(unknown, (Device("1", "", verified=False),) * 2))[2:] == [
        "factor_unknown",
        "level_required",
        "otp_devices_many",
    ]
    assert variables(ALICE, "rax_", devices["a1"], with_devices=True) == {
        "rax_id": "a1",
        "rax_name": "alice",
        "rax_domain_id": "100",
        "rax_enabled": True,
        "rax_mfa_enabled": True,
        "rax_mfa_state": "LOCKED",
        "rax_mfa_factor_type": "OTP",
        "rax_mfa_enforcement_level": "REQUIRED",
        "rax_otp_devices": [{"id": "d1", "name": "phone", "verified": True}],
    }
