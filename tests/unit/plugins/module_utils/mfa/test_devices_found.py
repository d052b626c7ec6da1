# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that are looked for and made: by id first, and nothing of a lost creation is left."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Unavailable
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.devices import DevicePlan, Devices, DeviceWish
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.logged_in import MFA, fault

LIST = f"GET {MFA}/otp-devices"
GONE = fault(404, "itemNotFound", "no")


def told(number: str, *, verified: bool = False) -> dict[str, Any]:
    return {"id": number, "name": "x", "verified": verified}


def listed(*devices: dict[str, Any]) -> dict[str, Any]:
    return {"body": {"RAX-AUTH:otpDevices": list(devices)}}


def test_an_id_is_looked_up_and_no_list_is_read(service: Service, session: Session) -> None:
    service.expect(f"{LIST}/d1", body={"RAX-AUTH:otpDevice": told("d1")})
    found = Devices(session.client, "u1").find(DeviceWish("x", device_id="d1"))
    assert found == DevicePlan(Device("d1", "x", verified=False))


def test_where_the_id_is_gone_the_name_counts(service: Service, session: Session) -> None:
    service.expect(f"{LIST}/d1", **GONE)
    service.expect(LIST, **listed(told("d2", verified=True)))
    found = Devices(session.client, "u1").find(DeviceWish("x", device_id="d1"))
    assert found == DevicePlan(Device("d2", "x", verified=True))
    service.expect(f"{LIST}/d1", **GONE)
    assert Devices(session.client, "u1").find(DeviceWish(None, device_id="d1")) == DevicePlan(None)


def test_what_a_lost_creation_left_is_removed_and_nothing_else(service: Service, session: Session) -> None:
    service.expect(LIST, **listed(told("before")))
    for number in ("first", "second"):
        service.expect(f"POST {MFA}/otp-devices", status=503)
        service.expect(LIST, **listed(told("before"), told(number), told("verified", verified=True)))
        service.expect(f"DELETE {MFA}/otp-devices/{number}", status=204)
        service.expect(f"{LIST}/{number}", **GONE)
    with pytest.raises(Unavailable):
        Devices(session.client, "u1").create(DeviceWish("x", replace=True), DevicePlan())
