# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stored entry of an account, as one call works with it. Private to the collection.

The stores themselves, but for the one that keeps nothing, live on the controller; this knows what they can do. A call
holds the account's lock from its first read to its last save. A save names the entry that it replaces, so two
controllers that share only the store cannot overwrite each other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..api.errors import Conflict, OptionError
from . import refusals
from .entry_owner import UNCHANGED, check_owner
from .entry_shape import Entry, holds_secret, next_of, secrets_of_service

if TYPE_CHECKING:
    from .account_lock import AccountLock
    from .record import Record

_OF_SECRET = frozenset({"last_step", "step_offset", "proved"})
"""What a login notes of the use of a secret."""
OF_CODES = frozenset({"bypass_codes", "bypass_codes_end"})
_NOTES = _OF_SECRET | OF_CODES | {"orphans", refusals.KEY}
"""What another controller may change while this call works on a device."""
_MOST_TRIES = 8
_Result = TypeVar("_Result")
_STOPPED = "Another run stored it while this one worked on the account, and this one stopped."


class StoreChanged(Conflict):
    """The store holds another entry than the one that was to be replaced: another run was faster."""

    @classmethod
    def at(cls, place: str) -> StoreChanged:
        """Say so of that place, where nothing was written."""
        return cls(
            f"Another run has changed {place} in the meantime, so nothing was written there. Run the task again: it "
            "starts from what is stored now."
        )


class Store(Protocol):
    """The place of one account's entry.

    Each method raises OptionError, which names the option and the place, when the store cannot be used.
    """

    place: str
    """The store in words, for messages."""

    def check(self) -> None:
        """Make sure that a save can work, before anything is written or sent."""

    def load(self) -> dict[str, Any] | None:
        """Return the stored entry in builtin types; None when nothing is stored."""

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Store the entry in place of that one (None: of nothing).

        :raises StoreChanged: another entry stands there; nothing is written.
        """

    def remove(self, instead_of: Entry) -> None:
        """Remove that entry.

        :raises StoreChanged: another entry stands there; nothing is removed.
        """


class NoStore:
    """The store `none`, where a person keeps the secret: it holds nothing and keeps nothing."""

    place = "the store none"

    def check(self) -> None:
        """Nothing can go wrong."""

    def load(self) -> dict[str, Any] | None:
        """Return nothing."""
        return None

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Keep nothing."""

    def remove(self, instead_of: Entry) -> None:
        """Remove nothing."""


class StoredEntry:
    """The entry of one account: read under the account's lock, and saved by comparison.

    :param lock: makes the lock of the account that this record belongs to.
    :param keep: is given the secrets of each entry that is read or saved, to be masked from then on.
    :param check_mode: only `amend` writes, which notes refusals; `entry` is what it would be after a save.
    """

    def __init__(
        self,
        store: Store,
        lock: Callable[[Record], AccountLock],
        keep: Callable[[str], None],
        *,
        check_mode: bool = False,
    ) -> None:
        self.store = store
        self.check_mode = check_mode
        self.entry: dict[str, Any] = {}
        self.waited = False
        """Did another run have the lock first?"""
        self._make_lock = lock
        self._keep = keep
        self._lock: AccountLock | None = None
        self._exists = False
        self._is_ready = False
        self._record: Record | None = None

    @property
    def is_kept(self) -> bool:
        """Does the store keep the entry when the task ends?"""
        return not isinstance(self.store, NoStore)

    @property
    def is_open(self) -> bool:
        """Was the entry read?"""
        return self._lock is not None

    def open(self, record: Record) -> dict[str, Any]:
        """Take the lock of the account and return its entry, which is empty when nothing is stored.

        :raises OptionError: the entry belongs to another account or service, or the store or the record cannot be used.
        """
        if self._lock is None:
            lock = self._make_lock(record)
            self.waited = lock.acquire()
            self._lock = lock
            try:
                record.check()  # it is written before a passcode or a code is sent, when a device may be there already
                self._record = record
                self._take_over(self._found(UNCHANGED))
            except BaseException:
                self.close()
                raise
        return self.entry

    def look(self, record: Record | None = None) -> dict[str, Any]:
        """Return what stands in the store now, without the lock of the account. `entry` stays what it is.

        :param record: that of the account, when the entry was not opened.
        :raises OptionError: the entry belongs to another account or service, or the store cannot be used.
        """
        self._record = record or self._record
        return self._found(UNCHANGED) or {}

    def prepare(self) -> None:
        """Make sure that a save can work, before something is made that has to be saved. Checked once.

        :raises OptionError: it cannot.
        """
        if not self._is_ready:
            self.store.check()
            self._is_ready = True

    def close(self) -> None:
        """Give the lock back."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def save(self, entry: Entry) -> None:
        """Store the entry in place of the one that was read or saved last.

        What another controller noted about its logins in the meantime is kept.

        :raises StoreChanged: something else was changed, too, or bypass codes that this call changes; nothing is
            written, and `entry` is what stands there.
        """
        self._write_over_notes(entry)

    def remove(self) -> None:
        """Remove the entry; nothing happens when there is none.

        :raises StoreChanged: another run put another one there.
        """
        if self._exists:
            self._write_over_notes(None)

    def _write_over_notes(self, wanted: Entry | None) -> None:
        """Save exactly, on top of what other runs have noted since."""
        for _try in range(_MOST_TRIES):
            try:
                return self.save_exactly(wanted, is_unique=True)
            except StoreChanged:
                merged = self._merged(self.entry if wanted is None else wanted)
                wanted = None if wanted is None else merged
        raise self.too_late()

    def retried(self, change: Callable[[], _Result], *, tries: int = _MOST_TRIES) -> _Result:
        """Make a change that saves exactly; make it anew, of the entry that stands there, when another run was faster.

        :raises StoreChanged: other runs were faster each time.
        """
        for _try in range(tries):
            with contextlib.suppress(StoreChanged):
                return change()
            self.reload()
        raise self.too_late()

    def reload(self) -> None:
        """Read the entry again, after another controller changed it.

        :raises OptionError: the entry that stands there now belongs to another account.
        """
        self._take_over(self._found(_STOPPED))

    def save_exactly(self, entry: Entry | None, *, is_unique: bool = False) -> None:
        """Store the entry, or with None remove it, if nothing at all was changed in the meantime.

        :param is_unique: no other run stores the same, as two do that note one step or take one bypass code. Then what
            stands there after a failure was stored by this save.
        :raises StoreChanged: something was; nothing is written. `reload` reads it.
        """
        self._keep_secrets_of(entry or {})  # also if the save fails
        if not self.check_mode:
            try:
                if entry is None:
                    self.store.remove(self.entry)
                else:
                    self.store.save(entry, self.entry if self._exists else None)
            except OptionError:
                if not (is_unique and self._is_done(entry)):
                    raise
        self._take_over(entry)

    def _is_done(self, wanted: Entry | None) -> bool:
        """Was a change that failed done all the same, such as when the answer was lost?"""
        with contextlib.suppress(OptionError):
            if self.store.load() == wanted:
                self.store.check()  # what it deletes by itself is not kept
                return True
        return False

    def amend(self, change: Callable[[Entry], dict[str, Any]]) -> None:
        """Change the entry that stands in the store now; another run may have put it there.

        `entry` stays the one that this call works with, so a save that follows finds out about the other run.

        :raises OptionError: the store cannot be used, or that entry belongs to another account.
        """
        for _try in range(_MOST_TRIES):
            there = self._found(_STOPPED)
            if not there or (changed := change(there)) == there:
                return
            with contextlib.suppress(StoreChanged):
                self.store.save(changed, there)
                if there == self.entry:
                    self.entry = changed
                return

    def holds_secret(self, record: Record) -> bool:
        """Open the entry: does it hold the secret of the device that logs in?

        :raises OptionError: as of `open`.
        """
        return holds_secret(self.open(record))

    def forget_refusals(self) -> None:
        """Note for other controllers that none counts any more. This one has its record, whatever becomes of it."""
        if refusals.KEY in self.entry:
            with contextlib.suppress(OptionError):
                self.amend(refusals.without_refusals)

    def _take_over(self, found: Entry | None) -> None:
        self.entry, self._exists = dict(found or {}), found is not None

    def _found(self, so_far: str) -> dict[str, Any] | None:
        """Read the store. Two accounts may share a place by mistake, so each read looks whose entry it is.

        :param so_far: what the error says of this run.
        """
        found = self.store.load()
        self._keep_secrets_of(found or {})
        if self._record is not None:
            check_owner(found or {}, self._record.username, self._record.endpoint, so_far)
        return found

    def _keep_secrets_of(self, entry: Entry) -> None:
        for secret in secrets_of_service(entry):
            self._keep(secret)

    def _merged(self, wanted: Entry) -> dict[str, Any]:
        """What is wanted on top of what stands there now, when nothing but notes was changed.

        :raises StoreChanged: more was changed, or the same part of it that no two can change.
        """
        base = self.entry
        self.reload()
        theirs = self.entry
        if not (self._exists and only_notes_differ(base, theirs)):
            raise self.too_late()
        noted, ours = _changed(base, theirs), _changed(base, wanted)
        if noted & ours & (OF_CODES | {"next", "orphans"}) or ("orphans" in noted and _is_doomed(wanted, theirs)):
            raise self.too_late()
        if wanted.get("secret") != base.get("secret"):
            noted -= _OF_SECRET  # they are of the former secret
        kept = {key: value for key, value in wanted.items() if key in ours or key not in noted}
        merged = {**kept, **{key: theirs[key] for key in noted - ours if key in theirs}}
        if "last_step" in noted & ours:
            merged["last_step"] = max(entry.get("last_step") or 0 for entry in (wanted, theirs))
        return merged

    def too_late(self) -> StoreChanged:
        """Say that another run was faster."""
        left = "the entry of the other one stands" if self._exists else "no entry stands there now"
        return StoreChanged(
            f"Another run changed what is stored in {self.store.place} while this one worked on the account. This one "
            f"stopped, and {left}. Run it again to see that nothing is left to do."
        )


def only_notes_differ(one: Entry, other: Entry) -> bool:
    """Are two entries of the same devices and secrets, whatever was noted of their use?"""
    if _changed(one, other) - _NOTES - {"next"}:
        return False
    parts = [next_of(entry) for entry in (one, other)]
    return ("next" in one) is ("next" in other) and not _changed(*parts) - _OF_SECRET


def _changed(one: Entry, other: Entry) -> frozenset[str]:
    return frozenset(key for key in {*one, *other} if one.get(key) != other.get(key))


def _is_doomed(wanted: Entry, theirs: Entry) -> bool:
    """Is another run about to delete a device whose secret this one stores? It needs the room."""
    held = {part.get("device_id") for part in (wanted, next_of(wanted))}
    return not held.isdisjoint(theirs.get("orphans") or ())
