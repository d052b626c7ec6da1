# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step is sent, when, in which session, and what the record keeps of it."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    PasscodeRefused,
    PasscodeRequired,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.budget import Budget
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.otp.passcode_rule import MEMORY
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.second_step import (
    ACCESS,
    KNOWN,
    OTP,
    REFUSED,
    Make,
    N,
    SecondStep,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments


def test_a_success_is_kept_with_the_offset_that_it_proves(second_step: Make) -> None:
    here = second_step()
    assert here.answer(KNOWN) is ACCESS
    assert here.sent == [("session-0", OTP.code_at(N))]
    assert here.used() == Used(N, 0)
    assert (here.record.read().attempts, here.moments.slept, here.said) == ([], [], [])


def test_an_unknown_offset_is_minus_one(second_step: Make) -> None:
    here = second_step()
    here.answer(Factor(otp=OTP))
    assert here.steps == [-1]


def test_the_record_knows_better_than_what_was_stored(second_step: Make) -> None:
    here = second_step(Forbidden("no", status=403))
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N - 9, -1)
    with pytest.raises(Forbidden):
        here.answer(KNOWN)
    assert here.steps == [-1]
    assert here.used() == Used(N - 1, -1)


def test_a_guess_that_was_never_proved_does_not_hide_what_was_stored(second_step: Make) -> None:
    here = second_step(Forbidden("no", status=403))
    with pytest.raises(Forbidden):
        here.answer(Factor(otp=OTP))
    here.answer(KNOWN)
    assert here.steps == [-1, 0]


def test_the_first_login_after_a_verification_sends_the_step_behind_it_at_once(second_step: Make) -> None:
    here = second_step()
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N - 1, -1, follows_verification=True)
    here.answer(KNOWN)
    assert (here.steps, here.moments.slept) == ([0], [])


def test_a_login_of_another_controller_ends_what_a_verification_allows(second_step: Make) -> None:
    here = second_step()
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N - 2, -1, follows_verification=True)
    here.answer(KNOWN._replace(step_offset=-1, last_step=N - 1))
    assert (here.steps, here.moments.slept) == ([0], [20.0]), "the window that lags takes it in the next step"


def test_the_second_login_waits_for_the_next_step_and_says_so(second_step: Make) -> None:
    here = second_step()
    here.answer(KNOWN)
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert here.moments.slept == [20.0]
    assert here.told == ["jo: waiting 20 s for the next passcode"]


@pytest.mark.parametrize("max_wait", [0, 19.9])
def test_a_wait_beyond_max_wait_fails_and_reserves_nothing(max_wait: float, second_step: Make) -> None:
    here = second_step(max_wait=max_wait)
    here.answer(KNOWN)
    with pytest.raises(PasscodeRefused, match="auth_token") as caught:
        here.answer(KNOWN)
    assert (here.steps, here.moments.slept, here.used().last) == ([0], [], N)
    assert caught.value.retry_after == 21
    assert here.record.read().attempts == []


def test_after_an_interrupted_wait_running_again_later_is_the_remedy(second_step: Make) -> None:
    here = second_step(max_wait=65)
    with here.record.changing() as account:
        account.use(OTP.digest, Used(N + 2, 0))
    with pytest.raises(PasscodeRefused, match=r"only in 80 s.* Run it again in 16 s, or ") as caught:
        here.answer(KNOWN)
    here.moments.sleep(16)
    assert here.answer(KNOWN) is ACCESS
    assert (here.steps, caught.value.retry_after) == ([3], 81)


def test_near_the_end_of_a_step_the_next_one_is_waited_for(second_step: Make) -> None:
    here = second_step()
    here.tell_time(30.0 * N + 29)
    here.answer(KNOWN)
    assert here.steps == [1]
    assert here.moments.slept == [1.0]
    assert here.said == ["jo: waiting 1 s for the next passcode"]
    assert here.told == []


def test_a_sleep_that_took_too_long_chooses_anew(second_step: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = second_step()
    here.answer(KNOWN)
    slept = here.moments.sleep
    monkeypatch.setattr(here.moments, "sleep", lambda seconds: slept(seconds + 45))
    here.answer(KNOWN)
    assert here.steps == [0, 2]


def test_after_a_refused_guess_the_current_step_is_sent_late_in_a_later_one_and_a_new_session(
    second_step: Make,
) -> None:
    here = second_step(REFUSED)
    assert here.answer(Factor(otp=OTP)) is ACCESS
    assert [session for session, _code in here.sent] == ["session-0", "session-1"]
    assert here.steps == [-1, 1]
    assert here.clock.now()[0] - 30.0 * (N + 1) == 24.0
    assert here.used() == Used(N + 1, 0)
    assert here.record.read().attempts == []
    assert here.told == [
        "jo: the second step of the login failed (passcode_refused); trying again with a later passcode",
        "jo: waiting 44 s for the next passcode",
    ]


@pytest.mark.parametrize("offset", [-1, 0])
def test_an_offset_that_has_worked_is_not_the_cause_of_a_refusal(offset: int, second_step: Make) -> None:
    here = second_step(REFUSED)
    assert here.answer(Factor(otp=OTP, step_offset=offset)) is ACCESS
    assert here.steps == [offset, offset + 1]
    assert here.used() == Used(N + offset + 1, offset or None)  # late in a step, 0 proves nothing


def test_after_a_dead_session_the_current_step_stays_known(second_step: Make) -> None:
    here = second_step(REFUSED)
    with here.record.changing() as account:
        account.mfa_on_at = 30.0 * N - 20
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert here.used().offset == 0


def test_a_run_that_was_killed_between_two_passcodes_is_followed_by_a_late_one(
    second_step: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = second_step(REFUSED)

    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(here.moments, "sleep", killed)
    with pytest.raises(KeyboardInterrupt):
        here.answer(Factor(otp=OTP))
    monkeypatch.undo()
    here.moments.pass_by(31)  # the step that was waited for is reserved
    here.answer(Factor(otp=OTP))
    assert (here.steps[0], here.used().offset) == (-1, 0)
    assert here.clock.now()[0] % 30 == 24


@pytest.mark.parametrize("refusals", ["in the record", "in the store"])
def test_an_offset_of_two_refusals_is_a_guess_again(refusals: str, second_step: Make) -> None:
    """The service has another window now."""
    older = Factor(otp=OTP, step_offset=-1)
    noted = {name: Moment(30.0 * N - 3_000, None) for name in ("one", "two")}
    here, factor = second_step(REFUSED), older._replace(refused=noted)
    if refusals == "in the record":
        here, factor = second_step(REFUSED, REFUSED, REFUSED), older
        with pytest.raises(PasscodeRefused, match="Two passcodes in a row"):
            here.answer(older)
        here.moments.sleep(MEMORY)
    assert here.answer(factor) is ACCESS
    assert here.used().offset == 0


@pytest.mark.parametrize("how", ["for a login", "for a verification"])
def test_a_passcode_that_a_person_has_typed_is_not_computed_again(how: str, second_step: Make) -> None:
    here = second_step()
    if how == "for a login":
        here.answer(Factor(passcode=OTP.code_at(N)))
    else:
        Budget(here.record, here.clock).use_up(OTP.code_at(N))
    here.answer(KNOWN)
    assert here.steps[-1] == 1


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "guessed"])
def test_soon_after_mfa_was_turned_on_a_known_offset_is_kept(is_known: bool, second_step: Make) -> None:
    here = second_step(REFUSED)
    with here.record.changing() as account:
        account.mfa_on_at = 30.0 * N - 40
    here.answer(Factor(otp=OTP, step_offset=-1 if is_known else None))
    assert here.steps == [-1, 0 if is_known else 1]
    assert here.used().offset == (-1 if is_known else 0)


@pytest.mark.parametrize(("second", "offset"), [(10, -1), (10, 0), (26, -1), (26, 0)])
def test_soon_after_mfa_was_turned_on_the_second_session_begins_when_none_is_dead(
    second: float, offset: int, second_step: Make
) -> None:
    here = second_step(REFUSED)
    here.tell_time(on_at := 30.0 * N + second)
    with here.record.changing() as account:
        account.mfa_on_at = on_at
    begun: list[float] = []
    here.on_begin = lambda: begun.append(here.clock.now()[0])
    assert here.answer(Factor(otp=OTP, step_offset=offset)) is ACCESS
    assert [moment - on_at >= 5 for moment in begun] == [True]
    assert here.steps[0] == offset < here.steps[1]


def test_where_the_clock_jumped_the_offset_is_kept(second_step: Make) -> None:
    here = second_step(REFUSED)
    here.on_send = lambda: here.tell_time(30.0 * N + 50) if len(here.sent) == 1 else None
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert here.used().offset == 0


def test_where_no_challenge_comes_the_second_time_that_login_counts(second_step: Make) -> None:
    here = second_step(REFUSED)
    here.begins = ACCESS
    assert here.answer(KNOWN) is ACCESS
    assert len(here.sent) == 1
    # MFA may have been removed, which does not clear the service's count.
    assert len(here.record.read().attempts) == 1


def test_after_a_long_wait_the_session_is_begun_anew(second_step: Make) -> None:
    here = second_step(max_wait=1_000)
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N + 8, 0)
    here.answer(KNOWN)
    assert [session for session, _code in here.sent] == ["session-1"]
    assert here.steps == [9]


# Clocks that are wrong


@pytest.mark.parametrize("lead", [20, 64, 10**6, 63_000_000, 10**11])
@pytest.mark.parametrize("where", ["record", "store"])
def test_a_step_that_cannot_have_been_used_yet_is_not_waited_for(where: str, lead: int, second_step: Make) -> None:
    here = second_step()
    if where == "record":
        with here.record.changing() as account:
            account.use(OTP.digest, Used(N + lead, 0))
    here.answer(Factor(otp=OTP, step_offset=0, last_step=N + lead if where == "store" else None))
    # What was used before is not known: the next step is a new one for sure.
    assert (here.steps, here.moments.slept) == ([1], [20.0])
    assert here.used().last == N + 1


@pytest.mark.parametrize("lead", [1, 2])
def test_a_step_that_another_process_reserved_is_left_to_it(lead: int, second_step: Make) -> None:
    here = second_step(max_wait=120)
    with here.record.changing() as account:
        account.use(OTP.digest, Used(N + lead, 0))
    here.answer(KNOWN)
    assert here.steps == [lead + 1]


# What others do meanwhile


def test_the_steps_of_another_secret_are_not_looked_at(second_step: Make) -> None:
    here = second_step()
    with here.record.changing() as account:
        account.use("another", Used(N, 0, follows_verification=True))
    here.answer(KNOWN)
    assert here.steps == [0]


class Changing:
    """Notes in a store that another controller changes once."""

    def __init__(self, *instead: Factor) -> None:
        self.instead = [*instead]
        self.reserved: list[int] = []
        self.proved: list[int | None] = []

    def reserve(self, step: int) -> Factor | None:
        if self.instead:
            return self.instead.pop()
        self.reserved.append(step - N)
        return None

    def noted(self) -> dict[str, Moment]:
        return {}

    def unused(self) -> None:
        """A later step is sent instead."""

    def refused(self, attempt: str, at: Moment) -> None:
        """The record has it."""

    def succeeded(self, offset: int | None, now: datetime) -> None:
        assert now.tzinfo
        self.proved.append(offset)

    def counts_anew(self) -> None:
        """No bypass code is sent here."""


def test_a_secret_that_was_replaced_meanwhile_is_used_with_its_own_offset(second_step: Make) -> None:
    here = second_step()
    new = Otp(secret="MZXW6YTB")
    here.notes = notes = Changing(Factor(otp=new, step_offset=-1))
    here.answer(KNOWN)
    assert here.sent == [("session-0", new.code_at(N - 1))]
    assert (notes.reserved, notes.proved) == ([-1], [-1])
    assert here.record.read().secrets[new.digest] == Used(N - 1, -1)


def test_a_refusal_of_a_former_secret_tells_nothing_of_the_new_one(second_step: Make) -> None:
    here, new = second_step(REFUSED), Otp(secret="MZXW6YTB")
    here.notes = notes = Changing()

    def replace() -> None:
        notes.instead = [Factor(otp=new, step_offset=-1)]
        here.on_send = lambda: None

    here.on_send = replace
    here.answer(Factor(otp=OTP))
    assert here.sent == [("session-0", OTP.code_at(N - 1)), ("session-1", new.code_at(N))]
    assert here.record.read().secrets[new.digest].offset == -1
    assert notes.proved == [-1]


def test_a_secret_that_was_removed_meanwhile_is_not_used(second_step: Make) -> None:
    here = second_step()
    here.notes = Changing(Factor())
    with pytest.raises(PasscodeRequired, match=r"O\(store\)"):
        here.answer(KNOWN)
    assert here.sent == []


class Hurried(Moments):
    """Fake time whose waits take a thirtieth of it: processes that wait for different steps come one after another."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(seconds / 30)


def _log_in(directory: Path, start: Any, results: Any) -> None:
    here = SecondStep(directory, moments=Hurried())
    start.wait(20)
    here.answer(Factor(otp=OTP, step_offset=-1))
    results.put((here.sent[0][1], here.clock.now()[0]))


@pytest.mark.parametrize("before", [None, N - 1], ids=["first", "after another"])
def test_three_processes_at_once_send_three_steps_each_in_its_time(before: int | None, tmp_path: Path) -> None:
    if before:
        with Record(tmp_path, "https://identity.example.com", "JO").changing() as account:
            account.secrets[OTP.digest] = Used(before - 1, -1)
    fork = multiprocessing.get_context("fork")
    start, results = fork.Barrier(3), fork.Queue()
    workers = [fork.Process(target=_log_in, args=[tmp_path, start, results]) for _worker in range(3)]
    for worker in workers:
        worker.start()
    found = sorted((results.get(timeout=20) for _worker in workers), key=lambda result: result[1])
    for worker in workers:
        worker.join(20)
    assert [worker.exitcode for worker in workers] == [0] * 3
    assert [code for code, _now in found] == [OTP.code_at(N - 1 + number) for number in range(3)]
    # Each goes by a fake clock of its own: what it waited is what it would have waited.
    assert [int(now // 30) - N for _code, now in found] == [0, 1, 2]
    assert Record(tmp_path, "https://identity.example.com", "jo").read().attempts == []
