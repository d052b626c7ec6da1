# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bypass codes that a store keeps: how many, for how long, renewed, void, and by two runs at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, IdentityError, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login import tokens
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored_factor import are_cleared
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_info,
    rax_mfa_settings,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import BOSS, KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import (
    Bench,
    Controller,
    Killed,
    in_memory,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import Fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import meanwhile
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.turns import Turns, switching_at

FOR_JO = {**BOSS, "target_user": "jo"}
KEPT, NOTHING = ["keep_bypass_codes"], list[str]()
DAY = 86400


@pytest.fixture(autouse=True)
def enrolled(bench: Bench) -> None:
    bench.begin(starts.without_codes)


def codes(here: Controller, **options: Any) -> list[str]:
    steps: list[str] = here.call(rax_bypass_codes, **{**KEY, **options})["steps"]
    return steps


def kept(bench: Bench) -> list[str]:
    stored: list[str] = (bench.shelf.content or {}).get("bypass_codes") or []
    return stored


def test_codes_are_made_when_fewer_are_left_than_asked_for(bench: Bench) -> None:
    assert codes(bench.here, count=3, check_mode=True) == KEPT
    assert kept(bench) == []
    assert codes(bench.here, count=3) == KEPT
    assert kept(bench) == bench.service.codes
    assert len(kept(bench)) == 3
    assert (bench.shelf.content or {})["bypass_codes_end"].startswith("2040-"), "as long as possible: ten years"
    assert codes(bench.here, count=3) == codes(bench.here, count=2) == NOTHING
    assert codes(bench.here, count=4) == KEPT
    assert codes(bench.here) == KEPT
    assert len(kept(bench)) == 10


@pytest.mark.parametrize("check_mode", [True, False])
def test_no_codes_are_made_that_could_not_be_stored(bench: Bench, check_mode: bool) -> None:
    """They void those that a person may have."""
    bench.service.codes = ["12345678"]
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    with pytest.raises(OptionError, match="the disk is full"):
        codes(bench.here, count=3, check_mode=check_mode)
    assert bench.service.codes == ["12345678"]


def test_codes_that_have_ended_are_none(bench: Bench) -> None:
    codes(bench.here, count=2)
    bench.shelf.content = {**(bench.shelf.content or {}), "bypass_codes_end": "2026-01-01T00:00:00Z"}
    assert codes(bench.here, count=1) == KEPT


def test_renewed_codes_are_others(bench: Bench) -> None:
    codes(bench.here, count=2)
    before = kept(bench)
    assert codes(bench.here, count=2, renew=True) == KEPT
    assert set(kept(bench)).isdisjoint(before)


@pytest.mark.parametrize("count", [0, -1, 11])
def test_a_number_that_the_service_does_not_make_is_refused(bench: Bench, count: int) -> None:
    with pytest.raises(OptionError, match=r"O\(count\) must be"):
        codes(bench.here, count=count)
    assert "POST /v2.0/users/1/RAX-AUTH/multi-factor/bypass-codes" not in bench.here.calls


@pytest.mark.parametrize("check_mode", [True, False])
def test_no_bypass_code_is_spent_for_a_number_that_cannot_be_kept(bench: Bench, check_mode: bool) -> None:
    before, sent = kept(bench), len(bench.here.calls)
    with pytest.raises(OptionError, match=r"O\(count\) must be at most 10"):
        bench.here.call(rax_bypass_codes, check_mode=check_mode, count=11, use="bypass_code")
    assert (kept(bench), len(bench.here.calls)) == (before, sent)


@pytest.mark.parametrize(
    ("life", "most", "validity", "fits"),
    [
        ("P10Y", 10, None, True),
        (None, 10, None, True),
        ("P1Y", 10, None, False),
        ("PT30M0.000S", 10, None, False),
        ("PT30M0.000S", 10, 30, True),
        ("PT29M0.000S", 10, 30, True),
        ("PT20M", 10, 30, False),
        ("PT30M", 1, 30, False),
        ("soon", 10, None, False),
        ("PT30M", 10, 10**15, False),
        ("P999999Y", 10, 10**9, True),
        ("P0Y1M0DT0H0M0.000S", 10, 30 * 1440, True),
        ("P0Y1M0DT0H0M0.000S", 10, 31 * 1440, True),
        ("P0Y1M0DT0H0M0.000S", 10, 32 * 1440, False),
        ("P1Y0M0D", 10, 366 * 1440, True),
    ],
)
def test_fewer_codes_or_a_shorter_life_are_not_stored(
    bench: Bench, life: str | None, most: int, validity: int | None, fits: bool
) -> None:
    codes(bench.here, count=2)
    bench.service.life, bench.service.most_codes = life, most
    if fits:
        assert codes(bench.here, count=3, validity=validity) == KEPT
        return
    with pytest.raises(Conflict):
        codes(bench.here, count=3, validity=validity)
    assert kept(bench) == []


def test_the_end_that_is_stored_is_the_earliest_that_it_can_be(bench: Bench) -> None:
    bench.service.life = "P0Y1M0DT0H0M0.000S"
    codes(bench.here, count=2, validity=31 * 1440)
    assert not codes(bench.here, count=2)
    bench.service.moments.pass_by(28 * DAY + 60)
    assert codes(bench.here, count=2, validity=31 * 1440) == KEPT


@pytest.mark.parametrize(
    ("options", "life"),
    [({}, "P10Y"), ({"target_user": "jo"}, "P10Y"), ({"validity": 45}, "PT45M"), (FOR_JO, None)],
    ids=["oneself", "oneself by name", "a wish", "another user"],
)
def test_codes_for_oneself_are_asked_for_with_a_long_life(
    bench: Bench, options: dict[str, Any], life: str | None
) -> None:
    made = bench.here.call(rax_bypass_codes, **{**KEY, "store": None, **options})
    assert made["validity_duration"] == life


# Another user, MFA off, kills and races


def test_codes_of_another_user_cannot_be_kept(bench: Bench) -> None:
    with pytest.raises(OptionError, match="cannot be kept"):
        codes(bench.here, **FOR_JO)


def test_an_administrator_voids_the_codes_of_another_user(bench: Bench) -> None:
    codes(bench.here, count=2)
    before = kept(bench)
    assert codes(bench.here, renew=True, check_mode=True, **FOR_JO) == ["void_bypass_codes"]
    assert codes(bench.here, renew=True, **FOR_JO) == ["void_bypass_codes"]
    assert not set(before) & set(bench.service.codes)
    assert "bypass_codes" not in (bench.shelf.content or {})
    assert codes(bench.here, renew=True, **FOR_JO) == NOTHING


def test_an_administrator_leaves_alone_what_another_run_removed_meanwhile(bench: Bench) -> None:
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.codes = False, []

    def pause() -> None:
        if bench.here.points.passed[-1] == "before save":
            bench.shelf.content = None

    bench.here.points.pause = pause
    codes(bench.here, renew=True, **FOR_JO)
    assert bench.shelf.content is None


def test_an_administrator_voids_them_beside_a_login_with_one_of_them(bench: Bench) -> None:
    codes(bench.here, count=2)
    before = kept(bench)
    acts = [lambda: bench.another().call(rax_auth_token, passcode=before[0])]

    def pause() -> None:
        if acts and bench.here.points.passed[-1] == "before save":
            acts.pop()()

    bench.here.points.pause = pause
    assert codes(bench.here, renew=True, **FOR_JO) == ["void_bypass_codes"]
    assert not acts
    assert not set(before) & set(bench.service.codes)
    assert "bypass_codes" not in (bench.shelf.content or {})


LIMIT = faults.before(413, retry_after="120")


@pytest.mark.parametrize("options", [{}, FOR_JO], ids=["oneself", "another user"])
@pytest.mark.parametrize(
    ("spoiled", "are_good"),
    [
        ([LIMIT], True),
        ([faults.lost, LIMIT], False),
        ([faults.success(b"{}"), LIMIT], False),
        ([faults.lost] * 99, False),
    ],
    ids=["nothing was made", "a lost answer before", "a page before", "lost answers"],
)
def test_codes_that_are_still_good_stay_stored(
    bench: Bench, spoiled: list[Fault], are_good: bool, options: dict[str, Any]
) -> None:
    codes(bench.here, count=2)
    before = dict(starts.entry_of(bench))
    left = iter(spoiled)
    bench.here.fault = lambda number: (
        next(left, faults.none) if "bypass-codes" in bench.here.calls[number] else faults.none
    )
    with pytest.raises(IdentityError):
        codes(bench.here, count=2, renew=True, **options)
    assert are_good is (set(bench.service.codes) == set(before["bypass_codes"]))
    now = starts.entry_of(bench)
    assert now == before if are_good else are_cleared(now)


@pytest.mark.parametrize("options", [{}, FOR_JO], ids=["oneself", "another user"])
def test_so_do_they_when_the_login_that_renews_the_token_fails_here(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    """Such as by a record on a full disk: the service has refused the token, and done nothing."""
    codes(bench.here, count=2)
    before = dict(starts.entry_of(bench))

    def fail(*_unused: object, **_unused_too: object) -> NoReturn:
        raise OptionError("the disk is full")

    def end_the_token() -> None:
        bench.service.tokens.clear()
        monkeypatch.setattr(tokens, "by_api_key", fail)

    meanwhile(bench, "before POST /v2.0/users/1/RAX-AUTH/multi-factor/bypass-codes", end_the_token)
    with pytest.raises(OptionError, match="the disk is full"):
        codes(bench.here, count=2, renew=True, **options)
    assert starts.entry_of(bench) == before
    assert set(bench.service.codes) == set(before["bypass_codes"])


@pytest.mark.parametrize("options", [{}, FOR_JO], ids=["oneself", "another user"])
def test_a_killed_renewal_is_done_by_the_next(tmp_path: Path, options: dict[str, Any]) -> None:
    for number in range(30):
        with in_memory(tmp_path / str(number)) as bench:
            bench.begin(starts.without_codes)
            codes(bench.here, count=2)
            before = kept(bench)
            bench.here.points.passed.clear()
            bench.here.points.kill_at = number
            try:
                codes(bench.here, count=2, renew=True, **options)
            except Killed:
                bench.here.points.kill_at = None
                codes(bench.here, count=2, renew=True, **options)
            assert not set(before) & set(bench.service.codes)
            assert set(kept(bench)) <= set(bench.service.codes)


@pytest.mark.parametrize("options", [{}, {"store": None}, {"renew": True}], ids=["kept", "not kept", "renewed"])
def test_check_mode_foretells_what_the_service_refuses_while_mfa_is_off(bench: Bench, options: dict[str, Any]) -> None:
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.codes = False, []
    asked = {**KEY, "count": 3, **options}
    for check_mode in (True, False):
        with pytest.raises(Conflict):
            bench.here.call(rax_bypass_codes, check_mode=check_mode, **asked)


@pytest.mark.parametrize(
    ("options", "steps"), [({"count": 2}, KEPT), ({"renew": True, **FOR_JO}, NOTHING)], ids=["count", "renew"]
)
def test_codes_that_turning_mfa_on_removes_do_not_count(
    bench: Bench, options: dict[str, Any], steps: list[str]
) -> None:
    """Check mode has the same steps."""
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.codes = False, []
    for check_mode in (True, False):
        seen = [bench.here.call(rax_mfa_settings, check_mode=check_mode, enabled=True, factor_type="OTP", **KEY)]
        assert codes(bench.here, check_mode=check_mode, seen=seen, **options) == steps


def test_check_mode_counts_on_what_a_task_before_would_have_done(bench: Bench) -> None:
    bench.service.mfa = False
    seen = [bench.here.call(rax_mfa_settings, check_mode=True, enabled=True, factor_type="OTP", **KEY)]
    assert codes(bench.here, count=2, check_mode=True, seen=seen) == KEPT
    assert bench.here.call(rax_bypass_codes, check_mode=True, store=None, seen=seen, **KEY) == {"changed": True}


@pytest.mark.parametrize("check_mode", [True, False])
def test_that_mfa_was_turned_off_is_outdated_by_a_later_look(bench: Bench, check_mode: bool) -> None:
    """The stored codes are good, and only new ones void them."""
    off = bench.here.call(rax_mfa_settings, enabled=False, **KEY)
    bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", **KEY)
    codes(bench.here, count=3)
    info = bench.here.call(rax_mfa_info, **KEY)
    good = bench.service.codes
    assert codes(bench.here, renew=True, check_mode=check_mode, seen=[off, info]) == KEPT
    assert kept(bench) == bench.service.codes
    assert (bench.service.codes == good) is check_mode


def test_what_check_mode_would_have_done_is_not_outdated_by_a_look(bench: Bench) -> None:
    """It was not done, so that the look does not show it. For real, only the look counts."""
    off = bench.here.call(rax_mfa_settings, check_mode=True, enabled=False, **KEY)
    info = bench.here.call(rax_mfa_info, **KEY)
    with pytest.raises(Conflict, match="it is off"):
        codes(bench.here, count=3, check_mode=True, seen=[off, info])
    assert codes(bench.here, count=3, seen=[off]) == KEPT


def test_codes_that_are_enough_need_no_look_at_mfa(bench: Bench) -> None:
    codes(bench.here, count=2)
    bench.service.mfa = False
    for check_mode in (True, False):
        assert codes(bench.here, count=2, check_mode=check_mode) == NOTHING


def test_codes_that_ended_with_mfa_are_removed_when_it_is_on_again(bench: Bench) -> None:
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.codes = False, []
    bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", **KEY)
    assert kept(bench) == []
    assert codes(bench.here, count=2) == KEPT


OWNERS = [{"username": "ada"}, {"user_id": "2"}, {"auth_endpoint": "https://other.example"}]


@pytest.mark.parametrize("trouble", [*OWNERS, None], ids=["name", "id", "endpoint", "unusable"])
@pytest.mark.parametrize(
    ("options", "is_on"),
    [
        ({"enabled": True, "factor_type": "OTP"}, False),
        ({"enabled": False}, True),
        ({"state": "absent"}, True),
        ({"unlock": True, **BOSS, "target_user": "jo"}, True),
    ],
    ids=["on", "off", "absent", "unlock"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_no_setting_changes_while_the_store_cannot_be_used(
    bench: Bench, trouble: dict[str, str] | None, options: dict[str, Any], is_on: bool, check_mode: bool
) -> None:
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.failures = is_on, 3
    before = bench.shelf.content = {**starts.entry_of(bench), **(trouble or {})}
    bench.shelf.unusable, bench.shelf.is_known = None if trouble else OptionError("store: the disk is full"), True
    bench.here.calls.clear()
    with pytest.raises(OptionError):
        bench.here.call(rax_mfa_settings, check_mode=check_mode, **{**KEY, **options})
    assert not [call for call in bench.here.calls if call.startswith(("PUT", "DELETE"))]
    assert bench.shelf.content == before


def test_settings_that_are_settled_need_no_store(bench: Bench) -> None:
    bench.here.points.passed.clear()
    bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", **KEY)
    assert not [point for point in bench.here.points.passed if "load" in point]


def test_void_codes_go_before_mfa_is_on(bench: Bench) -> None:
    """Killed at any point, no run takes them for good ones later."""
    codes(bench.here, count=2)
    bench.service.mfa, bench.service.codes = False, []
    bench.here.points.pause = lambda: None if not (bench.service.mfa and kept(bench)) else pytest.fail("MFA is on")
    bench.here.call(rax_mfa_settings, enabled=True, factor_type="OTP", **KEY)
    assert bench.service.mfa


@pytest.mark.parametrize("begun", [False, True], ids=["none before", "some before"])
def test_two_runs_at_once_leave_codes_that_work(tmp_path: Path, begun: bool) -> None:
    renew = partial(codes, count=2, renew=True)
    for first in range(14):
        for second in range(first + 1, first + 14):
            with in_memory(tmp_path / f"{first}-{second}") as bench:
                bench.begin(starts.without_codes)
                if begun:
                    codes(bench.here, count=1)
                Turns(switching_at([first, second])).run([(bench.another(), renew), (bench.another(), renew)])
                assert len(kept(bench)) == 2, (first, second)
                assert set(kept(bench)) <= set(bench.service.codes), (first, second)
