# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bypass codes as they are asked for and as they come: how many, and for how long."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import BypassCodes
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.bypass import (
    CodesWish,
    differences,
    end_of,
    life_of,
)

YEAR, DAY = 365 * 86400, 86400


@pytest.mark.parametrize(
    ("duration", "life"),
    [
        ("P10Y", (10 * YEAR, 10 * (YEAR + DAY))),
        ("PT30M0.000S", (1800, 1800)),
        ("pt30m", (1800, 1800)),
        ("P1Y2M3DT4H5M6.7S", (YEAR + 59 * DAY + 14706, YEAR + DAY + 65 * DAY + 14706)),
        ("PT0S", (0, 0)),
        *[(garbage, None) for garbage in ("P", "PT", "", None, "10", "-P1D", "P1W", "P1.5Y", "PT1S2M", "P\u0661Y")],
    ],
)
def test_how_long_a_duration_lasts(duration: str | None, life: tuple[int, int] | None) -> None:
    assert life_of(duration) == life


def test_a_life_beyond_the_calendar_ends_with_it() -> None:
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert end_of(BypassCodes(("1",), "P999999Y"), now) == "9999-12-31T23:59:59Z"
    assert end_of(BypassCodes(("1",), "PT1H"), now) == "2026-01-01T01:00:00Z"
    assert end_of(BypassCodes(("1",), None), now) is None


@pytest.mark.parametrize(
    ("wish", "codes", "told"),
    [
        (CodesWish(), BypassCodes(("1",), None), 0),
        (CodesWish(), BypassCodes(("1",), "P10Y"), 0),
        (CodesWish(), BypassCodes(("1",), "PT30M0.000S"), 1),
        (CodesWish(2, 30), BypassCodes(("1", "2"), "PT30M0.000S"), 0),
        (CodesWish(2, 90), BypassCodes(("1", "2"), "PT1H30M"), 0),
        (CodesWish(2, 90), BypassCodes(("1", "2"), "PT5400S"), 0),
        (CodesWish(2, 43200), BypassCodes(("1", "2"), "P0Y1M0DT0H0M0.000S"), 0),
        (CodesWish(2, 44640), BypassCodes(("1", "2"), "P0Y1M0DT0H0M0.000S"), 0),
        (CodesWish(2, 44641), BypassCodes(("1", "2"), "P0Y1M0DT0H0M0.000S"), 1),
        (CodesWish(2, 527040), BypassCodes(("1", "2"), "P1Y"), 0),
        (CodesWish(20, 30), BypassCodes(("1", "2"), "PT30M0.000S"), 1),
        (CodesWish(20, 30), BypassCodes(("1", "2"), "PT20M0.000S"), 2),
        (CodesWish(1, 30), BypassCodes(("1",), None), 1),
        (CodesWish(1, 30), BypassCodes(("1",), "soon"), 1),
    ],
)
def test_what_came_back_is_compared_with_what_was_asked_for(wish: CodesWish, codes: BypassCodes, told: int) -> None:
    assert len(differences(wish, codes, is_self=True)) == told


def test_the_usual_life_of_a_code_for_another_user_is_no_surprise() -> None:
    assert differences(CodesWish(), BypassCodes(("1",), "PT30M0.000S"), is_self=False) == []


def test_numbers_that_the_service_would_turn_into_others_are_refused() -> None:
    for count, validity in ((0, None), (None, 0), (-1, 5)):
        with pytest.raises(OptionError):
            CodesWish(count, validity)
    assert CodesWish(validity=45).duration == "PT45M"
    assert CodesWish().duration is None
