# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kill a run at a moment that is chosen by what it does: the n-th request, or the n-th save of the store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .fleet import Fleet
from .lab import Lab, wait_until
from .machine import FILES
from .processes import kill_tree, tree
from .run import Run, is_write

LONGEST = 180.0
"""Seconds until a run must have come to its moment: it may wait for time steps before it."""


class Moment(NamedTuple):
    """When a run is killed.

    :param what: `request` or `save`.
    :param when: before the work is done, or when it is done and the run does not know it yet.
    """

    what: str
    nth: int
    when: str

    def hold(self, lab: Lab) -> int:
        """Have the emulator hold the run there; the id of the rule."""
        if self.what == "save":
            return lab.control.fault("hold", path=f"^/saves/{self.when}$", nth=self.nth)
        return lab.control.fault("hold", path="^/v2.0/", nth=self.nth, when=self.when)

    @property
    def name(self) -> str:
        """For a host."""
        return "_".join([self.when, self.what, str(self.nth)])


def watching_saves(fleet: Fleet) -> dict[str, str | None]:
    """The environment of a run that tells the emulator of each save."""
    emulators = {_mark(lab): urlsplit(lab.emulator.url).netloc for lab in fleet.labs.values()}
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(FILES / "killing"),
        "ANSIBLE_CALLBACKS_ENABLED": "hold_saves",
        "HOLD_SAVES": json.dumps(emulators),
    }


def _mark(lab: Lab) -> str:
    """What the callback knows a save of the lab by."""
    return lab.kept_in.mark(lab.key) if lab.kept_in else str(lab.vault)


def moments_of(run: Run) -> list[Moment]:
    """Every moment of a run that told of its saves: after each request, before each that does something, and round
    each save."""
    asked = [one for one in run.requests if one["path"].startswith("/v2.0/")]
    saves = sum(one["path"] == "/saves/after" for one in run.requests)
    numbers = range(1, len(asked) + 1)
    found = [Moment("request", nth, "after") for nth in numbers]
    # Before a request that only reads is after the one before it.
    found += [Moment("request", nth, "before") for nth, one in enumerate(asked, 1) if is_write(one) or one["passcode"]]
    return found + [Moment("save", nth, when) for nth in range(1, saves + 1) for when in ("before", "after")]


def kill(fleet: Fleet, job: str, moments: Mapping[str, Moment], way: str) -> dict[str, Run]:
    """Kill a run when every host of it has come to its moment, and run the playbook again; what that was for each.

    :param way: `tree`: all processes at one blow, and half a minute goes by. `main`: the main process alone. Its
        workers live on, since each leads a session of its own, and the next run starts at once.
    """
    holds = {host: moments[host].hold(lab) for host, lab in fleet.labs.items()}
    process = fleet.start(job, env=watching_saves(fleet))
    for host, lab in fleet.labs.items():
        wait_for_hold(lab, holds[host], process)
    if way == "tree":
        kill_tree(process.pid)
        for lab in fleet.labs.values():
            wait_until(partial(_is_let_go, lab), "the emulator sees that nobody is there")
    else:
        fleet.machine.outlived += tree(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    assert fleet.machine.finish(process).rc == -signal.SIGKILL
    if way == "tree":
        fleet.move(30)
    following = fleet.start(job)
    for lab in fleet.labs.values():
        lab.control.clear_faults()
    return fleet.finish(following)


def _is_let_go(lab: Lab) -> bool:
    return not any(fault["holding"] for fault in lab.control.faults())


def wait_for_hold(lab: Lab, rule: int, process: subprocess.Popen[Any]) -> None:
    """Wait until the emulator holds the run of an account."""

    def has_come() -> bool:
        assert process.poll() is None, f"{lab.root} never came to its moment: {lab.control.requests()}"
        return any(fault["id"] == rule and fault["holding"] for fault in lab.control.faults())

    wait_until(has_come, f"{lab.root} did not come to its moment", LONGEST)
