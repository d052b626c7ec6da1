# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second factor that a stored entry gives: its secret, that of a pending device, or a bypass code.

The use of a secret is noted in the entry before its passcode is sent, so that another controller does not send the
same one. Private to the collection.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone
from typing import Any

from ..api.errors import OptionError, PasscodeRequired
from .login import Chosen
from .options import Factor, factor_of
from .record import Record
from .second_factor import Notes
from .stored import Entry, StoreChanged, StoredEntry

NEXT = "next"


class EntryNotes:
    """Notes of the use of a secret in the entry that holds it.

    :param part: the key of the entry whose dictionary holds the secret; None: the entry itself.
    """

    def __init__(self, stored: StoredEntry, part: str | None = None) -> None:
        self._stored = stored
        self._part = part

    def factor(self) -> Factor:
        """The factor as the entry has it now."""
        return factor_of("store", _part_of(self._stored.entry, self._part))

    def reserve(self, step: int) -> Factor | None:
        """Note a step before it is sent (`second_factor.Notes`). In check mode the record alone knows it."""
        if self._stored.check_mode:
            return None
        try:
            self._stored.save_exactly(self._with({"last_step": step}))
        except StoreChanged:
            self._stored.reload()
            return self.factor()
        return None

    def succeeded(self, offset: int) -> None:
        """Note the offset, and when the secret was proved for the first time."""
        if self._stored.check_mode:
            return
        have = _part_of(self._stored.entry, self._part)
        news: dict[str, Any] = {} if have.get("step_offset") == offset else {"step_offset": offset}
        if not have.get("proved"):
            news["proved"] = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        if news:
            # The login succeeded, whatever becomes of the note: another run makes it again.
            with contextlib.suppress(StoreChanged, OptionError):
                self._stored.save_exactly(self._with(news))

    def _with(self, news: dict[str, Any]) -> dict[str, Any]:
        entry = self._stored.entry
        if self._part is None:
            return {**entry, **news}
        return {**entry, self._part: {**_part_of(entry, self._part), **news}}


def from_store(stored: StoredEntry) -> Chosen:
    """The way to the stored secret, for `Login`. An entry without a secret gives nothing to answer with."""

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        entry = stored.open(record)
        if not entry.get("secret"):
            raise PasscodeRequired(
                f"{record.username} is asked for a second factor, and {stored.store.place} holds no secret of it. Is "
                "it the right place? Otherwise recover the account (playbook rackspace.identity.recover), or pass a "
                "code from its device as O(passcode)."
            )
        notes = EntryNotes(stored)
        return notes.factor(), notes

    return chosen


def without_device(stored: StoredEntry) -> Chosen:
    """The way in without the stored device: a device that a killed recovery verified, else a stored bypass code.

    A code is taken out of the store before it is sent: each is good once.
    """

    def chosen(record: Record) -> tuple[Factor, Notes | None]:
        entry = stored.open(record)
        notes = pending_secret(stored)
        if notes is not None:
            return notes.factor(), notes
        codes = live_codes(entry)
        if not codes:
            raise PasscodeRequired(
                f"There is no way to log in as {record.username} without its device: {stored.store.place} holds no "
                "bypass code. Pass one as O(passcode), or pass O(api_key), or let an administrator of the domain act "
                "(O(target_user))."
            )
        stored.save({**entry, "bypass_codes": codes[1:]})
        return Factor(passcode=codes[0]), None

    return chosen


def pending_secret(stored: StoredEntry) -> EntryNotes | None:
    """The secret of a replacement that was begun and is known to log in; None when there is none."""
    entry = stored.entry
    if "previous" in entry and entry.get("secret"):
        return EntryNotes(stored)
    if (entry.get(NEXT) or {}).get("step_offset") is not None:
        return EntryNotes(stored, NEXT)
    return None


def live_codes(entry: Entry, now: datetime | None = None) -> list[str]:
    """The stored bypass codes that have not expired."""
    end = entry.get("bypass_codes_end")
    moment = now or datetime.now(timezone.utc)
    if end and f"{moment:%Y-%m-%dT%H:%M:%SZ}" >= end:
        return []
    return [str(code) for code in entry.get("bypass_codes") or []]


def _part_of(entry: Entry, part: str | None) -> Entry:
    return entry if part is None else entry.get(part) or {}
