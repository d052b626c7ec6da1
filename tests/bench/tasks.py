# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one task costs that reads a user by its id, with a token: in the worker, as an ordinary module, by uri."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from emulator import Emulator

from .figures import Row, Samples
from .machine import BenchError, Cost, Machine

USER = {
    "id": "u1",
    "username": "alice",
    "password": "canary-alice-pw",
    "api_key": "canary-alice-key",
    "devices": [{"name": "ansible", "verified": True}],
    "mfa": {"enabled": True, "factor_type": "OTP"},
}
ITEMS = 30
"""Of a loop."""


@dataclass(frozen=True)
class Way:
    """How a user is read, and how often in a play: enough to stand out from what a play costs with one task."""

    name: str
    task: Callable[[str, str], dict[str, Any]]
    further: int
    """Tasks after the first one."""
    loops: int
    environment: dict[str, str]


def _in_process(url: str, token: str) -> dict[str, Any]:
    """It reads the user, finds all as it should be, and writes nothing."""
    options = {"auth_endpoint": url, "auth_token": token, "user_id": "u1", "enabled": True, "factor_type": "OTP"}
    return {"rackspace.identity.rax_mfa_settings": options}


def _ordinary(url: str, token: str) -> dict[str, Any]:
    # The same Python by another path counts as another one, so the task does not run in the worker.
    python = Path(sys.executable)
    other_path = f"{python.parent}/../{python.parent.name}/{python.name}"
    return _in_process(url, token) | {"vars": {"ansible_python_interpreter": other_path}}


def _uri(url: str, token: str) -> dict[str, Any]:
    return {"ansible.builtin.uri": {"url": f"{url}/v2.0/users/u1", "headers": {"X-Auth-Token": token}}}


WAYS = (
    Way("in-process", _in_process, further=30, loops=4, environment={}),
    Way("ordinary module", _ordinary, further=8, loops=1, environment={}),
    Way("uri", _uri, further=8, loops=1, environment={}),
    Way("uri, pipelining", _uri, further=8, loops=0, environment={"ANSIBLE_PIPELINING": "true"}),
)
GOALS = {"in-process": (0.10, 0.03), "ordinary module": (1.2, None)}
"""Of uri's cost: a task, an item of a loop."""


def measure(machine: Machine, rounds: int) -> list[Row]:
    """The rows of the table."""
    with Emulator(users=[USER]) as emulator:
        token = _token(emulator.url)
        variants = {"none": _runner(machine, emulator, WAYS[0], [])}
        for way in WAYS:
            task = way.task(emulator.url, token)
            loop = task | {"loop": list(range(ITEMS))}
            variants[f"{way.name}, one"] = _runner(machine, emulator, way, [task])
            variants[f"{way.name}, all"] = _runner(machine, emulator, way, [task] * (1 + way.further))
            if way.loops:
                variants[f"{way.name}, item"] = _runner(machine, emulator, way, [loop] * way.loops)
        samples = Samples().take(variants, rounds)
    return _rows(samples)


def _rows(samples: Samples) -> list[Row]:
    def first(way: Way) -> Cost:
        return samples[f"{way.name}, one"] - samples["none"]

    def further(way: Way) -> Cost:
        return (samples[f"{way.name}, all"] - samples[f"{way.name}, one"]) / way.further

    def item(way: Way) -> Cost:
        return (samples[f"{way.name}, item"] - samples["none"]) / (way.loops * ITEMS)

    uri = next(way for way in WAYS if way.name == "uri")
    rows = []
    for what, cost, goals in (
        ("a task", further, {name: goal for name, (goal, _unused) in GOALS.items()}),
        (f"an item of a loop of {ITEMS}", item, {name: goal for name, (_unused, goal) in GOALS.items()}),
        ("the first task, with what a play loads for it", first, {}),
    ):
        for way in WAYS:
            if way.loops or cost is further:
                of = None if way is uri else cost(uri)
                rows.append(Row(f"{what}, {way.name}", cost(way), of, goals.get(way.name)))
    return rows


def _runner(machine: Machine, emulator: Emulator, way: Way, tasks: list[dict[str, Any]]) -> Callable[[], Cost]:
    """A function that runs a play of these tasks, and makes sure that each asked once for the user."""
    expected = sum(len(task.get("loop", [0])) for task in tasks)
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}
    playbook = machine.file(f"{way.name.replace(' ', '-')}-{expected}.yml", [play])

    def run() -> Cost:
        emulator.control.clear_requests()
        cost = machine.play(playbook, "-i", "localhost,", **way.environment)
        asked = [(entry["method"], entry["path"], entry["status"]) for entry in emulator.control.requests()]
        if asked != [("GET", "/v2.0/users/u1", 200)] * expected:
            raise BenchError(f"{way.name}: {expected} reads of the user were expected, not {asked}")
        return cost

    return run


def _token(url: str) -> str:
    key = {"username": USER["username"], "apiKey": USER["api_key"]}
    answer = requests.post(f"{url}/v2.0/tokens", json={"auth": {"RAX-KSKEY:apiKeyCredentials": key}}, timeout=10)
    return str(answer.json()["access"]["token"]["id"])
