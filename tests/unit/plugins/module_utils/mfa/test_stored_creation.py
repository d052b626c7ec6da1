# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The creation of a stored device: names, room, answers that lie, and what is left when it fails."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    BadCredentials,
    Conflict,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    OptionError,
)
from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret as otp
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, Killed

FOR_JO = {**BOSS, "target_user": "jo"}


@pytest.mark.parametrize("by", [KEY, FOR_JO], ids=["key", "administrator"])
@pytest.mark.parametrize(
    ("start", "options"),
    [
        (starts.no_room, {"state": "verified"}),
        (starts.no_room, {"state": "present", "store": {"type": "none"}}),
        (starts.enrolled_without_room, {"state": "replaced"}),
        (starts.enrolled_without_room, {"state": "replaced", "replace_unstored": True}),
    ],
    ids=["enroll", "enroll a person", "rotate", "recover"],
)
def test_a_device_that_makes_room_for_a_new_one_is_deleted_in_a_step(
    bench: Bench, start: starts.Start, options: dict[str, Any], by: dict[str, Any]
) -> None:
    bench.begin(start)
    left = {key for key, device in bench.service.devices.items() if not device.verified}
    plan = bench.here.call(rax_otp_device, check_mode=True, **options, **by)["steps"]
    assert left <= set(bench.service.devices)
    steps = bench.here.call(rax_otp_device, **options, **by)["steps"]
    assert left.isdisjoint(bench.service.devices)
    assert plan == steps
    assert steps[:2] == ["delete_unverified", "create_device"]
    assert "orphans" not in (bench.shelf.content or {})


@pytest.mark.parametrize(
    ("start", "job"),
    [(starts.no_room, jobs.enroll), (starts.enrolled_without_room, jobs.recover)],
    ids=["enroll", "recover"],
)
def test_a_run_that_was_killed_while_it_made_room_is_completed(
    bench: Bench, start: starts.Start, job: jobs.Job
) -> None:
    """What was to be deleted is noted first, and the note alone is no device of the account."""
    bench.begin(start)
    left = {key for key, device in bench.service.devices.items() if not device.verified}

    def kill(device_id: str) -> None:
        if device_id in left:
            raise Killed

    bench.service.deleting = kill
    with pytest.raises(Killed):
        job(bench.here, **KEY)
    assert starts.entry_of(bench)["orphans"] == sorted(left)
    bench.service.deleting = lambda _device_id: None
    assert job(bench.another(), **KEY)[:2] == ["delete_unverified", "create_device"]
    assert left.isdisjoint(bench.service.devices)
    assert "orphans" not in starts.entry_of(bench)


def test_a_note_of_what_makes_room_is_removed_with_the_device_of_the_name(bench: Bench) -> None:
    """The entry names no device of the account."""
    bench.service.make_device(verified=True)
    bench.shelf.content = {"username": "jo", "orphans": [bench.service.make_device(verified=False)]}
    assert jobs.remove(bench.here, **KEY) == ["delete_device", "remove_stored"]
    assert bench.service.devices == {}
    assert bench.shelf.content is None


def test_where_names_must_be_unique_the_second_device_has_another_one(bench: Bench) -> None:
    bench.service.unique_names = True
    jobs.enroll(bench.here)
    for name in ("ansible 2", "ansible 3", "ansible 2"):
        bench.rest()
        jobs.rotate(bench.here)
        (device,) = bench.service.devices.values()
        assert bench.shelf.content
        assert bench.shelf.content["device_name"] == device.name == name
        bench.rest()
        assert jobs.enroll(bench.here) == []


def test_where_names_must_be_unique_a_creation_whose_answer_was_lost_leaves_nothing(bench: Bench) -> None:
    bench.service.unique_names = True
    jobs.enroll(bench.here)
    bench.rest()
    bench.here.calls.clear()

    def fault(_number: int) -> faults.Fault:
        creations = [call for call in bench.here.calls if is_creation(call)]
        # The first one is refused for its name.
        return faults.lost if len(creations) == 2 and bench.here.calls[-1] in creations else faults.none

    bench.here.fault = fault
    assert "delete_unverified" in jobs.rotate(bench.here)
    assert [device.name for device in bench.service.devices.values()] == ["ansible 3"]


def is_creation(call: str) -> bool:
    return call.startswith("POST") and call.endswith("/otp-devices")


CREATIONS: dict[str, tuple[starts.Start, jobs.Job]] = {
    "enroll": (starts.fresh, jobs.enroll),
    "rotate": (starts.enrolled, jobs.rotate),
    "recover": (starts.lost_device, jobs.recover),
}


@pytest.mark.parametrize("by", [{}, KEY], ids=["password", "key"])
@pytest.mark.parametrize(
    ("job", "named"),
    [(job, "a phone app") for job in CREATIONS]
    + [("rotate", "the stored one"), ("rotate", "the stored one, unlisted")],
)
def test_a_creation_that_is_answered_with_another_device_costs_none(
    bench: Bench, job: str, named: str, by: dict[str, Any]
) -> None:
    """A passcode of the new secret would be refused, and by key nothing would tell that it is of no device."""
    start, run = CREATIONS[job]
    bench.begin(start)
    phone = bench.service.make_device(verified=True, name="phone app")
    bench.service.empty_lists = int("unlisted" in named)
    before, devices = deepcopy(bench.shelf.content or {}), set(bench.service.devices)
    answers = faults.telling(id=phone if named == "a phone app" else before["device_id"])
    bench.here.calls.clear()
    bench.here.fault = lambda at: answers if is_creation(bench.here.calls[at]) else faults.none
    with pytest.raises(InvalidAnswer, match="names another OTP device as the new one"):
        run(bench.here, **by)
    assert (set(bench.service.devices), bench.service.refused_codes) == (devices, 0)
    entry, kept = bench.shelf.content or {}, ("device_id", "secret", "next", "previous", "orphans")
    assert [entry.get(key) for key in kept] == [before.get(key) for key in kept]


@pytest.mark.parametrize("by", [{}, KEY], ids=["password", "key"])
@pytest.mark.parametrize("job", CREATIONS)
def test_a_new_device_is_verified_whatever_is_said_of_it(bench: Bench, job: str, by: dict[str, Any]) -> None:
    start, run = CREATIONS[job]
    bench.begin(start)
    bench.here.calls.clear()
    answers = faults.telling(verified=True)
    bench.here.fault = lambda at: answers if is_creation(bench.here.calls[at]) else faults.none
    assert "verify_device" in run(bench.here, **by)
    (device,) = bench.service.devices.values()
    assert (device.verified, device.secret) == (True, starts.entry_of(bench)["secret"])
    assert bench.service.refused_codes == 0


def test_a_sixth_device_is_refused_before_anything_is_changed(bench: Bench) -> None:
    for name in "abcde":
        bench.service.make_device(verified=True, name=name)
    for check_mode in (True, False):
        with pytest.raises(Conflict, match="has 5 OTP devices already"):
            jobs.enroll(bench.here, check_mode=check_mode)
    assert (len(bench.service.devices), bench.shelf.content) == (5, None)


NEW_SECRETS: dict[str, tuple[starts.Start, dict[str, Any]]] = {
    "enroll": (starts.fresh, {"state": "verified"}),
    "enroll with a person": (starts.fresh, {"state": "present"}),
    "rotate": (starts.enrolled, {"state": "replaced", **KEY}),
    "recover": (starts.lost_device, {"state": "replaced", "replace_unstored": True, **KEY}),
    "recover by a code": (starts.lost_device, {"state": "replaced", "replace_unstored": True, "use": "bypass_code"}),
}


@pytest.mark.parametrize("job", NEW_SECRETS)
@pytest.mark.parametrize("check_mode", [True, False])
def test_without_the_library_for_codes_no_secret_is_made(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, job: str, check_mode: bool
) -> None:
    start, options = NEW_SECRETS[job]
    bench.begin(start)
    before = (bench.writes, list(bench.service.devices))
    monkeypatch.setattr(otp, "HAS_PYOTP", False)
    with pytest.raises(OptionError, match="pip install pyotp"):
        bench.here.call(rax_otp_device, check_mode=check_mode, **options)
    assert (bench.writes, list(bench.service.devices)) == before


@pytest.mark.parametrize("job", [job for job in NEW_SECRETS if "code" not in job])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_store_that_is_known_to_be_unusable_is_told_before_a_device_is_made(
    bench: Bench, job: str, check_mode: bool
) -> None:
    start, options = NEW_SECRETS[job]
    bench.begin(start)
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    with pytest.raises(OptionError, match="the disk is full"):
        bench.here.call(rax_otp_device, check_mode=check_mode, **options)
    assert bench.writes == []


def test_a_secret_that_cannot_be_stored_leaves_no_device(bench: Bench) -> None:
    bench.shelf.unusable = OptionError("store: the disk is full")
    with pytest.raises(OptionError, match="the disk is full"):
        jobs.enroll(bench.here)
    assert bench.service.devices == {}


@pytest.mark.parametrize("is_full", [False, True], ids=["room", "no room"])
def test_what_a_lost_answer_left_goes_with_the_device_that_cannot_be_stored(bench: Bench, is_full: bool) -> None:
    """No run would look for it: the account is settled."""
    bench.begin(starts.enrolled)
    before = set(bench.service.devices) | {
        bench.service.make_device(verified=False, name="x") for _ in range(is_full * 3)
    }
    bench.here.calls.clear()
    lose_first_creation(bench)
    bench.shelf.unusable = OptionError("store: the disk is full")
    with pytest.raises(OptionError, match="the disk is full"):
        jobs.rotate(bench.here, **KEY)
    assert set(bench.service.devices) == before


def test_what_a_lost_answer_left_goes_when_the_second_creation_is_refused(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    before = set(bench.service.devices)
    bench.here.calls.clear()
    lose_first_creation(bench, then=faults.before(403, b'{"forbidden": {"code": 403, "message": "Not Authorized"}}'))
    with pytest.raises(Forbidden):
        jobs.rotate(bench.here, **KEY)
    assert set(bench.service.devices) == before


@pytest.mark.parametrize("kind", ["lost before the work", "reset", "503"])
def test_what_a_lost_answer_left_is_not_looked_at_in_an_outage(bench: Bench, kind: str) -> None:
    """Nobody would answer, and the failure would take twice as long. The next run deletes it."""

    def fault(number: int) -> faults.Fault:
        creations = sum(map(is_creation, bench.here.calls[: number + 1]))
        if creations > 1:
            return faults.FAULTS[kind]
        return faults.lost if is_creation(bench.here.calls[number]) else faults.none

    bench.here.fault = fault
    with pytest.raises(IdentityError):
        jobs.enroll(bench.here, **KEY)
    (left,) = bench.service.devices
    assert not [call for call in bench.here.calls if call.endswith(f"/{left}")]
    bench.here.fault = lambda _number: faults.none
    jobs.enroll(bench.here, **KEY)
    assert list(bench.service.devices) == [starts.entry_of(bench)["device_id"]] != [left]


def test_what_a_lost_answer_left_is_not_looked_at_when_it_is_deleted(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    before = set(bench.service.devices)
    lose_first_creation(bench)
    with pytest.raises(BadCredentials):
        bench.here.call(rax_otp_device, state="replaced", proof_password="wrong", **KEY)
    assert set(bench.service.devices) == {*before, starts.entry_of(bench)["next"]["device_id"]}
    assert bench.here.calls[-1] == "POST /v2.0/tokens"


@pytest.mark.parametrize("becomes", ["verified", "stored"])
def test_a_twin_that_is_another_runs_is_not_taken_back(bench: Bench, becomes: str) -> None:
    bench.begin(starts.fresh)
    lose_first_creation(bench)
    theirs: list[str] = []

    def take() -> None:
        if bench.here.points.passed[-1] == "before save" and not theirs:
            (first, _second) = bench.service.devices
            theirs.append(first)
            bench.service.devices[first].verified = becomes == "verified"
            bench.shelf.content = bench.part(first) if becomes == "stored" else {"username": "jo", "note": "x"}

    bench.here.points.pause = take
    with pytest.raises(Conflict):
        jobs.enroll(bench.here, **KEY)
    assert list(bench.service.devices) == theirs


def lose_first_creation(bench: Bench, then: faults.Fault = faults.none) -> None:
    """Lose the answer of the first creation; the others get this fault."""

    def fault(number: int) -> faults.Fault:
        creations = [at for at, call in enumerate(bench.here.calls) if is_creation(call)]
        if number not in creations:
            return faults.none
        return faults.lost if number == creations[0] else then

    bench.here.fault = fault


@pytest.mark.parametrize("by", [FOR_JO, {**FOR_JO, "check_mode": True}], ids=["for real", "check mode"])
def test_an_empty_list_of_a_user_with_mfa_on_is_read_again(bench: Bench, by: dict[str, Any]) -> None:
    """The user that was read says that a device is there."""
    bench.begin(starts.lost_device)
    bench.service.empty_lists = 1
    before = set(bench.service.devices)
    with pytest.raises(Conflict, match="does not hold its secret"):
        jobs.enroll(bench.here, **by)
    assert set(bench.service.devices) == before


@pytest.mark.parametrize(
    ("start", "left"), [(starts.fresh, "no entry"), (starts.enrolled, "the entry of the other one")]
)
def test_a_new_device_goes_when_its_entry_does(bench: Bench, start: starts.Start, left: str) -> None:
    """Someone saves an old copy of the file while the device is verified: nobody has its secret any more."""
    bench.begin(start)
    stale, before = deepcopy(bench.shelf.content), set(bench.service.devices)

    def save_the_old_copy() -> None:
        if any(device.verified for name, device in bench.service.devices.items() if name not in before):
            bench.shelf.content = deepcopy(stale)

    bench.here.points.pause = save_the_old_copy
    with pytest.raises(Conflict, match=f"{left} stands"):
        bench.here.call(rax_otp_device, state="verified" if start is starts.fresh else "replaced")
    assert set(bench.service.devices) == before
