# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an enrollment costs: the role, with a proof, and a playbook of uri tasks, without one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator import Emulator

from .figures import Row, Samples
from .machine import BenchError, Cost, Machine

FORKS = 2
COUNTS = (5, 25)
PHASES = ("fresh", "again")
GOALS = {"fresh": 0.18, "again": 0.20}
"""Of what one more account costs the uri tasks, in processor time."""
NEXT_CODE = 61.0
"""Seconds to move the service's clock on between two runs: a passcode is good for one login."""
BY_HAND = Path(__file__).with_name("uri_enroll.yml")
ROLE, URI = "role", "uri"


class Accounts:
    """So many accounts, to be enrolled in one way, and again."""

    def __init__(self, machine: Machine, way: str, count: int) -> None:
        self._machine = machine
        self.way = way
        self.count = count
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
            {"username": f"user{n}", "password": f"canary-pw-{n}", "domain_id": "bench"} for n in range(self.count)
        ]
        self._emulator.control.reset(users)
        self._folder = self._machine.fresh_folder(self.way)
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
        if self.way == URI:
            return {"account": name, "password": password, "secret_file": secret_file}
        return {"mfa_otp_username": name, "mfa_otp_password": password, "mfa_otp_vault_file": secret_file}

    def enroll(self, phase: str) -> Cost:
        """Run the playbook, and make sure that all accounts are enrolled.

        :param phase: what the requests of an account are noted under.
        """
        control = self._emulator.control
        control.clear_requests()
        ahead = control.now() - time.time()
        cost = self._machine.play(
            BY_HAND if self.way == URI else "rackspace.identity.enroll",
            *("-i", str(self._inventory), "--forks", str(FORKS), "-e", f"clock_ahead={ahead}"),
            RAX_MFA_STATE_DIR=str(self._folder / "state"),
        )
        requests = control.requests()
        refused = [entry for entry in requests if entry["passcode"] not in (None, "accepted")]
        users = control.state()["users"]
        if not all(user["mfa_enabled"] and len(user["otp_devices"]) == 1 for user in users):
            raise BenchError(f"{self.way}: not everyone is enrolled: {users}")
        if any(entry["path"] == "/v2.0/tokens" for entry in refused):
            raise BenchError(f"{self.way}: a login was refused: {refused}")
        self.requests[phase] = len(requests) / self.count
        control.move(NEXT_CODE)
        return cost


def measure(machine: Machine, rounds: int) -> list[Row]:
    """The rows of the table: what one more account costs, of a run with many less a run with few."""
    samples = Samples()
    with contextlib.ExitStack() as stack:
        ways = {
            (way, count): stack.enter_context(Accounts(machine, way, count)) for way in (ROLE, URI) for count in COUNTS
        }
        variants = {f"{way} {count}": _fresh_and_again(samples, accounts) for (way, count), accounts in ways.items()}
        samples.take(variants, rounds)
        asked = {way: ways[way, COUNTS[-1]].requests for way in (ROLE, URI)}
    return [row for phase in PHASES for row in _rows(samples, phase, {way: asked[way][phase] for way in asked})]


def _fresh_and_again(samples: Samples, accounts: Accounts) -> Callable[[], Cost]:
    def run() -> Cost:
        accounts.start_anew()
        costs = {phase: accounts.enroll(phase) for phase in PHASES}
        for phase, cost in costs.items():
            samples.add(f"{accounts.way} {accounts.count} {phase}", cost)
        return costs[PHASES[0]]

    return run


def _rows(samples: Samples, phase: str, requests: dict[str, float]) -> list[Row]:
    few, many = COUNTS
    one_more = {
        way: (samples[f"{way} {many} {phase}"] - samples[f"{way} {few} {phase}"]) / (many - few) for way in (URI, ROLE)
    }
    notes = {way: f"{asked:.1f} requests an account" for way, asked in requests.items()}
    return [
        Row(f"one more account, {phase}, uri", one_more[URI], note=notes[URI]),
        Row(f"one more account, {phase}, role", one_more[ROLE], one_more[URI], GOALS[phase], notes[ROLE]),
        Row(f"{many} accounts, {phase}, role", samples[f"{ROLE} {many} {phase}"], samples[f"{URI} {many} {phase}"]),
    ]
