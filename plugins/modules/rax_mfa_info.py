#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.auth import Target
from ansible_collections.rackspace.identity.plugins.module_utils.options import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Read a user, its multi-factor state and its devices."""
    with open_session(module) as session:
        target = Target(session, module.params.get)
        user = target.user
        devices, phones = session.client.devices(user.id)
        return {
            "changed": False,
            "user": user.facts(),
            "mfa": user.mfa.facts(),
            "otp_devices": [device.facts() for device in sorted(devices, key=lambda device: (device.name, device.id))],
            "mobile_phones": [phone.facts() for phone in sorted(phones, key=lambda phone: phone.id)],
        }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
