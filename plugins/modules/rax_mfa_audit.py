#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation and the options of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_audit
short_description: Find accounts of a Rackspace Cloud domain that need work
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Compares the users of a domain, their OTP devices and the stored entries, and lists what is not as it should be.
  - It sends no passcode for the audited users and changes nothing at the service. It can write reports.
  - Nothing in the result or in a report is secret.
  - It always runs on the controller, whatever the host, the connection and C(become) of the task. C(environment) of the
    task or the play counts for it as for all modules that log in.
  - A disabled user can't log in, and has no findings but for an entry of another account.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.info_module
options:
  domain_id:
    description: ID of the domain. Without it, it is the domain of the account that logs in.
    type: str
  vault_files:
    description:
      - Vault files with stored entries. They may have wildcards (C(*), C(**), C(?)). They are read with the vault
        secrets of the play.
      - A wildcard matches no hidden name and no backup copy that ends with C(~). A file that several names or links
        lead to is read once.
      - Every variable of a file that holds an entry counts, as the role P(rackspace.identity.mfa_otp#role) stores it.
        Entries that are equal count as one.
      - A file that can't be read fails the task, and so does a name without wildcards that does not exist.
      - Wildcards that match no file are a warning; the playbook C(rackspace.identity.audit) with C(mfa_audit_fail_on)
        fails.
    type: list
    elements: str
  entries:
    description: Stored entries from elsewhere, each as the role P(rackspace.identity.mfa_otp#role) stores it.
    type: list
    elements: dict
  devices:
    description: Whether to read the OTP devices of each user, by one more request for each, and two for one without.
    type: bool
    default: true
  threads:
    description: How many connections read the devices, from V(1) to V(32).
    type: int
    default: 4
  expect:
    description: What the accounts and the domain should have.
    type: dict
    default: {}
    suboptions:
      bypass_codes:
        description: How many valid bypass codes should be stored for each account whose MFA is on.
        type: int
        default: 0
      enforcement_level:
        description: The least enforcement level of the domain.
        type: str
        choices: [OPTIONAL, REQUIRED, RACKSPACE_MANDATED]
        default: REQUIRED
      max_age_days:
        description: The greatest age of a stored secret, in days. Without it, any age is fine.
        type: int
  report:
    description:
      - Files to write a report to. The ending says how, C(.json), C(.csv) or C(.html). The folders must exist.
      - The files have mode C(0600) and are replaced as a whole. In check mode none is written.
      - The HTML file needs no network. It can be filtered and sorted.
    type: list
    elements: path
seealso:
  - module: rackspace.identity.rax_mfa_domain_info
  - module: rackspace.identity.rax_mfa_status
  - plugin: rackspace.identity.rax_users
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Audit the domain and the stored entries
  rackspace.identity.rax_mfa_audit:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
    vault_files:
      - /srv/mfa/*.yml
    expect:
      bypass_codes: 3
      max_age_days: 180
    report:
      - /srv/reports/mfa.html
      - /srv/reports/mfa.csv
  register: audit

- name: Name the accounts that lack multi-factor authentication
  ansible.builtin.debug:
    msg: "{{ audit.findings | selectattr('kind', 'equalto', 'no_mfa') | map(attribute='subject') }}"

- name: Look at users and policy alone, by token
  rackspace.identity.rax_mfa_audit:
    auth_token: "{{ login.token.id }}"
    devices: false
"""

RETURN = r"""
domain:
  description: The domain, as in RV(rackspace.identity.rax_mfa_domain_info#module:domain).
  returned: success
  type: dict
  sample: {"id": "123456", "name": "123456", "enforcement_level": "REQUIRED"}
findings:
  description: What is not as it should be, the most severe first.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description:
        - V(no_mfa), V(locked), V(no_verified_device), V(unverified_device), V(extra_device), V(not_stored),
          V(stored_device_gone), V(several_entries), V(wrong_owner), V(orphan_entry), V(incomplete), V(old_secret),
          V(few_bypass_codes), V(unread) or V(weak_policy).
        - V(unread) means that the account that logs in may not see the OTP devices of the user, such as those of a
          federated one. What else there is to find about the devices is not known.
        - V(several_entries) means that stores hold more than one entry of the account, and RV(findings[].detail) names
          their places. Of several entries the one counts that has a secret and names a verified OTP device. When there
          are more of these, none, or the devices were not read, each of the entries may be the right one;
          of devices that were not read, each with a secret.
        - V(incomplete) means that MFA is on and no login with the stored secret was proved, or that an exchange of
          devices is pending.
      returned: always
      type: str
      sample: no_mfa
    severity:
      description: V(high), V(medium) or V(low).
      returned: always
      type: str
      sample: high
    title:
      description: The kind in words.
      returned: always
      type: str
      sample: MFA is off
    subject:
      description: Name of the user, of the domain, or of the account that an entry names.
      returned: always
      type: str
      sample: jane
    user_id:
      description: ID of the user.
      returned: always, V(none) for findings of the domain or of entries without a user
      type: str
      sample: 6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e
    device_id:
      description: ID of the OTP device.
      returned: always, V(none) when the finding is not about one device
      type: str
      sample: f1b8a4
    source:
      description: Where the entry is stored.
      returned: always, V(none) without an entry, and when it is not one of them alone
      type: str
      sample: "/srv/mfa/jane.yml: rax_mfa_otp"
    detail:
      description: What was seen.
      returned: always
      type: str
      sample: The account logs in with its password alone.
    next:
      description: What to do.
      returned: always
      type: str
      sample: Run rackspace.identity.enroll.
users:
  description:
    - The users of the domain that the account may see, sorted by name, with C(id), C(name), C(host), C(domain_id),
      C(enabled), C(mfa), C(otp_devices), C(stored) and C(findings) (the kinds).
    - C(host) is the host of the group C(rax_users) that has the user's C(rax_id). Without one, it is the name that
      P(rackspace.identity.rax_users#inventory) would give to the user beside the hosts and groups of the run.
    - When the service does not tell the factor of a user, and only a phone of it is verified, C(mfa.factor_type) is
      V(SMS). The phones are looked at when O(devices) is true.
    - C(otp_devices) is V(none) when the devices were not read, C(stored) when no entry was found, or when it is not
      known which of several is the right one.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "6af1b9", "name": "jane", "host": "jane", "findings": ["no_mfa"]}]
needs_work:
  description: The users with findings, but for those with V(unread), each with C(host), C(id) and C(name).
  returned: success
  type: list
  elements: dict
  sample: [{"host": "jane", "id": "6af1b9", "name": "jane"}]
summary:
  description: Counts, for example of users, of MFA on and off, of findings by kind and by severity.
  returned: success
  type: dict
  sample: {"users": 120, "mfa_on": 117, "mfa_off": 3, "with_findings": 4}
reports:
  description: The files that were written, as absolute paths.
  returned: success
  type: list
  elements: str
  sample: [/srv/reports/mfa.html]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.mfa.findings import LEVELS
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, ModuleSpec

EXPECT: dict[str, Any] = {
    "bypass_codes": {"type": "int", "default": 0, "no_log": False},  # how many, and not which
    "enforcement_level": {"type": "str", "choices": list(LEVELS), "default": "REQUIRED"},
    "max_age_days": {"type": "int"},
}
SPEC = AUTH_SPEC.merged(
    ModuleSpec(
        argument_spec={
            "domain_id": {"type": "str"},
            "vault_files": {"type": "list", "elements": "str"},
            "entries": {"type": "list", "elements": "dict", "no_log": True},
            "devices": {"type": "bool", "default": True},
            "threads": {"type": "int", "default": 4},
            "expect": {"type": "dict", "default": {}, "options": EXPECT},
            "report": {"type": "list", "elements": "path"},
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
