# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks before have seen is not read again; a store or a record that ends with its job is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_info,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench

READ, PUT = "GET /v2.0/users/1", "PUT /v2.0/users/1/RAX-AUTH/multi-factor"
OFF = {"enabled": False, "state": None, "factor_type": None, "enforcement_level": None}
ON = {**OFF, "enabled": True, "factor_type": "OTP"}
JO = {"id": "1", "name": "jo"}


@pytest.fixture(autouse=True)
def verified(bench: Bench) -> None:
    """The account has a verified device, and MFA is off."""
    bench.service.make_device(verified=True)


def enable(bench: Bench, *seen: dict[str, Any], **options: Any) -> dict[str, Any]:
    return bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=list(seen), **{**KEY, **options})


@pytest.mark.parametrize(
    ("seen", "reads"),
    [
        ([], True),
        ([{"user": JO, "mfa": OFF}], False),
        ([{"user": {"id": "2", "name": "jo"}, "mfa": OFF}], True),
        ([{"skipped": True}], True),
    ],
)
def test_a_state_that_was_seen_is_not_read_again(bench: Bench, seen: list[dict[str, Any]], reads: bool) -> None:
    assert enable(bench, *seen)["steps"] == ["turn_on"]
    assert (READ in bench.here.calls) is reads
    assert PUT in bench.here.calls


def test_a_state_that_was_seen_on_is_left_alone(bench: Bench) -> None:
    assert enable(bench, {"user": JO, "mfa": ON})["changed"] is False
    assert PUT not in bench.here.calls


@pytest.mark.parametrize(
    "target", [{"target_user": "jo"}, {"target_user": "JO"}, {"target_user_id": "1"}], ids=["name", "case", "id"]
)
def test_a_target_that_was_seen_is_not_looked_up(bench: Bench, target: dict[str, str]) -> None:
    assert enable(bench, {"user": JO, "mfa": OFF}, **target, **BOSS)["steps"] == ["turn_on"]
    assert [call for call in bench.here.calls if "/v2.0/users?" in call or call == READ] == []


@pytest.mark.parametrize("user", [{"id": "2", "name": "ann"}, {"id": "", "name": "ann"}], ids=["another", "no id"])
def test_a_user_that_was_seen_is_not_taken_for_another(bench: Bench, user: dict[str, str]) -> None:
    enable(bench, {"user": user, "mfa": OFF}, target_user="jo", **BOSS)
    assert "GET /v2.0/users?name=jo" in bench.here.calls
    assert PUT in bench.here.calls


TURNED_ON = {"user": JO, "mfa": ON, "steps": ["turn_on"]}
TURNED_OFF = {"user": JO, "mfa": OFF, "steps": ["turn_off"]}


@pytest.mark.parametrize(
    ("seen", "steps", "reads"),
    [
        ([{"user": JO, "mfa": OFF}, TURNED_ON], ["turn_off"], False),
        ([TURNED_ON, TURNED_OFF], [], False),
        ([{"user": JO, "mfa": OFF}, {**TURNED_ON, "user": None}], ["turn_off"], True),
    ],
    ids=["turned on", "off again", "a name that was masked"],
)
def test_the_last_state_that_was_seen_counts(
    bench: Bench, seen: list[dict[str, Any]], steps: list[str], reads: bool
) -> None:
    bench.service.mfa = True
    assert bench.here.call(rax_mfa_settings, enabled=False, seen=seen, **KEY)["steps"] == steps
    assert (READ in bench.here.calls) is reads


def test_what_a_task_did_is_known_by_the_next_one(bench: Bench) -> None:
    """Bypass codes that can be used would be removed from the store when MFA seemed to be off."""
    info = bench.here.call(rax_mfa_info, **KEY)
    on = enable(bench, info)
    bench.here.call(rax_bypass_codes, count=3, seen=[info, on], **KEY)
    assert on["user"] == JO
    assert enable(bench, info, on)["steps"] == []
    assert bench.shelf.content is not None
    assert bench.shelf.content["bypass_codes"] == bench.service.codes


def test_codes_are_made_only_when_mfa_was_not_turned_off_again(bench: Bench) -> None:
    with pytest.raises(Conflict, match="it is off"):
        bench.here.call(rax_bypass_codes, check_mode=True, seen=[TURNED_ON, {**TURNED_OFF, "mfa": ON}], **KEY)
    plan = bench.here.call(rax_bypass_codes, check_mode=True, seen=[{**TURNED_ON, "mfa": OFF}], **KEY)
    assert plan["steps"] == ["keep_bypass_codes"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_device_of_another_user_does_not_count(bench: Bench, check_mode: bool) -> None:
    bench.service.devices.clear()
    device = {"device": {"id": "x", "name": "a", "verified": True}, "steps": ["verify_device"], "proved": False}
    wish = {"enforcement_level": "OPTIONAL", "check_mode": check_mode}
    with pytest.raises(Conflict, match="no verified device"):
        enable(bench, {**device, "user": {"id": "2", "name": "ann"}}, **wish)
    assert bench.writes == []


def test_in_check_mode_a_device_that_would_be_verified_counts(bench: Bench) -> None:
    bench.service.devices.clear()
    plan = bench.here.call(rax_otp_device, check_mode=True, state="verified", **KEY)
    assert enable(bench, plan, check_mode=True)["steps"] == ["turn_on"]
    with pytest.raises(Conflict, match="no verified device"):
        enable(bench, check_mode=True)


# The folder of a job


@pytest.fixture
def job(bench: Bench, tmp_path: Path) -> Path:
    """The folder of a job of AWX."""
    folder = tmp_path / "job"
    bench.here.environ["AWX_ISOLATED_DATA_DIR"] = str(folder)
    return folder


@pytest.mark.parametrize("path", ["{job}/mfa.yml", "{job}/../job/mfa.yml", "{job}/../link/mfa.yml"])
def test_a_store_in_the_folder_of_a_job_is_refused(bench: Bench, job: Path, path: str) -> None:
    job.with_name("link").symlink_to(job)
    with pytest.raises(OptionError, match="lies in the folder of this job, which is removed"):
        bench.here.call(rax_otp_device, store={"type": "vault_file", "path": path.format(job=job)}, **KEY)
    assert bench.here.calls == []


@pytest.mark.parametrize(
    "options",
    [
        {"username": "jo", "password": PASSWORD},
        {**KEY, "proof_password": PASSWORD},
    ],
    ids=["password", "proof"],
)
def test_a_record_in_the_folder_of_a_job_is_refused_if_passcodes_are_computed(
    bench: Bench, job: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(OptionError, match=str(job)):
        bench.here.call(rax_otp_device, state_dir=str(job / "state"), **options)


@pytest.mark.parametrize(
    "options",
    [
        {"store": {"type": "vault_file", "path": "{job}/mfa.yml"}, "store_is_persistent": True},
        {"store": {"type": "hashi_vault", "path": "{job}/mfa"}},
        {"store": {"type": "vault_file", "path": "{job}/../mfa.yml"}},
        {"state_dir": "{job}/state"},
    ],
    ids=["it is kept", "no path of a file", "outside", "a key needs no record"],
)
def test_what_outlives_the_job_is_allowed(bench: Bench, job: Path, options: dict[str, Any]) -> None:
    text = {"state_dir": str(options.get("state_dir", "/elsewhere")).format(job=job)}
    store = {key: value.format(job=job) for key, value in options.get("store", {"type": "hashi_vault"}).items()}
    result = bench.here.call(rax_auth_token, **{**KEY, **options, **text, "store": store})
    assert result["token"]["id"]
