# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at one account on the controller, with the play's own vault."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_status
from ansible_collections.rackspace.identity.plugins.plugin_utils.account_status import look
from ansible_collections.rackspace.identity.plugins.plugin_utils.stored_places import StoreReadingAction


class ActionModule(StoreReadingAction):
    """`rax_mfa_status`, in the worker."""

    module = rax_mfa_status

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        return look(module, self._places)
