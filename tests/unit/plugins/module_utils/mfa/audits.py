# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits of invented users, for tests."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Domain, Mfa, User
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit import Audit, Seen, audit
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit_entry import AuditEntry
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.findings import Expectation
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import NOTHING, Taken

NOW = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
ENDPOINT = "https://identity.api.rackspacecloud.com"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWN = Device("d1", "ansible", verified=True)
Entry = dict[str, Any]


def user(name: str = "alice", *, enabled: bool = True, on: bool = True, **mfa: Any) -> User:
    state = {"state": "ACTIVE", "factor_type": "OTP"} if on else {"state": None, "factor_type": None}
    return User(f"id-of-{name}", name, "100", enabled, Mfa(on, **{**state, "enforcement_level": "DEFAULT", **mfa}))


def entry(name: str = "alice", **members: Any) -> Entry:
    usual = {
        "username": name,
        "user_id": f"id-of-{name}",
        "auth_endpoint": ENDPOINT,
        "device_id": "d1",
        "device_name": "ansible",
        "secret": SECRET,
        "created": "2026-11-01T00:00:00Z",
        "proved": "2026-11-01T00:01:00Z",
        "bypass_codes": ["12345678", "23456789"],
        "bypass_codes_end": None,
    }
    return {key: value for key, value in {**usual, **members}.items() if value != "absent"}


def audited(
    *users: User,
    devices: dict[str, tuple[Device, ...] | None] | None = None,
    entries: list[Entry] | None = None,
    level: str | None = "REQUIRED",
    taken: Taken = NOTHING,
    **expected: Any,
) -> Audit:
    places = None if entries is None else [AuditEntry.read(one, f"mfa.yml: e{n}") for n, one in enumerate(entries)]
    seen = Seen(Domain("100", None, level), users, devices, places, ENDPOINT, taken)
    return audit(seen, Expectation(**expected), NOW)


def kinds(outcome: Audit) -> list[str]:
    return [finding["kind"] for finding in outcome.findings]
