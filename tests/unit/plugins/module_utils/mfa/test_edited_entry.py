# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An entry that a hand has written or cut off: no secret that logs in is lost, and none that is of no use counts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, Controller
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import Fault, none

GARBAGE: list[dict[str, Any]] = [
    {"secret": "0!!"},
    {"secret": "GEZDGN", "key_uri": ""},
    {"secret": "GEZDGNBVGY3TQOJQ", "key_uri": "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK"},
    {"secret": "", "key_uri": "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=8"},
]
"""Secrets that no code of the service can be computed of."""


def state_of(bench: Bench) -> Any:
    return deepcopy((bench.writes, bench.shelf.content, sorted(bench.service.devices)))


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("secret", [{}, *GARBAGE])
@pytest.mark.parametrize("options", [{}, {"verify": False}, {"replace_unstored": True}])
def test_a_device_whose_secret_is_not_stored_takes_no_place(
    bench: Bench, options: dict[str, Any], secret: dict[str, Any], verified: bool
) -> None:
    bench.begin(starts.enrolled)
    device_id = bench.service.make_device(verified=verified)
    starts.entry_of(bench)["next"] = {"device_id": device_id, **secret}
    before = state_of(bench)
    for check_mode in (True, False):
        with pytest.raises(Conflict, match=rf"is to replace that of jo \(id {device_id}\) cannot be read in the shelf"):
            bench.here.call(rax_otp_device, check_mode=check_mode, state="replaced", **options, **KEY)
    assert state_of(bench) == before
    del starts.entry_of(bench)["next"]
    jobs.rotate(bench.here, **KEY)
    assert set(bench.service.devices) - {starts.entry_of(bench)["device_id"]} == ({device_id} if verified else set())


@pytest.mark.parametrize("written", ["secret", "key_uri", "small", "id"])
@pytest.mark.parametrize("job", [jobs.rotate, jobs.recover])
def test_one_secret_or_device_twice_replaces_nothing(bench: Bench, job: jobs.Job, written: str) -> None:
    """A login by the old device would prove it, and that one would be deleted."""
    bench.begin(starts.half_replaced)
    entry = starts.entry_of(bench)
    bench.service.devices[entry["next"]["device_id"]].verified = True
    secret = entry["secret"]
    entry["next"].update(
        {
            "secret": {"secret": secret},
            "key_uri": {"secret": "", "key_uri": f"otpauth://totp/x?secret={secret}"},
            "small": {"secret": secret.lower()},
            "id": {"device_id": entry["device_id"]},
        }[written]
    )
    before = state_of(bench)
    for check_mode in (True, False):
        with pytest.raises(Conflict, match=r"has one device or one secret twice.*; nothing was changed") as caught:
            job(bench.here, check_mode=check_mode, **KEY)
        assert secret not in str(caught.value)
    assert state_of(bench) == before
    del entry["next"]
    assert "create_device" in jobs.recover(bench.here, **KEY)
    entry = starts.entry_of(bench)
    assert bench.service.devices[entry["device_id"]].secret == entry["secret"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_secret_of_the_next_device_is_not_adopted_as_that_of_the_stored_one(bench: Bench, check_mode: bool) -> None:
    bench.begin(starts.half_replaced)
    entry = starts.entry_of(bench)
    bench.service.devices[entry["next"]["device_id"]].verified = True
    entry.update(secret="", key_uri="")
    adoption = {"state": "verified", "secret": entry["next"]["secret"], "proof_password": PASSWORD}
    with pytest.raises(OptionError, match=r"is that of another device.*nothing was changed"):
        bench.here.call(rax_otp_device, check_mode=check_mode, **adoption, **KEY)
    assert jobs.recover(bench.here, **KEY)[:3] == ["prove_login", "promote", "delete_previous"]


def test_the_plan_without_a_look_takes_it_for_gone(bench: Bench) -> None:
    """The real run, which looks, refuses it when it is there."""
    bench.begin(starts.lost_device)
    starts.entry_of(bench)["next"] = {"device_id": "gone", **GARBAGE[0]}
    plan = jobs.recover(bench.here, check_mode=True)
    assert plan == jobs.recover(bench.here)


@pytest.mark.parametrize("secret", GARBAGE)
@pytest.mark.parametrize(("job", "options"), [(jobs.enroll, {}), (jobs.rotate, {"replace_after": 90})])
def test_an_account_whose_secret_cannot_be_read_is_not_settled(
    bench: Bench, job: jobs.Job, options: dict[str, Any], secret: dict[str, Any]
) -> None:
    bench.begin(starts.enrolled)
    starts.entry_of(bench).update(secret)
    before = state_of(bench)
    for check_mode in (True, False):
        with pytest.raises(Conflict, match=r"^The secret of jo in the shelf cannot be read; nothing") as caught:
            job(bench.here, check_mode=check_mode, **options, **KEY)
        assert not [value for value in secret.values() if value and value in str(caught.value)]
    assert state_of(bench) == before


@pytest.mark.parametrize("secret", GARBAGE)
@pytest.mark.parametrize(
    ("job", "options"),
    [(jobs.recover, KEY), (jobs.recover, {}), (jobs.remove, KEY)],
    ids=["recover by key", "recover", "remove"],
)
def test_the_ways_out_of_it(bench: Bench, job: jobs.Job, options: dict[str, Any], secret: dict[str, Any]) -> None:
    bench.begin(starts.enrolled)
    starts.entry_of(bench).update(secret)
    old = starts.entry_of(bench)["device_id"]
    plan = job(bench.here, check_mode=True, **options) if options else []
    done = job(bench.here, **options)
    assert old not in bench.service.devices
    assert plan in ([], done)
    entry = bench.shelf.content or {}
    assert {key: one.secret for key, one in bench.service.devices.items()} == (
        {entry["device_id"]: entry["secret"]} if entry else {}
    )


@pytest.mark.parametrize("secret", [{"secret": "", "key_uri": ""}, *GARBAGE])
@pytest.mark.parametrize("options", [KEY, {}], ids=["key", "code"])
def test_a_recovery_does_not_end_with_what_was_left_to_delete(
    bench: Bench, options: dict[str, Any], secret: dict[str, Any]
) -> None:
    """A replacement was killed before its end, and then the new secret was lost."""
    bench.begin(starts.nearly_replaced)
    starts.entry_of(bench).update(secret)
    plan = jobs.recover(bench.here, check_mode=True, **options)
    done = jobs.recover(bench.here, **options)
    assert set(plan) == set(done) >= {"create_device", "prove_login", "promote"}
    entry = starts.entry_of(bench)
    assert {key: one.secret for key, one in bench.service.devices.items()} == {entry["device_id"]: entry["secret"]}
    assert "previous" not in entry


def test_a_next_secret_that_cannot_be_read_does_not_log_in(bench: Bench) -> None:
    bench.begin(starts.lost_device)
    starts.entry_of(bench)["next"] = {"device_id": "gone", "step_offset": 0, **GARBAGE[0]}
    assert "create_device" in jobs.recover(bench.here)


@pytest.mark.parametrize("edit", [*GARBAGE, {"device_id": ""}])
@pytest.mark.parametrize("options", [KEY, {}], ids=["key", "password"])
def test_support_removed_the_device_of_such_a_secret(
    bench: Bench, options: dict[str, Any], edit: dict[str, Any]
) -> None:
    bench.begin(starts.device_gone)
    starts.entry_of(bench).update(edit)
    bench.service.must_set_up = not options
    for job in (jobs.rotate, partial(jobs.rotate, replace_after=90)):
        with pytest.raises(Conflict, match=r"recover the account|remove the secret from the entry"):
            job(bench.here, **KEY)
    assert jobs.enroll(bench.here, **options)[0] == "create_device"
    entry = starts.entry_of(bench)
    assert {key: one.secret for key, one in bench.service.devices.items()} == {entry["device_id"]: entry["secret"]}


@pytest.mark.parametrize("edit", [*GARBAGE, {"device_id": ""}])
def test_a_list_that_comes_back_empty_is_no_proof_that_it_is_gone(bench: Bench, edit: dict[str, Any]) -> None:
    bench.begin(starts.enrolled)
    starts.entry_of(bench).update(edit)
    before = state_of(bench)
    bench.here.fault = once_empty(bench.here)
    with pytest.raises(Conflict, match=r"cannot be read|does not say which device has it"):
        bench.here.call(rax_otp_device, state="verified", **KEY)
    assert state_of(bench) == before


def once_empty(here: Controller) -> Callable[[int], Fault]:
    """Of the list of devices."""
    spoiled: list[str] = []

    def fault(number: int) -> Fault:
        is_list = here.calls[number].startswith("GET") and here.calls[number].endswith("/otp-devices")
        if not is_list or spoiled:
            return none
        spoiled.append(here.calls[number])
        return lambda ask: ask()._replace(body=b'{"RAX-AUTH:otpDevices": []}')

    return fault


@pytest.mark.parametrize("secret", GARBAGE)
def test_a_login_with_such_a_secret_tells_the_way_out(bench: Bench, secret: dict[str, Any]) -> None:
    bench.begin(starts.enrolled)
    starts.entry_of(bench).update(secret)
    for job in (jobs.enroll, jobs.rotate, jobs.remove):
        with pytest.raises(Conflict, match=r"^The secret of jo in the shelf cannot be read; .*recover the account"):
            job(bench.here)
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("options", [KEY, {}], ids=["key", "password"])
def test_the_given_secret_takes_the_place_of_one_that_cannot_be_read(bench: Bench, options: dict[str, Any]) -> None:
    bench.begin(starts.enrolled)
    secret = starts.entry_of(bench)["secret"]
    starts.entry_of(bench).update(GARBAGE[0])
    given = options or {"otp_secret": secret}
    done = bench.here.call(rax_otp_device, state="verified", secret=secret, proof_password=PASSWORD, **given)
    assert done["steps"] == ["adopt_device", "store_secret", "prove_login"]
    assert (starts.entry_of(bench)["secret"], bench.service.refused_codes) == (secret, 0)


def test_any_spelling_of_a_secret_can_be_read(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    entry = starts.entry_of(bench)
    secret = entry.pop("secret").lower()
    del entry["key_uri"]
    for spelling in (f"{secret[:4]} {secret[4:9]}-{secret[9:]}", f"{secret}====", f"otpauth://totp/x?secret={secret}"):
        entry["secret"] = spelling
        assert jobs.enroll(bench.here, **KEY) == []


@pytest.mark.parametrize("name", ["ansible", "phone"])
@pytest.mark.parametrize("state", ["present", "verified", "replaced", "absent"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_secret_whose_device_is_not_named_is_not_lost(bench: Bench, state: str, name: str, check_mode: bool) -> None:
    device_id = bench.service.make_device(verified=True, name=name)
    bench.service.mfa = True
    bench.shelf.content = {"username": "jo", "secret": bench.service.devices[device_id].secret}
    before = state_of(bench)
    told = "does not say which device has it" if (state, name) != ("absent", "ansible") else "last verified OTP device"
    with pytest.raises(Conflict, match=told):
        bench.here.call(rax_otp_device, check_mode=check_mode, state=state, **KEY)
    assert state_of(bench) == before


def test_nor_is_it_when_a_device_is_removed_that_was_to_take_its_place(bench: Bench) -> None:
    bench.begin(starts.half_replaced)
    del starts.entry_of(bench)["device_id"]
    for check_mode in (True, False):
        before = deepcopy((bench.shelf.content, sorted(bench.service.devices)))
        with pytest.raises(Conflict, match=r"does not say which .*; the devices and the entry were left\. Add the ID"):
            jobs.remove(bench.here, check_mode=check_mode, **KEY)
        assert (bench.shelf.content, sorted(bench.service.devices)) == before


def test_nor_does_it_count_as_young(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    del starts.entry_of(bench)["device_id"]
    with pytest.raises(Conflict, match="does not say which device has it"):
        jobs.rotate(bench.here, replace_after=90, **KEY)


@pytest.mark.parametrize("verified", [[], [True], [True, False]], ids=["none", "it", "it and one that logs nobody in"])
def test_it_is_removed_with_the_device_of_the_name_or_when_none_is_there(bench: Bench, verified: list[bool]) -> None:
    for is_verified in verified:
        bench.service.make_device(verified=is_verified)
    bench.shelf.content = {"username": "jo", "secret": "GEZDGNBVGY3TQOJQ"}
    bench.here.call(rax_otp_device, state="absent", **KEY)
    assert bench.service.devices == {}
    assert bench.shelf.content is None


def test_it_is_removed_beside_a_persons_device_of_another_name(bench: Bench) -> None:
    bench.begin(starts.enrolled)
    del starts.entry_of(bench)["device_id"]
    phone = bench.service.make_device(verified=True)
    bench.service.devices[phone].name = "phone"
    jobs.remove(bench.here, **KEY)
    assert (list(bench.service.devices), bench.shelf.content) == ([phone], None)


def test_a_recovery_takes_the_place_of_it(bench: Bench) -> None:
    bench.service.make_device(verified=True)
    bench.service.mfa = True
    bench.shelf.content = {"username": "jo", "secret": "GEZDGNBVGY3TQOJQ"}
    jobs.recover(bench.here, **KEY)
    assert list(bench.service.devices) == [starts.entry_of(bench)["device_id"]]


def test_what_is_no_devices_in_next_does_not_become_the_accounts(bench: Bench) -> None:
    bench.begin(starts.half_replaced)
    before = starts.entry_of(bench)
    before["next"] |= {"username": "ann", "bypass_codes": ["87654321"], "previous": "", "orphans": ["d9"], "next": {}}
    jobs.rotate(bench.here, **KEY)
    entry = starts.entry_of(bench)
    assert (entry["username"], entry["bypass_codes"]) == ("jo", before["bypass_codes"])
    assert not {"previous", "orphans", "next"} & entry.keys()
