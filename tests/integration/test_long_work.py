# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Anyone who watches a run is told why nothing happens: at normal verbosity, with seconds, without a secret."""

from __future__ import annotations

import pytest
from integration.harness import Lab, find_leaks


@pytest.mark.thorough
def test_a_rate_limit_is_told(lab: Lab) -> None:
    lab.control.fault("status", status=429, retry_after=6, method="GET", path="/v2.0/users/")
    run = lab.enroll(by="api_key")
    assert run.rc == 0, run.screen
    (told,) = (line for line in run.screen.splitlines() if line.startswith("alice: "))
    assert told.startswith("alice: The service answered with HTTP status 429. Trying again in 6 s, for ")
    assert not find_leaks(lab, {"screen": run.screen.encode()})
