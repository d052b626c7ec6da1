# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For the tests of rackspace.identity: how many requests the emulator of a play had seen when each task began."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

from emulator.client import Control

DOCUMENTATION = """
name: counting
type: aggregate
short_description: Write down how many requests there were before each task
description: Into the file that a variable of the play, C(counts), names; C(url) is that of the emulator.
"""


class CallbackModule(CallbackBase):
    """One number a task, a line each."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "counting"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._variables = play.get_vars()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        del task, is_conditional
        with Path(self._variables["counts"]).open("a", encoding="utf-8") as file:
            file.write(f"{len(Control(self._variables['url']).requests())}\n")
