# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What controllers do with an enrolled account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import Fault, none
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of

NO_STORE = {"type": "none"}


def meanwhile(bench: Bench, point: str, act: Callable[[], object]) -> None:
    """Another controller acts when this one comes to a point for the first time."""
    acts = [act]

    def pause() -> None:
        if acts and bench.here.points.passed[-1] == point:
            acts.pop()()

    bench.here.points.pause = pause


def log_in(bench: Bench, **options: Any) -> dict[str, Any]:
    return bench.here.call(rax_auth_token, **options)


def replace_device(bench: Bench) -> None:
    old, new = entry_of(bench)["device_id"], bench.service.make_device(verified=True)
    bench.store(new, last_step=None)
    del bench.service.devices[old]


def spoil(bench: Bench, *spoiled: Fault) -> None:
    """What becomes of the answers to the second steps of logins from now on, in turn."""
    left = iter(spoiled)
    begun = len(bench.here.calls)
    bench.here.fault = lambda number: next(left, none) if (number - begun) % 2 else none
