# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job may find: states of an account and of its entry, as people and killed runs leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import URL, Bench

Start = Callable[[Bench], None]


def fresh(_bench: Bench) -> None:
    """An account without MFA and without an entry."""


def must_set_up(bench: Bench) -> None:
    bench.service.must_set_up = True


def left_over(bench: Bench) -> None:
    """Devices whose secret is lost."""
    bench.service.make_device(verified=False)
    bench.service.make_device(verified=False)


def no_room(bench: Bench) -> None:
    bench.service.make_device(verified=False)
    for name in "abcd":
        bench.service.make_device(verified=True, name=name)


def enrolled_without_room(bench: Bench) -> None:
    """One device of the name is left over."""
    enrolled(bench)
    bench.service.make_device(verified=False)
    for name in "abc":
        bench.service.make_device(verified=True, name=name)


def codes_without_room(bench: Bench) -> None:
    """The entry holds bypass codes alone."""
    no_room(bench)
    bench.shelf.content = {"username": "jo", "user_id": "1", "auth_endpoint": URL, "bypass_codes": []}


def stored_and_not_verified(bench: Bench) -> None:
    bench.store(bench.service.make_device(verified=False))


def mfa_off(bench: Bench) -> None:
    """Stored and verified."""
    bench.store(bench.service.make_device(verified=True))


def without_codes(bench: Bench) -> None:
    jobs.enroll(bench.here)
    bench.rest()


def enrolled(bench: Bench) -> None:
    jobs.enroll(bench.here, codes=4)
    bench.rest()


def half_replaced(bench: Bench) -> None:
    """The secret of the next device is stored, and it is not verified."""
    enrolled(bench)
    bench.shelf.content = {**entry_of(bench), "next": bench.part(bench.service.make_device(verified=False))}


def nearly_replaced(bench: Bench) -> None:
    """The previous device is still there."""
    enrolled(bench)
    bench.shelf.content = {**entry_of(bench), "previous": bench.service.make_device(verified=True)}


def turned_off(bench: Bench) -> None:
    """By support: the device is there and its secret stored, and the codes that are stored are void."""
    enrolled(bench)
    bench.service.mfa = False
    bench.service.codes.clear()


def device_gone(bench: Bench) -> None:
    """Its secret is stored."""
    without_codes(bench)
    bench.service.mfa = False
    bench.service.devices.clear()


def lost_device(bench: Bench) -> None:
    """Verified and in use, and its secret is lost; the store has bypass codes."""
    enrolled(bench)
    entry = entry_of(bench)
    bench.shelf.content = {key: entry[key] for key in ("username", "user_id", "bypass_codes", "bypass_codes_end")}


def secret_lost(bench: Bench) -> None:
    """Verified and in use, and the entry names it without its secret."""
    enrolled(bench)
    bench.shelf.content = {key: value for key, value in entry_of(bench).items() if key not in ("secret", "key_uri")}


def key_uri_alone(bench: Bench) -> None:
    """The entry has the secret in no other form."""
    enrolled(bench)
    bench.shelf.content = {key: value for key, value in entry_of(bench).items() if key != "secret"}


def named_twice(bench: Bench) -> None:
    """A hand that restored an older secret left notes that say to delete the stored device."""
    enrolled(bench)
    stored = entry_of(bench)["device_id"]
    bench.store(stored, previous=stored, orphans=[stored])


def entry_of(bench: Bench) -> dict[str, Any]:
    """Return what the shelf holds."""
    assert bench.shelf.content
    return bench.shelf.content
