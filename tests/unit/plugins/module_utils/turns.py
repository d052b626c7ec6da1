# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several runs in turns: at each point of a run a schedule says which one goes on. Only one works at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Controller

Outcome: TypeAlias = "list[str] | BaseException"
Schedule = Callable[[int], int]
"""Is told which run has reached a point, and names the run that goes on."""


class Turns:
    """Runs jobs on controllers that share no lock, in the turns of a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._may_go: list[threading.Semaphore] = []
        self._alive: list[int] = []

    def run(self, runs: Sequence[tuple[Controller, Callable[[Controller], list[str]]]]) -> list[Outcome]:
        """The steps of each run, or what it ended by."""
        outcomes: list[Outcome] = [[] for _run in runs]
        self._may_go = [threading.Semaphore(0) for _run in runs]
        self._alive = list(range(len(runs)))

        def live(me: int) -> None:
            here, job = runs[me]
            self._may_go[me].acquire()
            here.points.pause = lambda: self._pass_on(me)
            try:
                outcomes[me] = job(here)
            except Exception as error:
                outcomes[me] = error
            finally:
                here.points.pause = lambda: None
                self._alive.remove(me)
                if self._alive:
                    self._may_go[self._alive[0]].release()

        threads = [threading.Thread(target=live, args=[me]) for me in self._alive]
        for thread in threads:
            thread.start()
        self._may_go[0].release()
        for thread in threads:
            thread.join()
        return outcomes

    def _pass_on(self, me: int) -> None:
        chosen = self._schedule(me)
        if chosen != me and chosen in self._alive:
            self._may_go[chosen].release()
            self._may_go[me].acquire()


def switching_at(points: Sequence[int]) -> Schedule:
    """The first of two runs begins, and at each of these points, counted over both, the other one goes on."""
    count = -1

    def schedule(me: int) -> int:
        nonlocal count
        count += 1
        return 1 - me if count in points else me

    return schedule
