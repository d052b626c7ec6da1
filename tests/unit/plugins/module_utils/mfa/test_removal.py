# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stored device and its entry go together, whatever the service refuses and other runs store meanwhile."""

from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import StoreChanged
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import meanwhile

DEVICES = "/v2.0/users/1/RAX-AUTH/multi-factor/otp-devices"
OFF, ON = ({"steps": [], "mfa": {"enabled": is_on}} for is_on in (False, True))


@pytest.mark.parametrize("start", [starts.enrolled, starts.half_replaced, starts.nearly_replaced, starts.lost_device])
@pytest.mark.parametrize("factor", ["OTP", None])
def test_nothing_is_deleted_while_the_service_would_keep_one_device(
    bench: Bench, start: starts.Start, factor: str | None
) -> None:
    """The secret of the one that is left may be stored nowhere."""
    bench.begin(start)
    bench.service.factor = factor
    before = deepcopy((bench.writes, bench.shelf.content, set(bench.service.devices)))
    for check_mode in (True, False):
        with pytest.raises(Conflict, match="last verified OTP device"):
            bench.here.call(rax_otp_device, check_mode=check_mode, state="absent", **KEY)
        assert (bench.writes, bench.shelf.content, set(bench.service.devices)) == before


def test_a_device_that_another_one_stands_in_for_is_removed(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    phone = bench.service.make_device(verified=True, name="phone")
    for check_mode in (True, False):
        result = bench.here.call(rax_otp_device, check_mode=check_mode, state="absent", **KEY)
        assert result["steps"] == ["delete_device", "remove_stored"]
    assert (list(bench.service.devices), bench.shelf.content) == ([phone], None)


def test_a_removal_that_the_service_ends_keeps_the_stored_device(bench: Bench) -> None:
    """Another run turned MFA on in the last moment."""
    bench.begin(starts.nearly_replaced)
    bench.service.mfa = False
    entry = starts.entry_of(bench)

    def turn_on() -> None:
        bench.service.mfa = True

    meanwhile(bench, f"before DELETE {DEVICES}/{entry['device_id']}", turn_on)
    with pytest.raises(Conflict, match="refused"):
        bench.here.call(rax_otp_device, state="absent", seen=[OFF], **KEY)
    assert {key: one.secret for key, one in bench.service.devices.items()} == {entry["device_id"]: entry["secret"]}


@pytest.mark.parametrize("by", [{}, KEY, {**BOSS, "target_user": "jo"}], ids=["password", "key", "administrator"])
@pytest.mark.parametrize("start", [starts.enrolled, starts.nearly_replaced, starts.enrolled_without_room])
def test_no_verified_device_goes_when_mfa_was_turned_on_since_it_was_seen_to_be_off(
    bench: Bench, start: starts.Start, by: dict[str, Any]
) -> None:
    """The service keeps the last verified one alone: nobody could log in by the others."""
    bench.begin(start)
    before = deepcopy((bench.shelf.content or {})["device_id"]), set(bench.service.devices)
    with pytest.raises(
        Conflict, match=r"MFA of jo was turned on again meanwhile, so the OTP device ansible \(id d\d\)"
    ):
        bench.here.call(rax_otp_device, state="absent", seen=[OFF], **by)
    assert ((bench.shelf.content or {})["device_id"], set(bench.service.devices)) == before


def test_a_device_of_a_person_stays_when_mfa_was_turned_on_since(bench: Bench) -> None:
    bench.begin(starts.no_room)
    bench.service.mfa = True
    before = set(bench.service.devices)
    with pytest.raises(Conflict, match="MFA of jo was turned on again meanwhile"):
        bench.here.call(rax_otp_device, name="a", state="absent", store={"type": "none"}, seen=[OFF], **KEY)
    assert set(bench.service.devices) == before


def test_the_stored_device_goes_before_those_that_runs_have_left(bench: Bench) -> None:
    """MFA was looked at just before."""
    bench.begin(starts.mfa_off)
    stored, other = *bench.service.devices, bench.service.make_device(verified=False)
    bench.here.call(rax_otp_device, state="absent", seen=[OFF], **KEY)
    assert bench.writes == [f"DELETE {DEVICES}/{stored}", f"DELETE {DEVICES}/{other}"]


@pytest.mark.parametrize("start", [starts.no_room, starts.left_over, starts.codes_without_room])
def test_a_removal_with_nothing_stored_leaves_what_an_enrollment_stores_meanwhile(
    bench: Bench, start: starts.Start
) -> None:
    """It has turned MFA on, or is about to: what the removal has seen of MFA is of no use any more."""
    bench.begin(start)
    other = bench.another()
    meanwhile(bench, f"after GET {DEVICES}", lambda: jobs.enroll(other))
    with pytest.raises(StoreChanged, match="the entry of the other one stands"):
        bench.here.call(rax_otp_device, state="absent", seen=[OFF], **KEY)
    entry = starts.entry_of(bench)
    assert bench.service.devices[entry["device_id"]].secret == entry["secret"]
    bench.rest()
    assert jobs.enroll(bench.another()) == []


def test_a_removal_with_nothing_stored_leaves_what_a_recovery_stores_meanwhile(bench: Bench) -> None:
    bench.begin(starts.lost_device)
    other = bench.another()
    meanwhile(bench, f"after GET {DEVICES}", lambda: jobs.recover(other))
    bench.service.mfa = False
    with pytest.raises(StoreChanged, match="the entry of the other one stands"):
        bench.here.call(rax_otp_device, state="absent", seen=[OFF], **KEY)
    assert list(bench.service.devices) == [starts.entry_of(bench)["device_id"]]


@pytest.mark.parametrize(
    ("seen", "is_refused"),
    [
        ([OFF, ON], True),
        ([{**OFF, "user": {"id": "2", "name": "ann"}}], True),
        ([{**ON, "steps": ["turn_off"]}, ON], False),
        ([{**ON, "steps": ["turn_off", "remove_everything"]}, {"device": {"id": "d"}}], False),
    ],
    ids=["turned on since", "another user", "check mode would turn it off", "check mode would enroll anew"],
)
def test_the_last_word_on_mfa_in_seen_counts(bench: Bench, seen: list[dict[str, Any]], is_refused: bool) -> None:
    """Check mode must not promise a deletion that the service refuses, nor none where a device is there."""
    bench.begin(starts.enrolled)
    with pytest.raises(Conflict, match="last verified OTP device") if is_refused else nullcontext():
        result = bench.here.call(rax_otp_device, check_mode=True, state="absent", seen=seen, **KEY)
        assert result["steps"] == ["delete_device", "remove_stored"]


@pytest.mark.parametrize("times", [1, 9])
def test_a_removal_takes_what_another_run_stores_meanwhile(bench: Bench, times: int) -> None:
    others = interfered_removal(bench, times)
    assert bench.here.call(rax_otp_device, state="absent", **KEY)["steps"] == ["delete_device", "remove_stored"]
    assert not bench.shelf.content
    assert not others & set(bench.service.devices)


@pytest.mark.parametrize("is_on", [False, True], ids=["off", "on again"])
def test_after_everything_was_removed_a_device_that_was_stored_since_is_no_lost_one(bench: Bench, is_on: bool) -> None:
    """Another run enrolled the account meanwhile. Its entry goes only with its device."""
    jobs.enroll(bench.here)
    bench.rest()
    bench.service.mfa = is_on
    removed = {"steps": ["remove_everything"]}
    if is_on:
        with pytest.raises(Conflict):
            bench.here.call(rax_otp_device, state="absent", seen=[removed], **KEY)
        assert (bench.shelf.content or {})["device_id"] in bench.service.devices
    else:
        bench.here.call(rax_otp_device, state="absent", seen=[removed], **KEY)
        assert not bench.shelf.content
        assert not bench.service.devices


def test_a_removal_that_must_log_in_again_keeps_what_another_run_enrolled_since(bench: Bench) -> None:
    """Without its device and its entry nobody would have the secret."""
    others = [bench.another()]

    def enroll() -> None:
        if others and "otp-devices" in bench.here.points.passed[-1]:
            jobs.enroll(others.pop())  # which ends the token of this run

    bench.here.points.pause = enroll
    with pytest.raises(StoreChanged, match="the entry of the other one stands"):
        bench.here.call(rax_otp_device, state="absent", name="of this run")
    assert starts.entry_of(bench)["device_id"] in bench.service.devices


LEFT = {"one": 1, "two": 2}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("start", [starts.fresh, starts.mfa_off, starts.enrolled, starts.half_replaced])
def test_a_removal_leaves_no_unverified_device_of_the_name(bench: Bench, start: starts.Start, left: int) -> None:
    bench.begin(start)
    for _number in range(left):
        bench.service.make_device(verified=False)
    kept = {bench.service.make_device(verified=False), bench.service.make_device(verified=False, name="a phone")}
    options: dict[str, Any] = {"state": "absent", "keep_ids": sorted(kept), **KEY}
    bench.service.mfa = False
    plan = bench.here.call(rax_otp_device, check_mode=True, **options)["steps"]
    assert bench.here.call(rax_otp_device, **options)["steps"] == plan
    assert (set(bench.service.devices), bench.shelf.content) == (kept, None)
    assert bench.here.call(rax_otp_device, **options)["steps"] == []


def test_an_unverified_device_that_someone_verified_meanwhile_is_not_removed(bench: Bench) -> None:
    """Only the stored one is meant then."""
    bench.begin(starts.mfa_off)
    other = bench.service.make_device(verified=False)

    def verify() -> None:
        bench.service.devices[other].verified = True

    meanwhile(bench, f"before GET {DEVICES}/{other}", verify)
    assert bench.here.call(rax_otp_device, state="absent", **KEY)["steps"] == ["delete_device", "remove_stored"]
    assert (list(bench.service.devices), bench.shelf.content) == ([other], None)


def test_a_removal_gives_way_to_a_run_that_never_stops_storing(bench: Bench) -> None:
    interfered_removal(bench, times=99)
    with pytest.raises(StoreChanged, match="Run it again"):
        bench.here.call(rax_otp_device, state="absent", **KEY)
    assert (bench.shelf.content or {})["device_id"] in bench.service.devices


def interfered_removal(bench: Bench, times: int) -> set[str]:
    """At each of the first deletions another run stores a new device; the ids of these fill while it goes on."""
    jobs.enroll(bench.here)
    bench.rest()
    bench.service.mfa = False
    others: set[str] = set()

    def interfere(_device_id: str) -> None:
        if len(others) < times:
            other = bench.service.make_device(verified=True)
            others.add(other)
            bench.shelf.content = {**(bench.shelf.content or {}), **bench.part(other)}

    bench.service.deleting = interfere
    return others
