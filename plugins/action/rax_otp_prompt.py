# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks for the code at the terminal of the controller, and verifies the device with it."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_prompt
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import ControllerAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.prompt import Prompt
from ansible_collections.rackspace.identity.plugins.plugin_utils.terminal import Terminal


class ActionModule(ControllerAction):
    """`rax_otp_prompt`, in the worker."""

    module = rax_otp_prompt

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        return Prompt(Terminal(self._connection)).run(module)
