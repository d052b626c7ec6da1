# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refused passcodes that a stored entry notes: every controller counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.login import refusals
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_mfa_settings, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY, PASSWORD
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import (
    NO_STORE,
    log_in,
    meanwhile,
    replace_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments, previous, strict
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of

WRONG = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def with_refusal(entry: Entry, attempt: str, at: float) -> dict[str, Any]:
    return refusals.with_refusal(entry, attempt, Moment(at), counts=lambda _at: True)


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


@pytest.mark.parametrize("stored", ["0!!", ""], ids=["cut off", "none"])
def test_two_controllers_send_two_passcodes_of_a_wrong_secret_that_was_given(bench: Bench, stored: str) -> None:
    entry_of(bench).update(secret=stored, key_uri="")
    for here in (bench.here, bench.another()):
        with pytest.raises(PasscodeRefused):
            here.call(rax_auth_token, otp_secret=WRONG)
        bench.rest()
    assert (bench.service.refused_codes, len(entry_of(bench)["refused"])) == (2, 2)


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


@pytest.mark.parametrize(("theirs", "ours"), [(600, 3600), (400, 2700), (3600, -7200), (-3600, 86_000)])
def test_two_clocks_that_are_wrong_make_no_third_one(bench: Bench, theirs: float, ours: float) -> None:
    """The service's is right, and both controllers know it."""
    with_a_wrong_secret(bench)
    bench.skew = theirs
    with pytest.raises(PasscodeRefused):
        log_in(bench)
    bench.skew = ours
    bench.service.moments.pass_by(30)
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        bench.another().call(rax_auth_token)
    assert bench.service.failures == 2


def test_a_note_of_two_clocks_is_read_as_it_was_written() -> None:
    for at in (Moment(1_900_000_000.0), Moment(1_900_000_000.0, 1_900_003_600.0)):
        entry = refusals.with_refusal({}, "5f", at, counts=lambda _at: True)
        assert refusals.are_refusals(entry["refused"])
        assert refusals.refusals_of(entry) == {"5f": at}


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


class AnsweredMeanwhile(Moments):
    """While the client waits for the first time, another controller has its answer."""

    def __init__(self, now: float, note: Callable[[], None]) -> None:
        super().__init__(now)
        self._note = note

    def sleep(self, seconds: float) -> None:
        if not self.slept:
            self._note()
        super().sleep(seconds)


@pytest.mark.parametrize("way", ["stored", "in check mode", "given"])
def test_a_second_passcode_waits_for_the_answer_to_that_of_another_controller(bench: Bench, way: str) -> None:
    """Theirs left before ours was refused; a second one of ours could be the third."""
    with_a_wrong_secret(bench)
    if way == "given":
        entry_of(bench).update(secret="", key_uri="")

    def note() -> None:
        bench.shelf.content = with_refusal(entry_of(bench), "theirs", bench.service.now)

    bench.service.moments = AnsweredMeanwhile(bench.service.moments.now, note)
    with pytest.raises(PasscodeRefused, match="no third is sent"):
        bench.here.call(
            rax_auth_token, check_mode=way == "in check mode", **({"otp_secret": WRONG} if way == "given" else {})
        )
    assert (bench.service.refused_codes, len(entry_of(bench)["refused"])) == (1, 2)


@pytest.mark.parametrize("options", [{}, {"check_mode": True}], ids=["stored", "in check mode"])
@pytest.mark.parametrize("ago", [20.0, 50.0])
def test_what_others_note_while_sessions_may_be_dead_counts(bench: Bench, options: dict[str, Any], ago: float) -> None:
    with_a_wrong_secret(bench)
    (account,) = bench.here.records.values()
    account.mfa_on_at = bench.service.now - ago

    def pause() -> None:
        passed = bench.here.points.passed
        if passed[-1] == "after POST /v2.0/tokens" and passed.count(passed[-1]) == 2:
            bench.shelf.content = with_refusal(entry_of(bench), "theirs", bench.service.now)

    bench.here.points.pause = pause
    with pytest.raises(PasscodeRefused, match=r"and so was one before it.*no third is sent"):
        bench.here.call(rax_auth_token, **options)
    assert bench.service.refused_codes == 1


def test_two_controllers_that_adopt_a_wrong_secret_send_two_passcodes(bench: Bench) -> None:
    """The entry that has lost its own notes the refusals."""
    entry_of(bench).update(secret="", key_uri="")
    for here in (bench.here, bench.another()):
        with pytest.raises(PasscodeRefused):
            here.call(rax_otp_device, **KEY, state="verified", secret=WRONG, proof_password=PASSWORD)
        bench.rest()
    assert (bench.service.refused_codes, len(entry_of(bench)["refused"])) == (2, 2)


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
