# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the QR code of an OTP device at the controller: on its terminal, or as a file."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.modules import rax_otp_qr
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import ControllerAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.qr_code import QrCode
from ansible_collections.rackspace.identity.plugins.plugin_utils.terminal import Terminal


class ActionModule(ControllerAction):
    """`rax_otp_qr`, in the worker."""

    module = rax_otp_qr

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        return QrCode(Terminal(self._connection)).run(module)
