# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the QR code of an OTP device at the controller: on its terminal, or as a file."""

from __future__ import annotations

from ansible_collections.rackspace.identity.plugins.plugin_utils.for_person import PersonAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.qr_code import QrCode


class ActionModule(PersonAction):
    """`rax_otp_qr`, in the worker."""

    logic = QrCode
