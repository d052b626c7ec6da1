# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks for the code at the terminal of the controller, and verifies the device with it."""

from __future__ import annotations

from ansible_collections.rackspace.identity.plugins.plugin_utils.for_person import PersonAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.prompt import Prompt


class ActionModule(PersonAction):
    """`rax_otp_prompt`, in the worker."""

    logic = Prompt
