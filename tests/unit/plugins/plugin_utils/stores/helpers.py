# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries, loaders and trials for the tests of the stores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import open_store

CANARY = "CANARY2SECRET7"
VAULT_SECRETS = [("prod", VaultSecret(b"password of prod"))]
ENTRY: dict[str, Any] = {
    "username": "ada",
    "user_id": "u1",
    "auth_endpoint": "https://identity.example",
    "device_id": "d1",
    "device_name": "ansible",
    "secret": CANARY,
    "key_uri": f"otpauth://totp/Rackspace:ansible?secret={CANARY}&issuer=Rackspace",
    "step_offset": -1,
    "last_step": 59_000_000,
    "created": "2026-01-31T12:00:00Z",
    "bypass_codes": ["01234567", "00000000"],
    "bypass_codes_end": None,
    "proved": "2026-01-31T12:00:01Z",
    "next": {"device_id": "d2", "device_name": "ansible", "secret": f"{CANARY}2", "key_uri": "", "step_offset": None},
    "previous": "d0",
    "later": {"unknown": [1, None, True, "Zoë 🔑"]},
}
OTHER: dict[str, Any] = {**ENTRY, "device_id": "another"}
"""The entry of another run."""
FORK = multiprocessing.get_context("fork")


class Loader:
    """A DataLoader, as far as stores use it."""

    def __init__(self, folder: Path, secrets: list[tuple[str, VaultSecret]] | None = None) -> None:
        self._vault = VaultLib(VAULT_SECRETS if secrets is None else secrets)
        self._folder = folder

    def path_dwim(self, given: str) -> str:
        return str(self._folder / given)


def opened(folder: Path, config: Mapping[str, Any], environ: Mapping[str, str] | None = None, **loader: Any) -> Store:
    return open_store(config, Loader(folder, **loader), lambda _line: None, dict(os.environ, **(environ or {})))


def assert_lives(store: Store, saved: Callable[[], None] = lambda: None) -> None:
    """An entry lives from its first save to its removal.

    :param saved: looks at what is there after the first save.
    """
    store.check()
    assert store.load() is None
    store.save(ENTRY, None)
    assert store.load() == ENTRY
    saved()
    store.check()
    store.save(OTHER, ENTRY)
    assert store.load() == OTHER
    store.remove(OTHER)
    assert store.load() is None


def assert_keeps_another(store: Store, stands: dict[str, Any] | None, name: str) -> None:
    """What another run stored is neither replaced nor removed."""
    if stands:
        store.save(stands, None)
    with pytest.raises(StoreChanged, match=name) as caught:
        store.save(ENTRY, {**ENTRY, "device_id": "mine"})
    assert CANARY not in str(caught.value)
    with pytest.raises(StoreChanged, match=name):
        store.remove(ENTRY)
    assert store.load() == stands


def assert_one_wins(store: Store, entry: dict[str, Any], instead_of: dict[str, Any] | None = None) -> None:
    """Of two saves at one time one is done, and the other is told that it was not."""
    (won,) = winners(store, entry, instead_of)
    assert (store.load() or {})["device_id"] == f"of {won}"


def winners(store: Store, entry: dict[str, Any], instead_of: dict[str, Any] | None, saves: int = 2) -> list[int]:
    """Let processes save at one time; return the numbers of those that were told that they did."""
    start, outcomes = FORK.Barrier(saves), FORK.Queue()

    def save(number: int) -> None:
        start.wait()
        try:
            store.save({**entry, "device_id": f"of {number}"}, instead_of)
            outcomes.put((number, "saved"))
        except StoreChanged:
            outcomes.put((number, "changed"))

    workers = [FORK.Process(target=save, args=(number,)) for number in range(saves)]
    for worker in workers:
        worker.start()
    told = dict(outcomes.get(timeout=60) for _worker in workers)
    for worker in workers:
        worker.join(60)
    assert sorted(told) == list(range(saves))
    return [number for number, word in told.items() if word == "saved"]


def later_and_later(seen: set[bool]) -> Iterator[int]:
    """Number the trials of a kill that comes later each time, until both outcomes were seen, and a dozen at least.

    How late is late enough is unknown on a busy machine.
    """
    for trial in range(100):
        if trial >= 12 and len(seen) == 2:
            return
        yield trial
