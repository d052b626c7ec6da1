# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes next in the life of an account's stored device. Private to the collection.

Pure: `next_step` looks at what is wanted, what was seen of the service and what is stored, and names one step; `after`
says what the step makes of both. Anyone who does the steps asks again after each one until nothing is left. Check mode
asks in the same way and does nothing, so its plan is the steps. A run that was killed anywhere is one more picture.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

from ..api.errors import Conflict
from ..api.model import Device
from ..login.entry_shape import Entry, holds_secret, next_of, with_fields
from ..login.stored_factor import fault_of_secret
from .entry import anew, held_ids, ids_of, promoted, with_orphans, without, without_orphan
from .stored_secret import check_secret


class State(enum.Enum):
    """What an account's device should be."""

    PRESENT = "present"
    VERIFIED = "verified"
    REPLACED = "replaced"
    ABSENT = "absent"


class Kind(enum.Enum):
    """The steps, by the name that a result calls them."""

    NOTE = "note_orphans"
    CREATE = "create_device"
    ADOPT = "adopt_device"
    DELETE_UNVERIFIED = "delete_unverified"
    VERIFY = "verify_device"
    PROVE = "prove_login"
    PROMOTE = "promote"
    DELETE_PREVIOUS = "delete_previous"
    FINISH = "finish"
    SPARE = "spare_orphan"
    FORGET = "forget"
    DELETE = "delete_device"
    REMOVE_STORED = "remove_stored"


_SILENT = {Kind.NOTE, Kind.FINISH, Kind.SPARE, Kind.FORGET}
_STORES = {Kind.CREATE, Kind.ADOPT}


class Wish(NamedTuple):
    """What is wanted of a stored device.

    :param name: the name of a device that is created, or that is looked for when nothing is stored.
    :param account: the account's name, for messages.
    :param place: the store, for messages.
    :param has_code: a person brings along the code of a device, which is there then.
    :param can_verify: False when a person verifies the device later.
    :param is_due: False when the stored secret is too young to be replaced.
    :param replaces_unstored: a device may be replaced whose secret is not stored: it was lost.
    :param proves: a password is there to log in with, when the service asks for a second factor.
    :param adopts: a secret was given to be stored with the device that has it.
    :param keep_ids: devices that are neither taken for the one of the name nor deleted for it.
    :param owner: the part of an entry that says whose it is.
    :param keeps_entry: the entry outlives its device.
    :param is_kept: False when only a person has the secret: what is there and verified is then as it should be.
    """

    state: State
    name: str
    account: str
    place: str
    has_code: bool = False
    can_verify: bool = True
    is_due: bool = True
    replaces_unstored: bool = False
    proves: bool = False
    adopts: bool = False
    keep_ids: frozenset[str] = frozenset()
    owner: Entry = MappingProxyType({})
    keeps_entry: bool = False
    is_kept: bool = True

    @property
    def is_of_person(self) -> bool:
        """Does a code tell that the unverified device is the person's, who alone has its secret?"""
        return self.has_code and not self.is_kept


class Picture(NamedTuple):
    """What was seen of the service, as far as the wish depends on it.

    :param device: the stored device; when nothing is stored or it is gone, the verified one of the name, or the
        unverified one to adopt. None during a replacement: the stored device is gone.
    :param pending: the device that is to take its place.
    :param doomed: the devices that a removal deletes.
    :param unverified: devices of the name that are not verified and whose secret is lost. They are deleted after
        a creation, or before it when there is no room, and noted by a save before that. They were seen before the save,
        so a run that has just made one of them cannot store it any more.
    :param gone: the keys of the entry that note a device of a replacement which is not there any more.
    :param is_lost: the entry names `device`, and does not hold its secret, or not one that can be read.
    :param is_on: is MFA on?
    :param is_proved: has the pending device logged in, in this call?
    :param is_replaced: has a replacement come to its end in this call?
    """

    device: Device | None = None
    pending: Device | None = None
    doomed: tuple[Device, ...] = ()
    unverified: tuple[Device, ...] = ()
    gone: tuple[str, ...] = ()
    is_lost: bool = False
    is_on: bool = False
    is_proved: bool = False
    is_replaced: bool = False

    @property
    def devices(self) -> tuple[Device, ...]:
        """All devices in it."""
        there = (self.device, self.pending, *self.unverified, *self.doomed)
        return tuple(device for device in there if device is not None)

    @property
    def meant(self) -> Device | None:
        """The one that the wish is about; None for a removal."""
        return self.pending or self.device


class Step(NamedTuple):
    """One step, and the device that it deals with."""

    kind: Kind
    device: Device | None = None

    def names(self, wish: Wish) -> tuple[str, ...]:
        """What a result calls it."""
        if self.kind in _SILENT:
            return ()
        names = [self.kind.value]
        if self.kind in _STORES and wish.is_kept:
            names.append("store_secret")
        # The secret of a verified device is proved by a login.
        if self.kind is Kind.ADOPT and self.device is not None and self.device.verified:
            names.append(Kind.PROVE.value)
        return tuple(names)


class Done(NamedTuple):
    """What a step made: the device that was created, verified or adopted, and what to store of its secret.

    :param twins: further devices that a creation left, whose answers were lost.
    """

    device: Device | None = None
    fields: Entry = MappingProxyType({})
    twins: tuple[Device, ...] = ()

    def __repr__(self) -> str:
        return "Done(...)"


def next_step(wish: Wish, seen: Picture, entry: Entry) -> Step | None:
    """Return what comes next; None when nothing is left to do.

    :raises Conflict: what is wanted cannot be had, or would lose a secret.
    """
    if wish.state is State.ABSENT:
        return _removal(wish, seen, entry)
    if wish.state is State.REPLACED:
        step = _replacement(wish, seen, entry)  # before the first deletion: it refuses what cannot be had
        return _cleaning(wish, entry) if entry.get("orphans") else step
    return _presence(wish, seen, entry)


def after(wish: Wish, step: Step, seen: Picture, entry: Entry, done: Done) -> tuple[Picture, Entry]:
    """Return the picture and the entry after a step."""
    return _AFTER[step.kind](wish, step, seen, entry, done)


def room_for_one(wish: Wish, seen: Picture, entry: Entry) -> Step:
    """Return what makes room for one more device, when there is something that can.

    The devices in the way are noted first: the save compares with the store, so a run that has stored one of them
    meanwhile keeps it, and one that has not can't any more.
    """
    return Step(Kind.NOTE) if seen.unverified else _cleaning(wish, entry)


def _noted(wish: Wish, _step: Step, seen: Picture, entry: Entry, done: Done) -> tuple[Picture, Entry]:
    mine = with_orphans({**entry, **wish.owner}, (*seen.unverified, *done.twins))
    return seen._replace(unverified=()), mine


def _created(wish: Wish, step: Step, seen: Picture, entry: Entry, done: Done) -> tuple[Picture, Entry]:
    rest, mine = _noted(wish, step, seen, entry, done)
    if wish.state is State.REPLACED:
        return rest._replace(pending=done.device), {**mine, **_lost(seen, entry), "next": dict(done.fields)}
    return rest._replace(device=done.device), anew(mine, done.fields)


def _lost(seen: Picture, entry: Entry) -> dict[str, Any]:
    """What names the lost device that is replaced: the run that completes this one, whatever it is, deletes it."""
    device = seen.device if fault_of_secret(entry) else None
    return {"device_id": device.id, "device_name": device.name} if device else {}


def _adopted(wish: Wish, _step: Step, seen: Picture, entry: Entry, done: Done) -> tuple[Picture, Entry]:
    return seen._replace(device=done.device, is_lost=False), anew({**entry, **wish.owner}, done.fields)


def _verified(wish: Wish, _step: Step, seen: Picture, entry: Entry, done: Done) -> tuple[Picture, Entry]:
    if wish.state is State.REPLACED:
        return seen._replace(pending=done.device), with_fields(entry, "next", done.fields)
    return seen._replace(device=done.device), {**entry, **done.fields}


def _promoted(_wish: Wish, _step: Step, seen: Picture, entry: Entry, _done: Done) -> tuple[Picture, Entry]:
    previous = entry.get("previous") or (seen.device.id if seen.device else "")
    return seen._replace(device=seen.pending, pending=None, is_lost=False), promoted(entry, previous=previous)


def _ended(wish: Wish, _step: Step, seen: Picture, entry: Entry, _done: Done) -> tuple[Picture, Entry]:
    """An earlier replacement is at its end. A recovery is not, as long as the secret is lost."""
    return seen._replace(is_replaced=not (wish.replaces_unstored and seen.is_lost)), without(entry, ["previous"])


_AFTER: dict[Kind, Callable[[Wish, Step, Picture, Entry, Done], tuple[Picture, Entry]]] = {
    Kind.NOTE: _noted,
    Kind.CREATE: _created,
    Kind.ADOPT: _adopted,
    Kind.VERIFY: _verified,
    Kind.PROMOTE: _promoted,
    Kind.PROVE: lambda _wish, _step, seen, entry, _done: (seen._replace(is_proved=True), entry),
    Kind.DELETE_PREVIOUS: _ended,
    Kind.FINISH: _ended,
    Kind.FORGET: lambda _wish, _step, seen, entry, _done: (seen._replace(gone=()), without(entry, seen.gone)),
    Kind.DELETE_UNVERIFIED: lambda _wish, _step, seen, entry, _done: (seen, without_orphan(entry)),
    Kind.SPARE: lambda _wish, _step, seen, entry, _done: (seen, without_orphan(entry)),
    Kind.DELETE: lambda _wish, _step, seen, entry, _done: (seen._replace(doomed=seen.doomed[1:]), entry),
    Kind.REMOVE_STORED: lambda _wish, _step, seen, _entry, _done: (seen, {}),
}


def imagined(wish: Wish, step: Step) -> Done:
    """Return what check mode takes a step to have made."""
    if step.kind is Kind.CREATE:
        return Done(Device("", wish.name, verified=False), {"device_id": "", "device_name": wish.name})
    if step.device is None:
        return Done()
    return Done(step.device._replace(verified=True), {"device_id": step.device.id} if step.kind is Kind.ADOPT else {})


def foretold(wish: Wish, entry: Entry) -> tuple[tuple[str, ...], Picture, Picture]:
    """Return the steps, and the picture before and after them, as far as the entry alone tells.

    What it names is there and verified. A device that is adopted or replaced is there, too, if nothing is stored of it,
    and so is the one that a person has the code of.
    """
    before = seen = _from_entry(wish, entry)
    names: list[str] = []
    while (step := next_step(wish, seen, entry)) is not None:
        seen, entry = after(wish, step, seen, entry, imagined(wish, step))
        names += step.names(wish)
    return tuple(dict.fromkeys(names)), before, seen


def _from_entry(wish: Wish, entry: Entry) -> Picture:
    """The picture that the entry tells of."""
    if wish.state is State.ABSENT:
        return Picture(doomed=tuple(Device(one, wish.name, verified=True) for one in ids_of(entry)))
    check_secret(wish, entry)
    is_there = entry.get("device_id") or wish.adopts or wish.state is State.REPLACED
    name = entry.get("device_name") or wish.name
    device = Device(entry.get("device_id") or "not seen", name, verified=True) if is_there else None
    of_person = Device("", wish.name, verified=False) if wish.is_of_person else None
    if wish.state is not State.REPLACED:
        is_lost = bool(entry.get("device_id") and fault_of_secret(entry))
        return Picture(of_person or device, is_lost=is_lost, is_on=True)
    pending = next_of(entry)
    if not fault_of_secret(pending):
        new: Device | None = Device(pending.get("device_id") or "", wish.name, verified=False)
    else:  # it is taken for gone: if it is there, the real run refuses it
        new = of_person if wish.replaces_unstored else None
    return Picture(device, new, is_lost=bool(fault_of_secret(entry)), is_on=True)


def _presence(wish: Wish, seen: Picture, entry: Entry) -> Step | None:
    device = seen.device
    if device is None or (wish.is_kept and (seen.is_lost or device.id != entry.get("device_id"))):
        return _unstored(wish, seen)
    if seen.gone:
        return Step(Kind.FORGET)
    if entry.get("orphans"):
        return _cleaning(wish, entry)
    if device.verified or wish.state is State.PRESENT or not wish.can_verify:
        return None
    return Step(Kind.VERIFY, device)


def _unstored(wish: Wish, seen: Picture) -> Step:
    """Nothing is stored, or the device or its secret is gone. What may log in is never replaced."""
    device = seen.device
    if wish.adopts:
        if device is None:
            raise Conflict(
                f"{wish.account} has no OTP device {wish.name} that the given secret could belong to; nothing was "
                "changed. Check the name of the device, or leave O(secret) out to have a new device made."
            )
        return Step(Kind.ADOPT, device)
    if device is not None:
        is_there = "is there" if seen.is_lost else "is verified"
        another = "" if seen.is_lost else "choose another name for the device, "
        raise Conflict(
            f"The OTP device {device.name} of {wish.account} {is_there} (id {device.id}), and {wish.place} does not "
            "hold its secret; nothing was changed. Right place? Look first whether the store of another host or team "
            f"holds it. Otherwise pass the secret if you have it (O(secret)), {another}or recover the account "
            "(playbook rackspace.identity.recover), which makes a new device and deletes this one."
        )
    return _creation(wish)


def _creation(wish: Wish) -> Step:
    """Make a device, for which no code can be there yet: a person who has one would lose the device that it is of."""
    if wish.has_code:
        stored = f" whose secret is in {wish.place}" if wish.is_kept else ""
        raise Conflict(
            f"No OTP device of {wish.account}{stored} waits for a code, so the given one (O(code)) can be of none; "
            "nothing was changed. Right account and place? Otherwise leave the code out to have a new device made, and "
            "pass a code of that one in a further run."
        )
    return Step(Kind.CREATE)


def _replacement(wish: Wish, seen: Picture, entry: Entry) -> Step | None:
    """Complete what was begun, and then begin nothing new."""
    is_broken = "previous" in entry and seen.device is None  # its secret is gone: the previous device stays until then
    if "previous" in entry and not is_broken:
        previous = entry["previous"]
        if not previous or previous in held_ids(entry):
            return Step(Kind.FINISH)
        return Step(Kind.DELETE_PREVIOUS, Device(previous, wish.name, verified=True))
    if seen.pending is not None:
        return _completion(wish, seen, seen.pending)
    if "next" not in entry and not is_broken and (seen.is_replaced or not wish.is_due):
        return None
    if not holds_secret(entry) and not wish.replaces_unstored:
        raise Conflict(
            f"There is no secret of {wish.account} in {wish.place} to replace; nothing was changed. Right place? "
            "Enroll the account first (playbook rackspace.identity.enroll), or recover it when its device is lost "
            "(playbook rackspace.identity.recover)."
        )
    return _creation(wish)


def _cleaning(wish: Wish, entry: Entry) -> Step:
    """Delete what was left over: a secret is stored now, or there is no room to make one."""
    orphan = Device(entry["orphans"][0], wish.name, verified=False)
    return Step(Kind.DELETE_UNVERIFIED, orphan) if is_left_over(wish, orphan, entry) else Step(Kind.SPARE)


def is_left_over(wish: Wish, orphan: Device, entry: Entry) -> bool:
    """Is an orphan still one to delete? The note may be of an earlier run, and a person may have verified it."""
    return not orphan.verified and orphan.id not in wish.keep_ids and orphan.id not in held_ids(entry)


def _completion(wish: Wish, seen: Picture, pending: Device) -> Step | None:
    """The next step of a replacement whose new secret is stored."""
    if not pending.verified:
        return Step(Kind.VERIFY, pending) if wish.can_verify else None
    if wish.proves and seen.is_on and not seen.is_proved:
        return Step(Kind.PROVE, pending)
    return Step(Kind.PROMOTE, pending)


def _removal(wish: Wish, seen: Picture, entry: Entry) -> Step | None:
    if seen.doomed:
        return Step(Kind.DELETE, seen.doomed[0])
    return Step(Kind.REMOVE_STORED) if entry and not wish.keeps_entry else None
