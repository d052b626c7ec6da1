# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second step: what is tried once more, what people type, and what is said."""

from __future__ import annotations

import traceback

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    BadCredentials,
    Forbidden,
    IdentityError,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
    TlsFailed,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.tokens import OtherUser
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.second_step import (
    ACCESS,
    KNOWN,
    ONCE_MORE,
    OTP,
    REFUSED,
    SECRET,
    Make,
    N,
)


@pytest.mark.parametrize("trouble", ONCE_MORE)
def test_trouble_is_tried_once_more_with_the_same_offset_and_a_later_step(trouble: str, second_step: Make) -> None:
    here = second_step(ONCE_MORE[trouble])
    here.answer(KNOWN)
    assert here.steps == [0, 1]
    assert [session for session, _code in here.sent] == ["session-0", "session-1"]
    assert here.used() == Used(N + 1, 0)


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
    error: IdentityError, counted: int, second_step: Make
) -> None:
    here = second_step(error)
    with pytest.raises(type(error)):
        here.answer(KNOWN)
    assert (len(here.sent), here.begun) == (1, 0)
    assert len(here.record.read().attempts) == counted
    assert here.used().last == N


def test_after_a_rate_limit_the_same_code_is_sent_while_it_is_good(second_step: Make) -> None:
    here = second_step(*[RateLimited("no", status=429)] * 3)
    here.answer(KNOWN)
    assert here.sent == [("session-0", OTP.code_at(N))] * 4
    assert here.moments.slept == [1.0, 2.0, 4.0]


def test_where_a_rate_limit_outlasts_the_step_a_later_one_is_sent_once_more(second_step: Make) -> None:
    here = second_step(*[RateLimited("no", status=429)] * 50)
    with pytest.raises(RateLimited):
        here.answer(KNOWN)
    assert sorted(set(here.steps)) == [0, 1]
    assert here.moments.now - 1_000 < 50
    assert here.record.read().attempts == []


def test_a_typed_passcode_is_sent_again_for_a_while_after_a_rate_limit(second_step: Make) -> None:
    here = second_step(RateLimited("no", status=429, retry_after=3))
    assert here.answer(Factor(passcode="012345")) is ACCESS
    assert here.moments.slept == [3]


def test_a_typed_passcode_is_sent_once_and_without_what_people_type_between(second_step: Make) -> None:
    here = second_step()
    assert here.answer(Factor(passcode=" 012 345")) is ACCESS
    assert here.sent == [("session-0", "012345")]
    assert here.record.read().attempts == []


def test_what_can_not_be_a_passcode_is_not_sent_and_does_not_count(second_step: Make) -> None:
    here = second_step()
    with pytest.raises(OptionError, match=r"O\(passcode\)"):
        here.answer(Factor(passcode=""))
    assert here.sent == []
    assert not here.record.path.exists()


def test_without_a_secret_or_a_passcode_the_message_names_the_options(second_step: Make) -> None:
    here = second_step()
    with pytest.raises(PasscodeRequired, match=r"otp_secret.*passcode"):
        here.answer(Factor())
    assert not here.record.path.exists()


def test_nothing_that_is_said_holds_a_secret(second_step: Make) -> None:
    here = second_step(REFUSED, REFUSED)
    texts: list[str] = []
    for factor in (KNOWN, KNOWN, Factor(passcode="012345")):
        with pytest.raises(PasscodeRefused) as caught:
            here.answer(factor)
        texts += [*traceback.format_exception_only(caught.value), str(caught.value.as_failure())]
    told = " ".join([*texts, *here.said, here.record.path.read_text(encoding="utf-8")])
    for secret in (SECRET, "012345", "session-0", *[code for _session, code in here.sent]):
        assert secret not in told
