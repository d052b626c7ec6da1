# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts in one run: a run costs as much to start as it takes for two accounts."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Any

from .lab import Lab
from .run import Run

Given = Mapping[str, tuple[Lab, Mapping[str, Any]]]
TOGETHER = {"ANSIBLE_STRATEGY": "linear"}
"""The environment of a run whose hosts go from task to task together, as is usual: of none that waits for long. It
takes a tenth less of the processor."""


class Fleet:
    """Hosts, each with a lab, an account and a service of its own. The machine is that of the first lab.

    :param given: the lab of each host, and the variables of the role.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.machine = next(iter(given.values()))[0]
        self._before: dict[str, int] = {}

    @property
    def labs(self) -> dict[str, Lab]:
        """The lab of each host."""
        return {host: lab for host, (lab, _unused) in self.given.items()}

    def only(self, *hosts: str) -> Fleet:
        """These hosts alone, on the same machine: it has the record of what was refused."""
        fleet = Fleet({host: self.given[host] for host in hosts})
        fleet.machine = self.machine
        return fleet

    def move(self, seconds: float) -> None:
        """Move the clock of each service."""
        for lab in self.labs.values():
            lab.control.move(seconds)

    def start(
        self, job: str | list[dict[str, Any]], *args: str, env: Mapping[str, str | None] | None = None
    ) -> subprocess.Popen[str]:
        """Start a playbook, or plays, for all hosts, each at its own pace."""
        self._before = {host: len(lab.control.requests()) for host, lab in self.labs.items()}
        hosts = {host: {**own, "ansible_connection": "local"} for host, (_unused, own) in self.given.items()}
        # As many forks as hosts: some wait for a time step.
        given = {"ANSIBLE_FORKS": str(len(hosts)), "ANSIBLE_STRATEGY": "free", **(env or {})}
        return self.machine.start(job, *args, inventory={"all": {"hosts": hosts}}, env=given)

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Run]:
        """Wait for it; what it was for each host."""
        run = self.machine.finish(process)
        return {
            host: run.of_host(host, lab.control.requests()[self._before[host] :]) for host, lab in self.labs.items()
        }

    def run(
        self, job: str | list[dict[str, Any]], *args: str, env: Mapping[str, str | None] | None = None
    ) -> dict[str, Run]:
        """Run a playbook, or plays, for all hosts to its end."""
        return self.finish(self.start(job, *args, env=env))
