# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `vault_vars` returns. Private to the collection.

Except for what was asked to be read it names variables and never shows a value.
"""

from __future__ import annotations

from typing import Any

from .plain_values import VaultFileError, same
from .vault_file import Plan


def reading(variables: dict[Any, Any] | None) -> dict[str, Any]:
    """The result of a task that reads."""
    return {"changed": False, "exists": variables is not None, "vars": variables or {}}


def report(path: str, plan: Plan, backup: str | None = None) -> dict[str, Any]:
    """The result of a task that changes, or would change, a file."""
    result: dict[str, Any] = {"changed": plan.changed, "path": path, "exists": plan.exists, "diff": diff(path, plan)}
    if backup is not None:
        result["backup_file"] = backup
    return result


def failure(error: VaultFileError) -> dict[str, Any]:
    """The result of a task that could not do its work."""
    return {"failed": True, "msg": str(error)}


def diff(path: str, plan: Plan) -> dict[str, str]:
    """Names of the variables that are added, changed or removed, and the vault id and the mode where they change."""
    old, new = plan.have.variables, plan.variables
    before, after = _circumstances(plan)
    for name in {**old, **new}:
        if name not in new or (name in old and not same(old[name], new[name])):
            before.append(f"{name}: (old value)")
        if name not in old or (name in new and not same(old[name], new[name])):
            after.append(f"{name}: (new value)")
    return {
        "before_header": path,
        "after_header": path,
        "before": "".join(f"{line}\n" for line in before),
        "after": "".join(f"{line}\n" for line in after),
    }


def _circumstances(plan: Plan) -> tuple[list[str], list[str]]:
    before, after = [], []
    old_key, old_mode = plan.have.key, plan.have.mode
    if plan.key is not None and (old_key is None or old_key.vault_id != plan.key.vault_id):
        after.append(f"# vault id {plan.key.vault_id}")
        if old_key is not None:
            before.append(f"# vault id {old_key.vault_id}")
    if plan.new_mode is not None:
        after.append(f"# mode {plan.new_mode:04o}")
        if old_mode is not None:
            before.append(f"# mode {old_mode:04o}")
    return before, after
