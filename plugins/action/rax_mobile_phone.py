# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module of its name inside the controller."""

from __future__ import annotations

from ansible_collections.rackspace.identity.plugins.modules import rax_mobile_phone
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import IdentityAction


class ActionModule(IdentityAction):
    """`rax_mobile_phone`, in the worker if it can."""

    module = rax_mobile_phone
