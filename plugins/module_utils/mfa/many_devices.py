# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of many users, by several connections at once. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..api.client import Client
from ..api.errors import Forbidden, NotFound, OptionError, TokenRefused
from ..api.model import Device, Phone, User
from ..login.session import Session

MOST_THREADS = 32
_Item = TypeVar("_Item", Device, Phone)
Read = dict[str, "tuple[_Item, ...] | None"]
"""What was read by the id of its user; None for users that it may not look at, nothing for users that are gone."""


def check_threads(threads: int) -> None:
    """Raise OptionError for a number of connections that the service should not see."""
    if not 1 <= threads <= MOST_THREADS:
        raise OptionError(f"O(threads) must be between 1 and {MOST_THREADS}.")


def devices_of(session: Session, users: Sequence[User], threads: int) -> Read[Device]:
    """Return the OTP devices of users. An empty list is read again: it is no proof (contract, "OTP devices")."""

    def ask(client: Client, user: User) -> list[Device]:
        return client.otp_devices(user.id) or client.otp_devices(user.id)

    return _of_each(session, users, threads, ask)


def unread_warning(unread: int, users: int) -> str | None:
    """Return what to say of users whose devices could not be read; None when there are none."""
    if not unread:
        return None
    return (
        f"The OTP devices of {unread} of {users} users could not be read. Either the user is gone, or this account may "
        "not look at its devices."
    )


def phones_of(session: Session, users: Sequence[User], threads: int) -> Read[Phone]:
    """Return the phones of users."""
    return _of_each(session, users, threads, lambda client, user: client.phones(user.id))


def _of_each(
    session: Session, users: Sequence[User], threads: int, ask: Callable[[Client, User], list[_Item]]
) -> Read[_Item]:
    """Ask for each user. When the token dies meanwhile, begin again after the one new login that a task may make."""
    try:
        return _side_by_side(session, users, threads, ask)
    except TokenRefused:
        if not session.client.renew():
            raise
    return _side_by_side(session, users, threads, ask)


def _side_by_side(
    session: Session, users: Sequence[User], threads: int, ask: Callable[[Client, User], list[_Item]]
) -> Read[_Item]:
    slices = [users[first::threads] for first in range(min(threads, len(users)))]
    token = session.client.token

    def read(some: Sequence[User]) -> Read[_Item]:
        with session.beside(token) as client:
            return dict(one for user in some for one in _if_it_may(ask, client, user))

    found: Read[_Item] = {}
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for part in pool.map(read, slices):
            found.update(part)
    return found


def _if_it_may(
    ask: Callable[[Client, User], list[_Item]], client: Client, user: User
) -> Iterator[tuple[str, tuple[_Item, ...] | None]]:
    try:
        yield user.id, tuple(ask(client, user))
    except Forbidden:
        yield user.id, None
    except NotFound:
        return
