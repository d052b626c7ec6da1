#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_info
short_description: Read the multi-factor state of a Rackspace Cloud user
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Reads a user, its multi-factor settings, its OTP devices and its mobile phones. Nothing in the result is secret.
  - The service never tells the secret of a device again, so it is not here either.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.info_module
seealso:
  - module: rackspace.identity.rax_mfa_settings
  - module: rackspace.identity.rax_mfa_domain_info
  - module: rackspace.identity.rax_otp_device_info
"""

EXAMPLES = r"""
- name: See whether an account has multi-factor authentication
  rackspace.identity.rax_mfa_info:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
  register: info

- name: As an administrator, look at another user of the domain
  rackspace.identity.rax_mfa_info:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
    target_user: jane
  register: info

- name: Look at the account that a token belongs to
  rackspace.identity.rax_mfa_info:
    auth_token: "{{ login.token.id }}"
  register: info

- name: Stop when the account is locked
  ansible.builtin.assert:
    that: info.mfa.state != 'LOCKED'
"""

RETURN = r"""
user:
  description: The user.
  returned: success
  type: dict
  sample: {"id": "6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e", "name": "jane", "domain_id": "123456", "enabled": true}
mfa:
  description: The multi-factor settings of the user.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether a login by password asks for a second factor.
      returned: always
      type: bool
      sample: true
    state:
      description: V(ACTIVE) or V(LOCKED).
      returned: always, V(none) while multi-factor authentication is off, and if the service does not tell it
      type: str
      sample: ACTIVE
    factor_type:
      description: V(OTP) or V(SMS).
      returned: always, V(none) while multi-factor authentication is off, and if the service does not tell it
      type: str
      sample: OTP
    enforcement_level:
      description: V(DEFAULT), V(OPTIONAL) or V(REQUIRED). V(DEFAULT) leaves it to the domain.
      returned: always
      type: str
      sample: DEFAULT
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
      description: Name of the device. Names are not unique.
      returned: always
      type: str
      sample: ansible
    verified:
      description: Whether it was verified, so that its codes are accepted at a login.
      returned: always
      type: bool
      sample: true
mobile_phones:
  description: The mobile phones that get codes by SMS.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the phone.
      returned: always
      type: str
      sample: 3f1d5e0b9a2c4d6e8f7a6b5c4d3e2f1a
    number:
      description: Number of the phone.
      returned: always
      type: str
      sample: "+15125550100"
    verified:
      description: Whether it was verified.
      returned: always
      type: bool
      sample: true
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import account_facts
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Read a user, its multi-factor state and its devices."""
    with open_session(module) as session:
        user = Target(session, module.params.get).user
        devices, phones = session.client.all_devices(user.id)
    return {"changed": False, **account_facts(user, devices, phones)}


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
