# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests that talk HTTP, and of those that run modules in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service, serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller's environment says of proxies is not what a test is about."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


@pytest.fixture
def service() -> Iterator[Service]:
    """Answers in the order in which requests are expected; requests that are missing, too many, or others, fail."""
    with serving() as server:
        service = Service(server)
        yield service
    assert [f"{seen.method} {seen.path}" for seen in server.seen] == service.expected


@pytest.fixture
def transport(service: Service) -> Transport:
    """The way to the service; no pause is slept."""
    return Transport(service.url, sleep=lambda _seconds: None)
