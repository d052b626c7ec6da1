# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the unit tests try: the same examples of hypothesis at each run, and less if ansible-test repeats them.

A run of the tests tells of the change, so it is steady, and does not depend on how busy the machine is;
HYPOTHESIS_EXPLORE=1 looks further, with other examples each time and all people of the simulations.
"""

from __future__ import annotations

import os
from collections import defaultdict

import pytest
from hypothesis import settings

ROWS = 3
"""Rows of a table that ansible-test runs. It starts a process for each test, and pytest has run all of them."""

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("brief", settings.get_profile("steady"), max_examples=10)
settings.register_profile("explore", deadline=None, max_examples=int(os.environ.get("HYPOTHESIS_EXPLORE") or 1) * 100)
settings.load_profile("explore" if os.environ.get("HYPOTHESIS_EXPLORE") else "steady")


def pytest_configure(config: pytest.Config) -> None:
    """Take few examples if ansible-test runs us."""
    if by_ansible_test(config):
        settings.load_profile("brief")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take a few rows of each table if ansible-test runs us: from all over it, and the same each time."""
    if not by_ansible_test(config):
        return
    tables: dict[object, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tables[getattr(item, "function", item)].append(item)
    left_out = {row for rows in tables.values() for number, row in enumerate(rows) if number * ROWS % len(rows) >= ROWS}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def by_ansible_test(config: pytest.Config) -> bool:
    """Tell whether this is `ansible-test units`, by the plugin with which it forks for each test."""
    return config.pluginmanager.has_plugin("ansible_forked")
