# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `vault_vars` returns about a change: names of variables, and never a value. Private to the collection."""

from __future__ import annotations

from typing import Any

from .vault_file import FilePlan
from .yaml_values import unchanged


def report(path: str, plan: FilePlan, backup: str | None = None) -> dict[str, Any]:
    """Return the result of a task that changes, or would change, a file."""
    result: dict[str, Any] = {"changed": plan.changed, "path": path, "exists": plan.exists, "diff": diff(path, plan)}
    return result | ({} if backup is None else {"backup_file": backup})


def diff(path: str, plan: FilePlan) -> dict[str, str]:
    """Return the variables that are added, changed or removed, and the vault id and the mode when they change."""
    old, new = plan.have.variables, plan.variables
    before, after = _circumstances(plan)
    names = [
        name for name in {**old, **new} if name not in old or name not in new or not unchanged(old[name], new[name])
    ]
    before += [f"{name}: (old value)" for name in names if name in old]
    after += [f"{name}: (new value)" for name in names if name in new]
    return {
        "before_header": path,
        "after_header": path,
        "before": "".join(f"{line}\n" for line in before),
        "after": "".join(f"{line}\n" for line in after),
    }


def _circumstances(plan: FilePlan) -> tuple[list[str], list[str]]:
    before, after, old_key, old_mode = [], [], plan.have.key, plan.have.mode
    if plan.key is not None and (old_key is None or old_key.vault_id != plan.key.vault_id):
        before += [f"# vault id {old_key.vault_id}"] if old_key is not None else []
        after.append(f"# vault id {plan.key.vault_id}")
    if plan.new_mode is not None:
        before += [f"# mode {old_mode:04o}"] if old_mode is not None else []
        after.append(f"# mode {plan.new_mode:04o}")
    return before, after
