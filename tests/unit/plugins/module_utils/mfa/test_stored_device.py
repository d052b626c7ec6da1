# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stored device in memory: plans, refusals, people, administrators."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    IdentityError,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
)
from ansible_collections.rackspace.identity.plugins.modules import rax_bypass_codes, rax_mfa_settings, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import WINDOWS

STARTS = [
    *(starts.fresh, starts.must_set_up, starts.left_over, starts.stored_and_not_verified, starts.mfa_off),
    *(starts.enrolled, starts.half_replaced, starts.nearly_replaced, starts.device_gone),
    *(starts.secret_lost, starts.key_uri_alone, starts.turned_off, starts.named_twice, starts.no_room),
]
FOR_JO = {**BOSS, "target_user": "jo"}


@pytest.mark.parametrize("job", jobs.JOBS)
@pytest.mark.parametrize("by", [{}, KEY], ids=["password", "key"])
@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.__name__)
def test_the_plan_is_the_steps(bench: Bench, job: str, by: dict[str, Any], start: starts.Start) -> None:
    bench.begin(start)
    before, outcomes = deepcopy((bench.writes, bench.shelf.content)), list[Any]()
    for check_mode in (True, False):
        try:
            outcomes.append(jobs.JOBS[job](bench.here, check_mode=check_mode, **by))
        except IdentityError as error:
            outcomes.append(type(error))
        if check_mode:
            assert (bench.writes, bench.shelf.content) == before
        bench.rest()
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_lost_secret_is_no_settled_account(bench: Bench, check_mode: bool) -> None:
    bench.begin(starts.secret_lost)
    with pytest.raises(Conflict, match="does not hold its secret"):
        jobs.enroll(bench.here, check_mode=check_mode, **KEY)
    assert bench.writes == []


@pytest.mark.parametrize("job", jobs.JOBS)
def test_a_key_uri_is_a_secret(bench: Bench, job: str) -> None:
    bench.begin(starts.key_uri_alone)
    jobs.JOBS[job](bench.here)
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_the_second_controller_starts_from_the_entry_alone(bench: Bench, window: str) -> None:
    """Directly after the first, and back again: no passcode is refused."""
    bench.service.window = WINDOWS[window]
    jobs.enroll(bench.here)
    for _round in range(10):
        for controller in (bench.another(), bench.here):
            assert jobs.enroll(controller) == []
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("empty", [1, 2])
def test_an_empty_list_by_mistake_does_not_cost_a_stored_device(bench: Bench, empty: int) -> None:
    jobs.enroll(bench.here)
    bench.rest()
    bench.service.empty_lists = empty
    assert jobs.enroll(bench.here) == []
    bench.rest()
    jobs.rotate(bench.here)
    assert len(bench.service.devices) == 1


@pytest.mark.parametrize("by", [{}, KEY, FOR_JO], ids=["bypass code", "key", "administrator"])
def test_an_empty_list_by_mistake_does_not_leave_a_lost_device(bench: Bench, by: dict[str, Any]) -> None:
    bench.begin(starts.lost_device)
    bench.service.empty_lists = 1
    assert "delete_previous" in jobs.recover(bench.here, **by)
    assert list(bench.service.devices) == [starts.entry_of(bench)["device_id"]]


def test_the_store_fails_after_the_verification(bench: Bench) -> None:
    """Nothing is lost: the secret was saved before. The next run goes on, and sends no passcode twice."""
    verified: list[str] = []

    def full(_old: Any, _new: Any) -> None:
        if any(device.verified for device in bench.service.devices.values()) and not verified:
            verified.append("yes")
            raise OptionError("store: the disk is full")

    bench.shelf.watch = full
    with pytest.raises(OptionError, match="the disk is full"):
        jobs.enroll(bench.here)
    assert jobs.enroll(bench.another()) == ["turn_on", "prove_login"]
    assert bench.service.refused_codes <= 1


def test_a_stored_device_that_is_gone_is_replaced_before_the_previous_is_deleted(bench: Bench) -> None:
    """The previous device is the last verified one: the service would refuse to delete it, at each run."""
    jobs.enroll(bench.here)
    gone = bench.service.make_device(verified=True)
    old = (bench.shelf.content or {})["device_id"]
    bench.store(gone, previous=old)
    del bench.service.devices[gone]
    bench.rest()
    here = bench.another()
    steps = here.call(rax_otp_device, state="replaced", replace_unstored=True, **KEY)["steps"]
    assert steps == ["create_device", "store_secret", "verify_device", "promote", "delete_previous"]
    assert list(bench.service.devices) == [(bench.shelf.content or {})["device_id"]]


@pytest.mark.parametrize("kept", [(), ("next",), ("previous",)], ids=["both gone", "previous gone", "next gone"])
def test_an_enrollment_forgets_devices_that_are_gone(bench: Bench, kept: tuple[str, ...]) -> None:
    """The secret of one must not answer a later recovery."""
    jobs.enroll(bench.here)
    ids = {key: bench.service.make_device(verified=True) for key in ("next", "previous")}
    bench.store(starts.entry_of(bench)["device_id"], next=bench.part(ids["next"]), previous=ids["previous"])
    for key in ids.keys() - set(kept):
        del bench.service.devices[ids[key]]
    bench.rest()
    assert jobs.enroll(bench.here) == []
    assert {"next", "previous"} & starts.entry_of(bench).keys() == set(kept)


@pytest.mark.parametrize("job", jobs.JOBS)
def test_a_stored_device_is_not_deleted_for_another_note_of_it(bench: Bench, job: str) -> None:
    bench.begin(starts.named_twice)
    jobs.JOBS[job](bench.here, **KEY)
    entry = bench.shelf.content or {}
    assert list(bench.service.devices) == [entry[key] for key in ("device_id",) if entry]


def test_verified_namesakes_of_others_do_not_stop_a_replacement(bench: Bench) -> None:
    jobs.enroll(bench.here)
    others = {bench.service.make_device(verified=True), bench.service.make_device(verified=True)}
    bench.rest()
    jobs.rotate(bench.here)
    assert set(bench.service.devices) - {(bench.shelf.content or {})["device_id"]} == others


@pytest.mark.parametrize("job", [jobs.enroll, jobs.remove])
def test_an_orphan_that_was_verified_since_is_kept(bench: Bench, job: jobs.Job) -> None:
    jobs.enroll(bench.here)
    person = bench.service.make_device(verified=True)
    bench.shelf.content = {**(bench.shelf.content or {}), "orphans": [person, "gone"]}
    bench.rest()
    plan = job(bench.here, check_mode=True)
    bench.rest()
    assert job(bench.here) == plan
    assert "delete_unverified" not in plan
    assert person in bench.service.devices
    assert "orphans" not in (bench.shelf.content or {})


@pytest.mark.parametrize("change", [{"username": "ann"}, {"user_id": "2"}, {"auth_endpoint": "https://other.example"}])
@pytest.mark.parametrize("job", jobs.JOBS)
def test_the_entry_of_another_account_is_refused_before_any_write(
    bench: Bench, change: dict[str, str], job: str
) -> None:
    bench.store(bench.service.make_device(verified=True), **change)
    before = (dict(bench.shelf.content or {}), set(bench.service.devices))
    with pytest.raises(OptionError, match="The stored entry is not that of jo"):
        jobs.JOBS[job](bench.here, **KEY)
    assert (bench.shelf.content, set(bench.service.devices)) == before


def test_the_entry_of_the_administrator_is_not_taken_for_the_targets(bench: Bench) -> None:
    bench.store(bench.service.make_device(verified=True), username="boss", user_id="9")
    with pytest.raises(OptionError, match="The stored entry is not that of jo"):
        bench.here.call(rax_otp_device, state="verified", **FOR_JO)
    assert len(bench.service.devices) == 1


def test_a_replacement_that_is_not_due_asks_for_nothing(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.here.calls.clear()
    assert jobs.rotate(bench.here, replace_after=30) == []
    assert bench.here.calls == []


@pytest.mark.parametrize("state", ["present", "verified", "replaced"])
@pytest.mark.parametrize("start", [starts.enrolled, starts.lost_device], ids=["stored", "only codes are stored"])
def test_without_a_look_the_plan_is_the_steps_too(bench: Bench, start: starts.Start, state: str) -> None:
    """In check mode no bypass code is spent to log in."""
    bench.begin(start)
    before = deepcopy(bench.shelf.content)
    options: dict[str, Any] = {"state": state, "replace_unstored": state == "replaced", "use": "bypass_code"}
    if start is starts.lost_device and state != "replaced":
        options["name"] = "another"  # the store does not tell of a namesake
    plan = bench.here.call(rax_otp_device, check_mode=True, **options)
    assert bench.shelf.content == before
    done = bench.here.call(rax_otp_device, **options)
    made = {"id": ""} if "create_device" in done["steps"] else {}
    assert (plan["steps"], plan["device"]) == (done["steps"], {**done["device"], **made})


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_stored_device_that_is_gone_is_not_told_as_one_that_a_replacement_deletes(
    bench: Bench, check_mode: bool
) -> None:
    bench.begin(starts.mfa_off)
    bench.service.devices.clear()
    done = bench.here.call(rax_otp_device, state="replaced", check_mode=check_mode, **KEY)
    assert done["steps"] == ["create_device", "store_secret", "verify_device", "promote"]
    assert done["diff"]["before"]["devices"] == []


@pytest.mark.parametrize("state", ["verified", "replaced", "absent"])
def test_two_namesakes_are_refused_with_a_way_that_a_store_has(bench: Bench, state: str) -> None:
    """O(device_id) is refused beside a store."""
    for _device in range(2):
        bench.service.make_device(verified=True)
    with pytest.raises(Conflict, match=r"2 verified devices .* Choose another name \(O\(name\)\), or delete .* d1, d2"):
        bench.here.call(rax_otp_device, state=state, replace_unstored=state == "replaced", **KEY)
    assert len(bench.service.devices) == 2


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize("state", ["present", "verified", "replaced", "absent"])
def test_a_device_to_keep_is_no_namesake(bench: Bench, state: str, verified: bool) -> None:
    kept = bench.service.make_device(verified=verified)
    if not verified:
        bench.shelf.content = {"username": "jo", "orphans": [kept]}
    result = bench.here.call(rax_otp_device, state=state, keep_ids=[kept], replace_unstored=state == "replaced")
    others = bench.service.devices.keys() - {kept}
    assert kept in bench.service.devices
    assert others == ({result["device"]["id"]} if state != "absent" else set())


def test_an_administrator_enrolls_another_user(bench: Bench) -> None:
    device = bench.here.call(rax_otp_device, state="verified", **FOR_JO)
    bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", seen=[device], **FOR_JO)
    bench.rest()
    assert jobs.enroll(bench.here) == []
    assert (bench.shelf.content or {})["username"] == "jo"


def test_an_administrator_does_not_log_in_with_the_secret_of_the_target(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.rest()
    with pytest.raises(PasscodeRequired):
        bench.here.call(rax_otp_device, state="verified", target_user="boss")


def test_an_administrator_that_is_its_own_target_logs_in_with_its_secret_and_keeps_codes(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    for by in ({}, KEY):
        before = starts.entry_of(bench)["bypass_codes"]
        result = bench.here.call(rax_bypass_codes, count=4, renew=True, target_user="Jo", **by)
        assert result["steps"] == ["keep_bypass_codes"]
        assert starts.entry_of(bench)["bypass_codes"] == bench.service.codes != before


def test_a_stored_secret_of_another_device_is_told_as_one_of_the_store(bench: Bench) -> None:
    other = bench.service.make_device(verified=True, name="other")
    bench.store(bench.service.make_device(verified=False), secret=bench.service.devices[other].secret)
    with pytest.raises(PasscodeRefused, match="the store has the secret of another device"):
        bench.here.call(rax_otp_device, state="verified", **KEY)


def test_a_device_that_is_deleted_before_its_verification_ends_in_words(bench: Bench) -> None:
    bench.shelf.watch = lambda _old, _new: bench.service.devices.clear()
    with pytest.raises(Conflict, match="was deleted while this run"):
        bench.here.call(rax_otp_device, state="verified", **KEY)
