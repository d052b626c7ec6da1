# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OTP devices: read, compare, plan, apply. Private to the collection.

Source: contract, "OTP devices" and "Clocks and networks". Names are not unique, an empty list is no proof, and the
answer of a creation is the only one that ever holds the secret.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ..api import texts
from ..api.client import Client
from ..api.errors import UNCERTAIN, Conflict, IdentityError, InvalidAnswer, NotFound, OptionError
from ..api.model import Device, Mfa, NewDevice
from ..otp.secret import PERIOD, parse

MOST_DEVICES = 5


class DeviceWish(NamedTuple):
    """Which device is meant.

    :param device_id: looked up first; if it is gone, or is None, the name decides.
    :param replace: remove unverified namesakes, whose secret is lost, and create anew.
    :param keep_ids: devices that are never removed, and never taken for the one that is meant or for a new one.
    :param is_stored: a store is to have the secret. Then what a creation left whose answer was lost is not removed
        while there is room (`Devices.twins`), and it takes another name when the service wants names to be unique.
    """

    name: str | None = None
    device_id: str | None = None
    replace: bool = False
    keep_ids: frozenset[str] = frozenset()
    is_stored: bool = False


class DevicePlan(NamedTuple):
    """What a comparison says: the device that is meant, if it is there, and the unverified namesakes to remove."""

    device: Device | None = None
    remove: tuple[Device, ...] = ()


def compare(have: Sequence[Device], wish: DeviceWish) -> DevicePlan:
    """Find the device that is meant by name. Raises Conflict, which lists the ids, if the name does not tell."""
    verified, unverified = namesakes(have, wish.name, wish.keep_ids)
    if verified:
        return DevicePlan(the_only_one(verified))
    if wish.replace:
        return DevicePlan(None, unverified)
    return DevicePlan(the_only_one(unverified) if unverified else None)


def namesakes(
    have: Sequence[Device], name: str | None, but: Collection[str]
) -> tuple[tuple[Device, ...], tuple[Device, ...]]:
    """Return the devices of the name: the verified ones, and the others by their ids.

    :param but: the ids of devices that are none of them.
    """
    found = [device for device in have if device.name == name and device.id not in but]
    unverified = sorted((device for device in found if not device.verified), key=lambda device: device.id)
    return tuple(device for device in found if device.verified), tuple(unverified)


def the_only_one(devices: Sequence[Device], way: str = "Say which one is meant with O(device_id)") -> Device:
    """Return the only device; raises Conflict, which lists the ids, when there are more.

    :param way: what to do beside deleting the others.
    """
    if len(devices) > 1:
        kind = "verified" if devices[0].verified else "unverified"
        ids = ", ".join(sorted(device.id for device in devices))
        raise Conflict(
            f"There are {len(devices)} {kind} devices of the name {devices[0].name}, and nothing was changed. "
            f"{way}, or delete the others by their ids: {ids}."
        )
    return devices[0]


def check_room(have: Sequence[Device], plan: DevicePlan) -> None:
    """Raises Conflict if one more device would be too many."""
    if len(have) - len(plan.remove) >= MOST_DEVICES:
        there = ", ".join(sorted(f"{device.name} (id {device.id})" for device in have))
        raise Conflict(
            f"The user has {len(have)} OTP devices already, which is as many as the service allows, and nothing was "
            f"changed: {there}. Delete one that is not needed (rax_otp_device with O(device_id) and state: absent)."
        )


def check_needed(doomed: Sequence[Device], have: Sequence[Device], mfa: Mfa) -> None:
    """Raises Conflict if the next login needs one of these: the service does not delete the last verified device."""
    ids = {device.id for device in doomed}
    others = [other for other in have if other.verified and other.id not in ids]
    if any(device.verified for device in doomed) and not others and mfa.uses_otp:
        raise Conflict(
            "This is the last verified OTP device, and multi-factor authentication is on: the service does not delete "
            "it. Verify another one first, or turn multi-factor authentication off (rax_mfa_settings)."
        )


class Devices:
    """The OTP devices of one user.

    :param look_again: read an empty list, which is no proof, a second time.
    """

    def __init__(self, client: Client, user_id: str, *, look_again: bool = False) -> None:
        self.client = client
        self._user_id = user_id
        self._look_again = look_again
        self._have: list[Device] | None = None
        self.twins: tuple[Device, ...] = ()
        """What a creation left whose answer was lost (`DeviceWish.is_stored`), and what is not deleted since."""
        self._names: set[str] = set()
        """Those that a device was asked for with."""

    def list(self) -> list[Device]:
        """All of them, read once.

        An empty list is no proof. With a store, what could contradict it is looked up by its id (`find`): a second look
        at every account that is new would cost each enrollment a request, and is taken after a failure (`create`) and
        where nothing is created.
        """
        if self._have is None:
            have = self.client.otp_devices(self._user_id)
            self._have = have or (self.client.otp_devices(self._user_id) if self._look_again else [])
        return self._have

    def find(self, wish: DeviceWish) -> DevicePlan:
        """Look by id, which no list can contradict; if it is gone or none is given, by name."""
        if wish.device_id:
            device = self.get(wish.device_id)
            if device or not wish.name:
                return DevicePlan(device)
        plan = compare(self.list(), wish)
        if plan.device is None and self._list_is_wrong(wish):
            self._have = None
            plan = compare(self.list(), wish)
        return plan

    def _list_is_wrong(self, wish: DeviceWish) -> bool:
        """Is a device there that must be kept, and that the list does not show?"""
        missing = wish.keep_ids - {device.id for device in self.list()}
        return any(self.get(device_id) for device_id in sorted(missing))

    def get(self, device_id: str) -> Device | None:
        """One device by its id, whatever a list says; None if there is none."""
        try:
            return self.client.otp_device(self._user_id, device_id)
        except NotFound:
            self.forget(device_id)
            return None

    def delete(self, device: Device) -> None:
        """Delete one."""
        self.client.delete_otp_device(self._user_id, device.id)
        self.forget(device.id)

    def forget(self, device_id: str) -> None:
        """Leave one out: it is gone, or check mode takes it for gone."""
        self.twins = tuple(twin for twin in self.twins if twin.id != device_id)
        if self._have is not None:
            self._have = [device for device in self._have if device.id != device_id]

    def create(self, wish: DeviceWish, plan: DevicePlan) -> NewDevice:
        """Remove what the plan says and add a device.

        Where the answer is lost the device may be there, and its secret is lost: with `replace` it is removed and
        another one is added, once. Without it the error goes up, and so does the second failure.
        """
        check_room(self.list(), plan)
        others = wish.keep_ids.union(device.id for device in self.list())
        for device in plan.remove:
            self.delete(device)
        for is_last in (False, True):
            try:
                return self._add(wish, others)
            except UNCERTAIN as error:
                if not wish.replace:
                    raise _half_done(error, wish) from None
                self._look_for_twins(others, keeps=wish.is_stored and not is_last)
                if is_last:
                    raise _half_done(error, wish) from None
        raise AssertionError("the last try returns or raises")

    def _add(self, wish: DeviceWish, others: Collection[str]) -> NewDevice:
        """Add a device; by another name when this one is refused and taken, and the wish allows it."""
        try:
            return self._added(wish.name or "", others)
        except Conflict:
            taken = {device.name for device in self.client.otp_devices(self._user_id)} if wish.is_stored else set()
            if wish.name not in taken:
                raise
        base = re.sub(r" \d+$", "", wish.name or "")
        return self._added(next(name for n in itertools.count(2) if (name := f"{base} {n}") not in taken), others)

    def _added(self, name: str, others: Collection[str]) -> NewDevice:
        self._names.add(name)
        device, key_uri, qrcode = self.client.add_otp_device(self._user_id, name)
        if device.id in others:  # with this secret stored as that of another device, nobody could log in
            raise InvalidAnswer(
                "The service's answer names another OTP device as the new one. Nothing is done with it. Check "
                "O(auth_endpoint), and that no proxy keeps answers."
            )
        try:
            otp = parse(key_uri)
        except ValueError:
            raise InvalidAnswer("The new device's key URI holds no secret that can be read.") from None
        if not otp.is_of_service:
            raise InvalidAnswer(
                "The new device's key URI is for codes that the service does not take: they have 6 digits, change "
                f"every {PERIOD} s, and are made with SHA-1. Check O(auth_endpoint) and the proxy."
            )
        return NewDevice(device, otp.secret, key_uri, qrcode)

    def _look_for_twins(self, others: Collection[str], *, keeps: bool) -> None:
        """Note or remove the unverified namesakes that were not there before; an empty list is looked at twice.

        :param keeps: note them, while there is room: one may be of another run, which is about to store its secret.
            When the creation has failed for good, nothing will remove them later, so they go now.
        """
        have = self.client.otp_devices(self._user_id) or self.client.otp_devices(self._user_id)
        self.twins = tuple(one for one in have if one.name in self._names and not one.verified and one.id not in others)
        for device in () if keeps and len(have) < MOST_DEVICES else self.twins:
            self.delete(device)


def _half_done(error: IdentityError, wish: DeviceWish) -> IdentityError:
    """Return the error of a creation with what to do next. With `replace`, nothing is left of it."""
    message = error.message
    left = "" if wish.replace else " A device of that name may be there now, whose secret nobody has: "
    if error.status == 500 and not set("[]").isdisjoint(wish.name or ""):
        # The device is stored first, so it fails each time (contract, "OTP devices").
        message = (
            "Adding an OTP device failed: the service may fail on a name with [ or ]. Choose another O(name)."
            + texts.said(error.service_message)
            + (left and f"{left}delete it with state: absent.")
        )
    elif left:
        message = f"{message}{left}run the task again with O(on_unverified): replace."
    return error.reworded(message)


def check_name(name: str | None) -> None:
    """Raises OptionError for a name that the service would refuse."""
    if not name or not name.strip():
        raise OptionError("O(name) must not be blank: give the OTP device a name.")
