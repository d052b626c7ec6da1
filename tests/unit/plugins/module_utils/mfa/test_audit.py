# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit finds: each kind of finding, what is none, and whose entry is whose."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Phone, User
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit_entry import is_entry
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.findings import KINDS, needs_phones, with_factor
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.host_names import Taken
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.audits import (
    OWN,
    SECRET,
    Entry,
    audited,
    entry,
    kinds,
    user,
)

NO_DEVICE = entry(device_id="absent")


def of_alice(devices: tuple[Device, ...] | None = (OWN,), stored: Entry | None = None, **more: Any) -> list[str]:
    alice = more.pop("alice", user())
    entries = more.pop("entries", [stored or entry()])
    return kinds(audited(alice, devices={alice.id: devices}, entries=entries, **more))


def test_a_settled_account_has_no_finding() -> None:
    assert of_alice() == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"alice": user(on=False), "devices": (), "entries": []}, ["no_mfa"]),
        ({"alice": user(state="LOCKED")}, ["locked"]),
        ({"devices": None}, ["unread"]),
        ({"devices": None, "entries": []}, ["unread", "not_stored"]),
        ({"devices": (), "entries": []}, ["no_verified_device", "not_stored"]),
        ({"devices": ()}, ["no_verified_device", "stored_device_gone"]),
        ({"devices": (OWN, Device("d2", "phone", verified=False))}, ["unverified_device"]),
        ({"devices": (OWN, Device("d2", "phone", verified=True))}, ["extra_device"]),
        ({"devices": (OWN, Device("d2", "phone", verified=True)), "entries": []}, ["not_stored", "extra_device"]),
        ({"devices": (OWN, Device("d2", "phone", verified=True)), "stored": NO_DEVICE}, ["extra_device"]),
        ({"entries": []}, ["not_stored"]),
        ({"devices": (Device("d2", "ansible", verified=True),)}, ["stored_device_gone", "extra_device"]),
        ({"stored": entry(user_id="earlier")}, ["wrong_owner"]),
        ({"stored": entry(username="bob")}, ["wrong_owner"]),
        ({"entries": [entry(), entry("gone")]}, ["orphan_entry"]),
        ({"entries": [entry(), entry()]}, ["several_entries"]),
        ({"stored": entry(proved="absent")}, ["incomplete"]),
        ({"stored": entry(previous="d0")}, ["incomplete"]),
        ({"stored": entry(secret="absent")}, ["not_stored"]),
        ({"stored": entry(secret="GEZDGNBV1")}, ["not_stored"]),
        ({"stored": entry(secret="", proved="absent", previous="d0")}, ["not_stored"]),
        ({"stored": entry(next={"device_id": "d2", "secret": SECRET})}, ["incomplete"]),
        ({"max_age_days": 26}, ["old_secret"]),
        ({"stored": entry(created="absent"), "max_age_days": 90}, ["old_secret"]),
        ({"bypass_codes": 3}, ["few_bypass_codes"]),
        ({"stored": entry(bypass_codes_end="2026-11-28T12:00:00Z"), "bypass_codes": 1}, ["few_bypass_codes"]),
        ({"level": "OPTIONAL"}, ["weak_policy"]),
        ({"level": "REQUIRED", "enforcement_level": "RACKSPACE_MANDATED"}, ["weak_policy"]),
        ({"level": "of a kind that nobody knows"}, ["weak_policy"]),
        ({"level": None}, ["weak_policy"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_finding(given: dict[str, Any], found: list[str]) -> None:
    assert of_alice(**given) == found


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"alice": user(enabled=False, on=False), "devices": (), "entries": []}, id="disabled"),
        pytest.param({"alice": user(factor_type="SMS"), "devices": (), "entries": []}, id="by SMS"),
        pytest.param({"alice": user(enabled=False), "devices": None}, id="devices of a disabled user"),
        pytest.param({"stored": NO_DEVICE}, id="entry that names no device"),
        pytest.param(
            {"stored": entry(secret="absent", key_uri="otpauth://totp/x?secret=GEZDGNBV")}, id="key URI alone"
        ),
        pytest.param({"alice": user(factor_type="SMS"), "stored": entry(secret="absent")}, id="lost, and by SMS"),
        pytest.param({"stored": entry("ALICE", user_id="id-of-alice")}, id="name in another case"),
        pytest.param({"stored": entry(user_id="absent")}, id="entry without an id"),
        pytest.param({"stored": entry(auth_endpoint="https://IDENTITY.api.rackspacecloud.com:443/")}, id="spelling"),
        pytest.param({"stored": entry(auth_endpoint="us")}, id="short name"),
        pytest.param({"max_age_days": 27}, id="young enough"),
        pytest.param({"bypass_codes": 2}, id="enough codes"),
        pytest.param({"level": "OPTIONAL", "enforcement_level": "OPTIONAL"}, id="policy as expected"),
        pytest.param({"level": "RACKSPACE_MANDATED"}, id="stronger policy"),
    ],
)
def test_no_finding(given: dict[str, Any]) -> None:
    assert of_alice(**given) == []


PHONE = Device("d2", "phone", verified=True)
OLD = entry(device_id="gone", created="2025-11-01T00:00:00Z", proved="absent")


@pytest.mark.parametrize(
    ("devices", "entries", "right"),
    [
        pytest.param((OWN,), [OLD, entry()], 1, id="the first is of a device that is gone"),
        pytest.param((OWN,), [entry(), OLD], 0, id="the second is"),
        pytest.param((OWN,), [entry(secret="absent"), entry()], 1, id="without a secret"),
        pytest.param((OWN, PHONE._replace(verified=False)), [entry(device_id="d2"), entry()], 1, id="not verified"),
        pytest.param((OWN, PHONE), [{**OLD, "previous": "d2"}, entry()], 1, id="of a device that was to be deleted"),
        pytest.param(
            (OWN, PHONE), [{**OLD, "next": {"device_id": "d2", "secret": SECRET}}, entry()], 1, id="of one to come"
        ),
        pytest.param((OWN, PHONE), [entry(device_id="d2"), entry()], None, id="two verified devices"),
        pytest.param(None, [OLD, entry()], None, id="devices not read"),
        pytest.param(None, [entry(), entry(secret="absent")], 0, id="devices not read, and one without a secret"),
        pytest.param((OWN,), [NO_DEVICE, NO_DEVICE], None, id="no device is named"),
    ],
)
def test_of_several_entries_that_of_a_verified_device_counts(
    devices: tuple[Device, ...] | None, entries: list[Entry], right: int | None
) -> None:
    """No right device or entry is told to be removed, whatever the order is."""
    alice = user()
    outcome = audited(alice, devices=None if devices is None else {alice.id: devices}, entries=entries)
    (told,) = [one for one in outcome.findings if one["kind"] == "several_entries"]
    assert "mfa.yml: e0" in told["detail"]
    assert "mfa.yml: e1" in told["detail"]
    assert (told["source"], told["next"]) == (None, "Find out which entry logs in before you remove any.")
    stored = outcome.users[0]["stored"]
    assert (stored and stored["source"]) == (None if right is None else f"mfa.yml: e{right}")
    assert ("Only the entry mfa.yml: e" in told["detail"]) is (right is not None)
    wrong = {"extra_device", "unverified_device", "orphan_entry", "stored_device_gone", "not_stored"}
    assert not wrong & {*kinds(outcome)}


def test_an_entry_with_the_secret_of_no_verified_device_is_not_the_right_one() -> None:
    """The other one names the device that is there, and has lost its secret."""
    alice = user()
    outcome = audited(alice, devices={alice.id: (OWN,)}, entries=[OLD, entry(secret="absent")])
    assert outcome.users[0]["stored"] is None
    assert "not_stored" in kinds(outcome)


def test_of_several_entries_none_of_which_can_log_in_each_is_told() -> None:
    """What fails an audit of one of them fails that of both; and a device that none of them has is unknown."""
    alice = user()
    outcome = audited(alice, devices={alice.id: (PHONE,)}, entries=[OLD, {**OLD, "device_id": "lost"}], max_age_days=90)
    assert {one["source"] for one in outcome.findings if one["kind"] == "stored_device_gone"} == {
        "mfa.yml: e0",
        "mfa.yml: e1",
    }
    assert {*kinds(outcome)} == {"stored_device_gone", "incomplete", "several_entries", "extra_device", "old_secret"}


def test_which_device_may_go_is_not_told_when_no_entry_tells() -> None:
    alice, two = user(), (OWN, Device("d2", "phone", verified=True))
    for entries in ([], [NO_DEVICE]):
        found = audited(alice, devices={alice.id: two}, entries=entries).findings
        assert [one["device_id"] for one in found if one["kind"] == "extra_device"] == [None]


@pytest.mark.parametrize(
    ("alice", "devices", "asked", "factor"),
    [
        pytest.param(user(factor_type=None), (), True, "SMS", id="the phone tells"),
        pytest.param(user(factor_type=None), (Device("d2", "new", verified=False),), True, "SMS", id="not verified"),
        pytest.param(user(factor_type=None), (OWN,), False, None, id="both kinds may be verified"),
        pytest.param(user(factor_type=None), None, False, None, id="devices not read"),
        pytest.param(user(), (), False, "OTP", id="told"),
        pytest.param(user(on=False), (), False, None, id="off"),
        pytest.param(user(enabled=False, factor_type=None), (), False, None, id="disabled"),
    ],
)
def test_the_one_kind_of_verified_device_tells_the_factor(
    alice: User, devices: tuple[Device, ...] | None, asked: bool, factor: str | None
) -> None:
    phone = Phone("p1", "+15125550100", verified=True)
    assert needs_phones(alice, devices) is asked
    assert with_factor(alice, devices, (phone,)).mfa.factor_type == factor
    assert with_factor(alice, devices, (phone._replace(verified=False),)) == alice
    assert with_factor(alice, devices, None) == alice


def test_devices_of_an_exchange_are_known() -> None:
    replacing = entry(next={"device_id": "d2", "secret": SECRET}, previous="d0")
    others = (Device("d2", "ansible", verified=False), Device("d0", "ansible", verified=True))
    assert of_alice((OWN, *others), replacing) == ["incomplete"]


def test_devices_that_were_not_asked_for_or_of_a_user_who_is_gone_are_not_missed() -> None:
    assert kinds(audited(user(), devices=None, entries=[entry()])) == []
    assert kinds(audited(user(), devices={}, entries=[entry()])) == []


def test_without_stores_no_secret_is_missed() -> None:
    alice = user()
    assert kinds(audited(alice, devices={alice.id: (OWN,)})) == []


def test_entries_of_another_endpoint_are_not_looked_at() -> None:
    alice = user()
    outcome = audited(alice, entries=[entry(), entry("bob", auth_endpoint="https://lon.identity.example.com")])
    assert kinds(outcome) == []
    assert outcome.summary["entries_elsewhere"] == 1


def test_summary_counts_users_and_findings() -> None:
    people = [user("a"), user("b", on=False), user("c", enabled=False, on=False), user("d", factor_type=None)]
    summary = audited(*people, level="OPTIONAL").summary
    assert (summary["users"], summary["disabled"], summary["mfa_on"], summary["mfa_off"]) == (4, 1, 2, 1)
    assert summary["factors"] == {"OTP": 1, "SMS": 0, "unknown": 1}
    assert summary["kinds"] == {**dict.fromkeys(KINDS, 0), "no_mfa": 1, "weak_policy": 1}
    assert summary["severities"] == {"high": 2, "medium": 0, "low": 0}
    assert summary["with_findings"] == 1


def test_users_carry_their_findings_and_host_names() -> None:
    outcome = audited(user("mfa_off", on=False), user("bob"), user("domain_100"))
    assert [(one["host"], one["findings"]) for one in outcome.users] == [
        ("user-id-of-mfa_off", ["no_mfa"]),
        ("bob", []),
        ("user-id-of-domain_100", []),
    ]
    assert outcome.needs_work == [{"host": "user-id-of-mfa_off", "id": "id-of-mfa_off", "name": "mfa_off"}]


def test_a_user_keeps_its_host_and_takes_that_of_nobody_else() -> None:
    """A server, a group, the user of another domain, and a host that the inventory calls otherwise."""
    taken = Taken({"web", "db"}, {"ann": "id-of-ann", "h1": "id-of-bob", "eve": "another", "db2": "id-of-db"})
    users = [user(name) for name in ("ann", "bob", "db", "eve", "h1", "web")]
    outcome = audited(*users, taken=taken)
    hosts = ["ann", "h1", "db2", "user-id-of-eve", "user-id-of-h1", "user-id-of-web"]
    assert [one["host"] for one in outcome.users] == hosts


def test_who_may_not_be_acted_on_is_no_work_and_not_sent_to_enroll() -> None:
    """Such as a federated user, for whom the service refuses MFA (contract, "Who may act on whom")."""
    outcome = audited(user("fay", on=False), user("bob", on=False), devices={"id-of-fay": None, "id-of-bob": (OWN,)})
    assert [one["findings"] for one in outcome.users] == [["no_mfa", "unread"], ["no_mfa"]]
    assert [one["name"] for one in outcome.needs_work] == ["bob"]
    told = {one["subject"]: (one["detail"], one["next"]) for one in outcome.findings if one["kind"] == "no_mfa"}
    assert told["bob"] == ("The account logs in with its password alone.", "Run rackspace.identity.enroll.")
    assert told["fay"] == (
        "MFA is off, and the account that logs in may not act on this one.",
        "Log in as one who may act on it: on a federated user, nobody may.",
    )


def test_no_secret_is_in_the_outcome() -> None:
    alice = user()
    both = entry(next={"device_id": "d2", "secret": "MFRGGZDFMZTWQ2LK"}, key_uri="otpauth://totp/x?secret=ORSXG5A")
    text = str(audited(alice, devices={alice.id: (OWN,)}, entries=[both], bypass_codes=5))
    for secret in (SECRET, "MFRGGZDFMZTWQ2LK", "ORSXG5A", "12345678", "23456789"):
        assert secret not in text


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (entry(), True),
        ({"username": "alice", "device_id": "d1"}, True),
        ({"secret": SECRET}, False),
        ({"username": "alice"}, False),
        ("text", False),
        (None, False),
    ],
)
def test_what_counts_as_an_entry(value: Any, is_one: bool) -> None:
    assert is_entry(value) is is_one


@pytest.mark.parametrize("key", ["username", "device_id", "created", "bypass_codes", "bypass_codes_end", "next"])
@pytest.mark.parametrize("value", [None, "", [], {}, 7, True, "not a time"], ids=repr)
def test_odd_values_do_not_end_an_audit(key: str, value: Any) -> None:
    audited(user(), entries=[entry(**{key: value})], max_age_days=1, bypass_codes=1)
