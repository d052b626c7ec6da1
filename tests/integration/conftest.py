# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from integration import calls
from integration.harness import Lab, User


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that leaves nothing out."""
    parser.addoption(
        "--thorough", action="store_true", help="run what is marked `thorough`, too, and all rows of tables"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `thorough`; of a table keep a few rows from all over it: `@pytest.mark.table(keep=4)`.

    The same ones each time. `make thorough` runs all of them, and so does the CI.
    """
    if config.getoption("--thorough", default=False):
        return
    tables: dict[object, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("table"):
            tables.setdefault(getattr(item, "function", None), []).append(item)
    left_out = {item for item in items if item.get_closest_marker("thorough")}
    for rows in tables.values():
        marker = rows[0].get_closest_marker("table")
        keep = marker.kwargs["keep"] if marker else len(rows)
        left_out.update(row for number, row in enumerate(rows) if number * keep % len(rows) >= keep)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _ways_to_play(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`both` (calls.py) plays ordinary modules in `make thorough` only."""
    if not request.config.getoption("--thorough", default=False):
        monkeypatch.setattr(calls, "played_by_both", ("here",))


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


@pytest.fixture(name="lab")
def _lab(make_lab: Callable[..., Lab]) -> Lab:
    """A lab with one user, alice, on whose account nothing was done yet."""
    return make_lab()
