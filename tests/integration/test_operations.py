# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of operations in the documentation says what the request log says, and leaves no operation out."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.harness.likeness import Plain, differences
from integration.harness.machine import ROOT
from integration.harness.operations import PAGE, USERS, page, tour, used
from integration.harness.plays import HERE_AND_THERE, Call, Player, plays


@pytest.mark.matrix
def test_the_table_of_operations_is_complete_and_what_the_log_says(play: Player) -> None:
    steps = tour()
    played = play(steps, users=USERS)
    assert [outcome.result.get("msg") for outcome in played.outcomes if outcome.result["failed"]] == []
    found = used(steps, played.outcomes)
    assert [operation for operation, calls in found.items() if not calls] == []
    assert PAGE.read_text(encoding="utf-8") == page(found), "run python tests/integration/harness/operations.py"


def test_no_module_that_runs_both_ways_is_left_out_of_the_tour() -> None:
    actions = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "action").glob("*.py")}
    modules = {
        name for name, text in actions.items() if "IdentityAction" in text and "_requires_connection" not in text
    }
    assert modules == {step.module for step in tour() if isinstance(step, Call)}


@pytest.mark.thorough
def test_both_ways_say_show_and_ask_for_the_same(tmp_path: Path) -> None:
    here, there = (Plain(played) for played in plays(tmp_path, tour(), list(HERE_AND_THERE), users=USERS))
    for number, (one, other) in enumerate(zip(here.outcomes(), there.outcomes(), strict=True)):
        assert one == other, differences(f"task {number}", one, other)
    shown, also = here.screen(), there.screen()
    assert shown == also, differences("the screen", shown, also)
