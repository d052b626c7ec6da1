# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lies beside the playbooks of the tests: speaks to the emulator's control API between two tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from emulator.client import Control


class ActionModule(ActionBase):
    """`do`: call methods of `Control`, in turn. `note`: write down registered variables and the request log."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do or note; the `value` is what the last method returned."""
        super().run(tmp, task_vars)
        args = json.loads(json.dumps(self._task.args))
        control = Control(args["url"])
        if "note" in args:
            noted = {"results": [(task_vars or {})[name] for name in args["note"]], "requests": control.requests()}
            # ansible-core 2.19 puts an object of its own into a failure.
            text = json.dumps(noted, default=lambda unknown: type(unknown).__name__)
            Path(args["into"]).write_text(text, encoding="utf-8")
        value = None
        for method, arguments in args.get("do", []):
            value = getattr(control, method)(**arguments)
        return {"changed": False, "value": value}
