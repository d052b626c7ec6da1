# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audits a domain on the controller, with the play's own vault."""

from __future__ import annotations

from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_audit
from ansible_collections.rackspace.identity.plugins.plugin_utils.auditing import AuditAction


class ActionModule(AuditAction):
    """`rax_mfa_audit`, in the worker."""

    module = rax_mfa_audit
