# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit of a domain: users, devices and stored entries against what is expected. Pure. Private to the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..api.model import Domain, User
from ..api.wire import iso_text
from .audit_entry import AuditEntry
from .findings import KINDS, ORDER, SEVERITIES, AuditedUser, Devices, Expectation, Finding, of_domain, of_user
from .host_names import HostNames, Taken


class Seen(NamedTuple):
    """What was read. `devices` and `entries` are None when they were not asked for.

    :param taken: the names that the inventory of the run has.
    """

    domain: Domain
    users: Sequence[User]
    devices: Devices | None
    entries: Sequence[AuditEntry] | None
    endpoint: str
    taken: Taken


class Audit(NamedTuple):
    """The outcome: facts for a result and for reports. It holds no secret."""

    domain: dict[str, Any]
    users: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    summary: dict[str, Any]

    @property
    def needs_work(self) -> list[dict[str, Any]]:
        """Return the hosts, ids and names of the users with findings, but for those that it may not act on."""
        return [
            {key: user[key] for key in ("host", "id", "name")}
            for user in self.users
            if user["findings"] and "unread" not in user["findings"]
        ]


def audit(seen: Seen, expected: Expectation, now: datetime) -> Audit:
    """Compare what was read with what is expected."""
    owners = assigned(seen.entries or (), seen.users, seen.endpoint)
    findings = [*of_domain(seen.domain, expected), *owners.misplaced.get(None, ())]
    hosts = {user_id: host for host, user_id in seen.taken.users.items()}
    names = HostNames(seen.domain.id, seen.taken)
    users, read = [], seen.devices or {}
    for user in seen.users:
        devices = read.get(user.id)
        unread = user.id in read and devices is None
        audited = AuditedUser(user, devices, owners.owned.get(user.id, ()), seen.entries is not None, unread)
        mine = findings_of(audited, owners, expected, now)
        findings += mine
        kinds = sorted({finding.kind for finding in mine}, key=ORDER.__getitem__)
        host = hosts.get(user.id) or names.of(user.name, user.id)
        users.append({**_user_facts(audited, now), "host": host, "findings": kinds})
    told = [finding.facts() for finding in in_order(findings)]
    return Audit(seen.domain.facts(), users, told, _summary(seen, users, findings, owners.elsewhere, now))


def findings_of(audited: AuditedUser, owners: Owners, expected: Expectation, now: datetime) -> list[Finding]:
    """Return all findings of one user. When the entry of another account is in the way, none is missed beside it."""
    misplaced = owners.misplaced.get(audited.user.id, [])
    has_stranger = any(finding.kind == "wrong_owner" for finding in misplaced)
    found = of_user(audited, expected, now)
    return [*misplaced, *(finding for finding in found if not (has_stranger and finding.kind == "not_stored"))]


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings, the most severe first."""
    return sorted(findings, key=lambda one: (ORDER[one.kind], one.subject.casefold(), one.device_id or ""))


class Owners(NamedTuple):
    """Whose the stored entries are.

    :param owned: the entries of each user, by the user's id.
    :param misplaced: the findings of entries that fit no user, by the id of the user they name; None: of nobody.
    :param elsewhere: how many belong to other endpoints.
    """

    owned: Mapping[str, Sequence[AuditEntry]]
    misplaced: Mapping[str | None, Sequence[Finding]]
    elsewhere: int


def assigned(entries: Sequence[AuditEntry], users: Sequence[User], endpoint: str) -> Owners:
    """Find the owner of each entry."""
    by_id = {user.id: user for user in users}
    by_name = {user.name.casefold(): user for user in users}
    owned: dict[str, list[AuditEntry]] = {}
    findings: list[Finding] = []
    elsewhere = 0
    for entry in entries:
        if not entry.is_at(endpoint):
            elsewhere += 1
            continue
        with_id, named = by_id.get(entry.user_id or ""), by_name.get((entry.username or "").casefold())
        user = with_id or named
        if user is None:
            findings.append(_orphan(entry))
        elif (entry.user_id and with_id is None) or (entry.username and named is not user):
            findings.append(_of_another(entry, user))
        else:
            owned.setdefault(user.id, []).append(entry)
    misplaced: dict[str | None, list[Finding]] = {}
    for finding in findings:
        misplaced.setdefault(finding.user_id, []).append(finding)
    return Owners(owned, misplaced, elsewhere)


def _orphan(entry: AuditEntry) -> Finding:
    name = entry.username or entry.user_id or "nobody"
    detail = f"The domain shows no user {name} with the id {entry.user_id or '(none)'}."
    return Finding("orphan_entry", name, detail, device_id=entry.device_id, source=entry.source)


def _of_another(entry: AuditEntry, user: User) -> Finding:
    detail = (
        f"The entry names {entry.username or 'nobody'} with the id {entry.user_id or '(none)'}, and the account is "
        f"{user.name} with the id {user.id}."
    )
    return Finding("wrong_owner", user.name, detail, user.id, entry.device_id, entry.source)


def _user_facts(audited: AuditedUser, now: datetime) -> dict[str, Any]:
    user = audited.user
    devices = None if audited.devices is None else [device.facts() for device in audited.devices]
    entry = audited.entry.facts(now) if audited.entry else None
    return {**user.facts(), "mfa": user.mfa.facts(), "otp_devices": devices, "stored": entry}


def _summary(
    seen: Seen, users: list[dict[str, Any]], findings: list[Finding], elsewhere: int, now: datetime
) -> dict[str, Any]:
    kinds = Counter(finding.kind for finding in findings)
    severities = Counter(KINDS[finding.kind].severity for finding in findings)
    active = [user for user in seen.users if user.enabled]
    on = [user for user in active if user.mfa.enabled]
    factors = Counter(user.mfa.factor_type or "unknown" for user in on)
    return {
        "at": iso_text(now),
        "users": len(users),
        "disabled": len(users) - len(active),
        "mfa_on": len(on),
        "mfa_off": len(active) - len(on),
        "locked": sum(user.mfa.state == "LOCKED" for user in on),
        "factors": {"OTP": factors["OTP"], "SMS": factors["SMS"], "unknown": factors["unknown"]},
        "with_findings": sum(bool(user["findings"]) for user in users),
        "findings": len(findings),
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "severities": {severity: severities[severity] for severity in SEVERITIES},
        "devices_read": seen.devices is not None,
        "unread": sum(seen.devices.get(user.id) is None for user in seen.users) if seen.devices is not None else 0,
        "entries": len(seen.entries or ()),
        "entries_elsewhere": elsewhere,
    }
