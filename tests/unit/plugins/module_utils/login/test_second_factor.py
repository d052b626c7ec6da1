# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second step: what is sent, when nothing is, what the record keeps of it, and what is said."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    BadCredentials,
    ConnectionFailed,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
    TlsFailed,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Access, Challenge
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt, Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.passcodes import Notes
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.second_factor import SecondFactor
from ansible_collections.rackspace.identity.plugins.module_utils.login.tokens import OtherUser
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, parse
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OTP = parse(SECRET)
KNOWN = Factor(otp=OTP, step_offset=0)
N = 59_666_666
ACCESS = Access("a-token", None, (), None, "u1", "jo", None, ())
REFUSED = PasscodeRefused("no", status=401, service_message="Unable to authenticate user")


class Bench:
    """A second step ten seconds into step N, against a service that answers by a script; errors are raised."""

    def __init__(
        self, directory: Path, *outcomes: IdentityError, max_wait: float = 65.0, moments: Moments | None = None
    ) -> None:
        self.moments = moments or Moments()
        self.clock = ServiceClock(self.moments.monotonic, lambda: 30.0 * N + self.moments.now - 700)
        self.tell_time(30.0 * N + 10)
        self.outcomes: Iterator[IdentityError] = iter(outcomes)
        self.record = Record(directory, "https://identity.example.com", "jo")
        self.max_wait = max_wait
        self.sent: list[tuple[str, str]] = []
        self.begun = 0
        self.said: list[str] = []
        self.told: list[str] = []
        self.on_send: Callable[[], object] = lambda: None
        self.on_begin: Callable[[], object] = lambda: None
        self.notes: Notes | None = None
        self.begins: Access | None = None

    def tell_time(self, date: float) -> None:
        self.clock.observe(date, self.moments.now, self.moments.now)

    @property
    def steps(self) -> list[int]:
        """The steps of the codes that were sent, relative to N."""
        codes = {OTP.code_at(N + distance): distance for distance in range(-5, 12)}
        return [codes[code] for _session, code in self.sent]

    def answer(self, factor: Factor) -> Access:
        transport = Transport("https://identity.example.com", clock=self.clock, sleep=self.moments.sleep)
        second = SecondFactor(
            transport,
            factor,
            self.record,
            notes=self.notes,
            begin=self._begin,
            send=self._send,
            max_wait=self.max_wait,
            say=self.said.append,
            tell=self.told.append,
        )
        return second.answer(Challenge(f"session-{self.begun}", "OTPPASSCODE"))

    def _begin(self) -> Access | Challenge:
        self.begun += 1
        self.on_begin()
        return self.begins or Challenge(f"session-{self.begun}", "OTPPASSCODE")

    def _send(self, challenge: Challenge, code: str) -> Access:
        counted = [attempt.id for attempt in self.record.read().attempts]
        assert len(counted) == len(set(counted)) >= 1, "an attempt is noted before it is sent"
        self.sent.append((challenge.session_id, code))
        self.on_send()
        error = next(self.outcomes, None)
        if error:
            raise error
        return ACCESS

    def used(self) -> Used:
        return self.record.read().secrets[OTP.digest]


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    def make(*outcomes: IdentityError, **options: Any) -> Bench:
        return Bench(tmp_path, *outcomes, **options)

    return make


# Computed codes


def test_a_success_is_kept_with_the_offset_that_it_proves(bench: Callable[..., Bench]) -> None:
    here = bench()
    assert here.answer(KNOWN) is ACCESS
    assert here.sent == [("session-0", OTP.code_at(N))]
    assert here.used() == Used(N, 0)
    assert (here.record.read().attempts, here.moments.slept, here.said) == ([], [], [])


def test_an_unknown_offset_is_minus_one(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.answer(Factor(otp=OTP))
    assert here.steps == [-1]


def test_the_record_knows_better_than_what_was_stored(bench: Callable[..., Bench]) -> None:
    here = bench()
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N - 9, -1)
    here.answer(KNOWN)
    assert here.steps == [-1]


def test_a_guess_that_was_never_proved_does_not_hide_what_was_stored(bench: Callable[..., Bench]) -> None:
    here = bench(Forbidden("no", status=403))
    with pytest.raises(Forbidden):
        here.answer(Factor(otp=OTP))
    here.answer(KNOWN)
    assert here.steps == [-1, 0]


def test_the_second_login_waits_for_the_next_step_and_says_so(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.answer(KNOWN)
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert here.moments.slept == [20.0]
    assert here.told == ["jo: waiting 20 s for the next passcode"]


@pytest.mark.parametrize("max_wait", [0, 19.9])
def test_a_wait_beyond_max_wait_fails_and_reserves_nothing(max_wait: float, bench: Callable[..., Bench]) -> None:
    here = bench(max_wait=max_wait)
    here.answer(KNOWN)
    with pytest.raises(PasscodeRefused, match="auth_token") as caught:
        here.answer(KNOWN)
    assert (here.steps, here.moments.slept, here.used().last) == ([0], [], N)
    assert caught.value.retry_after == 21
    assert here.record.read().attempts == []


def test_near_the_end_of_a_step_the_next_one_is_waited_for(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.tell_time(30.0 * N + 29)
    here.answer(KNOWN)
    assert here.steps == [1]
    assert here.moments.slept == [1.0]
    assert here.said == ["jo: waiting 1 s for the next passcode"]
    assert here.told == []


def test_a_sleep_that_took_too_long_chooses_anew(bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    here = bench()
    here.answer(KNOWN)
    slept = here.moments.sleep
    monkeypatch.setattr(here.moments, "sleep", lambda seconds: slept(seconds + 45))
    here.answer(KNOWN)
    assert here.steps == [0, 2]


def test_a_refusal_turns_the_offset_over_in_a_later_step_and_a_new_session(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    assert here.answer(Factor(otp=OTP)) is ACCESS
    assert [session for session, _code in here.sent] == ["session-0", "session-1"]
    assert here.steps == [-1, 0]
    assert here.used() == Used(N, 0)
    assert here.record.read().attempts == []
    assert here.told == [
        "jo: the second step of the login failed (passcode_refused); trying again with a later passcode"
    ]


def test_two_refusals_send_no_third_and_say_when_it_is_safe(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    with pytest.raises(PasscodeRefused, match="no third is sent") as caught:
        here.answer(Factor(otp=OTP))
    assert caught.value.__suppress_context__
    assert (here.steps, caught.value.status) == ([-1, 0], 401)
    assert 1_800 < (caught.value.retry_after or 0) <= 1_861
    with pytest.raises(PasscodeRefused, match="safe again at 2026-") as caught:
        here.answer(Factor(otp=OTP))
    assert len(here.sent) == 2
    here.moments.pass_by(caught.value.retry_after or 0)
    assert here.answer(Factor(otp=OTP)) is ACCESS


def test_a_refusal_of_before_leaves_one_try(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    with here.record.changing() as account:
        account.attempts = [Attempt(30.0 * N - 60, "of another run")]
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        here.answer(KNOWN)
    assert here.steps == [0]


def test_several_secrets_share_one_budget(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    with pytest.raises(PasscodeRefused):
        here.answer(KNOWN)
    other = Otp(secret="MZXW6YTBOI======".rstrip("="))
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        here.answer(Factor(otp=other))
    assert len(here.sent) == 2


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "guessed"])
def test_soon_after_mfa_was_turned_on_a_known_offset_is_kept(is_known: bool, bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    with here.record.changing() as account:
        account.mfa_on_at = 30.0 * N - 40
    here.answer(Factor(otp=OTP, step_offset=-1 if is_known else None))
    assert here.steps == [-1, 0]
    assert here.used().offset == (-1 if is_known else 0)
    assert bool(here.moments.slept) is is_known


def test_where_the_clock_jumped_the_offset_is_kept(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    here.on_send = lambda: here.tell_time(30.0 * N + 50) if len(here.sent) == 1 else None
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert here.used().offset == 0


ONCE_MORE = {
    "lost": LostAnswer("lost"),
    "503": Unavailable("no", status=503),
    "HTML": InvalidAnswer("no", status=200),
    "429 for long": RateLimited("no", status=429, retry_after=30),
    "no connection": ConnectionFailed("no"),
}


@pytest.mark.parametrize("trouble", ONCE_MORE)
def test_trouble_is_tried_once_more_with_the_same_offset_and_a_later_step(
    trouble: str, bench: Callable[..., Bench]
) -> None:
    here = bench(ONCE_MORE[trouble])
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert [session for session, _code in here.sent] == ["session-0", "session-1"]
    assert here.used() == Used(N + 1, 0)


@pytest.mark.parametrize(("trouble", "counted"), list(zip(ONCE_MORE, [2, 2, 2, 0, 0], strict=True)))
def test_what_may_have_been_looked_at_counts_as_refused(
    trouble: str, counted: int, bench: Callable[..., Bench]
) -> None:
    error = ONCE_MORE[trouble]
    here = bench(error, error)
    with pytest.raises(type(error)):
        here.answer(KNOWN)
    assert len(here.sent) == 2
    assert len(here.record.read().attempts) == counted


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (AccountLocked("locked", status=403), 0),
        (BadCredentials("the tenant", status=401), 0),
        (Forbidden("disabled", status=403), 1),
        (TlsFailed("no"), 1),
        (OtherUser("of joe", status=200), 1),
        (RateLimited("no", status=429, retry_after=66), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_later_passcode_can_not_help_is_not_tried_again(
    error: IdentityError, counted: int, bench: Callable[..., Bench]
) -> None:
    here = bench(error)
    with pytest.raises(type(error)):
        here.answer(KNOWN)
    assert (len(here.sent), here.begun) == (1, 0)
    assert len(here.record.read().attempts) == counted
    assert here.used().last == N


def test_after_a_rate_limit_the_same_code_is_sent_while_it_is_good(bench: Callable[..., Bench]) -> None:
    here = bench(*[RateLimited("no", status=429)] * 3)
    here.answer(KNOWN)
    assert here.sent == [("session-0", OTP.code_at(N))] * 4
    assert here.moments.slept == [1.0, 2.0, 4.0]


def test_where_a_rate_limit_outlasts_the_step_a_later_one_is_sent_once_more(bench: Callable[..., Bench]) -> None:
    here = bench(*[RateLimited("no", status=429)] * 50)
    with pytest.raises(RateLimited):
        here.answer(KNOWN)
    assert sorted(set(here.steps)) == [0, 1]
    assert here.moments.now - 1_000 < 50
    assert here.record.read().attempts == []


def test_a_typed_passcode_is_sent_again_for_a_while_after_a_rate_limit(bench: Callable[..., Bench]) -> None:
    here = bench(RateLimited("no", status=429, retry_after=3))
    assert here.answer(Factor(passcode="012345")) is ACCESS
    assert here.moments.slept == [3]


def test_where_no_challenge_comes_the_second_time_that_login_counts(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    here.begins = ACCESS
    assert here.answer(KNOWN) is ACCESS
    assert len(here.sent) == 1
    # MFA may have been removed, which does not clear the service's count.
    assert len(here.record.read().attempts) == 1


def test_after_a_long_wait_the_session_is_begun_anew(bench: Callable[..., Bench]) -> None:
    here = bench(max_wait=1_000)
    with here.record.changing() as account:
        account.secrets[OTP.digest] = Used(N + 8, 0)
    here.answer(KNOWN)
    assert [session for session, _code in here.sent] == ["session-1"]
    assert here.steps == [9]


# Typed codes, and nothing at all


def test_a_typed_passcode_is_sent_once_and_without_what_people_type_between(bench: Callable[..., Bench]) -> None:
    here = bench()
    assert here.answer(Factor(passcode=" 012 345")) is ACCESS
    assert here.sent == [("session-0", "012345")]
    assert here.record.read().attempts == []


@pytest.mark.parametrize("typed", ["12345", "abcdef", ""])
def test_what_can_not_be_a_passcode_is_not_sent_and_does_not_count(typed: str, bench: Callable[..., Bench]) -> None:
    here = bench()
    with pytest.raises(OptionError, match=r"O\(passcode\)"):
        here.answer(Factor(passcode=typed))
    assert here.sent == []
    assert not here.record.path.exists()


def test_a_typed_passcode_that_was_refused_is_not_sent_again(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED)
    with pytest.raises(PasscodeRefused):
        here.answer(Factor(passcode="012345"))
    with pytest.raises(PasscodeRefused, match="refused before"):
        here.answer(Factor(passcode="012-345"))
    assert len(here.sent) == 1
    assert here.answer(Factor(passcode="543210")) is ACCESS


def test_typed_passcodes_have_the_budget_of_computed_ones(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    for passcode in ("000000", "111111"):
        with pytest.raises(PasscodeRefused):
            here.answer(Factor(passcode=passcode))
    for factor in (Factor(passcode="222222"), KNOWN):
        with pytest.raises(PasscodeRefused, match="nothing was sent"):
            here.answer(factor)
    assert len(here.sent) == 2


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (AccountLocked("locked", status=403), True),
        (RateLimited("no", status=429, retry_after=60), True),
        (ConnectionFailed("no"), True),
        (BadCredentials("the tenant", status=401), True),
        (LostAnswer("lost"), False),
        (Unavailable("no", status=503), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_bypass_code_that_was_not_looked_at_may_be_sent_again(
    error: IdentityError, again: bool, bench: Callable[..., Bench]
) -> None:
    here = bench(error)
    with pytest.raises(type(error)):
        here.answer(Factor(passcode="12345678"))
    if again:
        assert here.answer(Factor(passcode="12345678")) is ACCESS
    else:
        with pytest.raises(PasscodeRefused, match="refused before"):
            here.answer(Factor(passcode="12345678"))


def test_without_a_secret_or_a_passcode_the_message_names_the_options(bench: Callable[..., Bench]) -> None:
    here = bench()
    with pytest.raises(PasscodeRequired, match=r"otp_secret.*passcode"):
        here.answer(Factor())
    assert not here.record.path.exists()


def test_nothing_that_is_said_holds_a_secret(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    texts: list[str] = []
    for factor in (KNOWN, KNOWN, Factor(passcode="012345")):
        with pytest.raises(PasscodeRefused) as caught:
            here.answer(factor)
        texts += [*traceback.format_exception_only(caught.value), str(caught.value.as_failure())]
    told = " ".join([*texts, *here.said, here.record.path.read_text(encoding="utf-8")])
    for secret in (SECRET, "012345", "session-0", *[code for _session, code in here.sent]):
        assert secret not in told


# Clocks that are wrong

YEAR_2087 = 3_692_217_600.0


def test_a_single_date_of_another_year_spends_no_passcode_and_no_step(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.tell_time(YEAR_2087)
    here.on_begin = lambda: here.tell_time(30.0 * N + 10)
    assert here.answer(KNOWN) is ACCESS
    assert here.sent == [("session-1", OTP.code_at(N))]
    assert here.used().last == N


def test_a_service_that_lives_in_another_year_is_followed(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.tell_time(YEAR_2087)
    assert here.answer(KNOWN) is ACCESS
    assert here.sent == [("session-1", OTP.code_at(int(YEAR_2087 // 30)))]


@pytest.mark.parametrize("lead", [20, 64, 10**6, 63_000_000, 10**11])
@pytest.mark.parametrize("where", ["record", "store"])
def test_a_step_that_cannot_have_been_used_yet_is_not_waited_for(
    where: str, lead: int, bench: Callable[..., Bench]
) -> None:
    here = bench()
    if where == "record":
        with here.record.changing() as account:
            account.use(OTP.digest, Used(N + lead, 0))
    here.answer(Factor(otp=OTP, step_offset=0, last_step=N + lead if where == "store" else None))
    # What was used before is not known: the next step is a new one for sure.
    assert (here.steps, here.moments.slept) == ([1], [20.0])
    assert here.used().last == N + 1


@pytest.mark.parametrize("lead", [1, 2])
def test_a_step_that_another_process_reserved_is_left_to_it(lead: int, bench: Callable[..., Bench]) -> None:
    here = bench(max_wait=120)
    with here.record.changing() as account:
        account.use(OTP.digest, Used(N + lead, 0))
    here.answer(KNOWN)
    assert here.steps == [lead + 1]


@pytest.mark.parametrize("date", [-1.0, -6e10, 2.51e11])
def test_a_time_that_has_no_passcodes_sends_none(date: float, bench: Callable[..., Bench]) -> None:
    here = bench()
    here.tell_time(date)
    for factor in (KNOWN, Factor(passcode="012345")):
        with pytest.raises(InvalidAnswer, match="Date"):
            here.answer(factor)
    assert here.sent == []


def test_the_end_of_time_can_be_told(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    here.tell_time(2.49e11)
    with pytest.raises(PasscodeRefused, match=r"no third is sent.* UTC"):
        here.answer(KNOWN)


@pytest.mark.parametrize("jump", [32 * 60, -32 * 60, 86_400 * 400, -86_400 * 400])
def test_a_date_that_jumps_neither_clears_the_budget_nor_blocks_for_longer(
    jump: float, bench: Callable[..., Bench]
) -> None:
    here = bench(REFUSED, REFUSED)
    with pytest.raises(PasscodeRefused):
        here.answer(KNOWN)
    here.moments.pass_by(60)
    here.tell_time(here.clock.now()[0] + jump)
    with pytest.raises(PasscodeRefused, match="nothing was sent") as caught:
        here.answer(Factor(otp=OTP))
    assert len(here.sent) == 2
    assert 1_600 < (caught.value.retry_after or 0) <= 1_861
    here.moments.pass_by(1_861)
    assert here.answer(KNOWN) is ACCESS


def test_refusals_under_a_wrong_date_do_not_count_for_years(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    here.tell_time(YEAR_2087)
    with pytest.raises(PasscodeRefused):
        here.answer(KNOWN)
    here.tell_time(30.0 * N + 60)
    with pytest.raises(PasscodeRefused, match="nothing was sent") as caught:
        here.answer(KNOWN)
    assert (caught.value.retry_after or 0) <= 1_861
    here.moments.pass_by(1_861)
    assert here.answer(KNOWN) is ACCESS


# Dead sessions


@pytest.mark.parametrize(("second", "offset"), [(10, -1), (10, 0), (26, -1), (26, 0)])
def test_soon_after_mfa_was_turned_on_the_second_session_begins_when_none_is_dead(
    second: float, offset: int, bench: Callable[..., Bench]
) -> None:
    here = bench(REFUSED)
    here.tell_time(on_at := 30.0 * N + second)
    with here.record.changing() as account:
        account.mfa_on_at = on_at
    begun: list[float] = []
    here.on_begin = lambda: begun.append(here.clock.now()[0])
    assert here.answer(Factor(otp=OTP, step_offset=offset)) is ACCESS
    assert [moment - on_at >= 5 for moment in begun] == [True]
    assert here.steps == [offset, offset + 1]


def test_two_dead_sessions_end_in_words_that_say_so(bench: Callable[..., Bench]) -> None:
    here = bench(REFUSED, REFUSED)
    with here.record.changing() as account:
        account.mfa_on_at = 30.0 * N + 10
    with pytest.raises(PasscodeRefused, match=r"turned on less than a minute ago.*safe again at 2026-"):
        here.answer(KNOWN)


# What others do meanwhile


def test_the_budget_is_looked_at_again_after_the_wait(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = bench()
    here.answer(KNOWN)
    slept = here.moments.sleep

    def others_are_refused(seconds: float) -> None:
        slept(seconds)
        with here.record.changing() as account:
            account.attempts = [Attempt(here.clock.now()[0] - ago, f"of {ago}") for ago in (5, 2)]

    monkeypatch.setattr(here.moments, "sleep", others_are_refused)
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        here.answer(KNOWN)
    assert len(here.sent) == 1


def test_a_success_keeps_what_another_process_has_on_its_way(bench: Callable[..., Bench]) -> None:
    here, other = bench(), bench(REFUSED, REFUSED)

    def another_is_faster() -> None:
        other.on_send = lambda: None
        here.answer(KNOWN)

    other.on_send = another_is_faster
    with pytest.raises(PasscodeRefused):
        other.answer(Factor(otp=Otp(secret="MZXW6YTB")))
    assert len(other.sent) == 2
    assert len(here.record.read().attempts) == 2


def test_the_steps_of_another_secret_are_not_looked_at(bench: Callable[..., Bench]) -> None:
    here = bench()
    with here.record.changing() as account:
        account.use("another", Used(N, 0, follows_verification=True))
    here.answer(KNOWN)
    assert here.steps == [0]


class Changing:
    """Notes in a store that another controller changes once."""

    def __init__(self, instead: Factor) -> None:
        self.instead: list[Factor] = [instead]
        self.reserved: list[int] = []
        self.proved: list[int] = []

    def reserve(self, step: int) -> Factor | None:
        if self.instead:
            return self.instead.pop()
        self.reserved.append(step - N)
        return None

    def succeeded(self, offset: int) -> None:
        self.proved.append(offset)


def test_a_secret_that_was_replaced_meanwhile_is_used_with_its_own_offset(bench: Callable[..., Bench]) -> None:
    here = bench()
    new = Otp(secret="MZXW6YTB")
    here.notes = notes = Changing(Factor(otp=new, step_offset=-1))
    here.answer(KNOWN)
    assert here.sent == [("session-0", new.code_at(N - 1))]
    assert (notes.reserved, notes.proved) == ([-1], [-1])
    assert here.record.read().secrets[new.digest] == Used(N - 1, -1)


def test_a_secret_that_was_removed_meanwhile_is_not_used(bench: Callable[..., Bench]) -> None:
    here = bench()
    here.notes = Changing(Factor())
    with pytest.raises(PasscodeRequired, match=r"O\(store\)"):
        here.answer(KNOWN)
    assert here.sent == []


# More than one process


class Hurried(Moments):
    """Fake time whose waits take a thirtieth of it: processes that wait for different steps come one after another."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(seconds / 30)


def _log_in(directory: Path, start: Any, results: Any) -> None:
    here = Bench(directory, moments=Hurried())
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
