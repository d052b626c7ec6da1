# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for all tests of a process; each test begins with the same users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Emulator

from .helpers import USERS, Service


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A running emulator."""
    with Emulator(users=USERS) as running:
        yield running


@pytest.fixture
def service(emulator: Emulator) -> Service:
    """The service in its state of the start, the clock standing in the middle of a time step."""
    emulator.control.reset(USERS)
    emulator.control.freeze(1_900_000_000 - 1_900_000_000 % 30 + 15)
    return Service(emulator)


@pytest.fixture
def device(service: Service) -> dict[str, Any]:
    """Alice's verified device: she is enrolled."""
    return service.enroll("alice")


@pytest.fixture
def token(service: Service) -> str:
    """A token of Alice, given before any fault."""
    return service.key_token("alice")
