# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the transport share: one over fake time, and what no error may tell."""

from __future__ import annotations

import socket
import traceback
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import IdentityError
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

CANARY = "canary-token"
PATH = f"/v2.0/tokens/{CANARY}"
LOST = {how: Reply(200, {"a": 1}, how=how) for how in ("reset", "closed", "truncated")}


def transport_to(url: str, moments: Moments | None = None, **how: Any) -> Transport:
    moments = moments or Moments()
    return Transport(url, clock=ServiceClock(moments.monotonic), sleep=moments.sleep, **{"timeout": 60.0, **how})


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def assert_tells_nothing(error: IdentityError) -> None:
    """No token, no path, no words of another library; nor by the chain, which newer cores print."""
    told = "".join([*traceback.format_exception(error), repr(error), str(error.as_failure())])
    assert CANARY not in told
    assert "/v2.0" not in told
    assert "urllib3" not in str(error)
    assert "requests" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
