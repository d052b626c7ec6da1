# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many passcodes are sent before it stops, over logins, secrets, processes and clocks."""

from __future__ import annotations

import contextlib
from typing import NoReturn

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    BadCredentials,
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.second_step import (
    ACCESS,
    KNOWN,
    ONCE_MORE,
    OTP,
    REFUSED,
    YEAR_2087,
    Make,
    N,
)


def test_two_refusals_send_no_third_and_say_when_it_is_safe(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    with pytest.raises(PasscodeRefused, match="no third is sent") as caught:
        here.answer(Factor(otp=OTP))
    assert caught.value.__suppress_context__
    assert (here.steps, caught.value.status) == ([-1, 1], 401)
    assert caught.value.service_message == REFUSED.service_message
    assert 1_800 < (caught.value.retry_after or 0) <= 1_861
    with pytest.raises(PasscodeRefused, match="safe again in 31 min, at 2026-") as caught:
        here.answer(Factor(otp=OTP))
    assert len(here.sent) == 2
    here.moments.pass_by(caught.value.retry_after or 0)
    assert here.answer(Factor(otp=OTP)) is ACCESS


def test_two_dead_sessions_end_in_words_that_say_so(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    with here.record.changing() as account:
        account.mfa_on_at = 30.0 * N + 10
    with pytest.raises(PasscodeRefused, match=r"turned on less than a minute ago.*safe again in 31 min, at 2026-"):
        here.answer(KNOWN)


def test_a_refusal_of_before_leaves_one_try(second_step: Make) -> None:
    here = second_step(REFUSED)
    with here.record.changing() as account:
        account.attempts = [Attempt(30.0 * N - 60, "of another run")]
    with pytest.raises(PasscodeRefused, match="no third is sent"):
        here.answer(KNOWN)
    assert here.steps == [0]


@pytest.mark.parametrize(
    "refused", [[KNOWN], [Factor(passcode="000000"), Factor(passcode="111111")]], ids=["computed", "typed"]
)
def test_all_secrets_and_typed_passcodes_share_one_budget(refused: list[Factor], second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    for factor in refused:
        with pytest.raises(PasscodeRefused):
            here.answer(factor)
    for factor in (Factor(passcode="222222"), KNOWN, Factor(otp=Otp(secret="MZXW6YTBOI"))):
        with pytest.raises(PasscodeRefused, match="nothing was sent"):
            here.answer(factor)
    assert len(here.sent) == 2


def test_a_typed_passcode_that_was_refused_is_not_sent_again(second_step: Make) -> None:
    here = second_step(REFUSED)
    with pytest.raises(PasscodeRefused):
        here.answer(Factor(passcode="012345"))
    with pytest.raises(PasscodeRefused, match="refused before"):
        here.answer(Factor(passcode="012-345"))
    assert len(here.sent) == 1
    assert here.answer(Factor(passcode="543210")) is ACCESS


@pytest.mark.parametrize("passcode", ["012345", "0123456", "01234567"])
@pytest.mark.parametrize("outcomes", [[], [BadCredentials("the tenant", status=401)]], ids=["login", "wrong tenant"])
def test_a_typed_passcode_that_was_accepted_is_not_sent_again(
    outcomes: list[IdentityError], passcode: str, second_step: Make
) -> None:
    """The service would refuse it, and count that."""
    here = second_step(*outcomes)
    with contextlib.suppress(BadCredentials):
        here.answer(Factor(passcode=passcode))
    with pytest.raises(PasscodeRequired, match=r"accepted before.*not sent.*auth_token"):
        here.answer(Factor(passcode=f" {passcode}"))
    assert (len(here.sent), here.record.read().attempts) == (1, [])
    assert here.answer(Factor(passcode="765432")) is ACCESS
    assert here.answer(KNOWN) is ACCESS


@pytest.mark.parametrize(("passcode", "is_sent"), [("012345", True), ("0123456", True), ("01234567", False)])
def test_a_device_may_show_the_digits_again_that_were_accepted_long_ago(
    passcode: str, is_sent: bool, second_step: Make
) -> None:
    here = second_step()
    here.answer(Factor(passcode=passcode))
    here.moments.pass_by(32 * 60)
    if is_sent:
        assert here.answer(Factor(passcode=passcode)) is ACCESS
    else:
        with pytest.raises(PasscodeRequired):
            here.answer(Factor(passcode=passcode))


def test_no_more_accepted_passcodes_are_remembered_than_someone_may_repeat(second_step: Make) -> None:
    here = second_step()
    for number in range(18):
        here.answer(Factor(passcode=f"{number:08}"))
    assert len(here.record.read().accepted) == 16
    with pytest.raises(PasscodeRequired):
        here.answer(Factor(passcode="00000002"))


@pytest.mark.parametrize(("trouble", "counted"), list(zip(ONCE_MORE, [2, 2, 2, 0, 0], strict=True)))
def test_what_may_have_been_looked_at_counts_as_refused(trouble: str, counted: int, second_step: Make) -> None:
    error = ONCE_MORE[trouble]
    here = second_step(error, error)
    with pytest.raises(type(error)):
        here.answer(KNOWN)
    assert len(here.sent) == 2
    kept = here.record.read().attempts
    assert len(kept) == counted
    assert all(one.settled and one.monotonic is not None and one.wall is not None for one in kept)


@pytest.mark.parametrize("outcome", [None, REFUSED], ids=["accepted", "refused"])
def test_a_record_that_cannot_be_written_after_the_answer_hides_nothing(
    outcome: IdentityError | None, second_step: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: a login that succeeded stays one, and a refusal is told as such."""
    here = second_step(outcome)

    def full() -> NoReturn:
        raise OptionError("no space left")

    here.on_send = lambda: monkeypatch.setattr(here.record, "changing", full)
    if outcome is None:
        assert here.answer(Factor(passcode="12345678")) is ACCESS
    else:
        with pytest.raises(PasscodeRefused):
            here.answer(Factor(passcode="12345678"))
    assert len(here.record.read().attempts) == 1


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (AccountLocked("locked", status=403), True),
        (RateLimited("no", status=429, retry_after=60), True),
        (ConnectionFailed("no"), True),
        (LostAnswer("lost"), False),
        (Unavailable("no", status=503), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_bypass_code_that_was_not_looked_at_may_be_sent_again(
    error: IdentityError, again: bool, second_step: Make
) -> None:
    here = second_step(error)
    with pytest.raises(type(error)):
        here.answer(Factor(passcode="12345678"))
    if again:
        assert here.answer(Factor(passcode="12345678")) is ACCESS
    else:
        with pytest.raises(PasscodeRefused, match="refused before"):
            here.answer(Factor(passcode="12345678"))


def test_the_budget_is_looked_at_again_after_the_wait(second_step: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = second_step()
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


def test_a_success_keeps_what_another_process_has_on_its_way(second_step: Make) -> None:
    here, other = second_step(), second_step(REFUSED, REFUSED)

    def another_is_faster() -> None:
        other.on_send = lambda: None
        here.answer(KNOWN)

    other.on_send = another_is_faster
    with pytest.raises(PasscodeRefused):
        other.answer(Factor(otp=Otp(secret="MZXW6YTB")))
    assert len(other.sent) == 2
    assert len(here.record.read().attempts) == 2


# Clocks that are wrong


def test_two_refusals_while_the_clocks_are_apart_name_both_times(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    here.tell_time(30.0 * N + 3_600)
    with pytest.raises(PasscodeRefused, match=r"The answers of the service tell .* If the first is wrong, so were the"):
        here.answer(KNOWN)


@pytest.mark.parametrize("jump", [-2 * 86_400.0, 2 * 86_400.0])
def test_without_any_date_a_clock_that_is_set_clears_nothing(jump: float, second_step: Make) -> None:
    here, wall = second_step(REFUSED, REFUSED), [30.0 * N]
    here.clock = ServiceClock(here.moments.monotonic, lambda: wall[0] + here.moments.now)
    with pytest.raises(PasscodeRefused):
        here.answer(KNOWN)
    for _jump in range(2):
        wall[0] += jump
        with pytest.raises(PasscodeRefused, match="nothing was sent"):
            here.answer(KNOWN)
    assert len(here.sent) == 2


@pytest.mark.parametrize("date", [-1.0, -6e10, 2.51e11])
def test_a_time_that_has_no_passcodes_sends_none(date: float, second_step: Make) -> None:
    here = second_step()
    here.tell_time(date)
    for factor in (KNOWN, Factor(passcode="012345")):
        with pytest.raises(InvalidAnswer, match="Date"):
            here.answer(factor)
    assert here.sent == []


def test_a_refusal_without_words_is_not_quoted(second_step: Make) -> None:
    silent = PasscodeRefused("It is wrong.", status=401)
    with pytest.raises(PasscodeRefused, match=r"by the service's clock\.$"):
        second_step(silent, silent).answer(KNOWN)


def test_the_end_of_time_can_be_told(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    here.tell_time(2.49e11)
    with pytest.raises(PasscodeRefused, match=r"no third is sent.* UTC"):
        here.answer(KNOWN)


@pytest.mark.parametrize("jump", [32 * 60, -32 * 60, 86_400 * 400, -86_400 * 400])
def test_a_date_that_jumps_neither_clears_the_budget_nor_blocks_for_longer(jump: float, second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
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


def test_refusals_under_a_wrong_date_do_not_count_for_years(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    here.tell_time(YEAR_2087)
    with pytest.raises(PasscodeRefused):
        here.answer(KNOWN)
    here.tell_time(30.0 * N + 60)
    with pytest.raises(PasscodeRefused, match="nothing was sent") as caught:
        here.answer(KNOWN)
    assert (caught.value.retry_after or 0) <= 1_861
    here.moments.pass_by(1_861)
    assert here.answer(KNOWN) is ACCESS
