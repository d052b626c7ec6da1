# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a stored entry is. Pure. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..api.errors import OptionError
from ..api.texts import is_same_name
from .endpoint import is_same_place

if TYPE_CHECKING:
    from .entry_shape import Entry

UNCHANGED = "Nothing was changed."
_OWN_PLACE = "Give each account a place of its own: another file, variable, name or path."


def check_owner(entry: Entry, username: str, endpoint: str, so_far: str = UNCHANGED) -> None:
    """Refuse the entry of another user, or of another service. Names match without regard to case.

    :param so_far: what the error says of what was done.
    :raises OptionError: it is another account's.
    """
    told = _of_another(entry, username, endpoint)
    if told:
        raise OptionError(f"The stored entry {told} {so_far} {_OWN_PLACE}")


def check_given(option: str, value: Any, username: str, endpoint: str) -> None:
    """Refuse another account's entry that was given as a secret: its passcodes would be refused, and count.

    :param username: empty when it is not known.
    :raises OptionError: it is a stored dictionary that belongs to another account.
    """
    told = _of_another(value, username, endpoint) if isinstance(value, Mapping) else ""
    if told:
        raise OptionError(f"O({option}) {told} Nothing was sent. Pass the entry of this account.")


def _of_another(entry: Entry, username: str, endpoint: str) -> str:
    """Say whose an entry is when it is not this account's, else nothing."""
    has_name, has_endpoint = entry.get("username") or username, entry.get("auth_endpoint") or endpoint
    is_its_name = not username or is_same_name(str(has_name), username)
    if is_its_name and is_same_place(str(has_endpoint), endpoint):
        return ""
    return f"is not that of {username} at {endpoint}: it belongs to {has_name} at {has_endpoint}."


def check_owner_id(entry: Entry, username: str, user_id: str) -> None:
    """Refuse the entry of an earlier user who had the same name.

    :raises OptionError: it is another user's.
    """
    has_id = entry.get("user_id") or user_id
    if has_id != user_id:
        raise OptionError(
            f"The stored entry is not that of {username}, whose id is {user_id}: it belongs to an earlier user of that "
            f"name, with the id {has_id}. {UNCHANGED} {_OWN_PLACE}"
        )
