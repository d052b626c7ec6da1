# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of more than one folder have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, in_memory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A vault file that is not there yet."""
    return tmp_path / "vault.yml"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An account in memory, without MFA and without an entry."""
    with in_memory(tmp_path) as bench:
        yield bench
