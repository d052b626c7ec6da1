# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored of one account: whose it is, its device and secret, and what an exchange of devices has begun.

An entry is a plain dictionary, since any store must take it. While a device is replaced it holds two secrets: its own,
which still logs in, and that of the `next` device. Once the next one is proved it takes the place of the other, whose
id is kept as `previous` until that device is gone. Pure; nothing here is changed in place. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..api.errors import OptionError
from ..api.model import NewDevice

Entry = Mapping[str, Any]
_OWN_PLACE = (
    "Nothing was changed. Give each account a place of its own (in the role: mfa_otp_vault_file, mfa_otp_variable)."
)


def owner(username: str, user_id: str, endpoint: str) -> dict[str, str]:
    """The part that says whose entry it is."""
    return {"username": username, "user_id": user_id, "auth_endpoint": endpoint}


def check_name(entry: Entry, username: str, endpoint: str) -> None:
    """Raises OptionError for the entry of another user, or of another service. Names match without regard to case."""
    has_name, has_endpoint = entry.get("username") or username, entry.get("auth_endpoint") or endpoint
    if has_name.casefold() != username.casefold() or has_endpoint != endpoint:
        raise OptionError(
            f"The stored entry is not that of {username} at {endpoint}: it belongs to {has_name} at {has_endpoint}. "
            + _OWN_PLACE
        )


def check_id(entry: Entry, username: str, user_id: str) -> None:
    """Raises OptionError for the entry of an earlier user who had the same name."""
    has_id = entry.get("user_id") or user_id
    if has_id != user_id:
        raise OptionError(
            f"The stored entry is not that of {username}, whose id is {user_id}: it belongs to an earlier user of that "
            f"name, with the id {has_id}. {_OWN_PLACE}"
        )


def of_device(new: NewDevice, now: datetime | None = None) -> dict[str, Any]:
    """The part that a new device fills in. `step_offset` is None until a verification or a login tells it."""
    moment = now or datetime.now(timezone.utc)
    return {
        "device_id": new.device.id,
        "device_name": new.device.name,
        "secret": new.secret,
        "key_uri": new.key_uri,
        "step_offset": None,
        "created": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }


def promoted(entry: Entry, *, previous: str, voids_codes: bool) -> dict[str, Any]:
    """The next device in the place of the other one.

    :param previous: the id of the device that is to be deleted, or an empty string.
    :param voids_codes: new bypass codes are about to be made, which end those that are stored.
    """
    rest = {key: value for key, value in entry.items() if key != "next"}
    codes: dict[str, Any] = {"bypass_codes": []} if voids_codes else {}
    return {**rest, **(entry.get("next") or {}), "previous": previous, **codes}


def finished(entry: Entry) -> dict[str, Any]:
    """Without the note that a device is to be deleted."""
    return {key: value for key, value in entry.items() if key != "previous"}
