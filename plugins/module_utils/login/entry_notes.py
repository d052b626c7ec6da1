# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes of the use of a stored secret, or of a bypass code, in the entry that holds it. Private to the collection.

They are made before a passcode is sent, so that another controller does not send the same one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..api.errors import OptionError
from ..api.wire import iso_text
from .account import still_counts
from .entry_shape import Entry, holds_secret, part_of, with_fields
from .moment import Moment
from .options import Factor, factor_of
from .refusals import KEY, refusals_of, with_refusal, without_refusals
from .stored import StoreChanged, StoredEntry


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
        return factor_of("store", part_of(entry, self._part))._replace(refused=refusals_of(entry))

    def reserve(self, step: int) -> Factor | None:
        """Note a step before it is sent (`passcodes.Notes`). In check mode the record alone knows it.

        :raises StoreChanged: the secret is not there any more.
        """
        if self._stored.check_mode:
            return None
        device_id = part_of(self._stored.entry, self._part).get("device_id")
        try:
            self._stored.save_exactly(with_fields(self._stored.entry, self._part, {"last_step": step}))
        except (StoreChanged, OptionError) as error:
            self._stored.reload()
            now = part_of(self._stored.entry, self._part)
            # A note that failed may be there all the same, or that of another run: then a later step is sent.
            if isinstance(error, OptionError) and (now.get("last_step") or 0) < step:
                raise
            # The former secret must not be noted as that of the entry that stands there now.
            if not holds_secret(now) or (self._part is not None and now.get("device_id") != device_id):
                raise self._stored.too_late() from None
            return self.factor()
        return None

    def noted(self) -> Mapping[str, Moment]:
        """Read the refusals that any controller has noted by now."""
        with contextlib.suppress(OptionError):
            return refusals_of(self._stored.look())
        return {}

    def unused(self) -> None:
        """Nothing to note: a later step is sent instead."""

    def refused(self, attempt: str, at: Moment) -> None:
        """Note a refusal, in check mode, too: it counts at the service, and a third one would lock the account.

        The record of this machine has it, whatever becomes of the note.
        """
        with contextlib.suppress(OptionError):
            self._stored.amend(
                lambda entry: with_refusal(entry, attempt, at.to_note, counts=lambda then: still_counts(then, at))
            )

    def succeeded(self, offset: int | None, now: datetime) -> None:
        """Note the offset, and when the secret was proved for the first time; no refusal counts any more.

        In check mode nothing but the latter.
        """
        if self._stored.check_mode:
            if KEY in self._stored.entry:
                self.counts_anew()
            return
        entry = self._settled(with_fields(self._stored.entry, self._part, self._proof(offset, now)))
        if entry != self._stored.entry:
            # The login succeeded, whatever becomes of the note: another run makes it again.
            with contextlib.suppress(OptionError):
                try:
                    self._stored.save_exactly(entry, is_unique=True)
                except StoreChanged:
                    self._stored.amend(self._settled)

    def counts_anew(self) -> None:
        """No refusal counts any more. A bypass code says nothing of the secret."""
        with contextlib.suppress(OptionError):
            self._stored.amend(self._settled)

    def _settled(self, entry: Entry) -> dict[str, Any]:
        """The entry after a passcode was accepted."""
        return without_refusals(entry)

    def _proof(self, offset: int | None, now: datetime) -> dict[str, Any]:
        have = part_of(self._stored.entry, self._part)
        if offset is None and self._part is not None:  # there it says, too, that the secret logs in
            offset = have.get("step_offset")
        return {"step_offset": offset, "proved": have.get("proved") or iso_text(now)}


class GivenNotes(EntryNotes):
    """Notes of the use of a secret that was given, and that the entry does not hold: of refusals alone."""

    def reserve(self, step: int) -> Factor | None:
        """Nothing to note: the record of this machine knows the step."""

    def succeeded(self, _offset: int | None, _now: datetime) -> None:
        """No refusal counts any more."""
        self.counts_anew()


class NewNotes(GivenNotes):
    """Notes of the first use of a secret that is not stored yet; `fields` are what its entry keeps of it."""

    def __init__(self, stored: StoredEntry) -> None:
        super().__init__(stored)
        self.fields: dict[str, Any] = {}

    def reserve(self, step: int) -> Factor | None:
        """Note a step (`passcodes.Notes`)."""
        self.fields["last_step"] = step
        return None

    def succeeded(self, offset: int | None, now: datetime) -> None:
        """Note what the login proved; no refusal counts any more."""
        self.fields |= {"step_offset": offset, "proved": iso_text(now)}
        super().succeeded(offset, now)


class CodeNotes(EntryNotes):
    """Notes of the use of a bypass code, which was taken out of the entry. `left` are the codes that stayed there."""

    def __init__(self, stored: StoredEntry, code: str, left: Sequence[str]) -> None:
        super().__init__(stored)
        self._codes = [code, *left]

    def unused(self) -> None:
        """Put the code back, unless another run has made or removed codes since."""

        def with_code(entry: Entry) -> dict[str, Any]:
            there, left = list(entry.get("bypass_codes") or ()), self._codes[1:]
            # Others may have used some of them since. If there are new ones, or none where some were left, it is void.
            is_good = set(there) <= set(left) and bool(there or not left)
            return {**entry, "bypass_codes": [self._codes[0], *there]} if is_good else dict(entry)

        with contextlib.suppress(OptionError):
            self._stored.amend(with_code)
