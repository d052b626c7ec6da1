# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor of a stored entry: a step is noted there before it is sent, and what others did counts."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import StoreChanged
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import (
    NO_STORE,
    log_in,
    meanwhile,
    replace_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import at_step
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of


def test_a_step_is_in_the_store_before_it_is_sent(bench: Bench) -> None:
    log_in(bench)
    names = [name.partition(" /")[0] for name in bench.here.points.passed]
    assert names[-4:] == ["before save", "after save", "before POST", "after POST"]
    assert entry_of(bench)["last_step"] == bench.service.accepted[-1]


def test_a_step_that_another_controller_took_is_not_sent(bench: Bench) -> None:
    taken = at_step(bench.service.now)
    meanwhile(bench, "before save", lambda: entry_of(bench).update(last_step=taken))
    log_in(bench)
    assert bench.service.accepted[-1] > taken
    assert bench.service.refused_codes == 0


def test_the_entry_keeps_when_its_secret_was_proved_first(bench: Bench) -> None:
    proved = "2026-01-01T00:00:00Z"
    bench.shelf.content = {**entry_of(bench), "proved": proved, "step_offset": None}
    log_in(bench)
    assert (entry_of(bench)["proved"], entry_of(bench)["step_offset"]) == (proved, 0)


def test_a_secret_that_was_replaced_meanwhile_is_not_used(bench: Bench) -> None:
    meanwhile(bench, "before save", lambda: replace_device(bench))
    assert log_in(bench)["second_factor"]
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("content", [None, {"bypass_codes": ["12345678"]}])
def test_a_removed_entry_does_not_come_back_as_a_note(bench: Bench, content: Any) -> None:
    meanwhile(bench, "before save", lambda: setattr(bench.shelf, "content", content))
    with pytest.raises(StoreChanged, match="Another run changed"):
        log_in(bench)
    assert bench.shelf.content == content
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("error", [OptionError("the disk is full"), StoreChanged("changed")], ids=["full", "changed"])
def test_a_note_that_fails_after_the_login_does_not_lose_the_token(bench: Bench, error: OptionError) -> None:
    bench.shelf.content = {**entry_of(bench), "step_offset": None}

    def full(_old: Entry, new: Entry) -> None:
        if new.get("step_offset") is not None:
            raise error

    bench.shelf.watch = full
    assert log_in(bench)["token"]["id"]


def test_a_login_clears_the_refusals_beside_what_another_controller_notes(bench: Bench) -> None:
    with contextlib.suppress(PasscodeRefused):
        log_in(bench, passcode="000000")
    assert entry_of(bench)["refused"]
    bench.rest()
    here = bench.another()
    saves: list[str] = []

    def pause() -> None:
        if here.points.passed[-1] == "before save":
            saves.append("")
        if len(saves) == 2:  # the first one noted the step
            saves.append("")
            bench.shelf.content = {**entry_of(bench), "last_step": entry_of(bench)["last_step"] + 1}

    here.points.pause = pause
    here.call(rax_auth_token)
    assert len(saves) == 4
    assert "refused" not in entry_of(bench)


def test_a_slow_store_does_not_make_a_passcode_late(bench: Bench) -> None:
    meanwhile(bench, "after save", lambda: bench.service.moments.pass_by(45))
    log_in(bench)
    assert bench.service.refused_codes == 0


def test_without_a_secret_it_says_where_it_looked(bench: Bench) -> None:
    bench.shelf.content = None
    with pytest.raises(PasscodeRequired, match="the shelf holds no secret for it"):
        log_in(bench)
    assert bench.here.points.passed.count("before load") == 1, "a store may be slow, or ask a person"


@pytest.mark.parametrize("options", [{"store": NO_STORE}, {"target_user": "boss"}], ids=["no store", "another's"])
def test_where_no_store_has_the_secret_a_person_must_act(bench: Bench, options: dict[str, Any]) -> None:
    for file, more in ((rax_mfa_settings, {"enabled": True}), (rax_otp_device, {"name": "ansible"})):
        with pytest.raises(PasscodeRequired, match=r"no store with its secret. Pass O\(passcode\).*O\(api_key\)"):
            bench.here.call(file, **more, **options)
    assert not bench.here.points.passed.count("before load")


# The entry of another account, which took the place by mistake

OTHER: dict[str, Any] = {
    "username": "ada",
    "user_id": "77",
    "auth_endpoint": "https://identity.example.com",
    "device_id": "x1",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "bypass_codes": ["11112222"],
}


@pytest.mark.parametrize(
    ("point", "file", "options"),
    [
        ("before save", rax_auth_token, {}),
        ("before save", rax_auth_token, {"use": "bypass_code"}),
        ("before save", rax_otp_device, {**KEY, "state": "absent"}),
        ("before save", rax_bypass_codes, {**KEY, "count": 5}),
        ("before POST /v2.0/tokens", rax_otp_device, {"state": "replaced", "replace_after": 90}),
    ],
    ids=["login", "bypass code", "removal", "codes", "replacement"],
)
def test_what_another_account_stored_meanwhile_is_neither_used_nor_changed(
    bench: Bench, point: str, file: Any, options: dict[str, Any]
) -> None:
    bench.service.mfa = options.get("state") != "absent"
    bench.shelf.content = None if options.get("state") == "replaced" else bench.shelf.content
    meanwhile(bench, point, lambda: setattr(bench.shelf, "content", dict(OTHER)))
    with pytest.raises(OptionError, match=r"belongs to ada.*Another run stored it.*place of its own"):
        bench.here.call(file, **options)
    assert (bench.shelf.content, bench.service.refused_codes) == (OTHER, 0)


def test_a_refusal_is_not_noted_in_the_entry_of_another_account(bench: Bench) -> None:
    for way in ({"passcode": "000000"}, {"passcode": "00000000", "use": "bypass_code"}):
        bench.shelf.content = None
        meanwhile(bench, "after load", lambda: setattr(bench.shelf, "content", dict(OTHER)))
        with pytest.raises(PasscodeRefused):
            log_in(bench, **way)
        assert bench.shelf.content == OTHER


def test_a_secret_that_is_pending_is_noted_where_it_stands(bench: Bench) -> None:
    device = bench.service.make_device(verified=True)
    bench.shelf.content = {**entry_of(bench), "next": {**bench.part(device), "step_offset": 0}}
    before = entry_of(bench)["last_step"]
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["last_step"] == before
    assert entry_of(bench)["next"]["last_step"] == bench.service.accepted[-1]
    assert entry_of(bench)["next"]["proved"]
    assert len(entry_of(bench)["bypass_codes"]) == 4


def test_a_pending_secret_that_another_run_replaced_meanwhile_is_not_sent_and_the_new_one_neither(bench: Bench) -> None:
    """Its device may not be verified yet."""
    old, new = (bench.part(bench.service.make_device(verified=verified)) for verified in (True, False))
    bench.shelf.content = {**entry_of(bench), "next": {**old, "step_offset": 0}}
    meanwhile(bench, "before save", lambda: entry_of(bench).update(next=new))
    with pytest.raises(StoreChanged):
        log_in(bench, use="bypass_code")
    assert bench.service.refused_codes == 0
    assert entry_of(bench)["next"] == new


def pend(bench: Bench, key: str) -> None:
    """A replacement was begun, and someone deleted the new device by hand."""
    gone = bench.service.make_device(verified=True)
    part = {**bench.part(gone), "step_offset": 0}
    del bench.service.devices[gone]
    rest = {"next": part} if key == "next" else {**part, "key_uri": "", "previous": entry_of(bench)["device_id"]}
    bench.shelf.content = {**entry_of(bench), **rest}


@pytest.mark.parametrize("key", ["next", "previous"])
def test_after_a_pending_secret_that_is_refused_comes_a_bypass_code(bench: Bench, key: str) -> None:
    pend(bench, key)
    codes = entry_of(bench)["bypass_codes"]
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert bench.service.refused_codes == 1
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_in_check_mode_no_bypass_code_comes_after_a_pending_secret(bench: Bench) -> None:
    pend(bench, "next")
    codes = list(bench.service.codes)
    with pytest.raises(PasscodeRefused):
        log_in(bench, use="bypass_code", check_mode=True)
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes


def test_a_pending_secret_without_a_code_is_tried_twice(bench: Bench) -> None:
    device = bench.service.make_device(verified=True)
    part = {**bench.part(device), "step_offset": 0}
    bench.service.dead_first_session = True
    bench.shelf.content = {**entry_of(bench), "next": part, "bypass_codes": []}
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert bench.service.dead_answers == 1
