# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup, with a clock and a sleep of the test's own."""

from __future__ import annotations

import datetime
from typing import Any
from unittest.mock import create_autospec

import pytest
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.utils.display import Display

from ansible_collections.rackspace.identity.plugins.lookup import totp
from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret as otp
from ansible_collections.rackspace.identity.tests.unit.plugins import in_worker

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the one of the RFCs
SHORT = "MFRGGZDFMZTWQ2LK"  # 80 bits


class Clock:
    """Moves by what is slept, less a little, as a wall clock may."""

    def __init__(self, now: float, lag: float = 0.0) -> None:
        self.now = now
        self.lag = lag
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds - self.lag
        self.lag = 0.0


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Any:
    double = create_autospec(Display, instance=True)
    monkeypatch.setattr(totp, "display", double)
    return double


def look_up(*terms: Any, clock: Clock | None = None, **options: Any) -> list[Any]:
    clock = clock or Clock(59)
    return in_worker.look_up(terms, options, clock, clock.sleep)


def test_one_code_a_term_as_a_string() -> None:
    assert look_up(SECRET, SECRET.lower()) == ["287082", "287082"]


def test_a_list_is_several_terms_and_none_are_no_codes() -> None:
    assert look_up([SECRET, SECRET]) == ["287082", "287082"]
    assert look_up() == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"digits": 8}, "94287082"),
        ({"digits": "8"}, "94287082"),
        ({"step_offset": -1}, "755224"),
        ({"step_offset": 1}, "359152"),
        ({"period": 60}, "755224"),
        ({"at": 1111111109}, "081804"),
        ({"at": "1111111109.5", "digits": 8}, "07081804"),
    ],
)
def test_options(options: dict[str, Any], code: str) -> None:
    assert look_up(SECRET, **options) == [code]


@pytest.mark.parametrize("algorithm", ["SHA256", "sha-256"])
def test_algorithm(algorithm: str) -> None:
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"
    assert look_up(key, algorithm=algorithm, digits=8) == ["46119246"]


def test_options_win_over_the_uri_and_the_uri_over_the_defaults() -> None:
    uri = f"otpauth://totp/x?secret={SECRET}&digits=8&period=60"
    assert look_up(uri, clock=Clock(119)) == ["94287082"]
    assert look_up(uri, clock=Clock(59), digits=6, period=30) == ["287082"]


def test_the_stored_step_offset_is_the_default() -> None:
    entry = {"secret": SECRET, "step_offset": -1, "username": "u"}
    assert look_up(entry) == ["755224"]
    assert look_up(entry, step_offset=0) == ["287082"]
    assert look_up({**entry, "step_offset": None}) == ["287082"]


def test_details() -> None:
    clock = Clock(1000000000.25)
    (answer,) = look_up(SECRET, clock=clock, details=True)
    assert answer == {"code": look_up(SECRET, clock=clock)[0], "remaining": 19, "expires": 1000000020}


# --- min_remaining -------------------------------------------------------------------------------------------------


def test_enough_is_left(display: Any) -> None:
    clock = Clock(50)
    assert look_up(SECRET, clock=clock, min_remaining=10) == ["287082"]
    assert clock.slept == []
    display.v.assert_not_called()


def test_too_little_is_left_so_it_waits_and_says_so(display: Any) -> None:
    clock = Clock(50.5)
    (answer,) = look_up(SECRET, clock=clock, min_remaining=10, details=True)
    assert answer == {"code": "359152", "remaining": 30, "expires": 90}
    assert clock.slept == [9.5]
    display.v.assert_called_once_with("Waiting 9.5 s for the next one-time password.")


def test_a_clock_that_lags_behind_the_sleep_is_waited_for(display: Any) -> None:
    clock = Clock(50, lag=0.01)
    assert look_up(SECRET, clock=clock, min_remaining=11) == ["359152"]
    assert clock.slept == [10, pytest.approx(0.01)]
    assert display.v.call_count == 2


def test_with_a_given_time_nothing_is_waited_for() -> None:
    clock = Clock(0)
    assert look_up(SECRET, clock=clock, at=50, min_remaining=11) == ["359152"]
    assert clock.slept == []


def test_several_terms_wait_once() -> None:
    clock = Clock(55)
    assert look_up(SECRET, SECRET, clock=clock, min_remaining=20) == ["359152", "359152"]
    assert clock.slept == [5]


@pytest.mark.parametrize("seconds", [30, 31, -1, float("nan")])
def test_a_wait_that_can_not_end_well_is_refused(seconds: float) -> None:
    clock = Clock(50)
    with pytest.raises(AnsibleLookupError, match="min_remaining"):
        look_up(SECRET, clock=clock, min_remaining=seconds)
    assert clock.slept == []


def test_the_period_of_the_uri_is_the_limit() -> None:
    assert look_up(f"otpauth://totp/x?secret={SECRET}&period=60", clock=Clock(40), min_remaining=31) == ["287082"]


# --- refusals and warnings -----------------------------------------------------------------------------------------


def test_a_short_secret_works_with_a_warning_that_does_not_repeat_it(display: Any) -> None:
    (code,) = look_up(SHORT)
    assert len(code) == 6
    (text,) = display.warning.call_args.args
    assert "80 bits" in text
    assert SHORT not in text


def test_no_warning_for_a_long_one(display: Any) -> None:
    look_up(SECRET)
    display.warning.assert_not_called()


@pytest.mark.parametrize(
    "term",
    [
        "",
        "CANARY01",
        "otpauth://hotp/x?secret=CANARY&counter=1",
        "otpauth://totp/x?secret=MFRGGZDF&algorithm=CANARY",
        {"secret": "CANARY01"},
        {"secret": SECRET, "step_offset": "CANARY"},
        {},
        None,
        234567,
    ],
)
def test_a_bad_secret_is_an_error_that_does_not_repeat_it(term: Any) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        look_up(SECRET, term)
    assert str(caught.value).startswith("Term 2: ")
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_single_term_is_not_numbered() -> None:
    with pytest.raises(AnsibleLookupError, match=r"^The secret is empty"):
        look_up("")


@pytest.mark.parametrize(
    "options",
    [
        {"algorithm": "MD5"},
        {"period": 0},
        {"period": 3601},
        {"digits": 5},
        {"digits": 9},
        {"at": -1},
        {"at": float("inf")},
        {"at": 1e30},
        {"at": datetime.date(2026, 1, 2)},
        {"digits": float("inf")},
        {"step_offset": -2},
        {"step_offset": "x"},
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(AnsibleError):
        look_up(SECRET, **options)


def test_a_wrong_length_is_refused_with_the_right_ones() -> None:
    with pytest.raises(AnsibleLookupError, match=r"^The option digits .* It takes 6, 7, 8\.$"):
        look_up(SECRET, digits=99)


def test_an_option_that_there_is_not_is_refused() -> None:
    """It would be a code of the wrong algorithm."""
    with pytest.raises(AnsibleLookupError, match=r"^totp has no option algoritm, digit\."):
        look_up(SECRET, algoritm="SHA256", digit=8)


def test_a_loop_of_the_form_with_gives_an_option_of_core() -> None:
    assert look_up(SECRET, wantlist=True) == ["287082"]


def test_missing_pyotp_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otp, "HAS_PYOTP", False)
    with pytest.raises(AnsibleLookupError, match="pyotp"):
        look_up(SECRET)
