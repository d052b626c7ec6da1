# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lies beside the playbooks of the tests: speaks to the emulator's control API between two tasks, in milliseconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from emulator.client import Control


class ActionModule(ActionBase):
    """`note`: write down a registered variable and the request log. Then `do`: call methods of `Control`, in turn."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Note and do; the `value` is what the last method returned."""
        super().run(tmp, task_vars)
        args = json.loads(json.dumps(self._task.args))
        control = Control(args["url"])
        if "note" in args:
            line = {"result": (task_vars or {})[args["note"]], "requests": control.requests()}
            control.clear_requests()
            with Path(args["into"]).open("a", encoding="utf-8") as file:
                # ansible-core 2.19 puts an object of its own into a failure.
                file.write(json.dumps(line, default=lambda unknown: type(unknown).__name__) + "\n")
        value = None
        for method, arguments in args["do"]:
            value = getattr(control, method)(**arguments)
        return {"changed": False, "value": value}
