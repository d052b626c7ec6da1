# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of an account's devices, compared with its stored entry. Private to the collection.

It looks, and changes nothing. What to do about it is the planner's to say, and `life` does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..api.model import Device
from ..login.entry_shape import Entry, next_of
from ..login.stored_factor import fault_of_secret
from ..login.target import Target
from . import devices
from .entry import held_ids, ids_of
from .planner import Picture, State, Wish, is_left_over
from .stored_secret import check_is_named, check_next, check_secret


class Means(NamedTuple):
    """What a call may use beside the store.

    :param code: a code that a person read from the device; empty: the stored secret computes it.
    :param secret: the option `secret`: one to adopt.
    :param proof_password: the account's own password, for the login that proves a new secret.
    :param all_gone: in check mode, an earlier task would have removed all devices of the account.
    :param is_off: an earlier task has seen that MFA is off, or has turned it off; in check mode, would have.
    """

    code: str = ""
    secret: Any = None
    proof_password: str = ""
    all_gone: bool = False
    is_off: bool = False

    def __repr__(self) -> str:
        return "Means(...)"


class Look:
    """One look at an account."""

    def __init__(self, have: devices.Devices, target: Target, wish: Wish, means: Means) -> None:
        self._devices = have
        self._target = target
        self._wish = wish
        self._means = means

    def picture(self, entry: Entry) -> Picture:
        """Look, and refuse what nothing can be done about.

        :raises Conflict: more than one device may be meant, or the service would keep one that has to go.
        """
        state = self._wish.state
        if state is State.ABSENT:
            return Picture(doomed=() if self._means.all_gone else self._doomed(entry))
        if state is State.REPLACED:
            check_secret(self._wish, entry)
            return self._look_at_both(entry)
        check_secret(self._wish, entry, lambda: self._may_be_of_one(entry))
        device = self._device(entry.get("device_id"))
        seen = Picture(device, is_lost=bool(fault_of_secret(entry))) if device else self._look_by_name(entry)
        return seen._replace(gone=self._gone(entry))

    def _may_be_of_one(self, entry: Entry) -> bool:
        """Is a device there that the secret in the entry may be of?"""
        named = entry.get("device_id")
        return bool(self._device(named) if named else self._devices.list())

    def _one_stays(self, doomed: Sequence[Device]) -> bool:
        """Is a device left that the secret may be of when these are gone? Beside one of its name, only a namesake."""
        going = {one.id for one in doomed}
        left = [one for one in self._devices.list() if one.verified and one.id not in going]
        return any(not going or one.name == self._wish.name for one in left)

    def _gone(self, entry: Entry) -> tuple[str, ...]:
        """What the entry notes of a replacement whose device was deleted: its secret must not log in any more."""
        noted = {"next": next_of(entry).get("device_id"), "previous": entry.get("previous")}
        return tuple(key for key, device_id in noted.items() if key in entry and not self._device(device_id))

    def _look_by_name(self, entry: Entry) -> Picture:
        verified, unverified = self._namesakes(entry)
        if verified:
            return Picture(_the_only_one(verified))
        if unverified and (self._wish.adopts or self._wish.is_of_person):
            return Picture(_the_only_one(unverified))
        return Picture(unverified=unverified)

    def _look_at_both(self, entry: Entry) -> Picture:
        """The device that is stored, and the one that takes its place."""
        stored = entry.get("device_id")
        old = Device(stored, entry.get("device_name") or "", verified=True) if stored else None
        is_lost = bool(fault_of_secret(entry))
        pending = self._device(next_of(entry).get("device_id"))
        if pending:
            check_next(self._wish, entry, pending)
        if "previous" in entry:
            old = self._device(stored)
            if old and "next" not in entry and not is_lost:
                return Picture(old)
        elif pending is None and "next" not in entry and not self._wish.is_due:
            return Picture(old)
        elif stored and pending is None:
            listed = [one for one in self._devices.list() if one.id == stored]
            old = listed[0] if listed else self._device(stored)
        verified, unverified = ((), ()) if pending and old else self._namesakes(entry)
        if not stored and verified and self._wish.replaces_unstored:
            old = _the_only_one(verified)
        if pending is None and unverified and self._wish.is_of_person and self._wish.replaces_unstored:
            pending, unverified = _the_only_one(unverified), ()
        is_on = self._wish.proves and self._target.mfa.uses_otp
        return Picture(old, pending, unverified=unverified, is_lost=is_lost, is_on=is_on)

    def _namesakes(self, entry: Entry) -> tuple[tuple[Device, ...], tuple[Device, ...]]:
        """The devices of the name that are neither stored nor kept: the verified ones, and the others."""
        return devices.namesakes(self._devices.list(), self._wish.name, self._known_ids(entry))

    def _known_ids(self, entry: Entry) -> frozenset[str]:
        """The devices that are stored or kept, whether a list shows them or not.

        What only waits for its deletion may be adopted: someone has its secret after all.
        """
        return self._wish.keep_ids.union(held_ids(entry) if self._wish.adopts else ids_of(entry))

    def _doomed(self, entry: Entry) -> tuple[Device, ...]:
        """The devices that the entry names by their ids, and the unverified ones of the name, which runs have left.

        When the entry names none but such, the verified one of the name goes, too. None of all these goes when the
        service would keep one: the secret of that one may be stored nowhere. The unverified ones wait, since another
        run may turn MFA on at any moment.
        """
        named, orphans = ids_of(entry), {*(entry.get("orphans") or ())}.difference(held_ids(entry))
        there = [one for one in map(self._device, named) if one]
        verified, unverified = self._namesakes(entry)
        if verified and orphans.issuperset(named):
            there.append(_the_only_one(verified))
        stay = {one.id for one in there if one.id in orphans and not is_left_over(self._wish, one, entry)}
        doomed = tuple(one for one in (*there, *unverified) if one.id not in stay)
        left = "the devices and the entry were left"  # MFA may have been turned off for it
        check_is_named(self._wish, entry, lambda: self._one_stays(doomed), so_far=left)
        if doomed and not self._means.is_off and self._target.mfa.enabled:
            devices.check_needed(doomed, self._devices.list(), self._target.mfa)
        return doomed

    def _device(self, device_id: str | None) -> Device | None:
        return self._devices.get(device_id) if device_id else None


def _the_only_one(found: Sequence[Device]) -> Device:
    """The only device of the name; an id cannot tell which one is meant: a store knows its own device."""
    return devices.the_only_one(found, "Choose another name (O(name))")
