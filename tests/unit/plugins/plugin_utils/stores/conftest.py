# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A place in a real server for the tests of the store `hashi_vault`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.openbao import ROOT, serving


@pytest.fixture(scope="module", name="url")
def _url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(name="admin")
def _admin(url: str) -> Any:
    return pytest.importorskip("hvac").Client(url=url, token=ROOT)


@pytest.fixture(name="path")
def _path(request: pytest.FixtureRequest) -> str:
    """A path that no other test uses."""
    return f"rackspace/{abs(hash(request.node.nodeid))}"


@pytest.fixture(name="config")
def _config(url: str, path: str) -> dict[str, Any]:
    return {"type": "hashi_vault", "url": url, "path": path, "token": ROOT}
