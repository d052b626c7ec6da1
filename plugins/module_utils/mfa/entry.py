# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored of one account: whose it is, its device and secret, and what an exchange of devices has begun.

An entry is a plain dictionary, since any store must take it. While a device is replaced it holds two secrets: its own,
which still logs in, and that of the `next` device. Once the next one is proved it takes the place of the other, whose
id is kept as `previous` until that device is gone. `orphans` are the ids of devices whose secret was lost, and which
are deleted as soon as a secret is stored. Pure; nothing here is changed in place. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..api.model import Device, NewDevice
from ..api.wire import iso_date, iso_text
from ..login.entry_shape import Entry, next_of

if TYPE_CHECKING:
    from ..otp.secret import Otp

_DAY = 86_400


def of_device(new: NewDevice, now: datetime) -> dict[str, Any]:
    """Return what a new device fills in. `step_offset` is None until a verification or a login tells it.

    :param now: by the service's clock, which each controller knows.
    """
    return {
        "device_id": new.device.id,
        "device_name": new.device.name,
        "secret": new.secret,
        "key_uri": new.key_uri,
        "step_offset": None,
        "created": iso_text(now),
    }


def of_adopted(device: Device, secret: Any, otp: Otp) -> dict[str, Any]:
    """Return what a device fills in that was made elsewhere, and whose secret a user has.

    :param secret: as it was given; a key URI is kept as it is.
    """
    uri = secret if isinstance(secret, str) and secret.strip().lower().startswith("otpauth:") else None
    known = {"device_id": device.id, "device_name": device.name, "secret": otp.secret, "step_offset": None}
    return {**known, "key_uri": uri.strip()} if uri else known


_OF_DEVICE = ("device_id", "device_name", "secret", "key_uri", "step_offset", "last_step", "created", "proved")
"""What belongs to a device and not to the account."""


def anew(entry: Entry, fields: Entry) -> dict[str, Any]:
    """Return the entry with another device in it, and nothing left of the former one."""
    return {**without(entry, _OF_DEVICE), **fields}


def promoted(entry: Entry, *, previous: str) -> dict[str, Any]:
    """Return the entry with its next device in the place of the former one.

    :param previous: the id of the device to delete, or an empty string.
    """
    following = next_of(entry)
    device = {key: following[key] for key in _OF_DEVICE if key in following}
    return {**anew(without(entry, ["next"]), device), "previous": previous}


def without(entry: Entry, keys: Collection[str]) -> dict[str, Any]:
    """Return the entry without these keys."""
    return {key: value for key, value in entry.items() if key not in keys}


def held_ids(entry: Entry) -> list[str]:
    """Return the ids of the devices whose secret the entry holds; the one that logs in is the last.

    None of them is deleted in favor of another one, whatever a hand that edited the entry has left under other keys.
    """
    ids = [next_of(entry).get("device_id"), entry.get("device_id")]
    return [device_id for device_id in dict.fromkeys(ids) if device_id]


def ids_of(entry: Entry) -> list[str]:
    """Return the ids of all devices that the entry names, in the order in which a removal may delete them.

    What has no secret in the entry goes first, and the device that logs in goes last: wherever a removal ends, what is
    left at the service is what is stored.
    """
    held = held_ids(entry)
    others = dict.fromkeys([*(entry.get("orphans") or ()), entry.get("previous")])
    return [*(device_id for device_id in others if device_id and device_id not in held), *held]


def with_orphans(entry: Entry, devices: Iterable[Device]) -> dict[str, Any]:
    """Return the entry with the note that these devices, whose secret is lost, must be deleted."""
    ids = [*(entry.get("orphans") or ()), *(device.id for device in devices)]
    return {**entry, "orphans": ids} if ids else dict(entry)


def without_orphan(entry: Entry) -> dict[str, Any]:
    """Return the entry without the first of these devices; without the note when none is left."""
    rest = without(entry, ["orphans"])
    left = (entry.get("orphans") or [])[1:]
    return {**rest, "orphans": left} if left else rest


def age_in_days(created: str | None, now: datetime) -> int | None:
    """Return the whole days since a secret was made; None when nothing tells.

    What a wrong clock noted tells nothing: a day that is to come would keep a secret young for as long.
    """
    moment = iso_date(created or "")
    if moment is None:
        return None
    days = int((now.timestamp() - moment) // _DAY)
    return None if days < -1 else max(0, days)
