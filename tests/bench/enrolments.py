# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an enrolment costs: the role, with a proof, and a playbook of uri tasks, without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator import Emulator

from .figures import Row, Samples
from .machine import BenchError, Cost, Machine

FORKS = 2
GOAL = 0.20
"""Of what the uri tasks cost, fresh and again."""
NEXT_CODE = 61.0
"""Seconds to move the service's clock on between two runs: a passcode is good for one login."""
BY_HAND = Path(__file__).with_name("uri_enrol.yml")
ROLE, URI = "role", "uri"


class Accounts:
    """So many accounts, to be enrolled in one way, and again."""

    def __init__(self, machine: Machine, way: str, count: int) -> None:
        self._machine = machine
        self._way = way
        self._count = count
        self._emulator = Emulator()
        self.requests: dict[str, float] = {}

    def __enter__(self) -> Accounts:
        self._emulator.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._emulator.stop()

    def start_anew(self) -> None:
        """Nobody is enrolled, and nothing is stored."""
        users: list[dict[str, Any]] = [
            {"username": f"user{n}", "password": f"canary-pw-{n}", "domain_id": "bench"} for n in range(self._count)
        ]
        self._emulator.control.reset(users)
        self._folder = self._machine.fresh_folder(self._way)
        hosts = {user["username"]: self._variables(user) for user in users}
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "mfa_otp_auth_endpoint": self._emulator.url,
            "service": self._emulator.url,
            "vault_password": self._machine.vault_password.read_text(encoding="utf-8"),
        }
        self._inventory = self._machine.file(
            f"{self._folder.name}/inventory.json", {"all": {"hosts": hosts, "vars": variables}}
        )

    def _variables(self, user: dict[str, Any]) -> dict[str, Any]:
        name, password, secret_file = user["username"], user["password"], str(self._folder / f"{user['username']}.yml")
        if self._way == URI:
            return {"account": name, "password": password, "secret_file": secret_file}
        return {"mfa_otp_username": name, "mfa_otp_password": password, "mfa_otp_vault_file": secret_file}

    def enrol(self, phase: str) -> Cost:
        """Run the playbook, and see to it that all accounts are enrolled.

        :param phase: what the requests of an account are noted under.
        """
        control = self._emulator.control
        control.clear_requests()
        ahead = control.now() - time.time()
        cost = self._machine.play(
            BY_HAND if self._way == URI else "rackspace.identity.enroll",
            *("-i", str(self._inventory), "--forks", str(FORKS), "-e", f"clock_ahead={ahead}"),
            RAX_MFA_STATE_DIR=str(self._folder / "state"),
        )
        requests = control.requests()
        refused = [entry for entry in requests if entry["passcode"] not in (None, "accepted")]
        users = control.state()["users"]
        if not all(user["mfa_enabled"] and len(user["otp_devices"]) == 1 for user in users):
            raise BenchError(f"{self._way}: not everybody is enrolled: {users}")
        if any(entry["path"] == "/v2.0/tokens" for entry in refused):
            raise BenchError(f"{self._way}: a login was refused: {refused}")
        self.requests[phase] = len(requests) / self._count
        control.move(NEXT_CODE)
        return cost


def measure(machine: Machine, counts: dict[int, int]) -> list[Row]:
    """The rows of the table.

    :param counts: rounds by how many accounts there are.
    """
    start = _start(machine)
    rows = []
    for count, rounds in counts.items():
        samples = Samples().take({"start": start}, rounds)
        with Accounts(machine, ROLE, count) as role, Accounts(machine, URI, count) as uri:
            ways = {ROLE: role, URI: uri}
            samples.take({name: _fresh_and_again(samples, name, accounts) for name, accounts in ways.items()}, rounds)
        for phase in ("fresh", "again"):
            rows += _rows(samples, count, phase, {name: ways[name].requests[phase] for name in ways})
        rows.append(Row("the start of ansible-playbook, in each of these", samples["start"]))
    return rows


def _fresh_and_again(samples: Samples, name: str, accounts: Accounts) -> Callable[[], Cost]:
    def run() -> Cost:
        accounts.start_anew()
        fresh = accounts.enrol("fresh")
        again = accounts.enrol("again")
        samples.add(f"{name} fresh", fresh)
        samples.add(f"{name} again", again)
        return fresh

    return run


def _rows(samples: Samples, count: int, phase: str, requests: dict[str, float]) -> list[Row]:
    people = f"{count} account{'s' if count > 1 else ''}, {phase}"
    role, uri = samples[f"{ROLE} {phase}"], samples[f"{URI} {phase}"]
    start = samples["start"]
    notes = {name: f"{asked:.1f} requests an account" for name, asked in requests.items()}
    return [
        Row(f"{people}, uri", uri, note=notes[URI]),
        Row(f"{people}, role", role, uri, GOAL, notes[ROLE]),
        Row(f"{people}, role, without the start", role - start, uri - start),
    ]


def _start(machine: Machine) -> Callable[[], Cost]:
    playbook = machine.file("start.yml", [{"hosts": "all", "gather_facts": False, "tasks": []}])
    return lambda: machine.play(playbook, "-i", "localhost,")
