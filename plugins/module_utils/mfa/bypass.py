# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bypass codes, which cannot be read back and void all older ones. Private to the collection.

Source: contract, "Bypass codes". Without a store creating them is always a change. With one, the entry tells how many
can still be used.
"""

from __future__ import annotations

import contextlib
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..api.errors import UNCERTAIN, Conflict, IdentityError, OptionError
from ..api.model import BypassCodes
from ..api.wire import iso_text
from ..login.entry_shape import Entry
from ..login.session import Session
from ..login.stored import OF_CODES, StoreChanged, StoredEntry
from ..login.stored_factor import are_cleared, cleared, live_codes
from ..login.target import Target
from .entry import without

_DURATION = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SHORTEST = (365 * 86400, 28 * 86400, 86400, 3600, 60, 1)
_LONGEST = (366 * 86400, 31 * 86400, 86400, 3600, 60, 1)
"""The seconds of a year, a month and so on: the calendar has shorter and longer ones."""
MOST_CODES = 10
"""As many as the service makes for oneself (contract, "Bypass codes")."""
_LONG = "P10Y"
_LAST_YEAR = 9999
_LEAST_LIFE = 367 * 86400
"""Seconds that codes must last which are asked for as long as possible: more than any year."""
_SLACK = 60
_MOST_TRIES = 4
KEEP_CODES = "keep_bypass_codes"
VOID_CODES = "void_bypass_codes"


@dataclass(frozen=True)
class CodesWish:
    """How many codes, and for how many minutes; None leaves it to the service."""

    count: int | None = None
    validity: int | None = None

    def __post_init__(self) -> None:
        """Raises OptionError for what the service would silently turn into something else."""
        for name, value in (("count", self.count), ("validity", self.validity)):
            if value is not None and value < 1:
                raise OptionError(f"O({name}) must be 1 or more, or be left out.")

    def check_can_be_kept(self) -> None:
        """Raises OptionError for more codes than can be kept. A login that spends one must not come before it."""
        if (self.count or 0) > MOST_CODES:
            raise OptionError(f"O(count) must be at most {MOST_CODES}: the service makes no more for oneself.")

    @property
    def duration(self) -> str | None:
        """The validity as the service reads it."""
        return None if self.validity is None else f"PT{self.validity}M"


def check(target: Target) -> None:
    """Raises Conflict if the service would refuse to create codes."""
    if not target.is_on:
        raise Conflict(
            "Bypass codes exist only while multi-factor authentication is on, and it is off for this user. Nothing was "
            "changed. Turn it on first, with rax_mfa_settings, or by the playbook rackspace.identity.enroll, which "
            "makes the codes, too."
        )


def life_to_ask_for(wish: CodesWish, target: Target) -> str | None:
    """The validity as the service reads it. Codes for oneself last as long as possible when nothing else is asked for.

    None leaves it to the service, which gives a code for another user three hours at most.
    """
    return wish.duration or (_LONG if target.is_self else None)


def differences(wish: CodesWish, codes: BypassCodes, *, is_self: bool) -> list[str]:
    """How the codes differ from what was asked for, as sentences without a code in them."""
    told = []
    if wish.count is not None and wish.count != len(codes.codes):
        told.append(f"The service made {len(codes.codes)} bypass codes and not {wish.count}.")
    life = life_of(codes.validity_duration)
    if wish.validity is not None and (life is None or not life[0] <= wish.validity * 60 <= life[1]):
        told.append(f"The bypass codes are valid for {_in_words(life)} and not {wish.validity} minutes.")
    if wish.validity is None and is_self and _is_short(wish, life):
        told.append(f"The bypass codes are valid for {_in_words(life)} minutes: the service gave no longer time.")
    return told


def have_stored(
    session: Session, target: Target, stored: StoredEntry, wish: CodesWish, *, renew: bool
) -> tuple[str, ...]:
    """Make sure that the entry has so many codes that can still be used; return the steps.

    :param renew: make new ones in any case. When no number is asked for and MFA is off, the stored ones just go.
    :raises Conflict: the service gave fewer codes, or for a shorter time than was asked for. None of them is stored.
    """
    count = wish.count or MOST_CODES
    if renew and not (target.is_self and (wish.count or target.is_on)):
        return _void(session, target, stored)
    if not target.is_self:
        raise OptionError(
            "Bypass codes for another user cannot be kept: the service gives an administrator one code for at most "
            "three hours. Make them as that user, or leave O(store) out to get one code now."
        )
    entry = _entry(target, stored)
    if not renew and len(live_codes(entry, session.transport.clock.date())) >= count:
        return ()
    stored.prepare()
    check(target)
    if not session.check_mode:
        _in_spite_of_others(target, stored, lambda: _replace(session, target, stored, replace(wish, count=count)))
    return (KEEP_CODES,)


def _entry(target: Target, stored: StoredEntry) -> Entry:
    """The stored entry. Turning MFA on removes its codes, so in check mode they do not count after such a task."""
    entry = target.entry_in(stored)
    return without(entry, OF_CODES) if target.earlier.would_turn_on else entry


def _in_spite_of_others(target: Target, stored: StoredEntry, change: Callable[[], None]) -> None:
    """Change the codes; once more when another run has changed them meanwhile.

    Only the codes that were made last are good, and anyone who finds that others were stored makes new ones.
    """

    def checked() -> None:
        target.entry_in(stored)  # another run may have put that of another user there
        change()

    stored.retried(checked, tries=_MOST_TRIES)


def _replace(session: Session, target: Target, stored: StoredEntry, wish: CodesWish) -> None:
    """Make new codes and store them.

    :raises StoreChanged: another run has changed the stored ones.
    """
    new = _new_codes(session, target, stored, wish.count, life_to_ask_for(wish, target))
    end = end_of(new, session.transport.clock.date())
    _refuse_less(new, wish, end)
    stored.save({**stored.entry, **target.owner, "bypass_codes": list(new.codes), "bypass_codes_end": end})


def _new_codes(
    session: Session, target: Target, stored: StoredEntry, count: int | None, life: str | None
) -> BypassCodes:
    """Make new codes, which void the stored ones: these go first, and come back when they surely are still good."""
    entry, doubts = stored.entry, session.transport.doubts
    is_clear = "bypass_codes" not in entry or are_cleared(entry)
    if not is_clear:
        stored.save(cleared(entry))
    try:
        return session.client.new_bypass_codes(target.id, count, life)
    except (IdentityError, OptionError) as error:  # the latter of the record or the store, at a login with a new token
        # After a 400 they are not: there are none while MFA is off.
        may_be_void = isinstance(error, (Conflict, *UNCERTAIN)) or session.transport.doubts != doubts
        if not (is_clear or may_be_void):
            former = {key: entry[key] for key in OF_CODES if key in entry}
            with contextlib.suppress(StoreChanged, OptionError):
                stored.save({**without(stored.entry, OF_CODES), **former})
        raise


def _void(session: Session, target: Target, stored: StoredEntry) -> tuple[str, ...]:
    """Void the stored codes when none can be made that keep: for another user, or while MFA is off."""
    if _entry(target, stored).get("bypass_codes") is None:
        return ()
    stored.prepare()

    def void() -> None:
        if stored.entry.get("bypass_codes") is None:  # another run removed them meanwhile
            return
        if not session.check_mode and target.is_on:
            _new_codes(session, target, stored, 1, "PT1M")  # the only way to void the others; it is thrown away
        stored.save(without(stored.entry, OF_CODES))

    _in_spite_of_others(target, stored, void)
    return (VOID_CODES,)


def end_of(codes: BypassCodes, now: datetime) -> str | None:
    """When the codes expire, in UTC: the earliest time that it can be. None when they do not."""
    if not codes.validity_duration:
        return None
    life = life_of(codes.validity_duration)
    if life is None:
        raise Conflict(
            "The service's answer does not tell how long the bypass codes are valid, so they were not stored. Run this "
            "again: new ones void them."
        )
    return _after(now, life[0])


def _after(now: datetime, seconds: int) -> str:
    """The time so many seconds later; the last one that can be written when it is later than that."""
    try:
        return iso_text(now + timedelta(seconds=seconds))
    except OverflowError:
        return f"{_LAST_YEAR}-12-31T23:59:59Z"


def life_of(duration: str | None) -> tuple[int, int] | None:
    """The fewest and the most seconds of an xsd:duration such as `PT30M0.000S`, `P10Y` or `P0Y1M0DT0H0M0S`.

    None for none, or one that cannot be read.
    """
    found = _DURATION.fullmatch(duration or "")
    if not found or not any(found.groups()):
        return None
    parts = [int(part or 0) for part in found.groups()]
    fewest, most = (sum(map(operator.mul, parts, seconds)) for seconds in (_SHORTEST, _LONGEST))
    return fewest, most


def _refuse_less(new: BypassCodes, wish: CodesWish, end: str | None) -> None:
    """Raises Conflict when these are fewer codes than were asked for, or surely for a shorter time."""
    count = wish.count or MOST_CODES
    is_short = _is_short(wish, life_of(new.validity_duration))
    if len(new.codes) < count or is_short:
        until = f" that expire at {end}" if is_short else ""
        raise Conflict(
            f"{count} bypass codes were asked for, and the service made {len(new.codes)}{until}. None of them was "
            "stored, and the former ones are void. Ask for fewer codes (O(count)), or for a shorter time (O(validity))."
        )


def _is_short(wish: CodesWish, life: tuple[int, int] | None) -> bool:
    """Is this surely a shorter time than was asked for?"""
    least = wish.validity * 60 if wish.validity else _LEAST_LIFE
    return life is not None and life[1] < least - _SLACK


def _in_words(life: tuple[int, int] | None) -> str:
    return "a time that the service does not tell" if life is None else f"{life[0] / 60:g}"
