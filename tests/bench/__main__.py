# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python tests/bench``: what a task and an enrollment cost, side by side with `ansible.builtin.uri` in one run.

Then what the inventory and the audit of a domain cost.

Figures are medians over rounds in which all variants take turns. Each names its goal and whether it is met; a timing
decides nothing, so the exit code is 0 unless a run failed or did not do what was to be measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import domain, enrollments, tasks
from bench.figures import table, titled
from bench.machine import BenchError, Machine


def main() -> int:
    """Measure and print; 1 if there was nothing to compare."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, and few accounts: rough figures in a minute")
    parser.add_argument("--only", choices=["tasks", "enrollments", "domain"], help="one part of it")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--write", action="store_true", help="put the table of the domain into the guide")
    arguments = parser.parse_args()
    if arguments.quick and arguments.write:
        parser.error("rough figures do not go into the guide: leave --quick or --write out")
    begun = time.monotonic()
    here = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"
    print(f"{here}\n", flush=True)
    rounds = 1 if arguments.quick else arguments.rounds
    try:
        with Machine() as machine:
            if arguments.only in (None, "tasks"):
                title = "A task that reads a user, without the start of ansible-playbook"
                print(table(title, tasks.measure(machine, rounds), in_ms=True), flush=True)
            if arguments.only in (None, "enrollments"):
                rows = enrollments.measure(machine, rounds)
                print(table(f"Enrollments, {enrollments.FORKS} forks", rows), flush=True)
            if arguments.only in (None, "domain"):
                sizes = domain.QUICK_SIZES if arguments.quick else domain.SIZES
                lines = domain.measure(machine, sizes, rounds)
                cells, bars = domain.cells(lines, sizes), domain.plot(lines)
                print(titled("A domain", cells), bars, sep="\n", flush=True)
                if arguments.write:
                    times = "one round" if rounds == 1 else f"medians of {rounds} rounds"
                    domain.write(domain.as_rst(cells, bars, f"{here}; {times}"))
    except BenchError as error:
        print(f"The benchmark failed: {error}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - begun:.0f} s, load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
