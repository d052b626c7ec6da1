# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every store must do, with the entries and the loader that the tests of all stores use."""

from __future__ import annotations

import functools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import open_store
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import PROD

CANARY = "CANARY2SECRET7"
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
OpenAt = Callable[[str], Store]
"""Opens the store at a place of that name."""


def loader_of(folder: Path, secrets: Sequence[Any] = (PROD,)) -> DataLoader:
    """The loader of a play in that folder."""
    loader = DataLoader()
    loader.set_basedir(str(folder))
    loader.set_vault_secrets(list(secrets))
    return loader


def opened(folder: Path, config: Mapping[str, Any], environ: Mapping[str, str] | None = None, **loader: Any) -> Store:
    return open_store(config, loader_of(folder, **loader), lambda _line: None, dict(os.environ, **(environ or {})))


class StoreContract:
    """What every store must do. The tests of a store have it as a class, with a fixture `open_at` of their own.

    :param place: what a message calls the place `ada` by.
    :param races: how often two runs save at one time.
    """

    place: str
    races = 3

    def test_an_entry_lives_from_its_first_save_to_its_removal(self, open_at: OpenAt) -> None:
        store = open_at("ada")
        store.check()
        assert store.load() is None
        store.save(ENTRY, None)
        assert store.load() == ENTRY
        store.check()
        store.save(OTHER, ENTRY)
        assert store.load() == OTHER
        store.remove(OTHER)
        assert store.load() is None
        store.save(ENTRY, None)
        assert store.load() == ENTRY

    @pytest.mark.parametrize("stands", [None, OTHER], ids=["nothing", "another"])
    def test_what_another_run_stored_is_neither_replaced_nor_removed(
        self, open_at: OpenAt, stands: dict[str, Any] | None
    ) -> None:
        store, mine = open_at("ada"), {**ENTRY, "device_id": "mine"}
        if stands:
            store.save(stands, None)
        saves = [mine, None] if stands else [mine]
        uses = [functools.partial(store.save, ENTRY, it) for it in saves]
        for use in (*uses, functools.partial(store.remove, mine)):
            with pytest.raises(StoreChanged, match=self.place) as caught:
                use()
            assert CANARY not in str(caught.value)
        assert store.load() == stands

    def test_of_two_saves_at_one_time_one_wins(self, open_at: OpenAt) -> None:
        for number in range(self.races):
            place, stands = f"race-{number}", None
            for entry in (ENTRY, {**ENTRY, "username": "of the second race"}):
                (won,) = winners(open_at(place), entry, stands)
                stands = open_at(place).load()
                assert stands == {**entry, "device_id": f"of-{won}"}


def winners(store: Store, entry: dict[str, Any], instead_of: dict[str, Any] | None) -> list[int]:
    """Let two processes save at one time; return the numbers of those that were told that they did."""
    start, outcomes = FORK.Barrier(2), FORK.Queue()

    def save(number: int) -> None:
        start.wait()
        try:
            store.save({**entry, "device_id": f"of-{number}"}, instead_of)
            outcomes.put((number, "saved"))
        except StoreChanged:
            outcomes.put((number, "changed"))

    workers = [FORK.Process(target=save, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    told = dict(outcomes.get(timeout=60) for _worker in workers)
    for worker in workers:
        worker.join(60)
    assert sorted(told) == [0, 1]
    return [number for number, word in told.items() if word == "saved"]


def assert_kills_do_no_harm(
    open_at: OpenAt, kill: Callable[[int], None], look: Callable[[], None] = lambda: None, *, rest: float = 0
) -> None:
    """Kill one save after another, each a little later, and others until the old and the new entry were found.

    :param kill: ends the process of a save.
    :param look: looks at what a kill left.
    :param rest: how long what outlives the process may go on, in times that a save takes.
    """
    store = open_at("ada")
    store.save(OTHER, None)
    begin = time.monotonic()
    open_at("ada").save(OTHER, OTHER)
    usual = time.monotonic() - begin
    seen: set[bool] = set()

    def delays() -> Iterator[float | None]:
        yield from (usual * part / 12 for part in range(12))
        while seen != {True, False}:
            yield None if False in seen else 0.0

    for trial, delay in enumerate(delays()):
        have, want = store.load(), {**ENTRY, "device_id": f"of-{trial}"}
        saver = FORK.Process(target=open_at("ada").save, args=(want, have))
        saver.start()
        assert saver.pid is not None
        if delay is not None:
            time.sleep(delay)
            kill(saver.pid)
        saver.join()
        time.sleep(rest * usual)
        now = store.load()
        assert now in (have, want)
        seen.add(now == want)
        look()
