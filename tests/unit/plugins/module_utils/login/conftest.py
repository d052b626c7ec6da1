# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the simulations, of the second step, of a task, and of an account in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError
from ansible_collections.rackspace.identity.plugins.module_utils.login import record as record_module
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import Figures
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.second_step import Make, SecondStep
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.task import Task


@pytest.fixture(autouse=True)
def fast_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest of a typed passcode is slow on purpose, and what it tells does not depend on that."""
    monkeypatch.setattr(record_module, "_HARD", 1)


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Generator[Figures, None, None]:
    found = Figures()
    yield found
    record_property("figures", str(found))
    print(f"\n  {request.node.name}: {found}")


@pytest.fixture
def second_step(tmp_path: Path) -> Make:
    """Make a second step whose outcomes are given."""

    def make(*outcomes: IdentityError, **options: Any) -> SecondStep:
        return SecondStep(tmp_path, *outcomes, **options)

    return make


@pytest.fixture
def task(service: Service, tmp_path: Path) -> Callable[..., Task]:
    """Make a task with these options."""

    def make(*args: Any, **given: Any) -> Task:
        return Task(service.url, tmp_path, *args, **given)

    return make


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """An enrolled account in memory, whose entry has four bypass codes."""
    bench.begin(starts.enrolled)
    bench.here.points.passed.clear()
    return bench


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """The record of an account, which is not there yet."""
    return Record(tmp_path / "state", "https://identity.example.com", "jo")
