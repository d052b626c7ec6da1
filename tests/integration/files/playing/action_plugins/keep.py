# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lies beside the playbooks of the tests: writes a value into a file, for which `copy` starts two ordinary modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Write `value` into the file `into`, as JSON."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write it, in check mode, too."""
        super().run(tmp, task_vars)
        Path(self._task.args["into"]).write_text(json.dumps(self._task.args["value"]), encoding="utf-8")
        return {"changed": False}
