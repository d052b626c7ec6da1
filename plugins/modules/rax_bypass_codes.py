#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_bypass_codes
short_description: Create bypass codes for a Rackspace Cloud user
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Creates codes that stand in for the second factor, each of them once.
  - New codes void all older ones, and codes can't be read again.
  - With O(store) the task keeps them, with the time of their end. New ones are made only when fewer than O(count) are
    left that can still be used. The result holds no code.
  - Without O(store) every run is a change. The result holds the codes, so it is hidden from the screen and from every
    callback, and the registered variable is whole. Store the codes at once.
  - Codes exist only while multi-factor authentication is on. The service refuses them while the account is locked.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.hidden_result
options:
  count:
    description:
      - How many codes. Without it the service makes one. With O(store) it is 10.
      - The service makes at most 10 for oneself, and one for another user. The task warns when it makes fewer.
    type: int
  validity:
    description:
      - For how many minutes the codes are valid.
      - Without it, codes for oneself are asked for with a life of ten years, and a code for another user is valid for
        30 minutes.
      - For another user the service makes it 1 to 180 minutes. The task warns when it is another time, and with
        O(store) it fails when it is a shorter one.
    type: int
  renew:
    description:
      - With O(store), whether new codes are made although enough are left.
      - While multi-factor authentication is off there are none. Then the stored ones are removed, or with O(count) the
        task fails.
    type: bool
    default: false
  seen:
    description:
      - Registered results of tasks of this run for the same user, such as those of
        M(rackspace.identity.rax_mfa_settings), in the order of work. What they have read is not read again, and the
        last one counts.
      - In check mode codes can be made when one of them would have turned multi-factor authentication on.
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
    details:
      - It returns no codes.
  diff_mode:
    support: none
    details:
      - Codes are secret, and older ones can't be read.
  idempotent:
    support: partial
    details:
      - With O(store) it is idempotent. Without it each run creates new codes and voids the older ones.
seealso:
  - module: rackspace.identity.rax_mfa_settings
  - module: rackspace.identity.vault_vars
  - module: rackspace.identity.rax_auth_token
"""

EXAMPLES = r"""
- name: Keep ten codes beside the stored secret
  rackspace.identity.rax_bypass_codes:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    store:
      type: vault_file
      path: "{{ playbook_dir }}/mfa.yml"
    count: 10

- name: Create ten codes that are valid as long as possible
  rackspace.identity.rax_bypass_codes:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    count: 10
  register: bypass

- name: Store them
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/codes.yml"
    values:
      rax_bypass_codes: "{{ bypass.codes }}"
  no_log: true

- name: As an administrator, let a user who lost the phone in for half an hour
  rackspace.identity.rax_bypass_codes:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    validity: 30
  register: bypass

- name: Log in with one
  rackspace.identity.rax_auth_token:
    username: jane
    password: "{{ jane_password }}"
    passcode: "{{ bypass.codes[0] }}"
"""

RETURN = r"""
codes:
  description: The codes. They are secret, and the whole result is hidden from the output.
  returned: success, without O(store) and not in check mode
  type: list
  elements: str
  sample: ["00000000", "11111111"]
steps:
  description:
    - V(keep_bypass_codes) when new codes were made, or would be in check mode. V(void_bypass_codes) when O(renew) left
      the user without any, since an administrator renewed those of another user, or since multi-factor authentication
      is off.
  returned: success, with O(store)
  type: list
  elements: str
  sample: [keep_bypass_codes]
validity_duration:
  description: How long they are valid, as the service prints it. V(none) for codes that do not expire.
  returned: success, without O(store) and not in check mode
  type: str
  sample: PT30M0.000S
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.bypass import (
    KEEP_CODES,
    CodesWish,
    check,
    differences,
    have_stored,
    life_to_ask_for,
)
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "count": {"type": "int"},
            "validity": {"type": "int"},
            "renew": {"type": "bool", "default": False},
            "seen": {"type": "list", "elements": "dict", "default": []},
        }
    )
)
HOLDS_SECRETS: tuple[str, ...] = ("codes",)


def run(module: ModuleLike) -> dict[str, Any]:
    """Create bypass codes, which void all older ones."""
    wish = CodesWish(count=module.params["count"], validity=module.params["validity"])
    with open_session(module, saves=True) as session:
        if session.stored is not None:
            wish.check_can_be_kept()
        if session.stored is not None and session.would_spend_a_code():
            return {"changed": True, "steps": [KEEP_CODES]}
        target = Target(session, module.params.get, module.params["seen"])
        if session.stored is not None:
            renew = module.params["renew"]
            steps = have_stored(session, target, session.stored, wish, renew=renew)
            return {"changed": bool(steps), "steps": list(steps)}
        if module.check_mode:
            check(target)
            return {"changed": True}
        new = session.client.new_bypass_codes(target.id, wish.count, life_to_ask_for(wish, target))
    for difference in differences(wish, new, is_self=target.is_self):
        module.warn(difference)
    return {"changed": True, "codes": list(new.codes), "validity_duration": new.validity_duration}


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run, HOLDS_SECRETS)


if __name__ == "__main__":
    main()
