# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain costs: its inventory, a playbook without an account to enroll, its audit, the role on settled accounts;
with a slow network, too."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ansible.parsing.vault import VaultLib, VaultSecret

from emulator import Emulator

from .figures import Samples
from .machine import ROOT, BenchError, Cost, Machine

SIZES = (50, 200, 1000)
QUICK_SIZES = (20, 60)
LATENCIES = (0.0, 0.1)
MOST_OF_ROLE = 200
"""The role takes its time for each account, and all the same: it is measured once, and not with more."""
ROLE = "``enroll``, all settled"
BAR = 40
"""Characters of the longest bar."""
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_domain.rst"
BEGIN, END = ".. The table is made by: python tests/bench --only domain --write", ".. The table ends here."
_DEVICE = {"name": "ansible", "verified": True}
_ALWAYS = 1_000_000


class Line(NamedTuple):
    """What a job costs in domains of growing size, and how many requests it makes of the largest one."""

    job: str
    latency: float
    costs: dict[int, Cost]
    requests: int

    @property
    def one_more(self) -> Cost:
        """What one more account costs."""
        few, *_others, many = sorted(self.costs)
        return (self.costs[many] - self.costs[few]) / (many - few)

    @property
    def memory(self) -> float:
        """Of the largest domain, in MB."""
        return self.costs[max(self.costs)].memory


class Domain:
    """So many users who are all settled, and an administrator.

    :param latency: seconds that each answer is late.
    """

    def __init__(self, machine: Machine, size: int, latency: float) -> None:
        self._machine = machine
        self.size = size
        self.latency = latency
        self.requests: dict[str, int] = {}
        self._emulator = Emulator(
            [self._user("admin", role="user-admin"), *(self._user(f"user{n}") for n in range(size - 1))]
        )
        self.jobs: dict[str, Callable[[], Cost]] = {
            "Inventory": self._inventory,
            "``enroll``, nobody to enroll": self._enroll,
            "Audit with devices": self._audit,
            **({ROLE: self._role} if size <= MOST_OF_ROLE else {}),
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

    def _role(self) -> Cost:
        entries = self._folder / "entries"
        entries.mkdir(exist_ok=True)
        vault = VaultLib([("default", VaultSecret(self._machine.vault_password.read_bytes().strip()))])
        for user in self._emulator.control.state()["users"]:
            content = json.dumps({"rax_mfa_otp": self._entry(user)})
            (entries / f"{user['username']}.yml").write_bytes(vault.encrypt(content))
        given = {
            "mfa_otp_hosts": "mfa_on:!admin",
            "mfa_otp_username": "admin",
            "mfa_otp_api_key": self._environment["RAX_API_KEY"],
            "mfa_otp_auth_endpoint": self._emulator.url,
            "mfa_otp_target_user": "{{ rax_name }}",
            "mfa_otp_vault_file": str(entries / "{{ rax_name }}.yml"),
            "mfa_otp_summary": str(self._folder / "summary.json"),
        }
        arguments = ("-i", str(self._source), "-e", f"@{self._machine.file('given.json', given)}")
        cost = self._machine.play("rackspace.identity.enroll", *arguments, **self._environment)
        counts = json.loads((self._folder / "summary.json").read_text(encoding="utf-8"))["counts"]
        self._check("the role", counts["settled"] + 1)
        return cost

    def _entry(self, user: dict[str, Any]) -> dict[str, Any]:
        """What the role would have stored."""
        (device,) = user["otp_devices"]
        return {
            "username": user["username"],
            "user_id": user["id"],
            "auth_endpoint": self._emulator.url,
            "device_id": device["id"],
            "device_name": device["name"],
            "secret": device["secret"],
            "proved": "2026-01-01T00:00:00Z",
        }

    def _check(self, what: str, found: int) -> None:
        if found != self.size:
            raise BenchError(f"{what} found {found} of {self.size} users")


def measure(machine: Machine, sizes: Sequence[int], rounds: int) -> list[Line]:
    """Return a line for each job and latency."""
    samples = Samples()
    with contextlib.ExitStack() as stack:
        domains = [
            stack.enter_context(Domain(machine, size, latency)) for latency in LATENCIES for size in sorted(sizes)
        ]
        variants: dict[str, Callable[[], Cost]] = {
            f"{job} {domain.size} {domain.latency}": functools.partial(domain.run, job)
            for domain in domains
            for job in domain.jobs
        }
        samples.take({name: run for name, run in variants.items() if not name.startswith(ROLE)}, rounds)
        samples.take({name: run for name, run in variants.items() if name.startswith(ROLE)}, 1)
        return [
            _line(job, [domain for domain in domains if domain.latency == latency and job in domain.jobs], samples)
            for job in domains[0].jobs
            for latency in LATENCIES
        ]


def _line(job: str, domains: Sequence[Domain], samples: Samples) -> Line:
    latency = domains[0].latency
    costs = {domain.size: samples[f"{job} {domain.size} {latency}"] for domain in domains}
    return Line(job, latency, costs, domains[-1].requests[job])


def cells(lines: Sequence[Line], sizes: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the rows of the table, its head first."""
    heads = [f"{size:,} users" for size in sizes]
    head = ("", "Latency", *heads, "One more account", "Its processor time", "Requests", "Memory")
    rows = [
        (
            line.job,
            f"{line.latency * 1000:.0f} ms",
            *(f"{line.costs[size].wall:.1f} s" if size in line.costs else "" for size in sizes),
            f"{line.one_more.wall * 1000:.1f} ms",
            f"{line.one_more.cpu * 1000:.1f} ms",
            f"{line.requests:,}",
            f"{line.memory:.0f} MB",
        )
        for line in lines
    ]
    return [head, *rows]


def plot(lines: Sequence[Line]) -> str:
    """Return the times as bars, as long as the root of the time: so both ends can be seen."""
    longest = max(cost.wall for line in lines for cost in line.costs.values())
    text = []
    for line in lines:
        text.append(f"{line.job.replace('`', '')}, {line.latency * 1000:.0f} ms")
        for size, cost in line.costs.items():
            length = max(1, round(BAR * (cost.wall / longest) ** 0.5))
            text.append(f"{size:>7,} {'#' * length} {cost.wall:.1f} s")
    return "\n".join(text)


def as_rst(rows: Sequence[tuple[str, ...]], bars: str, machine: str) -> str:
    """Return the table and the plot for the guide."""
    table = "".join(
        "".join(f"   {'*' if not column else ' '} - {text}".rstrip() + "\n" for column, text in enumerate(row))
        for row in rows
    )
    plotted = "".join(f"    {line}\n" for line in bars.splitlines())
    return (
        f"{BEGIN}\n\nRequests and memory are those of the largest domain. Measured with the emulator on the same "
        f"machine:\n{machine}. A load above the number of cores means that other work slowed all of it down."
        f"\n\n.. list-table::\n   :header-rows: 1\n\n{table}\n"
        f"The times again, as bars whose length is the root of the time:\n\n.. code-block:: text\n\n{plotted}\n{END}\n"
    )


def write(table: str) -> None:
    """Put the table into the guide, in place of the one that is there."""
    text = GUIDE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(f"{END}\n")
    if not (begin and end):
        raise BenchError(f"{GUIDE.name} has no place for the table")
    GUIDE.write_text(before + table + after, encoding="utf-8")
