# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Bypass codes."""

from __future__ import annotations

from typing import Any

import pytest

from .helpers import BYPASS_CODES, Service, assert_refused

pytestmark = pytest.mark.usefixtures("device")  # Alice is enrolled


def made(service: Service, caller: str = "alice", **wanted: Any) -> dict[str, Any]:
    """Bypass codes for Alice: the answer's content."""
    answer = service.ask_bypass_codes("alice", service.key_token(caller), **wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()[BYPASS_CODES])


def test_while_mfa_is_off_is_refused(service: Service) -> None:
    service.put("alice", enabled=False)
    assert_refused(service.ask_bypass_codes("alice"), 400, "badRequest")


@pytest.mark.parametrize(
    ("wanted", "count"), [("1", 1), ("10", 10), ("0", 1), ("-4", 1), ("11", 10), ("1000", 10), ("007", 7), (None, 1)]
)
def test_number_for_oneself_is_clamped(service: Service, wanted: str | None, count: int) -> None:
    codes = made(service, **({} if wanted is None else {"numberOfCodes": wanted}))["codes"]
    assert len(set(codes)) == count
    assert all(len(code) == 8 and code.isdigit() for code in codes)


@pytest.mark.parametrize(
    ("wanted", "shown", "seconds"),
    [
        ("PT30M", "PT30M0.000S", 1800),
        ("PT1M", "PT1M0.000S", 60),
        ("PT10H", "PT600M0.000S", 36000),
        ("P1D", "PT1440M0.000S", 86400),
        ("P1DT1H1M1.5S", "PT1501M1.500S", 90061.5),
        ("PT45S", "PT0M45.000S", 45),
        ("PT0S", "PT0M1.000S", 1),
        ("-PT5M", "PT0M1.000S", 1),
    ],
)
def test_duration_for_oneself(service: Service, wanted: str, shown: str, seconds: float) -> None:
    assert made(service, validityDuration=wanted)["validityDuration"] == shown
    expires = service.control.user("alice")["bypass_codes"][0]["expires"]
    assert expires == service.control.now() + seconds


def test_without_a_duration_they_do_not_expire(service: Service) -> None:
    answer = made(service, numberOfCodes="2")
    assert "validityDuration" not in answer
    service.control.move(400 * 86400)
    assert service.login("alice", answer["codes"][0]).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (None, "PT30M0.000S"),
        ("PT1M", "PT1M0.000S"),
        ("PT30S", "PT1M0.000S"),
        ("PT3H", "PT180M0.000S"),
        ("P1D", "PT180M0.000S"),
    ],
)
@pytest.mark.parametrize("caller", ["admin", "manager"])
def test_for_another_user(service: Service, caller: str, wanted: str | None, shown: str) -> None:
    answer = made(service, caller, numberOfCodes="10", **({} if wanted is None else {"validityDuration": wanted}))
    assert answer["validityDuration"] == shown
    assert len(answer["codes"]) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"numberOfCodes": 10},
        {"numberOfCodes": "ten"},
        {"numberOfCodes": ""},
        {"validityDuration": 30},
        {"validityDuration": "30"},
        {"validityDuration": "PT"},
        {"validityDuration": "P"},
        {"validityDuration": "P1DT"},
        {"validityDuration": "PT30m"},
        {"codes": []},
    ],
    ids=str,
)
def test_malformed_request_is_refused(service: Service, wanted: dict[str, Any]) -> None:
    assert_refused(service.ask_bypass_codes("alice", **wanted), 400, "badRequest")


def test_new_codes_replace_all_older_ones(service: Service) -> None:
    old = made(service, numberOfCodes="2")["codes"]
    new = made(service, "admin")["codes"]
    assert service.login("alice", old[0]).status_code == 401
    assert service.login("alice", new[0]).status_code == 200


def test_each_is_good_once(service: Service) -> None:
    first, second = made(service, numberOfCodes="2")["codes"]
    answer = service.login("alice", first)
    assert set(answer.json()["access"]["token"]["RAX-AUTH:authenticatedBy"]) == {"PASSWORD", "OTPPASSCODE"}
    assert service.login("alice", first).status_code == 401
    assert service.control.user("alice")["failures"] == 1
    assert service.login("alice", second).status_code == 200


def test_expired_one_is_a_wrong_passcode(service: Service) -> None:
    code = made(service, validityDuration="PT30M")["codes"][0]
    service.control.move(1800)
    assert service.login("alice", code).status_code == 401
    assert service.control.user("alice")["failures"] == 1


def test_does_not_verify_a_device(service: Service) -> None:
    device, code = service.create("alice"), made(service)["codes"][0]
    assert service.verify("alice", device["id"], code).status_code == 400


def test_without_a_duration_they_may_die_after_thirty_minutes(service: Service) -> None:
    service.control.behave(bypass_life="30_minutes")
    answer = made(service, numberOfCodes="2")
    assert answer["validityDuration"] == "PT30M0.000S"
    service.control.move(1800)
    assert service.login("alice", answer["codes"][0]).status_code == 401


def test_may_have_nine_digits(service: Service) -> None:
    service.control.behave(bypass_digits=9)
    assert [len(code) for code in made(service, numberOfCodes="2")["codes"]] == [9, 9]


# The clock of the tests begins in March 2030; 14 months later it is 426 days on.
@pytest.mark.parametrize(
    ("wanted", "minutes", "fields", "days"),
    [
        ("P10Y", "PT5260320M0.000S", "P10Y0M0DT0H0M0.000S", 3653),
        ("P1M", "PT44640M0.000S", "P0Y1M0DT0H0M0.000S", 31),
        ("P1Y2M3DT4H5M6.5S", "PT618005M6.500S", "P1Y2M3DT4H5M6.500S", None),
        ("PT30M", "PT30M0.000S", "P0Y0M0DT0H30M0.000S", None),
    ],
)
def test_duration_in_years_months_and_days(
    service: Service, wanted: str, minutes: str, fields: str, days: int | None
) -> None:
    for style, shown in (("minutes", minutes), ("fields", fields), ("asked", wanted)):
        service.control.behave(bypass_duration=style)
        assert made(service, validityDuration=wanted)["validityDuration"] == shown
    expires = service.control.user("alice")["bypass_codes"][0]["expires"]
    assert days is None or expires == service.control.now() + days * 86400


def test_clamped_duration_is_never_what_was_asked_for(service: Service) -> None:
    service.control.behave(bypass_duration="asked")
    assert made(service, "admin", validityDuration="P10Y")["validityDuration"] == "P0Y0M0DT3H0M0.000S"


def test_duration_ends_with_the_calendar(service: Service) -> None:
    for wanted in ("P999999999Y", "P999999999D", "P9999M999999999D"):
        assert made(service, validityDuration=wanted)["validityDuration"].startswith("PT41")
