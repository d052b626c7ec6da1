# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of a service that is told beforehand what it will be asked."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport


@pytest.fixture
def client(transport: Transport) -> Client:
    return Client(transport, "the-token")
