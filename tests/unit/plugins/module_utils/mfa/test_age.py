# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How old a stored secret is, by the service's clock, and when it is replaced for that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import iso_date
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, MemoryLock

DAY = 86_400.0
SKEWS = [-3 * DAY, -7_200.0, 0.0, 7_200.0, 3 * DAY, 3_650 * DAY]


@pytest.mark.parametrize("skew", SKEWS)
def test_the_age_of_a_secret_goes_by_the_clock_of_the_service(bench: Bench, skew: float) -> None:
    bench.skew = skew
    jobs.enroll(bench.here)
    noted = [iso_date(starts.entry_of(bench)[key]) or 0.0 for key in ("created", "proved")]
    assert max(abs(at - bench.service.now) for at in noted) < 60
    bench.rest()
    assert bench.here.call(rax_otp_device, state="replaced", replace_after=1, **KEY)["steps"] == []
    bench.skew = 0.0
    bench.service.moments.pass_by(DAY)
    assert "promote" in bench.here.call(rax_otp_device, state="replaced", replace_after=1, **KEY)["steps"]


def test_a_secret_that_was_made_in_a_time_to_come_is_old_enough(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.store(starts.entry_of(bench)["device_id"], created="2099-01-01T00:00:00Z")
    bench.rest()
    assert "promote" in jobs.rotate(bench.here, replace_after=365)


@pytest.mark.parametrize("by", [{}, KEY], ids=["password", "key"])
@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("is_replaced", [True, False], ids=["replaced", "not replaced"])
def test_a_secret_that_another_run_replaced_while_this_one_waited_is_young(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, skew: float, is_replaced: bool, by: dict[str, Any]
) -> None:
    bench.begin(starts.enrolled)
    bench.service.moments.pass_by(7_000)
    bench.skew = skew
    others = [bench.another()]
    others[0].records = bench.here.records  # of one machine, which has one lock

    def acquire(_lock: MemoryLock) -> bool:
        if not others:
            return True
        another = others.pop()
        if is_replaced:
            jobs.rotate(another)
        bench.service.moments.pass_by(30)
        return True

    monkeypatch.setattr(MemoryLock, "acquire", acquire)
    assert bool(jobs.rotate(bench.here, **by)) is not is_replaced
    assert bool(bench.here.calls) is not is_replaced, "what needs nothing asks for nothing"
