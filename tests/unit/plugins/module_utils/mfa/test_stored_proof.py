# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a login proves of a stored secret: by whom, and what stands in its way."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    IdentityError,
    PasscodeRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.module_utils.login.refusals import with_refusal
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_mfa_settings, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench

FOR_JO = {**BOSS, "target_user": "jo"}
REPLACING = [starts.enrolled, starts.half_replaced, starts.lost_device]
Run = Callable[..., "list[str]"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("given", "is_proved"), [({}, True), ({"proof_password": ""}, False)], ids=["none", "empty"])
def test_an_empty_password_for_the_proof_leaves_it_out(
    bench: Bench, given: dict[str, Any], is_proved: bool, check_mode: bool
) -> None:
    bench.begin(starts.enrolled)
    steps = bench.here.call(rax_otp_device, check_mode=check_mode, state="replaced", **given)["steps"]
    assert ("prove_login" in steps) is is_proved


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_new_secret_is_not_proved_by_a_login_by_sms(bench: Bench, check_mode: bool) -> None:
    bench.begin(starts.enrolled)
    bench.service.factor = "SMS"
    steps = bench.here.call(rax_otp_device, check_mode=check_mode, state="replaced", proof_password=PASSWORD, **KEY)
    assert steps["steps"] == ["create_device", "store_secret", "verify_device", "promote", "delete_previous"]


def lock(bench: Bench) -> None:
    bench.service.failures, bench.service.last_failure = 3, bench.service.moments.now


def begin_nothing(bench: Bench, start: starts.Start, error: type[IdentityError], told: str, *, check_mode: bool) -> Run:
    """No device is made, and nothing is stored."""
    before = deepcopy((bench.writes, bench.shelf.content))
    run = jobs.recover if start is starts.lost_device else jobs.rotate
    with pytest.raises(error, match=told):
        run(bench.here, check_mode=check_mode, **KEY)
    assert (bench.writes, bench.shelf.content) == before
    return run


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("start", REPLACING)
def test_a_locked_account_gets_no_device_that_no_login_can_prove(
    bench: Bench, start: starts.Start, check_mode: bool
) -> None:
    bench.begin(start)
    lock(bench)
    told = "The account jo is locked, so that no login can prove the secret; nothing was"
    begin_nothing(bench, start, AccountLocked, told, check_mode=check_mode)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_locked_account_adopts_no_secret_that_no_login_can_prove(bench: Bench, check_mode: bool) -> None:
    bench.begin(starts.enrolled)
    secret, bench.shelf.content = starts.entry_of(bench)["secret"], None
    lock(bench)
    with pytest.raises(AccountLocked):
        bench.here.call(
            rax_otp_device, check_mode=check_mode, state="verified", secret=secret, proof_password=PASSWORD, **KEY
        )


def refuse_two(bench: Bench) -> None:
    """Another controller noted them."""
    for attempt in ("one", "two"):
        at = Moment(bench.service.now - 60)
        bench.shelf.content = with_refusal(starts.entry_of(bench), attempt, at, counts=lambda _at: True)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("start", REPLACING)
def test_after_two_refusals_no_device_is_made_that_no_login_can_prove(
    bench: Bench, start: starts.Start, check_mode: bool
) -> None:
    bench.begin(start)
    refuse_two(bench)
    told = r"would send a third.*was not begun. Run this again in 3[01] min"
    run = begin_nothing(bench, start, PasscodeRefused, told, check_mode=check_mode)
    bench.service.moments.pass_by(31 * 60)
    assert "prove_login" in run(bench.here, check_mode=check_mode, **KEY)


@pytest.mark.parametrize("check_mode", [True, False])
def test_after_two_refusals_no_secret_is_adopted_that_no_login_can_prove(bench: Bench, check_mode: bool) -> None:
    bench.begin(starts.enrolled)
    secret = starts.entry_of(bench)["secret"]
    starts.entry_of(bench).update(secret="", key_uri="")
    refuse_two(bench)
    with pytest.raises(PasscodeRefused, match="would send a third"):
        bench.here.call(
            rax_otp_device, check_mode=check_mode, state="verified", secret=secret, proof_password=PASSWORD, **KEY
        )


def test_a_plan_of_an_administrator_is_refused_where_the_run_is(bench: Bench) -> None:
    """Nothing is shown as locked that a task before could have planned to unlock."""
    bench.begin(starts.enrolled)
    refuse_two(bench)
    for check_mode in (True, False):
        with pytest.raises(PasscodeRefused, match="would send a third"):
            bench.here.call(rax_otp_device, check_mode=check_mode, state="replaced", proof_password=PASSWORD, **FOR_JO)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_a_task_before_turns_off_needs_no_proof(bench: Bench, check_mode: bool) -> None:
    """The count is cleared with it."""
    bench.begin(starts.enrolled)
    refuse_two(bench)
    off = bench.here.call(rax_mfa_settings, check_mode=check_mode, enabled=False, **FOR_JO)
    steps = bench.here.call(
        rax_otp_device, check_mode=check_mode, state="replaced", seen=[off], proof_password=PASSWORD, **FOR_JO
    )["steps"]
    assert steps == ["create_device", "store_secret", "verify_device", "promote", "delete_previous"]


@pytest.mark.parametrize("options", [KEY, FOR_JO])
def test_without_a_proof_two_refusals_are_no_hindrance(bench: Bench, options: dict[str, Any]) -> None:
    bench.begin(starts.lost_device)
    refuse_two(bench)
    steps = bench.here.call(rax_otp_device, state="replaced", replace_unstored=True, **options)["steps"]
    assert steps == ["create_device", "store_secret", "verify_device", "promote", "delete_previous"]


def test_a_replacement_that_was_proved_is_completed_after_refusals(bench: Bench) -> None:
    """They came from another controller since, and no proof is due any more."""
    bench.begin(starts.nearly_replaced)
    refuse_two(bench)
    steps = bench.here.call(rax_otp_device, state="replaced", proof_password=PASSWORD, **KEY)["steps"]
    assert steps == ["delete_previous"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_lock_out_that_is_over_is_no_hindrance(bench: Bench, check_mode: bool) -> None:
    """Who works by API key alone never logs in by password, which would have the service forget it."""
    bench.begin(starts.enrolled)
    bench.service.shows_lock = True
    assert "prove_login" in jobs.rotate(bench.here, check_mode=check_mode, **KEY)


def test_without_a_proof_a_locked_account_is_no_hindrance(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    lock(bench)
    steps = bench.here.call(rax_otp_device, state="replaced", **KEY)["steps"]
    assert steps == ["create_device", "store_secret", "verify_device", "promote", "delete_previous"]


def test_an_administrator_plans_a_recovery_that_unlocks_the_account_first(bench: Bench) -> None:
    """Check mode unlocks nothing, so that the account is still locked when the plan is made."""
    bench.begin(starts.lost_device)
    lock(bench)
    recovery = {"state": "replaced", "replace_unstored": True, "proof_password": PASSWORD, **FOR_JO}
    plan = bench.here.call(rax_otp_device, check_mode=True, **recovery)["steps"]
    with pytest.raises(AccountLocked):
        bench.here.call(rax_otp_device, **recovery)
    bench.here.call(rax_mfa_settings, unlock=True, **FOR_JO)
    assert bench.here.call(rax_otp_device, **recovery)["steps"] == plan
    assert "prove_login" in plan


def test_a_token_that_ends_with_the_proof_costs_no_other_login(bench: Bench) -> None:
    """That one would have to wait for a later passcode."""
    bench.begin(starts.enrolled)
    token = bench.here.call(rax_auth_token)["token"]["id"]
    bench.rest()
    bench.here.calls.clear()

    def end(_old: Any, new: Any) -> None:
        if "previous" in new:
            bench.service.tokens.pop(token, None)

    bench.shelf.watch = end
    bench.here.call(rax_otp_device, state="replaced", auth_token=token, user_id="1", proof_password=PASSWORD)
    assert bench.here.calls.count("POST /v2.0/tokens") == 2


def test_a_proof_that_is_refused_keeps_both_secrets(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.rest()
    with pytest.raises(IdentityError, match="login by password was refused"):
        bench.here.call(rax_otp_device, state="replaced", proof_password="wrong", **KEY)
    entry = bench.shelf.content or {}
    for part in (entry, entry["next"]):
        assert bench.service.devices[part["device_id"]].secret == part["secret"]
    bench.rest()
    assert jobs.rotate(bench.here, **KEY) == ["prove_login", "promote", "delete_previous"]


def test_an_administrator_unlocks_and_the_record_of_the_target_forgets(bench: Bench) -> None:
    jobs.enroll(bench.here)
    (record,) = bench.here.records.values()
    record.attempts = [Attempt(bench.service.now, "refused")]
    lock(bench)
    for check_mode, changed, left in ((True, True, 1), (False, True, 0), (False, False, 0)):
        result = bench.here.call(rax_mfa_settings, check_mode=check_mode, unlock=True, **FOR_JO)
        assert (result["changed"], len(record.attempts)) == (changed, left)
