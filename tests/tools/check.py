# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run parts of the tests side by side, one line for each, and end with how many tests ran.

``check.py PART [PART ...] [-- ARGUMENT ...]``; the arguments go to pytest (or name molecule scenarios).
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counts import Counts
from house import ROOT, say
from job import Job, stop_all
from parts import PARTS, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAIL = 40  # lines of a failed part's log to show


@dataclass(frozen=True)
class Result:
    """How a part went. A part that ran no test, or broke, has failed."""

    name: str
    counts: Counts
    seconds: float
    trouble: str = ""

    @property
    def total(self) -> Counts:
        """What the part adds to the sum: its trouble is a failure, too."""
        return self.counts + Counts(failed=1) if self.trouble else self.counts

    def line(self) -> str:
        """Return the part's line of the report."""
        verdict = "FAILED" if self.total.failed else "ok"
        trouble = f" ({self.trouble})" if self.trouble else ""
        return f"{verdict:6}  {self.name:22} {self.counts}{trouble}, {self.seconds:.0f} s"


def main() -> None:
    """Read the command line, run, report; exit with 1 when anything failed."""
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    names, args = words[:split], words[split + 1 :]
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        sys.exit(f"No such part: {' '.join(unknown)}. There are: {' '.join(PARTS)}")
    sys.exit(report(run_all({name: part for name, part in PARTS.items() if name in names}, args)))


def run_all(parts: Mapping[str, Part], args: Sequence[str]) -> list[Result]:
    """Run the parts, two at a time; a failure stops no other part."""
    locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(run_part, name, part, args, locks[part.lock or name]) for name, part in parts.items()]
        results = []
        try:
            for future in as_completed(futures):
                results.append(future.result())
                say(results[-1].line())
                show_failure(results[-1])
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise SystemExit(130) from None
    return results


def run_part(name: str, part: Part, args: Sequence[str], lock: threading.Lock) -> Result:
    """Run one part; a defect of its own code fails that part only."""
    with lock:
        start = time.monotonic()
        job = Job(name, part.time_limit)
        counts, trouble = Counts(), ""
        try:
            counts = part.run(job, args)
        except Exception:  # whatever it is: the other parts still run, and the log has it
            job.note(traceback.format_exc())
            trouble = "broke"
        if not trouble and not counts.passed + counts.failed:
            trouble = "ran no test"
        return Result(name, counts, time.monotonic() - start, trouble)


def show_failure(result: Result) -> None:
    """Show the end of a failed part's log: on a CI machine it cannot be opened."""
    if result.total.failed:
        log = Job.log_of(result.name)
        lines = log.read_text(errors="replace").splitlines()
        # ansible-test's: the rest is noise
        telling = [line for line in lines if line.startswith(("ERROR: ", "FATAL: "))]
        for line in (telling or lines)[-TAIL:]:
            say(f"    {line}")
        say(f"    ... all of it: {log.relative_to(ROOT)}")


def report(results: Sequence[Result]) -> int:
    """Print the closing lines; return the exit status."""
    total = sum((result.total for result in results), Counts())
    if len(results) > 1:
        say("")
        for result in sorted(results, key=lambda result: result.name):
            say(result.line())
    say(str(total))
    return 1 if total.failed else 0


if __name__ == "__main__":
    main()
