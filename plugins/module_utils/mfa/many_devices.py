# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OTP devices of many users, by several connections at once. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..api.errors import Forbidden, NotFound, OptionError
from ..api.model import Device, User
from ..login.session import Session

MOST_THREADS = 32
Read = dict[str, "tuple[Device, ...] | None"]


def check_threads(threads: int) -> None:
    """Raise OptionError for a number of connections that the service should not see."""
    if not 1 <= threads <= MOST_THREADS:
        raise OptionError(f"threads must be between 1 and {MOST_THREADS}.")


def devices_of(session: Session, users: Sequence[User], threads: int, certain: Callable[[User], bool]) -> Read:
    """Return the devices of each user by its id; None for users that are gone, or that it may not look at.

    :param certain: whether an empty list of this user must be read again, since an empty list is no proof.
    """
    slices = [users[first::threads] for first in range(min(threads, len(users)))]
    token = session.client.token
    found: Read = {}
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for part in pool.map(lambda some: _read(session, token, some, certain), slices):
            found.update(part)
    return found


def _read(session: Session, token: str, users: Sequence[User], certain: Callable[[User], bool]) -> Read:
    with session.beside(token) as own:
        return {user.id: _devices(own, user, certain) for user in users}


def _devices(session: Session, user: User, certain: Callable[[User], bool]) -> tuple[Device, ...] | None:
    try:
        devices = session.client.otp_devices(user.id)
        if not devices and certain(user):
            devices = session.client.otp_devices(user.id)
    except (Forbidden, NotFound):
        return None
    return tuple(devices)
