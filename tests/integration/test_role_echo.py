# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service that repeats all that it was sent in the message of its fault: no secret of it is shown."""

from __future__ import annotations

import pytest
from integration.harness import TOGETHER, find_leaks
from integration.harness.accounts import MakeLab
from integration.test_role_kills import JOBS, Job

STATUSES = (403, 401, 400)


@pytest.mark.thorough
@pytest.mark.parametrize("job", JOBS.values(), ids=list(JOBS))
def test_no_secret_that_is_repeated_is_shown(make_lab: MakeLab, job: Job) -> None:
    """At each request of a job, for an account of its own; the highest verbosity, with a log and diffs."""
    whole = job.fleet({"whole": make_lab})
    requests = whole.run(job.playbook)["whole"].requests
    fleet = job.fleet({f"request{nth}": make_lab for nth in range(1, len(requests) + 1)})
    for nth, lab in enumerate(fleet.labs.values(), 1):
        lab.control.fault("status", status=STATUSES[nth % len(STATUSES)], body="echo", path="^/v2.0/", nth=nth)
    log = fleet.machine.root / "log"
    runs = fleet.run(job.playbook, "-vvvv", "--diff", env={**TOGETHER, "ANSIBLE_LOG_PATH": str(log)})
    assert any("Cannot serve" in run.screen for run in runs.values())
    screen = next(iter(runs.values())).screen.encode()
    leaks = {host: find_leaks(lab, {"screen": screen, "log": log.read_bytes()}) for host, lab in fleet.labs.items()}
    assert {host: found for host, found in leaks.items() if found} == {}
