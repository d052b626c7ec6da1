# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is the secret that an entry holds of use? Private to the collection.

A hand may have cut off a part of it, or written it without its device. An account that logs in by API key needs no
code and would not notice. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..api.errors import Conflict
from ..api.model import Device
from ..login.entry_shape import Entry, holds_secret, next_of
from ..login.stored_factor import fault_of_secret, unreadable
from ..otp.key_uri import SecretError
from ..otp.secret import parse

if TYPE_CHECKING:
    from .planner import Wish


def check_secret(wish: Wish, entry: Entry, is_there: Callable[[], bool] = lambda: True) -> None:
    """Make sure that the secret in an entry is of use as it stands, unless another one takes its place.

    :param is_there: is a device there that it may be of? Asked for a secret that is of no use alone.
    :raises Conflict: it would count as stored, and logs nobody in, or would be lost.
    """
    if not holds_secret(entry) or wish.adopts or wish.replaces_unstored:
        return
    fault = fault_of_secret(entry)
    if fault and is_there():
        raise unreadable(wish.account, wish.place, fault)
    check_is_named(wish, entry, is_there)


def check_is_named(
    wish: Wish, entry: Entry, is_there: Callable[[], bool], *, so_far: str = "nothing was changed"
) -> None:
    """Make sure that an entry says which device its secret is of: a hand may have written the secret alone.

    :param is_there: is a device there, and stays, that it may be of?
    :param so_far: what the error says of what was done.
    :raises Conflict: it does not, and a guess could lose the secret.
    """
    if holds_secret(entry) and not entry.get("device_id") and is_there():
        raise Conflict(
            f"The entry of {wish.account} in {wish.place} holds a secret, and does not say which device has it; "
            f"{so_far}. Add the ID of the device to the entry as device_id (rax_otp_device_info shows the "
            "IDs), or remove the secret from the entry if no device has it."
        )


def is_same_secret(one: Any, other: Any) -> bool:
    """Are two values, or two parts of an entry, of one secret, however it is written?"""
    try:
        return parse(one).secret == parse(other).secret
    except SecretError:
        return False


def check_next(wish: Wish, entry: Entry, pending: Device) -> None:
    """Make sure that the secret of the device is stored that is to take the place of the one that logs in.

    :raises Conflict: it is not, or cannot be read, or is that of the other one.
    """
    following = next_of(entry)
    if not wish.is_kept:
        return
    if following.get("device_id") == entry.get("device_id") or is_same_secret(following, entry):
        raise Conflict(
            f"The entry of {wish.account} in {wish.place} has one device or one secret twice, as its own and as that "
            f"of the device that is to replace it (next, id {pending.id}); nothing was changed. A login does not tell "
            "which device has the secret. Restore the entry, or remove next from it and recover the account (playbook "
            "rackspace.identity.recover), which makes a new device."
        )
    fault = fault_of_secret(following)
    if fault:
        raise Conflict(
            f"The secret of the device that is to replace that of {wish.account} (id {pending.id}) cannot be read in "
            f"{wish.place} (next); nothing was changed. {fault} Restore the entry, or remove next from it and delete "
            "that device (rax_otp_device with O(device_id) and state: absent)."
        )
