# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins as a task: the scope that is needed, the second factor that is required, and check mode."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    BadCredentials,
    Conflict,
    Forbidden,
    IdentityError,
    OptionError,
)
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_mfa_settings
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench


def test_a_login_sets_up_by_itself_if_it_must(bench: Bench) -> None:
    bench.service.must_set_up = True
    with pytest.raises(IdentityError, match="set up"):
        bench.here.call(rax_auth_token)
    result = bench.here.call(rax_auth_token, scope="auto")
    assert (result["mfa"]["enabled"], result["second_factor"]) == (False, False)


def test_a_login_without_the_second_factor_that_is_required(bench: Bench) -> None:
    with pytest.raises(Conflict, match="without a second factor although one is required"):
        bench.here.call(rax_auth_token, require_second_factor=True)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("option", [{"scope": "setup_mfa"}, {"require_second_factor": True}], ids=["scope", "proof"])
@pytest.mark.parametrize("way", [KEY, {"auth_token": "t"}], ids=["key", "token"])
def test_only_a_password_tells_of_the_second_factor(
    bench: Bench, option: dict[str, Any], way: dict[str, Any], check_mode: bool
) -> None:
    with pytest.raises(OptionError, match=rf"O\({next(iter(option))}\) needs a login by password"):
        bench.here.call(rax_auth_token, check_mode=check_mode, **option, **way)
    assert bench.here.calls == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_token_for_the_setup_is_not_revoked_and_not_looked_at(bench: Bench, check_mode: bool) -> None:
    bench.service.must_set_up = True
    login = bench.here.call(rax_auth_token, scope="setup_mfa")
    token = {"auth_token": login["token"]["id"], "user_id": login["user"]["id"], "password": None}
    with pytest.raises(Forbidden, match=r"Not Authorized\. A token .* can't be revoked\. It expires "):
        bench.here.call(rax_auth_token, check_mode=check_mode, state="absent", **token)
    with pytest.raises(Forbidden, match=r"take O\(user_id\) beside O\(auth_token\)\."):
        bench.here.call(rax_auth_token, check_mode=check_mode, **token)


@pytest.mark.parametrize("use", ["secret", "bypass_code"])
def test_in_check_mode_a_proof_is_a_plan(bench: Bench, use: str) -> None:
    bench.begin(starts.enrolled)
    bench.rest()
    bench.here.calls.clear()
    result = bench.here.call(rax_auth_token, check_mode=True, require_second_factor=True, use=use)
    assert (result["steps"], result["token"], bench.here.calls) == (["prove_login"], None, ["POST /v2.0/tokens"])


def test_in_check_mode_a_proof_that_would_fail_at_its_first_step_does(bench: Bench) -> None:
    """The key of the login before it tells nothing of the password."""
    jobs.enroll(bench.here)
    bench.rest()
    with pytest.raises(BadCredentials):
        bench.here.call(rax_auth_token, check_mode=True, require_second_factor=True, username="jo", password="another")


@pytest.mark.parametrize("use", ["secret", "bypass_code"])
def test_in_check_mode_a_locked_account_may_be_unlocked_before_the_proof(bench: Bench, use: str) -> None:
    bench.begin(starts.enrolled)
    bench.rest()
    bench.service.failures, bench.service.last_failure = 3, bench.service.moments.now
    unlock = {"unlock": True, "target_user": "jo", **BOSS}
    assert bench.here.call(rax_mfa_settings, check_mode=True, **unlock)["steps"] == ["unlock"]
    proof = bench.here.module(rax_auth_token, check_mode=True, require_second_factor=True, use=use)
    assert bench.here.run(rax_auth_token, proof)["steps"] == ["prove_login"]
    assert "The account jo is locked" in proof.warnings[0]
    bench.here.call(rax_mfa_settings, **unlock)
    proof = bench.here.module(rax_auth_token, require_second_factor=True, use=use)
    assert (bench.here.run(rax_auth_token, proof)["steps"], proof.warnings) == (["prove_login"], [])


def test_in_check_mode_a_login_notes_nothing_in_the_store(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.rest()
    before = dict(bench.shelf.content or {})
    assert bench.here.call(rax_auth_token, check_mode=True)["second_factor"]
    assert bench.shelf.content == before
