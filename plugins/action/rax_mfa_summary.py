# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums up a play on the controller, which knows all of its hosts."""

from __future__ import annotations

from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_summary
from ansible_collections.rackspace.identity.plugins.plugin_utils.summing_up import PlayAction


class ActionModule(PlayAction):
    """`rax_mfa_summary`, in the worker."""

    module = rax_mfa_summary
