# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain costs: its inventory, a playbook without an account to enroll, its audit; with a slow network, too."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from emulator import Emulator

from .figures import Samples
from .machine import ROOT, BenchError, Cost, Machine

SIZES = (50, 200, 1000)
QUICK_SIZES = (20, 60)
LATENCIES = (0.0, 0.1)
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_domain.rst"
BEGIN, END = ".. The table is made by: python tests/bench --only domain --write", ".. The table ends here."
_DEVICE = {"name": "ansible", "verified": True}
_ALWAYS = 1_000_000


class Line(NamedTuple):
    """What a job costs in domains of growing size, and how many requests it makes of the largest one."""

    job: str
    latency: float
    costs: list[Cost]
    requests: int


class Domain:
    """So many users who are all settled, and an administrator.

    :param latency: seconds that each answer is late.
    """

    def __init__(self, machine: Machine, size: int, latency: float) -> None:
        self._machine = machine
        self.size = size
        self.latency = latency
        self.requests: dict[str, int] = {}
        self._emulator = Emulator([self._user("admin", role="user-admin"), *map(self._user, self._names(size))])
        self.jobs: dict[str, Callable[[], Cost]] = {
            "Inventory": self._inventory,
            "``enroll``, nobody to enroll": self._enroll,
            "Audit with devices": self._audit,
        }

    def __enter__(self) -> Domain:
        self._emulator.start()
        if self.latency:
            self._emulator.control.fault("delay", seconds=self.latency, times=_ALWAYS)
        self._folder = self._machine.fresh_folder(f"domain-{self.size}")
        self._source = self._folder / "x.rax_users.yml"
        self._source.write_text("plugin: rackspace.identity.rax_users\n", encoding="utf-8")
        self._environment = {
            "RAX_USERNAME": "admin",
            "RAX_API_KEY": self._emulator.control.user("admin")["api_key"],
            "RAX_AUTH_ENDPOINT": self._emulator.url,
        }
        return self

    def __exit__(self, *unused: object) -> None:
        self._emulator.stop()

    @staticmethod
    def _names(size: int) -> Iterable[str]:
        return (f"user{number}" for number in range(size - 1))

    @staticmethod
    def _user(name: str, **more: Any) -> dict[str, Any]:
        on = {"mfa": {"enabled": True, "factor_type": "OTP"}, "devices": [_DEVICE]}
        return {"username": name, "domain_id": "bench", "enforcement_level": "OPTIONAL", **on, **more}

    def run(self, job: str) -> Cost:
        """Do a job once, and count its requests."""
        self._emulator.control.clear_requests()
        cost = self.jobs[job]()
        self.requests[job] = len(self._emulator.control.requests())
        return cost

    def _inventory(self) -> Cost:
        listed = self._folder / "listed.json"
        listed.unlink(missing_ok=True)
        arguments = ("-i", str(self._source), "--list", "--output", str(listed))
        cost = self._machine.run("ansible-inventory", *arguments, **self._environment)
        self._check("the inventory", len(json.loads(listed.read_text(encoding="utf-8"))["mfa_on"]["hosts"]))
        return cost

    def _enroll(self) -> Cost:
        arguments = ("-i", str(self._source), "-e", "mfa_otp_hosts=mfa_off")
        return self._machine.play("rackspace.identity.enroll", *arguments, **self._environment)

    def _audit(self) -> Cost:
        report = self._folder / "report.json"
        given = json.dumps({"mfa_audit_report": [str(report)]})
        cost = self._machine.play("rackspace.identity.audit", "-e", given, **self._environment)
        users = json.loads(report.read_text(encoding="utf-8"))["users"]
        self._check("the audit", sum(len(user["otp_devices"]) == 1 for user in users))
        return cost

    def _check(self, what: str, found: int) -> None:
        if found != self.size:
            raise BenchError(f"{what} found {found} of {self.size} users")


def measure(machine: Machine, sizes: Sequence[int], rounds: int) -> list[Line]:
    """Return a line for each job and latency."""
    samples = Samples()
    with contextlib.ExitStack() as stack:
        domains = {
            (size, latency): stack.enter_context(Domain(machine, size, latency))
            for latency in LATENCIES
            for size in sizes
        }
        jobs = list(next(iter(domains.values())).jobs)
        variants: dict[str, Callable[[], Cost]] = {
            f"{job} {size} {latency}": functools.partial(domain.run, job)
            for (size, latency), domain in domains.items()
            for job in jobs
        }
        samples.take(variants, rounds)
        return [
            Line(
                job,
                latency,
                [samples[f"{job} {size} {latency}"] for size in sizes],
                domains[sizes[-1], latency].requests[job],
            )
            for job in jobs
            for latency in LATENCIES
        ]


def cells(lines: Sequence[Line], sizes: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the rows of the table, its head first."""
    heads = [f"{size:,} users" for size in sizes]
    rows = [("", "Latency", *heads, "One more account", "Its processor time", "Requests", "Memory")]
    for line in lines:
        one_more = (line.costs[-1] - line.costs[0]) / (sizes[-1] - sizes[0])
        rows.append(
            (
                line.job,
                f"{line.latency * 1000:.0f} ms",
                *(f"{cost.wall:.1f} s" for cost in line.costs),
                f"{one_more.wall * 1000:.1f} ms",
                f"{one_more.cpu * 1000:.1f} ms",
                f"{line.requests:,}",
                f"{line.costs[-1].memory:.0f} MB",
            )
        )
    return rows


def as_rst(rows: Sequence[tuple[str, ...]], machine: str) -> str:
    """Return the table for the guide."""
    table = "".join(
        "".join(f"   {'*' if not column else ' '} - {text}".rstrip() + "\n" for column, text in enumerate(row))
        for row in rows
    )
    return (
        f"{BEGIN}\n\nRequests and memory are those of the largest domain. Measured with the emulator on the same "
        f"machine:\n{machine}.\n\n.. list-table::\n   :header-rows: 1\n\n{table}\n{END}\n"
    )


def write(table: str) -> None:
    """Put the table into the guide, in place of the one that is there."""
    text = GUIDE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(f"{END}\n")
    if not (begin and end):
        raise BenchError(f"{GUIDE.name} has no place for the table")
    GUIDE.write_text(before + table + after, encoding="utf-8")
