# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Anyone who watches a run is told why nothing happens: at normal verbosity, with seconds, without a secret."""

from __future__ import annotations

import pytest
from integration.harness import find_leaks
from integration.harness.accounts import MakeLab, entry_of
from integration.harness.lab import PERIOD, User

PHASE = 25.0
"""Where in a time step the run begins. It waits for the step after the next one: 35 seconds, less its own start."""


@pytest.mark.thorough
def test_a_wait_for_a_passcode_and_a_rate_limit_are_told(make_lab: MakeLab) -> None:
    lab = make_lab(User(seed={"devices": [{"name": "ansible", "verified": True}], "mfa": {"enabled": True}}))
    lab.to_phase(PHASE)
    lab.store(entry_of(lab, last_step=int(lab.control.now()) // PERIOD + 1, step_offset=0))
    lab.control.fault("status", status=429, retry_after=6, method="GET", path="/v2.0/users/")
    run = lab.enroll()
    assert run.rc == 0, run.screen
    told = [line for line in run.screen.splitlines() if line.startswith("alice: ")]
    assert len(told) == 2, run.screen
    assert told[0].startswith("alice: waiting ")
    assert told[0].endswith(" s for the next passcode")
    assert told[1].startswith("alice: The service answered with HTTP status 429. Trying again in 6 s, for ")
    assert not find_leaks(lab, {"screen": run.screen.encode()})
