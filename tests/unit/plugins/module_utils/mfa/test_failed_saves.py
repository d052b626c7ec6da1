# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A save that failed may have been made all the same: its answer was lost, or the store could not be read after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, NoReturn

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_bypass_codes
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import (
    Bench,
    Controller,
    ControllersRecord,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import meanwhile
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.turns import Turns

LEFT = (
    "Run it again, and then delete by its id what is still there and in no store (rax_otp_device with O(device_id) and "
    "state: absent)."
)


def lose(here: Controller, *, reads: int, save: int = 0, is_meant: Callable[[], bool] = lambda: True) -> None:
    """Let the answer of a save be lost (of those meant, the one of that number), and so many reads after it."""
    saves, failing, turn = [save], [0], here.points.pause

    def pause() -> None:
        point = here.points.passed[-1]
        is_save = point == "after save" and is_meant()
        turn()
        if is_save:
            saves[0] -= 1
            if saves[0] == -1:
                failing[0] = reads
                raise OptionError("the answer to the save was lost")
        if point == "before load" and failing[0]:
            failing[0] -= 1
            raise OptionError("the store cannot be read")

    here.points.pause = pause


@pytest.mark.parametrize(
    ("start", "job", "saves", "takes_code"),
    [
        (starts.fresh, jobs.enroll, 4, False),
        (starts.enrolled, jobs.rotate, 7, False),
        (starts.enrolled, partial(jobs.rotate, **KEY), 6, False),
        (starts.lost_device, jobs.recover, 9, True),
        (starts.enrolled, jobs.remove, 2, False),
    ],
    ids=["enroll", "rotate", "rotate by key", "recover", "remove"],
)
def test_what_stands_in_the_store_was_saved(
    bench: Bench, start: Callable[[Bench], None], job: jobs.Job, saves: int, takes_code: bool
) -> None:
    """But not that a bypass code was taken: another run may have done so, and sent it. A step is left to that one."""
    bench.begin(start)
    bench.rest()
    undisturbed = job(bench.here)
    assert bench.here.points.passed.count("after save") == saves
    for save in range(saves):
        bench.begin(start)
        bench.rest()
        lose(bench.here, save=save, reads=0)
        if takes_code and save == 0:
            with pytest.raises(OptionError, match="the answer to the save was lost"):
                job(bench.here)
        else:
            assert job(bench.here) == undisturbed


def test_the_last_bypass_code_is_not_lost(bench: Bench) -> None:
    """It is taken out before it is sent, and put back when that is not known to be done."""
    bench.begin(starts.lost_device)
    del entry_of(bench)["bypass_codes"][1:]
    (code,) = entry_of(bench)["bypass_codes"]
    lose(bench.here, save=0, reads=0)
    with pytest.raises(OptionError, match="the answer to the save was lost"):
        jobs.recover(bench.here)
    assert (entry_of(bench)["bypass_codes"], code in bench.service.codes) == ([code], True)
    assert "create_device" in jobs.recover(bench.here)


@pytest.mark.parametrize("reads", [1, 2])
@pytest.mark.parametrize("other", [jobs.rotate, jobs.recover], ids=["rotate", "recover"])
@pytest.mark.parametrize("options", [{}, KEY], ids=["password", "key"])
def test_a_device_that_another_run_found_in_the_store_is_not_taken_back(
    bench: Bench, other: jobs.Job, options: dict[str, Any], reads: int
) -> None:
    """It is the only one whose secret is stored when that run is done."""
    bench.begin(starts.enrolled)
    bench.rest()
    slow, fast = bench.here, bench.another()
    turns: list[str] = []

    def schedule(me: int) -> int:
        point = (slow, fast)[me].points.passed[-1]
        if me == 0 and not turns and point == "after save" and "next" in entry_of(bench):
            turns.append("the next device is stored")
            return 1
        if me == 1 and len(turns) == 1 and point.startswith("before DELETE"):
            turns.append("it is in use")
            return 0
        return me

    def rotate(here: Controller) -> list[str]:
        lose(here, reads=reads, is_meant=lambda: "next" in entry_of(bench))
        return jobs.rotate(here, **options)

    failure, done = Turns(schedule).run([(slow, rotate), (fast, other)])
    assert len(turns) == 2
    assert re.match(r"the answer to the save was lost. The new OTP device ansible \(id d\d\) was left", str(failure))
    assert isinstance(done, list)
    assert [*bench.service.devices] == [entry_of(bench)["device_id"]]
    bench.rest()
    assert jobs.enroll(bench.here) == []


def test_void_codes_that_another_run_removed_stay_removed(bench: Bench) -> None:
    """What one run keeps of an entry is on top of what another one changed; that holds for keys that are gone, too."""
    bench.begin(starts.enrolled)
    bench.rest()
    other = bench.another()
    void = partial(other.call, rax_bypass_codes, renew=True, target_user="jo", **BOSS)
    meanwhile(bench, "after POST /v2.0/users/1/RAX-AUTH/multi-factor/otp-devices", void)
    assert "promote" in jobs.rotate(bench.here)
    assert "bypass_codes" not in entry_of(bench)


def test_a_device_is_taken_back_where_the_entry_of_another_account_stands_now(bench: Bench) -> None:
    bench.begin(starts.fresh)
    theirs = {"username": "ann", "device_id": "d9", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}

    def store() -> None:
        bench.shelf.content = dict(theirs)

    meanwhile(bench, "after POST /v2.0/users/1/RAX-AUTH/multi-factor/otp-devices", store)
    with pytest.raises(OptionError, match="belongs to"):
        jobs.enroll(bench.here)
    assert (bench.service.devices, bench.shelf.content) == ({}, theirs)


@pytest.mark.parametrize("start", [starts.enrolled, starts.lost_device], ids=["step", "code"])
def test_a_reservation_that_failed_is_not_one_that_another_run_made(bench: Bench, start: starts.Start) -> None:
    """Both want to note one step, or to take one code. Who is told that it failed sends a later step, or none."""
    bench.begin(start)
    bench.rest()
    options: dict[str, Any] = {"use": "bypass_code"} if start is starts.lost_device else {}
    other = bench.another()

    def fail() -> None:
        other.call(rax_auth_token, **options)
        raise OptionError("the store cannot be written")

    meanwhile(bench, "before save", fail)
    with pytest.raises(OptionError, match="the store cannot be written") if options else nullcontext():
        bench.here.call(rax_auth_token, **options)
    assert bench.service.refused_codes == 0
    bench.rest()
    assert bench.here.call(rax_auth_token, **options)["second_factor"]
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("spoilt", ["the record", "the password"])
@pytest.mark.parametrize("start", [starts.fresh, starts.enrolled], ids=["enroll", "rotate"])
def test_why_nothing_could_be_stored_is_told_with_the_device_that_is_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, start: starts.Start, spoilt: str
) -> None:
    """The token is dead when the device is taken back, and the new login fails, too: such as on one and the same disk.

    :param spoilt: what the new login fails by.
    """
    bench.begin(start)
    bench.rest()
    there, job = {*bench.service.devices}, jobs.enroll if start is starts.fresh else jobs.rotate

    def fail() -> NoReturn:
        raise OptionError("The record cannot be used: No space left on device.")

    def pause() -> None:
        if bench.here.points.passed[-1] == "before save" and {*bench.service.devices} != there:
            bench.service.tokens.clear()
            bench.shelf.unusable = OptionError("store.path: cannot change /v/ada.yml: No space left on device.")
            if spoilt == "the record":
                patch.setattr(ControllersRecord, "changing", lambda _self: fail())
                bench.service.mfa = True  # the account was enrolled meanwhile, and a login asks for a passcode
            else:
                bench.here.fault = lambda _number: faults.before(401)

    bench.here.points.pause = pause
    with monkeypatch.context() as patch, pytest.raises(OptionError) as caught:
        job(bench.here)
    (left,) = {*bench.service.devices} - there
    assert str(caught.value) == (
        "store.path: cannot change /v/ada.yml: No space left on device. "
        f"Taking back what was made failed, too, so the OTP device ansible (id {left}) may be left. {LEFT}"
    )
    bench.here = bench.another()
    bench.shelf.unusable, bench.service.mfa = None, start is not starts.fresh
    bench.rest()
    assert "delete_unverified" in job(bench.here)
    assert [*bench.service.devices] == [entry_of(bench)["device_id"]]


@pytest.mark.parametrize(
    ("refused", "named"),
    [
        ("DELETE {made}", "devices ansible (id {made}) and ansible (id {twin})"),
        ("GET {twin}", "device ansible (id {twin})"),
        ("DELETE {twin}", "device ansible (id {twin})"),
    ],
)
def test_of_the_devices_that_were_made_those_are_named_that_may_be_left(bench: Bench, refused: str, named: str) -> None:
    """There are two of them, since the answer of the first creation is lost. No entry can be stored.

    :param refused: a request that takes back what was made.
    """
    bench.begin(starts.enrolled)
    creation, there = "POST /v2.0/users/1/RAX-AUTH/multi-factor/otp-devices", {*bench.service.devices}
    ids: dict[str, str] = {}

    def fault(number: int) -> faults.Fault:
        call = bench.here.calls[number]
        method, device_id = refused.format_map(ids).split() if ids else ("none", "")
        if call.startswith(method) and call.endswith(f"/{device_id}"):
            return faults.before(403)
        return faults.lost if call == creation and bench.here.calls.count(creation) == 1 else faults.none

    def pause() -> None:
        new = sorted({*bench.service.devices} - there)
        if bench.here.points.passed[-1] == "before save" and new and not ids:
            ids.update(zip(("twin", "made"), new, strict=True))
            bench.shelf.unusable = OptionError("store.path: disk full.")

    bench.here.points.pause, bench.here.fault = pause, fault
    with pytest.raises(OptionError) as caught:
        jobs.rotate(bench.here, **KEY)
    assert str(caught.value) == (
        f"store.path: disk full. Taking back what was made failed, too, so the OTP {named.format_map(ids)} may be "
        f"left. {LEFT}"
    )


def test_nothing_is_said_of_a_device_that_the_entry_of_another_run_notes(bench: Bench) -> None:
    """The next run deletes it, whatever its name."""
    bench.begin(starts.fresh)
    theirs = bench.service.make_device(verified=True, name="theirs")

    def store() -> None:
        bench.store(theirs)
        bench.here.fault = lambda _number: faults.before(403)

    meanwhile(bench, "after POST /v2.0/users/1/RAX-AUTH/multi-factor/otp-devices", store)
    with pytest.raises(Conflict, match=r"Run it again to see that nothing is left to do\.$"):
        jobs.enroll(bench.here, **KEY)
    assert entry_of(bench)["orphans"] == [one for one in bench.service.devices if one != theirs]
