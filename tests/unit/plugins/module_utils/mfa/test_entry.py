# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored of an account: whose it is, and how one device takes the place of another."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, NewDevice
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit_entry import AuditEntry
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.entry import (
    age_in_days,
    ids_of,
    of_device,
    promoted,
    with_orphans,
)

SERVICE = "https://identity.example"
OWNER = {"username": "alice", "user_id": "u1", "auth_endpoint": SERVICE}
NOW = datetime(2026, 11, 24, 22, 0, 5, 999, timezone.utc)
NEW = NewDevice(Device("d2", "ansible", verified=False), "CANARY", "otpauth://totp/x?secret=CANARY", "")


def test_a_new_device_fills_its_part() -> None:
    assert of_device(NEW, NOW) == {
        "device_id": "d2",
        "device_name": "ansible",
        "secret": "CANARY",
        "key_uri": "otpauth://totp/x?secret=CANARY",
        "step_offset": None,
        "created": "2026-11-24T22:00:05Z",
    }


def test_the_next_device_takes_the_place_of_the_first() -> None:
    entry = {
        **OWNER,
        "device_id": "d1",
        "secret": "OLD",
        "proved": "then",
        "bypass_codes": ["1"],
        "next": of_device(NEW, NOW),
    }
    after = promoted(entry, previous="d1")
    assert after == {**OWNER, **of_device(NEW, NOW), "bypass_codes": ["1"], "previous": "d1"}
    assert entry["secret"] == "OLD", "it is not changed in place"


def test_what_must_be_deleted_is_added_to_what_was_noted() -> None:
    entry = {**OWNER, "orphans": ["d1"]}
    assert with_orphans(entry, [Device("d2", "x", verified=False)]) == {**OWNER, "orphans": ["d1", "d2"]}
    assert with_orphans(entry, []) == entry
    assert with_orphans(OWNER, []) == OWNER


def test_a_removal_begins_with_what_has_no_secret_and_ends_with_what_logs_in() -> None:
    entry = {"device_id": "stored", "next": {"device_id": "next"}, "previous": "previous", "orphans": ["a", "b"]}
    assert ids_of(entry) == ["a", "b", "previous", "next", "stored"]
    assert ids_of({"previous": "", "next": {}}) == []
    named_twice = {"device_id": "stored", "next": {"device_id": "next"}, "previous": "stored", "orphans": ["next", "a"]}
    assert ids_of(named_twice) == ["a", "next", "stored"]


def test_an_age_is_in_whole_days() -> None:
    now = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)
    written = ("2026-11-23T12:00:01Z", "2026-10-25T12:00:00Z", "2026-11-22", "2026-11-23T14:00:00+02:00", "soon")
    to_come = ("2026-11-24T12:00:05Z", "2026-11-25T12:00:00Z", "2026-11-25T12:00:01Z", "2036-11-24T12:00:00Z")
    assert [age_in_days(at, now) for at in to_come] == [0, 0, None, None]
    ages = [age_in_days(at, now) for at in written]
    assert [*ages, age_in_days(None, now)] == [0, 30, 2, 1, None, None]
    assert [AuditEntry.read({"created": at}, "mfa.yml").age_days(now) for at in written] == ages
