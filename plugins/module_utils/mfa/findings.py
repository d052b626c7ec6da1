# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit can find, and the checks of one user. Pure. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from ..api.model import Device, Domain, Phone, User
from .audit_entry import AuditEntry

HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (HIGH, MEDIUM, LOW)
ENROLL, ROTATE, RECOVER = (f"rackspace.identity.{job}" for job in ("enroll", "rotate", "recover"))


class Kind(NamedTuple):
    """How much a finding matters, what it is called in a report, and what to do about it."""

    severity: str
    title: str
    next: str


KINDS = {
    "no_mfa": Kind(HIGH, "MFA is off", f"Run {ENROLL}."),
    "weak_policy": Kind(HIGH, "Weak domain policy", "Set the domain's enforcement level with rax_mfa_domain."),
    "no_verified_device": Kind(HIGH, "No verified device", f"Run {RECOVER}."),
    "stored_device_gone": Kind(HIGH, "Stored device is gone", f"With MFA on, run {RECOVER}; with MFA off, {ENROLL}."),
    "wrong_owner": Kind(HIGH, "Entry of another account", "Give each account a file or variable of its own."),
    "unread": Kind(MEDIUM, "Devices were not read", "Log in as one who may see them: of a federated user, nobody may."),
    "locked": Kind(MEDIUM, "Account is locked", "Wait for 31 minutes, or unlock it with rax_mfa_settings."),
    "not_stored": Kind(MEDIUM, "No stored secret", f"Run {ENROLL} with the secret, or {RECOVER}."),
    "incomplete": Kind(MEDIUM, "Enrollment is not finished", f"Run {ENROLL} again, with the account's password."),
    "several_entries": Kind(MEDIUM, "Several entries", "Find out which entry logs in before you remove any."),
    "extra_device": Kind(MEDIUM, "Unknown device", "Ask the user, then delete the device with rax_otp_device."),
    "old_secret": Kind(MEDIUM, "Old secret", f"Run {ROTATE}."),
    "few_bypass_codes": Kind(LOW, "Few bypass codes", f"Run {ENROLL} with mfa_otp_bypass_codes."),
    "unverified_device": Kind(LOW, "Unverified device", "Delete the device with rax_otp_device."),
    "orphan_entry": Kind(LOW, "Entry without an account", "When the account is gone, remove the entry from its store."),
}
"""Every kind of finding, the most severe first."""
ORDER = {kind: number for number, kind in enumerate(KINDS)}
LEVELS = ("OPTIONAL", "REQUIRED", "RACKSPACE_MANDATED")
"""The enforcement levels of a domain, the weakest first."""


class Expectation(NamedTuple):
    """What an account and the domain should have."""

    bypass_codes: int = 0
    enforcement_level: str = "REQUIRED"
    max_age_days: int | None = None


class Finding(NamedTuple):
    """One thing that is not as it should be. It holds no secret.

    :param next: what to do, when it is not what the kind says.
    """

    kind: str
    subject: str
    detail: str
    user_id: str | None = None
    device_id: str | None = None
    source: str | None = None
    next: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return it as part of a result, with what its kind says."""
        kind = KINDS[self.kind]
        return {**self._asdict(), "severity": kind.severity, "title": kind.title, "next": self.next or kind.next}


Devices = Mapping[str, "tuple[Device, ...] | None"]
"""The OTP devices by the id of their user; None for those that the account may not see. A user who is gone has none."""


class AuditedUser(NamedTuple):
    """A user with what was read about it.

    `devices` is None when they were not read, and `unread` tells whether they were asked for, and may not be seen.
    `entries` is what the stores hold for the user. `stores_read` tells whether there was any store to look into.
    """

    user: User
    devices: tuple[Device, ...] | None = None
    entries: Sequence[AuditEntry] = ()
    stores_read: bool = False
    unread: bool = False

    @property
    def candidates(self) -> Sequence[AuditEntry]:
        """Return the entries that may be the right one: those with the secret of a verified device, else all.

        Devices that were not read may all be verified.
        """
        verified = {device.id for device in self.devices or () if device.verified}
        may_be = [one for one in self.entries if one.has_secret and (self.devices is None or one.device_id in verified)]
        return may_be or self.entries

    @property
    def entry(self) -> AuditEntry | None:
        """Return the right entry; None when there is none, or when it is not known which of several it is."""
        return self.candidates[0] if len(self.candidates) == 1 else None


Found = Iterator["tuple[str, str, str | None]"]
"""Kinds of findings, their details, and the ids of devices."""


def of_user(audited: AuditedUser, expected: Expectation, now: datetime) -> list[Finding]:
    """Return the findings of one user. A disabled user can't log in, so it has none."""
    if not audited.user.enabled:
        return []
    user, entry = audited.user, audited.entry
    found = [(entry, told) for told in chain(_of_settings(audited), _of_reading(audited), _of_devices(audited))]
    found += [(None, told) for told in _of_entries(audited)]
    found += [(one, told) for one in audited.candidates for told in _of_entry(one, audited, expected, now)]
    instead = {"no_mfa": "Log in as one who may act on it: on a federated user, nobody may."} if audited.unread else {}
    return [
        Finding(kind, user.name, detail, user.id, device_id, one and one.source, instead.get(kind))
        for one, (kind, detail, device_id) in found
    ]


def of_domain(domain: Domain, expected: Expectation) -> list[Finding]:
    """Return the finding of a domain that asks for less than it should."""
    have = LEVELS.index(domain.enforcement_level) if domain.enforcement_level in LEVELS else 0
    if have >= LEVELS.index(expected.enforcement_level):
        return []
    level = domain.enforcement_level or "not told by the service"
    detail = f"The enforcement level is {level} and should be {expected.enforcement_level}."
    return [Finding("weak_policy", f"domain {domain.id}", detail)]


def _of_settings(audited: AuditedUser) -> Found:
    if not audited.user.mfa.enabled and audited.unread:  # a federated one can't have MFA, and does not show what it is
        yield "no_mfa", "MFA is off, and the account that logs in may not act on this one.", None
    elif not audited.user.mfa.enabled:
        yield "no_mfa", "The account logs in with its password alone.", None
    elif audited.user.mfa.state == "LOCKED":
        yield "locked", "Wrong passcodes locked the account.", None


def needs_phones(user: User, devices: Sequence[Device] | None) -> bool:
    """Return whether only the phones can tell the factor of the user (contract, "Settings")."""
    return (
        user.enabled
        and user.mfa.enabled
        and user.mfa.factor_type is None
        and devices is not None
        and not any(device.verified for device in devices)
    )


def with_factor(user: User, devices: Sequence[Device] | None, phones: Sequence[Phone] | None) -> User:
    """Return the user with the factor that the one kind of verified device tells, when the service does not."""
    if needs_phones(user, devices) and any(phone.verified for phone in phones or ()):
        return user._replace(mfa=user.mfa._replace(factor_type="SMS"))
    return user


def _of_reading(audited: AuditedUser) -> Found:
    if audited.unread:
        yield "unread", "The account that logs in may not see the OTP devices of this one.", None


def _of_devices(audited: AuditedUser) -> Found:
    if audited.devices is None:
        return
    verified = [device for device in audited.devices if device.verified]
    if audited.user.mfa.uses_otp and not verified:
        yield "no_verified_device", "MFA is on, and no OTP device of the account is verified.", None
    known = {device_id for entry in audited.entries for device_id in entry.device_ids}
    for device in audited.devices:
        if not device.verified and device.id not in known:
            yield "unverified_device", f"The OTP device {device.name} was never verified.", device.id
    if any(entry.device_id for entry in audited.entries):
        for device in verified:
            if device.id not in known:
                yield "extra_device", f"The OTP device {device.name} can log in, and is not the stored one.", device.id
    elif len(verified) > 1:  # which of them may go is not known
        yield "extra_device", f"{len(verified)} OTP devices can log in, and no entry tells which one is stored.", None


def _of_entries(audited: AuditedUser) -> Found:
    if not audited.entries and audited.stores_read and audited.user.mfa.uses_otp:
        yield "not_stored", "MFA is on, and no store that was read has a secret of the account.", None
    if len(audited.entries) > 1:
        others = ", ".join(entry.source for entry in audited.entries if entry != audited.entry)
        if audited.entry:
            detail = f"Only the entry {audited.entry.source} can be the right one. There are others: {others}."
        else:
            detail = f"Which of these entries of the account is right is not known: {others}."
        yield "several_entries", detail, None


def _of_entry(entry: AuditEntry, audited: AuditedUser, expected: Expectation, now: datetime) -> Found:
    devices = audited.devices
    if devices is not None and entry.device_id and entry.device_id not in {device.id for device in devices}:
        yield "stored_device_gone", f"The account has no OTP device {entry.device_id}.", entry.device_id
    if not entry.has_secret and audited.user.mfa.uses_otp:
        yield "not_stored", "MFA is on, and the stored entry does not hold a secret that can be read.", None
    elif entry.pending:
        yield "incomplete", f"An exchange of devices is pending: {' and '.join(entry.pending)}.", None
    elif audited.user.mfa.enabled and entry.proved is None:
        yield "incomplete", "MFA is on, and no two-factor login with the stored secret was proved.", None
    if expected.max_age_days is not None:
        age = entry.age_days(now)
        if age is None:
            yield "old_secret", "The entry does not say when its secret was created.", None
        elif age > expected.max_age_days:
            yield "old_secret", f"The secret is {age} days old, and should be at most {expected.max_age_days}.", None
    codes = entry.live_codes(now)
    if audited.user.mfa.enabled and codes < expected.bypass_codes:
        yield "few_bypass_codes", f"{codes} of {expected.bypass_codes} bypass codes are stored and valid.", None
