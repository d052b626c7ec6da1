# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device without a store, whose secret the result holds: which one is meant, what is sent, and check mode."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    IdentityError,
    NotFound,
    OptionError,
    PasscodeRefused,
)
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_mfa_settings,
    rax_otp_device,
    rax_otp_device_info,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import API_KEY, BOSS_KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import at_step, code_of

WHO: dict[str, dict[str, Any]] = {
    "oneself": {"username": "jo", "api_key": API_KEY},
    "an administrator": {"username": "boss", "api_key": BOSS_KEY, "target_user": "jo"},
}
DEVICES = "/v2.0/users/1/RAX-AUTH/multi-factor/otp-devices"
ADD, VERIFY = "POST ", "POST /{}/verify"
OLD, NEW = ("x", True), ("x", False)
FIVE = [(name, False) for name in "abcde"]
CODE, SECRET = {"state": "verified", "code": "CODE"}, {"state": "verified", "secret": "SECRET"}
A_CODE = {"state": "verified", "code": "000000"}
REPLACE, ABSENT = {"name": "x", "on_unverified": "replace"}, {"state": "absent"}


class Case(NamedTuple):
    """Devices (name, verified; the ids are `d1`, `d2`, ...), a task, what it sends, and which device it is about."""

    have: list[tuple[str, bool]]
    options: dict[str, Any]
    writes: list[str]
    meant: str | None = None
    mfa: bool = False


CASES = {
    "none there": Case([], {"name": "x"}, [ADD], "new"),
    "one to keep": Case([NEW], {"name": "x"}, [], "d1"),
    "a verified one beside an unverified one": Case([NEW, OLD], REPLACE, [], "d2"),
    "unverified ones to replace, one to keep": Case(
        [NEW, NEW, NEW, ("y", False)], {**REPLACE, "keep_ids": ["d1"]}, ["DELETE /d2", "DELETE /d3", ADD], "new"
    ),
    "no room but for a replacement": Case([NEW, *FIVE[:4]], REPLACE, ["DELETE /d1", ADD], "new"),
    "by id": Case([OLD, OLD], {"name": "x", "device_id": "d2"}, [], "d2"),
    "an id that is gone, a namesake": Case([OLD], {"name": "x", "device_id": "gone"}, [], "d1"),
    "an id that is gone, a name": Case([], {"name": "x", "device_id": "gone"}, [ADD], "new"),
    "a code by id": Case([NEW, NEW], {"name": "x", "device_id": "d2", **CODE}, [VERIFY.format("d2")], "d2"),
    "a code of a verified one": Case([NEW, OLD], {"name": "x", **CODE}, [], "d2"),
    "a secret": Case([NEW], {"name": "x", **SECRET}, [VERIFY.format("d1")], "d1"),
    "a code beside a secret": Case([NEW], {"name": "x", **SECRET, **CODE}, [VERIFY.format("d1")], "d1"),
    "one to delete": Case([("y", True), NEW], {"name": "x", **ABSENT}, ["DELETE /d2"], mfa=True),
    "one to delete by id": Case([NEW, NEW], {"device_id": "d2", **ABSENT}, ["DELETE /d2"]),
    "none to delete": Case([("y", True)], {"name": "x", **ABSENT}, []),
    "an id that is gone, a namesake to keep": Case([NEW], {"name": "x", "device_id": "gone", **ABSENT}, []),
}
REFUSED: dict[str, tuple[Case, type[Exception], str]] = {
    "two verified ones": (Case([OLD, OLD], {"name": "x"}, []), Conflict, "d1, d2"),
    "two verified ones to delete": (Case([OLD, OLD], {"name": "x", **ABSENT}, []), Conflict, "d1, d2"),
    "two unverified ones": (Case([NEW, NEW], {"name": "x"}, []), Conflict, "d1, d2"),
    "a sixth": (Case(FIVE, {"name": "x"}, []), Conflict, "has 5 OTP devices already"),
    "the last verified one": (
        Case([OLD], {"name": "x", **ABSENT}, ["DELETE /d1"], mfa=True), Conflict, "last verified"
    ),
    "an id that is gone": (Case([NEW], {"device_id": "gone"}, []), NotFound, "id gone"),
    "a code, the name is not there": (Case([], {"name": "x", **A_CODE}, []), NotFound, "no such OTP device"),
    "a code, the id is gone": (
        Case([NEW], {"device_id": "gone", **A_CODE}, [VERIFY.format("gone")]), NotFound, "no such OTP device|not found"
    ),
    "a number": (Case([NEW], {"name": "x", "state": "verified", "code": "5349"}, []), OptionError, "has 4 digits"),
    "no code": (Case([NEW], {"name": "x", "state": "verified", "code": ""}, []), OptionError, "needs secret"),
    "no name": (Case([], {"name": " "}, []), OptionError, "blank"),
    "no id": (Case([], {"device_id": "", **ABSENT}, []), OptionError, "blank"),
}  # fmt: skip


def furnish(bench: Bench, case: Case) -> None:
    for name, verified in case.have:
        bench.service.make_device(name=name, verified=verified)
    bench.service.mfa = case.mfa


def play(bench: Bench, options: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    """Run a task, as jo unless it says otherwise."""
    bench.here.calls.clear()
    return bench.here.call(rax_otp_device, check_mode=check_mode, **{"store": None, **WHO["oneself"], **options})


def writes(bench: Bench) -> list[str]:
    """What was sent. A verification, which tries codes of several steps, is one."""
    sent = [call for call in bench.here.calls if not call.startswith("GET") and call != "POST /v2.0/tokens"]
    tries = [before == call and call.endswith("/verify") for before, call in pairwise(["", *sent])]
    return [call.replace(DEVICES, "") for call, is_try in zip(sent, tries, strict=True) if not is_try]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", CASES)
def test_check_mode_foretells_what_is_done(bench: Bench, name: str, who: str) -> None:
    case = CASES[name]
    furnish(bench, case)
    before = dict(bench.service.devices)
    device = before.get(case.meant or "")
    mine = {"SECRET": device.secret, "CODE": code_of(device.secret, at_step(bench.service.now))} if device else {}
    options = {key: mine[value] if value in ("SECRET", "CODE") else value for key, value in case.options.items()}
    foretold = play(bench, {**options, **WHO[who]}, check_mode=True)
    assert writes(bench) == []
    done = play(bench, {**options, **WHO[who]})
    assert writes(bench) == case.writes
    assert done["changed"] is foretold["changed"] is bool(case.writes)
    there = (done["device"] or {}).get("id")
    new = next(iter(set(bench.service.devices) - set(before)), "")
    assert there == (new if case.meant == "new" else case.meant)
    assert done.get("secret") == (bench.service.devices[new].secret if new else None)
    assert "secret" not in foretold
    assert json.dumps(done["diff"]).replace(new or "nothing", "") == json.dumps(foretold["diff"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_done_is_refused_in_check_mode_too(bench: Bench, name: str) -> None:
    case, error, words = REFUSED[name]
    furnish(bench, case)
    for check_mode in (True, False):
        with pytest.raises(error, match=words):
            play(bench, case.options, check_mode=check_mode)
        assert writes(bench) == ([] if check_mode else case.writes)
    assert len(bench.service.devices) == len(case.have)


@pytest.mark.parametrize("store", [None, {"type": "vault_file"}, {"type": "none"}])
def test_what_cannot_be_a_code_is_told_before_the_first_request(bench: Bench, store: dict[str, str] | None) -> None:
    for check_mode in (True, False):
        for state in ("verified", "replaced"):
            options = {"name": "x", "state": state, "code": "abcdef", "store": store}
            with pytest.raises(OptionError, match="digits only"):
                play(bench, options, check_mode=check_mode)
    assert bench.here.calls == []


@pytest.mark.parametrize("store", [None, {"type": "none"}])
def test_a_code_is_sent_without_the_blank_that_apps_show(bench: Bench, store: dict[str, str] | None) -> None:
    device_id = bench.service.make_device(name="x", verified=False)
    code = code_of(bench.service.devices[device_id].secret, at_step(bench.service.now))
    play(bench, {"name": "x", "state": "verified", "code": f"{code[:3]} {code[3:]}", "store": store})
    assert bench.service.devices[device_id].verified


def test_a_wrong_code_is_sent_once(bench: Bench) -> None:
    device_id = bench.service.make_device(verified=False)
    with pytest.raises(PasscodeRefused):
        play(bench, {"device_id": device_id, "state": "verified", "code": "000000"})
    assert writes(bench) == [VERIFY.format(device_id)]


@pytest.mark.parametrize("fault", ["lost", "no end", "500 after the work", "other members"])
def test_a_device_whose_secret_was_lost_is_replaced_if_asked_for(bench: Bench, fault: str) -> None:
    def first_creation(_number: int) -> faults.Fault:
        creations = [call for call in bench.here.calls if call == f"POST {DEVICES}"]
        return faults.FAULTS[fault] if creations == bench.here.calls[-1:] else faults.none

    bench.here.fault = first_creation
    with pytest.raises(IdentityError, match=r"O\(on_unverified\): replace"):
        play(bench, {"name": "x"})
    made = play(bench, REPLACE)
    assert [device.secret for device in bench.service.devices.values()] == [made["secret"]]


@pytest.mark.parametrize(
    "options",
    [{"name": "x"}, {"name": "x", "keep_ids": ["d2"]}, {"name": "x", **ABSENT}, None],
    ids=["present", "keep", "absent", "info"],
)
def test_an_empty_list_is_no_proof(bench: Bench, options: dict[str, Any] | None) -> None:
    furnish(bench, Case([OLD, ("y", False)], {}, []))
    bench.service.empty_lists = 1
    if options is None:
        found = bench.here.call(rax_otp_device_info, store=None, **WHO["oneself"])["otp_devices"]
        assert [device["name"] for device in found] == ["x", "y"]
    else:
        assert play(bench, options)["changed"] is ("state" in options)
    assert len(bench.service.devices) == (1 if options and "state" in options else 2)


def test_a_token_to_set_up_needs_the_username_beside_it_to_note_a_code(bench: Bench) -> None:
    bench.service.must_set_up = True
    login = bench.here.call(rax_auth_token, scope="setup_mfa", store=None)
    scoped = {"auth_token": login["token"]["id"], "user_id": login["user"]["id"]}
    made = play(bench, {"name": "x", "username": None, "api_key": None, **scoped})
    verify = {"name": "x", "api_key": None, "state": "verified", "secret": made["secret"], **scoped}
    with pytest.raises(OptionError, match=r"O\(username\) is missing"):
        play(bench, {**verify, "username": None})
    assert play(bench, verify)["changed"]
    for check_mode in (True, False):
        options = {"username": "jo", "enabled": True, "factor_type": "OTP", "store": None, **scoped}
        assert bench.here.call(rax_mfa_settings, check_mode=check_mode, **options)["steps"] == ["turn_on"]


@pytest.mark.parametrize("secret", ["0!!", ""])
def test_a_secret_that_cannot_be_used_is_told_before_the_login(bench: Bench, secret: str) -> None:
    with pytest.raises(OptionError):
        bench.here.call(rax_otp_device, store=None, state="verified", name="x", secret=secret)
    assert bench.here.calls == []
