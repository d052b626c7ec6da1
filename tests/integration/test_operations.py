# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of operations in the documentation says what the request log says, and leaves no operation out."""

from __future__ import annotations

from pathlib import Path

from integration.calls import Call, both
from integration.operations import PAGE, ROOT, USERS, page, tour, used

OF_ITS_OWN = {"rax_mfa_enrolment"}
"""It asks for what the others ask for; test_modules_mfa_enrolment.py plays it both ways."""


def test_the_table_of_operations_is_complete_and_what_the_log_says(tmp_path: Path) -> None:
    steps = tour()
    played = both(tmp_path, steps, users=USERS)
    assert [outcome.result.get("msg") for outcome in played.outcomes if outcome.result["failed"]] == []
    found = used(steps, played.outcomes)
    assert [operation for operation, calls in found.items() if not calls] == []
    assert PAGE.read_text(encoding="utf-8") == page(found), "run python tests/integration/operations.py"


def test_no_module_that_runs_both_ways_is_left_out_of_the_tour() -> None:
    actions = (ROOT / "plugins" / "action").glob("*.py")
    modules = {path.stem for path in actions if "IdentityAction" in path.read_text(encoding="utf-8")}
    assert modules == {step.module for step in tour() if isinstance(step, Call)} | OF_ITS_OWN
