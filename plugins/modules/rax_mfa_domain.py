#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_domain
short_description: Set the multi-factor policy of a Rackspace Cloud domain
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Sets whether the users of a domain must have multi-factor authentication. A user's own level comes before it, see
    M(rackspace.identity.rax_mfa_settings).
  - Only a user-admin may do that, with multi-factor authentication on or with an own level of V(OPTIONAL).
  - A level that Rackspace mandates is not changed. The task fails then.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
options:
  domain_id:
    description:
      - ID of the domain. Without it, it is the domain of the account that logs in.
    type: str
  enforcement_level:
    description:
      - V(REQUIRED) makes multi-factor authentication a duty of every user whose own level does not say otherwise. It
        revokes the tokens that a password gave to users who do not have it yet. The one that this task used may be one
        of them, which is not an error.
    type: str
    choices: [OPTIONAL, REQUIRED]
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - When the service does not tell the level, it is set at each run, and each run reports a change. The task warns
        when the answer does not confirm it.
seealso:
  - module: rackspace.identity.rax_mfa_domain_info
  - module: rackspace.identity.rax_mfa_settings
"""

EXAMPLES = r"""
- name: Make multi-factor authentication a duty in the domain
  rackspace.identity.rax_mfa_domain:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
    enforcement_level: REQUIRED

- name: Let the users decide again, by token and in a domain that is named
  rackspace.identity.rax_mfa_domain:
    auth_token: "{{ login.token.id }}"
    domain_id: "123456"
    enforcement_level: OPTIONAL
"""

RETURN = r"""
domain:
  description: The domain after the task. In check mode, as it would be.
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
diff:
  description: The domain before and after.
  returned: success
  type: dict
  sample:
    before: {"id": "123456", "name": "123456", "enforcement_level": "OPTIONAL"}
    after: {"id": "123456", "name": "123456", "enforcement_level": "REQUIRED"}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.mfa.domain import LEVELS, Domains
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(
    ModuleSpec(
        argument_spec={
            "domain_id": {"type": "str"},
            "enforcement_level": {"type": "str", "choices": list(LEVELS), "required": True},
        }
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring the enforcement level of a domain into the state that is asked for."""
    with open_session(module) as session:
        domains = Domains(session, module.params["domain_id"])
        plan = domains.plan(module.params["enforcement_level"])
        domain = plan.after if module.check_mode else domains.apply(plan, module.warn)
    return {
        "changed": plan.changed,
        "domain": domain.facts(),
        "diff": {"before": plan.before.facts(), "after": domain.facts()},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
