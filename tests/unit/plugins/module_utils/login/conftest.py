# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the simulations."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.person import Figures


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Generator[Figures, None, None]:
    found = Figures()
    yield found
    record_property("figures", str(found))
    print(f"\n  {request.node.name}: {found}")
