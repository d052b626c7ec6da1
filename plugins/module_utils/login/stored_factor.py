# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor that a stored entry gives: its secret, that of a pending device, or a bypass code.

Private to the collection.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..api.clock import ServiceClock
from ..api.errors import Conflict, OptionError, PasscodeRequired
from ..api.texts import is_passcode
from ..api.wire import iso_date
from ..otp.key_uri import SecretError
from ..otp.secret import parse
from .budget import Budget
from .entry_notes import CodeNotes, EntryNotes, GivenNotes
from .entry_shape import Entry, holds_secret, next_of
from .login import Chosen
from .options import Factor
from .passcodes import Notes
from .record import Record
from .refusals import refusals_of
from .stored import StoredEntry
from .typed_passcode import is_bypass_code


def from_store(stored: StoredEntry, given: Factor) -> Chosen:
    """The way to the stored secret, for `Login`.

    :param given: answers when nothing of use is stored, as for a device that is about to be adopted.
    """

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        was_open = stored.is_open
        entry = stored.open(record)
        if was_open and not holds_secret(entry):
            stored.reload()  # another run may have enrolled the account since, and turned MFA on
            entry = stored.entry
        fault = fault_of_secret(entry)
        if fault and given.otp:
            return given._replace(refused=refusals_of(entry)), GivenNotes(stored)
        if fault and holds_secret(entry):
            raise unreadable(record.username, stored.store.place, fault, so_far="no passcode was sent")
        if fault:
            raise PasscodeRequired(
                f"{record.username} is asked for a second factor, and {stored.store.place} holds no secret for it. "
                "Right place? Otherwise recover the account (playbook rackspace.identity.recover), pass a code from "
                "its device as O(passcode), or let an administrator of the domain act (O(target_user))."
            )
        notes = EntryNotes(stored)
        return notes.factor(), notes

    return chosen


def typed(stored: StoredEntry, passcode: str, *, recovers: bool, saves: bool) -> Chosen:
    """The way in by a passcode that a person typed, for `Login`. What other controllers noted of refusals counts.

    It waits for no other run: the passcode would not outlive that. A store that is of no use is told before the
    passcode, which may be the last bypass code, is spent.

    :param recovers: a new secret is about to be stored.
    :param saves: the task may save. That is no reason to wait with a passcode of a device, which costs nothing.
    """

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        keeps = is_bypass_code(passcode)
        prepares = recovers or (saves and keeps)
        entry = stored.open(record) if prepares or stored.is_open else stored.look(record)
        if stored.waited and not keeps:
            raise PasscodeRequired(
                f"O(passcode) is too old: another run worked on {record.username}, and this one waited for it. No "
                "passcode was sent. Run this again with a new one."
            )
        if prepares:
            stored.prepare()
        return Factor(passcode=passcode, refused=refusals_of(entry)), TypedNotes(stored, passcode)

    return chosen


class TypedNotes(EntryNotes):
    """Notes of the use of a passcode that a person typed. It may be a stored bypass code, which is good once."""

    def __init__(self, stored: StoredEntry, passcode: str) -> None:
        super().__init__(stored)
        self._passcode = passcode

    def _settled(self, entry: Entry) -> dict[str, Any]:
        rest = super()._settled(entry)
        return _without_code(rest, self._passcode) if self._passcode in usable_codes(rest) else rest


def without_device(stored: StoredEntry, clock: ServiceClock, *, by_code_only: bool = False) -> Chosen:
    """The way in without the stored device: a device that a killed recovery verified, else a stored bypass code.

    A code is taken out of the store before it is sent: each is good once. None is when it could not be sent. One that
    was sent before, which a person may have typed, stays where it is: the next one is taken.

    :param by_code_only: the device was tried, and is not the account's any more.
    """

    def way(record: Record) -> tuple[Factor, Notes | None]:
        notes = None if by_code_only else pending_secret(stored)
        if notes is not None:
            return notes.factor(), notes
        code = next_code(stored, record, clock)
        _take(stored, record.username, code)
        return Factor(passcode=code), CodeNotes(stored, code, stored.entry["bypass_codes"])

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        stored.open(record)
        return stored.retried(lambda: way(record))

    return chosen


def next_code(stored: StoredEntry, record: Record, clock: ServiceClock) -> str:
    """The stored bypass code that would be sent.

    :raises PasscodeRefused: too many passcodes were refused.
    :raises PasscodeRequired: there is no code.
    """
    budget = Budget(record, clock)
    budget.learn(refusals_of(stored.entry), EntryNotes(stored))
    budget.check()
    good = filter(budget.may_send, live_codes(stored.entry, clock.date()))
    code = next(good, None)
    if not code:
        raise PasscodeRequired(
            f"There is no way to log in as {record.username} without its device: {stored.store.place} holds no valid "
            "bypass code. Pass one as O(passcode), or pass O(api_key), or let an administrator of the domain act "
            "(O(target_user))."
        )
    return code


def _take(stored: StoredEntry, username: str, code: str) -> None:
    """Take a bypass code out of the store.

    :raises StoreChanged: another run has changed the entry.
    """
    if stored.check_mode:
        raise PasscodeRequired(
            f"Only a bypass code would log {username} in, and what changes nothing, such as check mode, spends none. "
            "Pass O(api_key), or let an administrator of the domain act (O(target_user))."
        )
    rest = _without_code(stored.entry, code)
    try:
        stored.save_exactly(rest)
    except OptionError:
        # The last one may have been taken out all the same. If another run took it, it is void, and is refused once.
        if not rest["bypass_codes"]:
            CodeNotes(stored, code, ()).unused()
        raise


def _without_code(entry: Entry, code: str) -> dict[str, Any]:
    # Without an end, an empty list would say that new codes are due (`are_cleared`).
    rest = {key: value for key, value in entry.items() if key != "bypass_codes_end" or value}
    return {**rest, "bypass_codes": [other for other in entry["bypass_codes"] if other != code]}


def fault_of_secret(part: Entry) -> str:
    """Return why no code can be computed of an entry, or of its `next`; nothing when one can.

    A hand may have cut off a part of the secret.
    """
    try:
        otp = parse(part)
    except SecretError as error:
        return str(error)
    return "" if otp.is_of_service else "It is the secret of another service."


def unreadable(account: str, place: str, fault: str, *, so_far: str = "nothing was changed") -> Conflict:
    """Return what to say of a stored secret that cannot be read, and the way out.

    :param so_far: what it says of what was done.
    """
    return Conflict(
        f"The secret of {account} in {place} cannot be read; {so_far}. {fault} Restore the entry, or recover the "
        "account (playbook rackspace.identity.recover), which puts a new device in the place of the one that the entry "
        "names."
    )


def pending_secret(stored: StoredEntry) -> EntryNotes | None:
    """The secret of a replacement that was begun and is known to log in; None when there is none that can be read.

    Codes that were cleared are about to be renewed, by a run that logged in with the stored secret.
    """
    entry = stored.entry
    if ("previous" in entry or are_cleared(entry)) and not fault_of_secret(entry):
        return EntryNotes(stored)
    following = next_of(entry)
    if following.get("step_offset") is not None and not fault_of_secret(following):
        return EntryNotes(stored, "next")
    return None


def live_codes(entry: Entry, now: datetime) -> list[str]:
    """The stored bypass codes that have not expired."""
    is_over = are_over(entry.get("bypass_codes_end"), now)
    return [] if is_over else usable_codes(entry)


def usable_codes(entry: Entry) -> list[str]:
    """The stored bypass codes that can be sent. A hand that edited the entry may have left others there."""
    codes = entry.get("bypass_codes")
    if not isinstance(codes, list | tuple):
        return []
    return [code for code in codes if isinstance(code, str) and is_passcode(code)]


def are_over(end: str | None, now: datetime) -> bool:
    """Have bypass codes expired that end then? Those without an end that can be read have not."""
    moment = iso_date(end or "")
    return moment is not None and moment <= now.timestamp()


def cleared(entry: Entry) -> dict[str, Any]:
    """Return the entry without its bypass codes, which are about to be void, and the note that new ones are due."""
    return {**entry, "bypass_codes": [], "bypass_codes_end": None}


def are_cleared(entry: Entry) -> bool:
    """Has a run begun to make new bypass codes, and not stored them?"""
    return entry.get("bypass_codes") == [] and "bypass_codes_end" in entry and entry["bypass_codes_end"] is None
