#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_domain_info
short_description: Read the multi-factor policy of a Rackspace Cloud domain, and who follows it
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Reads the enforcement level of a domain, and the users of the domain with their multi-factor state.
  - A user-admin sees all users, a user-manage the default users.
  - Nothing in the result is secret.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.info_module
options:
  domain_id:
    description:
      - ID of the domain. Without it, it is the domain of the account that logs in.
    type: str
seealso:
  - module: rackspace.identity.rax_mfa_domain
  - module: rackspace.identity.rax_mfa_info
"""

EXAMPLES = r"""
- name: Read policy and users
  rackspace.identity.rax_mfa_domain_info:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
  register: info

- name: Name the users who lack multi-factor authentication
  ansible.builtin.debug:
    msg: "{{ info.users | rejectattr('mfa.enabled') | map(attribute='name') }}"

- name: Read another domain, by token
  rackspace.identity.rax_mfa_domain_info:
    auth_token: "{{ login.token.id }}"
    domain_id: "123456"
  register: info
"""

RETURN = r"""
domain:
  description: The domain.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the domain.
      returned: always
      type: str
      sample: "123456"
    name:
      description: Name of the domain.
      returned: always, V(none) if the service does not say
      type: str
      sample: "123456"
    enforcement_level:
      description: V(OPTIONAL), V(REQUIRED) or V(RACKSPACE_MANDATED).
      returned: always, V(none) if the service does not say
      type: str
      sample: REQUIRED
users:
  description: The users of the domain that the account may see, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the user.
      returned: always
      type: str
      sample: 6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e
    name:
      description: Name of the user.
      returned: always
      type: str
      sample: jane
    domain_id:
      description: ID of the user's domain.
      returned: always, V(none) if the service does not say
      type: str
      sample: "123456"
    enabled:
      description: Whether the user may log in at all.
      returned: always
      type: bool
      sample: true
    mfa:
      description: The multi-factor settings of the user, as in RV(rackspace.identity.rax_mfa_info#module:mfa).
      returned: always
      type: dict
      sample: {"enabled": true, "state": "ACTIVE", "factor_type": "OTP", "enforcement_level": "DEFAULT"}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.mfa.domain import Domains
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(ModuleSpec(argument_spec={"domain_id": {"type": "str"}}))
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Read a domain and the multi-factor state of its users."""
    with open_session(module) as session:
        domains = Domains(session, module.params["domain_id"])
        domain, users = domains.read(), domains.users()
    return {
        "changed": False,
        "domain": domain.facts(),
        "users": [{**user.facts(), "mfa": user.mfa.facts()} for user in users],
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
