# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stored entry of an account: one run at a time, and saves that compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.account_lock import AccountLock
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import StoreChanged, StoredEntry
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored_factor import from_store

SERVICE = "https://identity.example"
OWNER = {"username": "alice", "user_id": "u1", "auth_endpoint": SERVICE}


class Place:
    """A store whose content a test changes in between."""

    place = "the place"

    def __init__(self, content: dict[str, Any] | None = None) -> None:
        self.content = content
        self.writes = 0
        self.before_save: list[dict[str, Any] | None] = []
        """What other runs put here, one before each save."""

    def check(self) -> None:
        """It works."""

    def load(self) -> dict[str, Any] | None:
        return None if self.content is None else dict(self.content)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        self._change(dict(entry), instead_of)

    def remove(self, instead_of: Entry) -> None:
        self._change(None, instead_of)

    def _change(self, entry: dict[str, Any] | None, instead_of: Entry | None) -> None:
        if self.before_save:
            self.content = self.before_save.pop(0)
        if self.content != instead_of:
            raise StoreChanged("changed")
        self.content = entry
        self.writes += 1


class Lock(AccountLock):
    """A lock that tells whether it is held."""

    held = False

    def acquire(self) -> bool:
        self.held = True
        return True

    def release(self) -> None:
        self.held = False


def opened(place: Place, keep: Callable[[str], None] = print, *, check_mode: bool = False) -> StoredEntry:
    def lock(record: Record) -> Lock:
        return Lock(record.busy, "alice", max_wait=0, tell=print)

    stored = StoredEntry(place, lock, keep, check_mode=check_mode)
    stored.open(Record(Path("nowhere"), SERVICE, "alice"))
    return stored


def test_what_the_service_may_repeat_is_masked_and_no_note_of_the_user() -> None:
    kept: list[str] = []
    entry = {**OWNER, "secret": "s1", "next": {"secret": "s2"}, "bypass_codes": ["1"], "note": OWNER["user_id"]}
    place = Place(entry)
    stored = opened(place, kept.append)
    stored.save({**entry, "next": {"secret": "s3", "key_uri": "otpauth:"}})
    assert set(kept) == {"s1", "s2", "s3", "otpauth:", "1"}
    place.before_save = [None]
    with pytest.raises(StoreChanged):  # the service may repeat the new secret, whether it is stored or not
        stored.save({**entry, "next": {"secret": "s4"}})
    assert "s4" in kept


HAD = {**OWNER, "device_id": "d1", "secret": "s1", "last_step": 5, "step_offset": -1, "bypass_codes": ["1", "2"]}


@pytest.mark.parametrize(
    ("wanted", "theirs", "stands"),
    [
        ({**HAD, "orphans": ["x"]}, {**HAD, "last_step": 9}, {**HAD, "orphans": ["x"], "last_step": 9}),
        ({**HAD, "last_step": 7}, {**HAD, "last_step": 9}, {**HAD, "last_step": 9}),
        ({**HAD, "last_step": 9}, {**HAD, "last_step": 7}, {**HAD, "last_step": 9}),
        ({**HAD, "step_offset": 0}, {**HAD, "bypass_codes": ["2"]}, {**HAD, "step_offset": 0, "bypass_codes": ["2"]}),
        ({**OWNER, "secret": "s2"}, {**HAD, "last_step": 9, "proved": "now"}, {**OWNER, "secret": "s2"}),
        ({**HAD, "secret": "s2", "last_step": 7}, {**HAD, "last_step": 9}, {**HAD, "secret": "s2", "last_step": 7}),
        (HAD, {**HAD, "next": {"last_step": 3}}, None),
        (HAD, {**HAD, "device_id": "d2"}, None),
        (HAD, None, None),
        ({**HAD, "bypass_codes": ["2"]}, {**HAD, "bypass_codes": ["2"]}, None),
        ({**HAD, "bypass_codes": ["2"]}, {**HAD, "bypass_codes": ["8", "9"]}, None),
        ({**HAD, "orphans": ["x"]}, {**HAD, "orphans": ["y"]}, None),
    ],
    ids=[
        "a login of another controller", "an older step here", "a newer step here", "a code was taken",
        "notes are of the former secret", "steps are of the former secret", "a replacement has begun",
        "another device", "the entry was removed", "the same code was taken", "the codes were renewed",
        "both left a device behind",
    ],
)  # fmt: skip
def test_what_another_run_noted_is_kept_and_what_it_changed_is_not_overwritten(
    wanted: dict[str, Any], theirs: dict[str, Any] | None, stands: dict[str, Any] | None
) -> None:
    place = Place(HAD)
    stored = opened(place)
    place.before_save = [theirs]
    if stands is None:
        with pytest.raises(StoreChanged, match="Another run changed what is stored in the place"):
            stored.save(wanted)
        assert place.content == theirs
    else:
        stored.save(wanted)
        assert place.content == stored.entry == stands


def test_notes_of_the_next_secret_are_kept() -> None:
    had = {**HAD, "next": {"device_id": "d2", "secret": "s2"}}
    theirs = {**had, "next": {"device_id": "d2", "secret": "s2", "last_step": 4}}
    place = Place(had)
    stored = opened(place)
    place.before_save = [theirs]
    stored.save({**had, "orphans": ["x"]})
    assert place.content == {**theirs, "orphans": ["x"]}
    place.before_save = [{**theirs, "orphans": ["x"], "next": {"device_id": "d3", "secret": "s3"}}]
    with pytest.raises(StoreChanged):
        stored.save({**stored.entry, "orphans": []})
    stored.reload()
    place.content = {**theirs, "orphans": ["x"]}
    stored.reload()
    place.before_save = [{**theirs, "orphans": ["x"], "next": {"device_id": "d2", "secret": "s2", "last_step": 6}}]
    with pytest.raises(StoreChanged):
        stored.save({**OWNER, "secret": "s2", "last_step": 4, "previous": "d1"})


def test_an_entry_that_another_run_made_since_it_was_read_gives_the_secret() -> None:
    place = Place()
    stored = opened(place)
    place.content = {**HAD, "secret": "MFRGGZDF"}
    factor, _notes = from_store(stored, Factor())(Record(Path("nowhere"), SERVICE, "alice"))
    assert factor.otp is not None
    assert factor.otp.secret == "MFRGGZDF"


def test_a_save_is_tried_a_few_times_and_not_for_ever() -> None:
    place = Place(HAD)
    stored = opened(place)
    place.before_save = [{**HAD, "last_step": step} for step in range(6, 100)]
    with pytest.raises(StoreChanged):
        stored.save({**HAD, "orphans": ["x"]})
    assert len(place.before_save) > 80


@pytest.mark.parametrize("theirs", [HAD, {**HAD, "last_step": 9}, {**HAD, "bypass_codes": []}])
def test_a_removal_takes_what_was_noted_meanwhile_with_it(theirs: dict[str, Any]) -> None:
    place = Place(HAD)
    stored = opened(place)
    place.before_save = [theirs]
    stored.remove()
    assert (place.content, stored.entry) == (None, {})
    stored.remove()
    assert place.writes == 1


def test_a_removal_does_not_take_the_entry_of_another_run() -> None:
    place = Place(HAD)
    stored = opened(place)
    place.before_save = [{**HAD, "device_id": "d2"}]
    with pytest.raises(StoreChanged):
        stored.remove()
    assert place.content == {**HAD, "device_id": "d2"}


def test_check_mode_writes_nothing_and_shows_what_would_be() -> None:
    place = Place(HAD)
    stored = opened(place, check_mode=True)
    stored.save({**HAD, "secret": "s2"})
    assert (stored.entry["secret"], place.content) == ("s2", HAD)
    stored.remove()
    assert (stored.entry, place.content, place.writes) == ({}, HAD, 0)


def test_the_lock_is_given_back_when_the_entry_is_refused() -> None:
    locks: list[Lock] = []

    def lock(record: Record) -> Lock:
        locks.append(Lock(record.busy, "alice", max_wait=0, tell=print))
        return locks[-1]

    stored = StoredEntry(Place({**HAD, "username": "bob"}), lock, print)
    with pytest.raises(OptionError):
        stored.open(Record(Path("nowhere"), SERVICE, "alice"))
    assert (locks[0].held, stored.is_open) == (False, False)


@pytest.mark.parametrize("is_open_to_all", [True, False], ids=["every user can write beside it", "it cannot be read"])
def test_a_record_that_cannot_be_used_stops_the_call_before_it_begins(record: Record, is_open_to_all: bool) -> None:
    """Later a device would be there already, whose verification could not be noted."""
    record.path.parent.mkdir()
    if is_open_to_all:
        record.path.parent.chmod(0o777)
    else:
        record.path.write_text("{")
    lock = Lock(record.busy, "alice", max_wait=0, tell=print)
    stored = StoredEntry(Place(HAD), lambda _record: lock, print)
    with pytest.raises(OptionError, match=r"record of used passcodes"):
        stored.open(record)
    assert (lock.held, stored.is_open, stored.entry) == (False, False, {})
