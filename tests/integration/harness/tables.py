# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of cases for `parametrize`: a few rows for `make test`, the others for `make thorough`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

WHOLE = bool(os.environ.get("WHOLE_TABLES"))
"""Play every row of the longest tables (`make faults`, `make kills`): an hour instead of minutes. What rows they leave
out otherwise, tests/unit plays in memory (test_killed_runs, which has the faults, too, and test_two_runs)."""


def rows(cases: Iterable[Any] | Mapping[str, Any], quick: int = 1) -> list[Any]:
    """One parameter a case, by its name if it has one. All but the first `quick` are marked `thorough`."""
    named = cases.items() if isinstance(cases, Mapping) else [(None, case) for case in cases]
    return [
        pytest.param(case, id=name, marks=pytest.mark.thorough if number >= quick else ())
        for number, (name, case) in enumerate(named)
    ]


def in_slices(cases: Sequence[Any], slices: int) -> list[Any]:
    """The cases in so many lists, each with cases from all over the table; one parameter a list."""
    return rows([list(cases[first::slices]) for first in range(slices)])


def host_name(text: str) -> str:
    """A name that a host may have, for a row of a table."""
    return re.sub(r"\W+", "_", text)
