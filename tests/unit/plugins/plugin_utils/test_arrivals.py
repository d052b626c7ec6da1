# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that do not wait for each other: one of them sums up, by what each one noted."""

from __future__ import annotations

from collections.abc import Collection
from multiprocessing import get_context
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils.arrivals import arrive
from ansible_collections.rackspace.identity.plugins.plugin_utils.summary import CHANGED, FAILED, SETTLED, Account

ADA, CID = Account("ada", CHANGED, ("turn_on",), check_mode=True), Account("cid", SETTLED)
BOB = Account("bob", FAILED, msg="The password is wrong.", error={"kind": "bad_credentials", "status": 401})
MANY = [f"host{number}" for number in range(40)]


@pytest.fixture(name="notes")
def _notes(tmp_path: Path) -> Path:
    return tmp_path / "summary"


def nobody(_told: Collection[str]) -> list[Account]:
    return []


def test_the_last_one_has_what_each_one_noted(notes: Path) -> None:
    awaited = ["ada", "bob", "cid"]
    assert arrive(notes, BOB, awaited, nobody) is None
    assert arrive(notes, ADA, awaited, nobody) is None
    assert arrive(notes, CID, awaited, nobody) == {"ada": ADA, "bob": BOB, "cid": CID}


def test_a_failed_one_is_not_awaited_and_makes_no_summary_when_it_comes(notes: Path) -> None:
    assert arrive(notes, CID, ["cid"], lambda told: [BOB] if "bob" not in told else []) == {"bob": BOB, "cid": CID}
    assert arrive(notes, BOB, ["cid"], nobody) is None


def test_one_that_was_rescued_since_makes_a_new_summary(notes: Path) -> None:
    arrive(notes, CID, ["cid"], lambda _told: [BOB])
    rescued = Account("bob", SETTLED)
    assert arrive(notes, rescued, ["bob", "cid"], nobody) == {"bob": rescued, "cid": CID}


def come(notes: Path, host: str) -> int:
    return len(arrive(notes, Account(host, SETTLED), MANY, nobody) or ())


def test_of_workers_that_come_at_once_one_sums_up(notes: Path) -> None:
    with get_context("spawn").Pool(4) as workers:
        told = workers.starmap(come, [(notes, host) for host in MANY], chunksize=1)
    assert sorted(told) == [0] * (len(MANY) - 1) + [len(MANY)]
