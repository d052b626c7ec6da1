# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session of an account that logged in by its password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import LOGIN, access
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service


@pytest.fixture
def session(service: Service, tmp_path: Path) -> Iterator[Session]:
    """The session; its token is `first`."""
    service.expect(LOGIN, **access("first"))
    account = {"auth_endpoint": service.url, "username": "jo", "password": "a-password", "state_dir": str(tmp_path)}
    given = {**account, "timeout": 1.0, "max_wait": 65.0, "validate_certs": True}
    with Session(given.get, keep=lambda _token: None, voice=Voice(print, print), environ={}) as session:
        session.transport.sleep = lambda _seconds: None
        assert session.client.token == "first"
        yield session
