# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Lab, User, browser
from integration.harness.installed import install
from integration.harness.plays import Player
from integration.harness.reader import Reader

FIGURES = "faults"
"""The property of a test by which it says how many accounts converged."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many accounts converged in one run, of the tests that met them with faults."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    figures = [value for report in reports for name, value in report.user_properties if name == FIGURES]
    for job in dict.fromkeys(job for job, _all, _later in figures):
        accounts = sum(total for name, total, _later in figures if name == job)
        later = [host for name, _total, hosts in figures if name == job for host in hosts]
        share = 100 * (accounts - len(later)) / accounts
        terminalreporter.write_line(f"{job}: {accounts - len(later)} of {accounts} in one run ({share:.0f} %)")
        for host in later:
            terminalreporter.write_line(f"  a second run: {host}")


@pytest.fixture(name="play")
def _play(tmp_path: Path) -> Player:
    """Plays tasks inside the controller. As ordinary modules they do the same (test_operations, test_in_process)."""
    return Player(tmp_path)


@pytest.fixture(name="make_lab")
def _make_lab(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Make a lab; it ends with the test."""
    with ExitStack() as stack:
        made: list[Lab] = []

        def make(*users: User, **options: Any) -> Lab:
            root = tmp_path / f"lab{len(made)}"
            made.append(stack.enter_context(Lab(root, *users, **options)))
            return made[-1]

        yield make


@pytest.fixture(name="installed", scope="session")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with the collection as installed from its tarball, one for all workers."""
    base = tmp_path_factory.getbasetemp()
    return install(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(name="make_reader")
def _make_reader(make_lab: Callable[..., Lab], installed: Path) -> Callable[..., Reader]:
    """Make a reader of the pages, who has the installed collection and these users at the service."""
    return lambda *users: Reader(make_lab(*users, collections=installed))


@pytest.fixture(name="browser", scope="session")
def _browser() -> Iterator[Any]:
    """A browser; its tests are of the group `browser`, so that there is one for all of them."""
    with browser.started() as started:
        yield started


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab with one user, alice, on whose account nothing was done yet."""
    return make_lab()
