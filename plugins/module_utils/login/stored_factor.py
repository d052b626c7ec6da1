# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor that a stored entry gives: its secret, that of a pending device, or a bypass code.

The use of a secret is noted in the entry before its passcode is sent, so that another controller does not send the
same one. Private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ..api.clock import ServiceClock
from ..api.errors import OptionError, PasscodeRequired
from ..api.wire import iso_date
from .account import Moment, still_counts
from .budget import Budget
from .login import Chosen
from .options import Factor, factor_of
from .passcodes import Notes
from .record import Record
from .refusals import refusals_of, with_refusal, without_refusals
from .stored import Entry, StoreChanged, StoredEntry, holds_secret

NEXT = "next"
_MOST_TRIES = 8


class EntryNotes:
    """Notes of the use of a secret in the entry that holds it.

    :param part: the key of the entry whose dictionary holds the secret; None: the entry itself.
    """

    def __init__(self, stored: StoredEntry, part: str | None = None) -> None:
        self._stored = stored
        self._part = part

    def factor(self) -> Factor:
        """The factor as the entry has it now."""
        entry = self._stored.entry
        return factor_of("store", _part_of(entry, self._part))._replace(refused=refusals_of(entry))

    def reserve(self, step: int) -> Factor | None:
        """Note a step before it is sent (`second_factor.Notes`). In check mode the record alone knows it.

        :raises StoreChanged: the secret is not there any more.
        """
        if self._stored.check_mode:
            return None
        device_id = _part_of(self._stored.entry, self._part).get("device_id")
        try:
            self._stored.save_exactly(self._with({"last_step": step}))
        except StoreChanged:
            self._stored.reload()
            now = _part_of(self._stored.entry, self._part)
            # The former secret must not be noted as that of the entry that stands there now.
            if not holds_secret(now) or (self._part is not None and now.get("device_id") != device_id):
                raise self._stored.too_late() from None
            return self.factor()
        return None

    def unused(self) -> None:
        """Nothing to note: a later step is sent instead."""

    def refused(self, attempt: str, at: Moment) -> None:
        """Note a refusal, in check mode, too: it counts at the service, and a third one would lock the account.

        The record of this machine has it, whatever becomes of the note.
        """
        with contextlib.suppress(OptionError):
            self._stored.amend(
                lambda entry: with_refusal(entry, attempt, at.service, counts=lambda then: still_counts(then, at))
            )

    def succeeded(self, offset: int | None) -> None:
        """Note the offset, and when the secret was proved for the first time; no refusal counts any more."""
        if self._stored.check_mode:
            return
        entry = without_refusals(self._with({} if offset is None else self._proof(offset)))
        if entry != self._stored.entry:
            # The login succeeded, whatever becomes of the note: another run makes it again.
            with contextlib.suppress(StoreChanged, OptionError):
                self._stored.save_exactly(entry)

    def _proof(self, offset: int) -> dict[str, Any]:
        have = _part_of(self._stored.entry, self._part)
        return {"step_offset": offset} if have.get("proved") else {"step_offset": offset, "proved": _now()}

    def _with(self, news: dict[str, Any]) -> dict[str, Any]:
        entry = self._stored.entry
        if self._part is None:
            return {**entry, **news}
        return {**entry, self._part: {**_part_of(entry, self._part), **news}}


class CodeNotes(EntryNotes):
    """Notes of the use of a bypass code, which was taken out of the entry. `left` are the codes that stayed there."""

    def __init__(self, stored: StoredEntry, code: str, left: Sequence[str]) -> None:
        super().__init__(stored)
        self._codes = [code, *left]

    def unused(self) -> None:
        """Put the code back, unless another run has changed the codes since."""

        def with_code(entry: Entry) -> dict[str, Any]:
            is_as_left = list(entry.get("bypass_codes") or ()) == self._codes[1:]
            return {**entry, "bypass_codes": self._codes} if is_as_left else dict(entry)

        with contextlib.suppress(OptionError):
            self._stored.amend(with_code)


class NewNotes:
    """Notes of the first use of a secret that is not stored yet; `fields` are what its entry keeps of it."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}

    def reserve(self, step: int) -> Factor | None:
        """Note a step (`second_factor.Notes`)."""
        self.fields["last_step"] = step
        return None

    def unused(self) -> None:
        """Nothing to note: a later step is sent instead."""

    def refused(self, attempt: str, at: Moment) -> None:
        """Nothing is stored yet that could hold it: the record of this machine has it."""

    def succeeded(self, offset: int | None) -> None:
        """Note what the login proved."""
        self.fields |= {"step_offset": offset, "proved": _now()}


def from_store(stored: StoredEntry, given: Factor) -> Chosen:
    """The way to the stored secret, for `Login`.

    :param given: answers when nothing is stored, as for a device that is about to be adopted.
    """

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        was_open = stored.is_open
        entry = stored.open(record)
        if was_open and not holds_secret(entry):
            stored.reload()  # another run may have enrolled the account since, and turned MFA on
            entry = stored.entry
        if not holds_secret(entry) and given.otp:
            return given, None
        if not holds_secret(entry):
            raise PasscodeRequired(
                f"{record.username} is asked for a second factor, and {stored.store.place} holds no secret for it. "
                "Right place? Otherwise recover the account (playbook rackspace.identity.recover), pass a code from "
                "its device as O(passcode), or let an administrator of the domain act (O(target_user))."
            )
        notes = EntryNotes(stored)
        return notes.factor(), notes

    return chosen


def without_device(stored: StoredEntry, clock: ServiceClock, *, by_code_only: bool = False) -> Chosen:
    """The way in without the stored device: a device that a killed recovery verified, else a stored bypass code.

    A code is taken out of the store before it is sent: each is good once. None is when it could not be sent.

    :param by_code_only: the device was tried, and is not the account's any more.
    """

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        stored.open(record)
        for _try in range(_MOST_TRIES):
            notes = None if by_code_only else pending_secret(stored)
            if notes is not None:
                return notes.factor(), notes
            budget = Budget(record, clock)
            budget.learn(refusals_of(stored.entry), EntryNotes(stored))
            budget.check()
            code = _take_code(stored, record.username)
            if code:
                return Factor(passcode=code), CodeNotes(stored, code, stored.entry["bypass_codes"])
        raise stored.too_late()

    return chosen


def _take_code(stored: StoredEntry, username: str) -> str | None:
    """Take a bypass code out of the store; None when another run changed the entry, which is read again.

    :raises PasscodeRequired: there is none.
    """
    codes = live_codes(stored.entry)
    if codes and stored.check_mode:
        raise PasscodeRequired(
            f"Only a bypass code would log {username} in, and what changes nothing, such as check mode, spends none. "
            "Pass O(api_key), or let an administrator of the domain act (O(target_user))."
        )
    if not codes:
        raise PasscodeRequired(
            f"There is no way to log in as {username} without its device: {stored.store.place} holds no bypass code. "
            "Pass one as O(passcode), or pass O(api_key), or let an administrator of the domain act (O(target_user))."
        )
    # Without an end, an empty list would say that new codes are due (`are_cleared`).
    entry = {key: value for key, value in stored.entry.items() if key != "bypass_codes_end" or value}
    try:
        stored.save_exactly({**entry, "bypass_codes": codes[1:]})
    except StoreChanged:
        stored.reload()
        return None
    return codes[0]


def pending_secret(stored: StoredEntry) -> EntryNotes | None:
    """The secret of a replacement that was begun and is known to log in; None when there is none.

    Codes that were cleared are about to be renewed, by a run that logged in with the stored secret.
    """
    entry = stored.entry
    if holds_secret(entry) and ("previous" in entry or are_cleared(entry)):
        return EntryNotes(stored)
    if (entry.get(NEXT) or {}).get("step_offset") is not None:
        return EntryNotes(stored, NEXT)
    return None


def live_codes(entry: Entry, now: datetime | None = None) -> list[str]:
    """The stored bypass codes that have not expired."""
    is_over = are_over(entry.get("bypass_codes_end"), now or datetime.now(timezone.utc))
    return [] if is_over else [str(code) for code in entry.get("bypass_codes") or []]


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


def _now() -> str:
    return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _part_of(entry: Entry, part: str | None) -> Entry:
    return entry if part is None else entry.get(part) or {}
