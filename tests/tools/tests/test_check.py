# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the parts are run and told: the last line, the exit status, and what a bad part does to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import job
import pytest
from check import report, run_all
from counts import Counts
from parts import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the logs of these tests apart from those of the run that we are part of."""
    monkeypatch.setattr(job, "LOGS", tmp_path)
    monkeypatch.setattr("check.ROOT", tmp_path)


def gives(counts: Counts) -> Part:
    """Return a part that finds these counts."""
    return Part(lambda _job, _args: counts)


def breaks(_job: job.Job, _args: Sequence[str]) -> Counts:
    """Fail as a defect of a part's own code does."""
    raise RuntimeError("out of order")


def test_the_last_line_is_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    results = run_all({"one": gives(Counts(2, 0, 1)), "two": gives(Counts(3, 0, 0))}, ())
    assert report(results) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed, 1 skipped"


def test_a_part_that_ran_no_test_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(run_all({"good": gives(Counts(1)), "empty": gives(Counts(skipped=4))}, ())) == 1
    out = capsys.readouterr().out
    assert "ran no test" in out
    assert out.splitlines()[-1] == "1 passed, 1 failed, 4 skipped"


def test_a_broken_part_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(run_all({"broken": Part(breaks), "good": gives(Counts(1))}, ())) == 1
    out = capsys.readouterr().out
    assert "out of order" in out
    assert out.splitlines()[-1] == "1 passed, 1 failed"


def test_a_program_that_takes_too_long_is_killed() -> None:
    slow = job.Job("slow", time_limit=0.2)
    assert slow.run("sleep", "60").returncode != 0
    assert "Killed after" in slow.log.read_text()


def test_a_job_keeps_what_each_program_wrote(tmp_path: Path) -> None:
    chatty = job.Job("chatty")
    assert chatty.run("echo", "one").output == "one\n"
    assert chatty.run("sh", "-c", "echo two >&2; exit 3") == job.Done(3, "two\n")
    assert chatty.log.parent == tmp_path
