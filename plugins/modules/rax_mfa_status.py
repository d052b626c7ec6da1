#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation and the options of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_status
short_description: Look at one Rackspace Cloud account, its stored entry and its record
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Reads the multi-factor state and the devices of one user, the stored entry, and the record of refused passcodes, and
    says what to do next.
  - When the service refuses the login or the reading, the task does not fail. RV(error) says why, and the rest is told.
  - It changes nothing, and spends no bypass code of O(store). A login by O(password) sends a passcode when the account
    asks for one. Only when that is refused, it is noted in O(store). Log in by O(api_key), or as an administrator with
    O(target_user), to send none.
  - The entry of the account is looked for in O(store), O(vault_files) and O(entries).
  - Nothing in the result is secret.
  - It always runs on the controller, whatever the host, the connection and C(become) of the task. C(environment) of the
    task or the play counts for it as for all modules that log in.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.info_module
options:
  vault_files:
    description:
      - Vault files with the stored entry, as in O(rackspace.identity.rax_mfa_audit#module:vault_files).
      - The entry of the account that logs in answers the challenge of a login by O(password), when neither
        O(otp_secret) nor O(passcode) is set. It must be the only one of that name at O(auth_endpoint) with a secret,
        since a wrong passcode counts.
    type: list
    elements: str
  entries:
    description: Stored entries from elsewhere, as in O(rackspace.identity.rax_mfa_audit#module:entries).
    type: list
    elements: dict
seealso:
  - module: rackspace.identity.rax_mfa_info
  - module: rackspace.identity.rax_mfa_audit
"""

EXAMPLES = r"""
- name: Look at a user
  rackspace.identity.rax_mfa_status:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
    target_user: jane
    vault_files:
      - /srv/mfa/jane.yml
  register: status

- name: Say what to do
  ansible.builtin.debug:
    msg: "{{ status.next }}"

- name: Look at the own account, by token
  rackspace.identity.rax_mfa_status:
    auth_token: "{{ login.token.id }}"
"""

RETURN = r"""
user:
  description: The user, as in RV(rackspace.identity.rax_mfa_info#module:user). V(none) when it could not be read.
  returned: success
  type: dict
  sample: {"id": "6af1b9", "name": "jane", "domain_id": "123456", "enabled": true}
mfa:
  description: The settings, as in RV(rackspace.identity.rax_mfa_info#module:mfa). V(none) when it could not be read.
  returned: success
  type: dict
  sample: {"enabled": true, "state": "ACTIVE", "factor_type": "OTP", "enforcement_level": "DEFAULT"}
otp_devices:
  description: The OTP devices, sorted by name and ID. V(none) when RV(error) is set.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "f1b8a4", "name": "ansible", "verified": true}]
mobile_phones:
  description: The phones, sorted by ID. V(none) when RV(error) is set.
  returned: success
  type: list
  elements: dict
  sample: []
error:
  description: Why the service did not show all, as a failure of other modules has it.
  returned: success
  type: dict
  sample: {"kind": "account_locked", "status": 401, "service_message": null, "retry_after": 1860}
stored:
  description:
    - What the stored entry says, with C(source), C(device_id), C(created), C(age_days), C(proved), C(bypass_codes)
      (how many are valid), C(bypass_codes_end) and C(pending). V(none) when there is no entry of the account,
      or when it is not known which of several is the right one.
  returned: success
  type: dict
  sample: {"source": "/srv/mfa/jane.yml: rax_mfa_otp", "age_days": 12, "bypass_codes": 5}
record:
  description:
    - What this machine and the stored entry know of refused passcodes, with C(path) (the file of this machine),
      C(refused_passcodes), C(safe_in) (seconds until a passcode may be sent) and C(safe_at) (that time, V(none) for
      now). V(none) when the name of the account is not known.
  returned: success
  type: dict
  sample:
    path: /srv/mfa/state/0f5ab3c1d2e4f60718293a4b5c6d7e8f.json
    refused_passcodes: 2
    safe_in: 1712
    safe_at: "2026-05-04T10:31:00Z"
findings:
  description: What is not as it should be, as in RV(rackspace.identity.rax_mfa_audit#module:findings).
  returned: success
  type: list
  elements: dict
  sample: []
next:
  description: What to do, the most urgent first.
  returned: success
  type: list
  elements: str
  sample: ["Run rackspace.identity.enroll."]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "vault_files": {"type": "list", "elements": "str"},
            "entries": {"type": "list", "elements": "dict", "no_log": True},
        }
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()
run = controller_only


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
