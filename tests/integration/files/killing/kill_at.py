# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback that kills the run between two tasks: when nothing else runs, and a task of the role is about to start."""

from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: kill_at
type: aggregate
short_description: Kills the run at a task
description:
  - The environment variable E(KILL_AT) is the number of the task among those of the role, from 1.
author:
  - The rackspace.identity maintainers (@rackspace)
"""


class CallbackModule(CallbackBase):
    """Sends SIGKILL to the process that it is in."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_at"

    def __init__(self) -> None:
        super().__init__()
        self._left = int(os.environ["KILL_AT"])

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Kill, where it is that task."""
        del is_conditional  # what core gives, by position or by name
        self._left -= task.get_name().startswith("rackspace.identity.mfa_otp : ")
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
