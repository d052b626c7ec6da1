# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the task returns about a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_report import diff, report
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    CANARY,
    DEV,
    PROD,
    change,
    vault_of,
    write,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.yml"


def test_names_what_changes_and_no_value(path: Path) -> None:
    write(path, f"gone: {CANARY}\nkept: {CANARY}\nother: {CANARY}\n", DEV)
    path.chmod(0o640)
    wanted = FileChange(
        values={"kept": CANARY, "other": f"{CANARY}2", "new": CANARY}, absent=("gone",), vault_id="prod"
    )
    plan = VaultFile(str(path), vault_of(PROD, DEV)).predict(wanted)
    assert diff("/x", plan) == {
        "before_header": "/x",
        "after_header": "/x",
        "before": "# vault id dev\n# mode 0640\ngone: (old value)\nother: (old value)\n",
        "after": "# vault id prod\n# mode 0600\nother: (new value)\nnew: (new value)\n",
    }
    assert CANARY not in str(report("/x", plan, "/y"))


def test_is_empty_when_nothing_changes(path: Path) -> None:
    write(path, "a: 1\n")
    plan, _backup = change(path, values={"a": 1})
    assert report("/x", plan) == {
        "changed": False,
        "path": "/x",
        "exists": True,
        "diff": {"before_header": "/x", "after_header": "/x", "before": "", "after": ""},
    }
