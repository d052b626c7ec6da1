#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_otp_device_info
short_description: List the OTP devices of a Rackspace Cloud user
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Lists the OTP devices of a user. Nothing in the result is secret.
  - The service never tells the secret of a device again, so it is not here either.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.info_module
options:
  name:
    description:
      - List only the devices of that name. Names are not unique.
    type: str
seealso:
  - module: rackspace.identity.rax_otp_device
  - module: rackspace.identity.rax_mfa_info
"""

EXAMPLES = r"""
- name: List the devices
  rackspace.identity.rax_otp_device_info:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
  register: found

- name: As an administrator, by token, list the devices of one name of another user
  rackspace.identity.rax_otp_device_info:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    name: phone
  register: found

- name: Delete those that were never verified
  rackspace.identity.rax_otp_device:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    device_id: "{{ item.id }}"
    state: absent
  loop: "{{ found.otp_devices | rejectattr('verified') }}"
"""

RETURN = r"""
otp_devices:
  description: The OTP devices, sorted by name and ID.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the device.
      returned: always
      type: str
      sample: 0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b
    name:
      description: Name of the device.
      returned: always
      type: str
      sample: ansible
    verified:
      description: Whether it was verified, so that its codes are accepted at a login.
      returned: always
      type: bool
      sample: true
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.devices import Devices
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(ModuleSpec(argument_spec={"name": {"type": "str"}}))
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """List the OTP devices of a user, or those of one name."""
    name = module.params["name"] or None
    with open_session(module) as session:
        have = Devices(session.client, Target(session, module.params.get).id, look_again=True).list()
    chosen = sorted(
        (device for device in have if name in (None, device.name)), key=lambda device: (device.name, device.id)
    )
    return {"changed": False, "otp_devices": [device.facts() for device in chosen]}


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
