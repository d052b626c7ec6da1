# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor of a stored entry: a step is noted there before it is sent, and what others did counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.login import refusals
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Entry, StoreChanged
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored_factor import (
    are_cleared,
    live_codes,
)
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit_entry import AuditEntry
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_info,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import (
    Bench,
    MemoryLock,
    in_memory,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import (
    FAULTS,
    Ask,
    Fault,
    before,
    lost,
    none,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import at_step, previous, strict
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of

NO_STORE = {"type": "none"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An enrolled account, whose entry has four bypass codes."""
    with in_memory(tmp_path) as bench:
        bench.begin(starts.enrolled)
        bench.here.points.passed.clear()
        yield bench


def meanwhile(bench: Bench, point: str, act: Callable[[], object]) -> None:
    """Another controller acts when this one comes to a point for the first time."""
    acts = [act]

    def pause() -> None:
        if acts and bench.here.points.passed[-1] == point:
            acts.pop()()

    bench.here.points.pause = pause


def log_in(bench: Bench, **options: Any) -> dict[str, Any]:
    return bench.here.call(rax_auth_token, **options)


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


def replace_device(bench: Bench) -> None:
    old, new = entry_of(bench)["device_id"], bench.service.make_device(verified=True)
    bench.store(new, last_step=None)
    del bench.service.devices[old]


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


# Refusals, which every controller counts

with_refusal = partial(refusals.with_refusal, counts=lambda _at: True)


def with_a_wrong_secret(bench: Bench) -> None:
    other = bench.service.make_device(verified=False)
    bench.store(entry_of(bench)["device_id"], secret=bench.service.devices.pop(other).secret)


@pytest.mark.parametrize("check_mode", [False, True])
def test_three_controllers_send_two_passcodes_of_a_wrong_secret(bench: Bench, check_mode: bool) -> None:
    """A passcode that was sent counts at the service, also in check mode."""
    with_a_wrong_secret(bench)
    before = bench.service.refused_codes
    for here in (bench.here, bench.another(), bench.another()):
        with pytest.raises(PasscodeRefused):
            here.call(rax_auth_token, check_mode=check_mode)
        bench.rest()
    assert bench.service.refused_codes - before == 2
    assert len(entry_of(bench)["refused"]) == 2
    with pytest.raises(PasscodeRefused, match="nothing was sent"):  # a play may pass the entry on by itself
        bench.another().call(rax_auth_token, store=NO_STORE, otp_secret=entry_of(bench))


@pytest.mark.parametrize("lie", [-3600.0, 3600.0], ids=["behind", "ahead"])
def test_a_date_that_was_wrong_when_they_were_noted_makes_no_third_one(bench: Bench, lie: float) -> None:
    """The clock of each controller is right."""
    with_a_wrong_secret(bench)
    bench.network.lies = lambda: lie
    with pytest.raises(PasscodeRefused):
        log_in(bench)
    bench.network.lies = lambda: 0.0
    bench.service.moments.pass_by(60)
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        bench.another().call(rax_auth_token)
    assert bench.service.failures == 2


def test_check_mode_clears_the_refusals_that_it_noted(bench: Bench) -> None:
    """Else each plan of a controller whose record is new would add one, until none is made any more."""
    bench.service.window = strict
    for number in range(3):
        bench.rest()
        entry_of(bench)["step_offset"] = None
        assert bench.another().call(rax_auth_token, check_mode=True)["second_factor"]
        assert bench.service.refused_codes == number + 1
        assert "refused" not in entry_of(bench)


@pytest.mark.parametrize(
    "ways",
    [[{"use": "bypass_code"}] * 3, [{"passcode": f"0000000{number}"} for number in range(3)]],
    ids=["stored", "typed"],
)
def test_two_controllers_send_two_bypass_codes_that_are_void(bench: Bench, ways: list[dict[str, Any]]) -> None:
    bench.service.codes = []
    before = bench.service.refused_codes
    for way in ways:
        with pytest.raises(PasscodeRefused):
            bench.another().call(rax_auth_token, **way)
    assert bench.service.refused_codes - before == 2


@pytest.mark.parametrize("way", ["secret", "bypass code", "typed code"])
def test_a_success_clears_what_was_refused(bench: Bench, way: str) -> None:
    bench.shelf.content = with_refusal(entry_of(bench), "an attempt", bench.service.now - 60)
    typed = {"passcode": bench.service.codes[-1]}
    log_in(bench, **{"secret": {}, "bypass code": {"use": "bypass_code"}, "typed code": typed}[way])
    assert "refused" not in entry_of(bench)
    assert len(bench.here.records) == 1
    assert [account.attempts for account in bench.here.records.values()] == [[]]


def test_an_old_refusal_does_not_count(bench: Bench) -> None:
    old = bench.service.now - 32 * 60
    bench.shelf.content = with_refusal(with_refusal(entry_of(bench), "one", old), "two", old)
    assert log_in(bench)["second_factor"]


@pytest.mark.parametrize("way", [{}, {"use": "bypass_code"}], ids=["secret", "code"])
def test_refusals_that_a_wrong_clock_noted_hold_up_no_controller_for_longer(bench: Bench, way: dict[str, Any]) -> None:
    """Their time is to come. Each controller whose record is new would count from its own start until then."""
    for name in ("one", "two"):
        bench.shelf.content = with_refusal(entry_of(bench), name, bench.service.now + 20 * 3600)
    with pytest.raises(PasscodeRefused, match="safe again"):
        log_in(bench, **way)
    bench.service.moments.pass_by(20 * 60)
    with pytest.raises(PasscodeRefused, match="safe again"):
        bench.another().call(rax_auth_token, **way)
    bench.service.moments.pass_by(12 * 60)
    assert bench.another().call(rax_auth_token, **way)["second_factor"]


def test_an_old_refusal_does_not_count_beside_a_new_one_of_this_machine(bench: Bench) -> None:
    bench.shelf.content = with_refusal(entry_of(bench), "old", bench.service.now - 32 * 60)
    (account,) = bench.here.records.values()
    account.attempts = [Attempt(bench.service.now - 60, "new")]
    assert log_in(bench)["second_factor"]


def test_a_refusal_goes_to_the_entry_that_stands_there_now(bench: Bench) -> None:
    """Another run replaced the device while the passcode was on its way: the second try is with the new secret."""
    old = entry_of(bench)["device_id"]
    bench.service.window = previous
    meanwhile(
        bench,
        "after save",
        lambda: meanwhile(bench, "before POST /v2.0/tokens", lambda: replace_device(bench)),
    )
    assert log_in(bench)["second_factor"]
    assert bench.service.refused_codes == 1
    assert entry_of(bench)["device_id"] != old
    assert "refused" not in entry_of(bench)


def test_an_entry_keeps_no_refusal_that_does_not_count(bench: Bench) -> None:
    with_a_wrong_secret(bench)
    bench.shelf.content = with_refusal(entry_of(bench), "old", bench.service.now - 32 * 60)
    with pytest.raises(PasscodeRefused):
        log_in(bench)
    noted = refusals.refusals_of(entry_of(bench))
    assert (len(noted), "old" in noted) == (2, False)


def test_refusals_that_another_controller_notes_before_a_passcode_is_sent_hold_it_back(bench: Bench) -> None:
    """A third one would lock the account."""
    two = with_refusal(with_refusal(entry_of(bench), "one", bench.service.now), "two", bench.service.now)
    accepted = list(bench.service.accepted)
    meanwhile(bench, "before save", lambda: setattr(bench.shelf, "content", two))
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        log_in(bench)
    assert bench.service.accepted == accepted


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


UNLOCK: dict[str, Any] = {**BOSS, "target_user": "jo", "unlock": True}


@pytest.mark.parametrize("way", [UNLOCK, {**KEY, "enabled": False}], ids=["unlock", "off and on"])
@pytest.mark.parametrize("store", [{"type": "vault_file"}, NO_STORE], ids=["with the store", "without"])
def test_refusals_that_were_noted_before_the_count_was_cleared_are_over(
    bench: Bench, way: dict[str, Any], store: dict[str, str]
) -> None:
    for name in ("one", "two"):
        bench.shelf.content = with_refusal(entry_of(bench), name, bench.service.now - 60)
    bench.service.failures = 3
    bench.here.call(rax_mfa_settings, **way, store=store)
    bench.here.call(rax_mfa_settings, **KEY, enabled=True, store=store)
    others = [bench.another()] if store != NO_STORE else []
    for here in (*others, bench.here):
        bench.rest()
        assert here.call(rax_auth_token)["second_factor"]
    assert "refused" not in entry_of(bench)


def test_an_unlock_that_the_store_cannot_note_is_one(bench: Bench) -> None:
    """A task that failed would say that the account is still locked."""
    bench.shelf.content = with_refusal(entry_of(bench), "one", bench.service.now - 60)
    bench.service.failures, bench.service.last_failure = 3, bench.service.moments.now
    bench.shelf.unusable = OptionError("the disk is full")
    assert bench.here.call(rax_mfa_settings, **UNLOCK)["steps"] == ["unlock"]
    assert bench.service.failures == 0


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
    part = {**bench.part(device), "step_offset": -1}
    bench.service.window = strict
    bench.shelf.content = {**entry_of(bench), "next": part, "bypass_codes": []}
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert bench.service.refused_codes == 1


# Bypass codes


def test_a_code_is_taken_out_before_it_is_sent(bench: Bench) -> None:
    first, *others = entry_of(bench)["bypass_codes"]
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == others
    assert first not in bench.service.codes


def test_a_code_that_cannot_be_sent_stays_and_keeps_no_login_out(bench: Bench) -> None:
    """It is someone's slip, who may correct it."""
    codes = entry_of(bench)["bypass_codes"]
    entry_of(bench)["bypass_codes"] = ["12345", *codes]
    assert log_in(bench)["second_factor"]
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == ["12345", *codes[1:]]


def test_a_code_that_another_controller_takes_is_not_sent(bench: Bench) -> None:
    codes = list(entry_of(bench)["bypass_codes"])

    def take() -> None:
        bench.service.codes.remove(codes[0])
        entry_of(bench)["bypass_codes"] = codes[1:]

    meanwhile(bench, "before save", take)
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:]
    assert bench.service.refused_codes == 0


def test_codes_that_were_renewed_meanwhile_are_not_overwritten(bench: Bench) -> None:
    def renew() -> None:
        bench.service.codes = ["11111111", "22222222"]
        entry_of(bench)["bypass_codes"] = list(bench.service.codes)

    meanwhile(bench, "before save", renew)
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == ["22222222"]


def spoil(bench: Bench, *spoiled: Fault) -> None:
    """What becomes of the answers to the second steps of logins from now on, in turn."""
    left = iter(spoiled)
    begun = len(bench.here.calls)
    bench.here.fault = lambda number: next(left, none) if (number - begun) % 2 else none


@pytest.mark.parametrize("fault", ["lost", "503 after the work", "empty body", "a page"])
def test_a_code_of_which_nothing_is_known_is_followed_by_another_one(bench: Bench, fault: str) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, FAULTS[fault])
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[2:]
    assert bench.here.calls[-4:] == ["POST /v2.0/tokens"] * 4, "in a session of its own"


def _locked(_ask: Ask) -> Answer:
    told = {"forbidden": {"code": 403, "message": "The account has been locked."}}
    return Answer(403, CaseInsensitiveDict(), json.dumps(told).encode())


LIMIT = before(413, retry_after="120")


@pytest.mark.parametrize(
    ("spoiled", "error"),
    [([none, LIMIT], RateLimited), ([none, _locked], AccountLocked), ([none, lost, LIMIT], RateLimited)],
    ids=["rate limit", "locked", "rate limit for the session of another code"],
)
def test_a_code_that_the_service_did_not_look_at_goes_back(
    bench: Bench, spoiled: list[Fault], error: type[Exception]
) -> None:
    codes = entry_of(bench)["bypass_codes"]
    faults = iter(spoiled)
    bench.here.fault = lambda _number: next(faults, none)
    with pytest.raises(error):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[lost in spoiled :]
    assert log_in(bench, use="bypass_code")["second_factor"]


def test_after_the_login_of_another_user_no_other_code_is_spent(bench: Bench) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, lambda ask: (answer := ask())._replace(body=answer.body.replace(b'"jo"', b'"joe"')))
    with pytest.raises(InvalidAnswer, match="another user"):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_a_code_that_did_not_arrive_is_sent_again(bench: Bench) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, FAULTS["reset"])
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_a_code_does_not_go_back_to_others_that_were_made_since(bench: Bench) -> None:
    spoil(bench, LIMIT)
    meanwhile(bench, "after save", lambda: entry_of(bench).update(bypass_codes=["11111111"]))
    with pytest.raises(RateLimited):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == ["11111111"]


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_third_code_is_never_sent(bench: Bench, left: int) -> None:
    codes = entry_of(bench)["bypass_codes"][: 1 + left]
    bench.shelf.content = {**entry_of(bench), "bypass_codes": codes}
    spoil(bench, lost, lost)
    with pytest.raises(LostAnswer):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:]
    with pytest.raises(PasscodeRefused if left else PasscodeRequired):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:], "what can't be sent stays"
    assert len(bench.service.codes) == 4 - min(2, 1 + left)


def test_after_a_refusal_no_other_code_is_sent(bench: Bench) -> None:
    """All codes of a set are void together: another one would be refused, too, and counts."""
    bench.service.codes = []
    with pytest.raises(PasscodeRefused):
        log_in(bench, use="bypass_code")
    assert bench.service.refused_codes == 1
    assert len(entry_of(bench)["bypass_codes"]) == 3


@pytest.mark.parametrize(
    ("file", "check_mode", "options"),
    [
        (rax_auth_token, False, {}),
        (rax_otp_device, False, {"state": "replaced"}),
        (rax_otp_device, True, {"state": "replaced"}),
    ],
    ids=["login", "replacement", "plan"],
)
@pytest.mark.parametrize("is_typed", [False, True], ids=["stored", "typed"])
def test_a_store_that_cannot_be_used_costs_no_bypass_code(
    bench: Bench, is_typed: bool, file: Any, check_mode: bool, options: dict[str, Any]
) -> None:
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    before = list(bench.service.codes)
    typed = {"passcode": before[-1]} if is_typed else {}
    with pytest.raises(OptionError, match="the disk is full"):
        bench.here.call(file, check_mode=check_mode, use="bypass_code", **options, **typed)
    assert bench.service.codes == before


@pytest.mark.parametrize(
    ("file", "options"),
    [
        (rax_bypass_codes, {"count": 10}),
        (rax_otp_device, {"name": "another", "state": "present"}),
        (rax_otp_device, {"state": "verified"}),
        (rax_mfa_settings, {"enabled": False}),
        (rax_auth_token, {"scope": "auto"}),
    ],
    ids=["codes", "device", "verified", "settings", "login of a job"],
)
def test_nor_does_it_cost_a_typed_one_for_a_task_that_may_save(
    bench: Bench, file: Any, options: dict[str, Any]
) -> None:
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    before = list(bench.service.codes)
    with pytest.raises(OptionError, match="the disk is full"):
        bench.here.call(file, passcode=before[-1], **options)
    assert (bench.service.codes, bench.service.mfa) == (before, True)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_login_by_a_typed_passcode_needs_no_store_that_can_be_written(bench: Bench, check_mode: bool) -> None:
    """The same for a plan, which saves nothing."""
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    file = rax_otp_device if check_mode else rax_auth_token
    options = {"state": "verified"} if check_mode else {}
    bench.here.call(file, passcode=bench.service.codes[-1], check_mode=check_mode, **options)
    assert len(bench.service.codes) == 3


def test_a_typed_passcode_is_not_sent_again_when_the_token_of_its_login_is_refused(bench: Bench) -> None:
    meanwhile(bench, "before GET /v2.0/users/1", bench.service.tokens.clear)
    with pytest.raises(PasscodeRequired, match=r"The token was refused.*accepted before"):
        bench.here.call(rax_mfa_info, passcode=bench.service.codes[0])
    assert (len(bench.service.codes), bench.service.refused_codes) == (3, 0)


def test_nor_is_it_by_the_next_task(bench: Bench) -> None:
    code = bench.service.codes[0]
    token = log_in(bench, passcode=code)["token"]["id"]
    with pytest.raises(PasscodeRequired, match="accepted before"):
        log_in(bench, passcode=code)
    bench.here.call(rax_mfa_info, passcode=code, auth_token=token, user_id="1")
    bench.service.tokens.clear()
    with pytest.raises(PasscodeRequired, match=r"The token was refused.*accepted before"):
        bench.here.call(rax_mfa_info, passcode=code, auth_token=token, user_id="1")
    assert bench.service.refused_codes == 0


@pytest.mark.parametrize("was_refused", [True, False], ids=["refused", "accepted"])
def test_a_stored_code_that_a_person_typed_before_is_not_taken(bench: Bench, was_refused: bool) -> None:
    """Nobody would send it, and after a refusal it may still be good: the login session can have been dead."""
    first, second, *others = entry_of(bench)["bypass_codes"]
    if was_refused:
        bench.service.codes.remove(first)
        with pytest.raises(PasscodeRefused):
            log_in(bench, passcode=first)
    else:
        log_in(bench, passcode=first)
    refused = bench.service.refused_codes
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == [first, *others][not was_refused :]
    assert second not in bench.service.codes
    assert bench.service.refused_codes == refused


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_stored_code_that_a_person_typed_is_taken_out(bench: Bench, check_mode: bool) -> None:
    """Another controller would send it, and it would count as one that is left."""
    bench.shelf.content = {**entry_of(bench), "bypass_codes_end": None}
    codes = list(bench.service.codes)
    for number, code in enumerate(codes, 1):
        log_in(bench, passcode=code, check_mode=check_mode)
        assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[number:]
    assert not are_cleared(entry_of(bench))
    assert bench.here.call(rax_bypass_codes, count=1, check_mode=True, **KEY)["changed"]


def test_a_stored_code_whose_attempt_may_not_be_made_goes_back(bench: Bench) -> None:
    """Another process of this machine was refused twice after it was taken."""
    codes = entry_of(bench)["bypass_codes"]
    (account,) = bench.here.records.values()
    two = [Attempt(bench.service.now, name) for name in ("one", "two")]
    meanwhile(bench, "after save", lambda: account.attempts.extend(two))
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes


def test_a_typed_passcode_waits_for_no_other_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryLock, "acquire", lambda _lock: pytest.fail("it would be too old afterwards"))
    assert log_in(bench, passcode=bench.service.codes[-1])["second_factor"]


@pytest.mark.parametrize(
    ("file", "options"),
    [(rax_auth_token, {"use": "bypass_code"}), (rax_otp_device, {"state": "replaced"})],
    ids=["recovery", "replacement"],
)
@pytest.mark.parametrize("digits", [6, 7, 8])
def test_a_passcode_that_was_typed_before_a_wait_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, digits: int, file: Any, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(MemoryLock, "acquire", lambda _lock: True)
    before = bench.service.refused_codes
    with pytest.raises(PasscodeRequired if digits < 8 else PasscodeRefused) as caught:
        bench.here.call(file, passcode="0" * digits, **options)
    assert bench.service.refused_codes - before == (digits == 8)
    assert ("Run this again with a new one" in str(caught.value)) is (digits < 8)


@pytest.mark.parametrize("entry", [{"secret": 5}, {"username": "ada"}], ids=["broken", "another account's"])
@pytest.mark.parametrize(
    ("file", "options"),
    [(rax_auth_token, {}), (rax_bypass_codes, {"count": 2}), (rax_otp_device, {"state": "verified"})],
    ids=["login", "codes", "device"],
)
def test_no_typed_bypass_code_is_spent_with_a_store_that_is_of_no_use(
    bench: Bench, entry: dict[str, Any], file: Any, options: dict[str, Any]
) -> None:
    bench.shelf.content, before = entry, list(bench.service.codes)
    with pytest.raises(OptionError):
        bench.here.call(file, passcode=before[-1], **options)
    assert (bench.service.codes, bench.shelf.content) == (before, entry)


def test_the_end_of_codes_goes_by_the_clock_of_the_service(bench: Bench) -> None:
    end = datetime.fromtimestamp(bench.service.now + 60, timezone.utc)
    bench.shelf.content = {**entry_of(bench), "bypass_codes_end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    assert log_in(bench, use="bypass_code")["second_factor"]
    bench.rest()
    with pytest.raises(PasscodeRequired, match="holds no valid bypass code"):
        log_in(bench, use="bypass_code")


def test_a_code_that_a_person_typed_is_followed_by_none(bench: Bench) -> None:
    code, *others = entry_of(bench)["bypass_codes"]
    spoil(bench, lost)
    with pytest.raises(LostAnswer):
        log_in(bench, use="bypass_code", passcode=code)
    assert set(others) < set(entry_of(bench)["bypass_codes"])


@pytest.mark.parametrize("fields", [{"bypass_codes": []}, {"bypass_codes_end": "2020-01-01T00:00:00Z"}])
def test_without_a_code_that_lives_it_says_what_to_do(bench: Bench, fields: dict[str, Any]) -> None:
    bench.shelf.content = {**entry_of(bench), **fields}
    with pytest.raises(PasscodeRequired, match="the shelf holds no valid bypass code"):
        log_in(bench, use="bypass_code")
    assert bench.service.refused_codes == 0


def test_the_last_code_without_an_end_is_no_renewal(bench: Bench) -> None:
    """Else the next recovery would try a secret that may be lost."""
    code = entry_of(bench)["bypass_codes"][0]
    bench.shelf.content = {**entry_of(bench), "bypass_codes": [code], "bypass_codes_end": None}
    log_in(bench, use="bypass_code")
    with pytest.raises(PasscodeRequired):
        log_in(bench, use="bypass_code")


@pytest.mark.parametrize(
    ("end", "lives"),
    [
        *((None, True), ("", True), ("never", True)),
        *(("2031-01-01T00:00:01Z", True), ("2031-01-01T00:00:00Z", False)),
        *(("2031-01-01T01:00:00+01:00", False), ("2030-12-31T23:00:01-01:00", True)),
        *(("2031-01-02", True), ("2031-01-01", False)),
    ],
)
def test_when_codes_end(end: str | None, lives: bool) -> None:
    moment = datetime(2031, 1, 1, tzinfo=timezone.utc)
    entry = {"bypass_codes": ["123456", "12345"], "bypass_codes_end": end}
    assert live_codes(entry, moment) == (["123456"] if lives else [])
    assert AuditEntry.read(entry, "mfa.yml").live_codes(moment) == lives


def test_in_check_mode_no_code_is_spent(bench: Bench) -> None:
    before = dict(entry_of(bench))
    result = log_in(bench, use="bypass_code", check_mode=True)
    assert (result["token"], bench.shelf.content, bench.service.codes) == (None, before, before["bypass_codes"])
