#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mobile_phone
short_description: Add, verify or delete the mobile phone of a Rackspace Cloud user
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Manages the phone that gets codes by SMS, for the factor V(SMS).
  - A user has at most one phone. Adding another number replaces it.
  - While multi-factor authentication is on with the factor V(SMS), the verified phone is not deleted or replaced, since
    the user could not log in without it. The same holds when the service does not tell the factor, until
    multi-factor authentication is turned off. The task fails then, with nothing changed.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
options:
  number:
    description:
      - The number in international form, such as V(+15125550100). Blanks, dashes and brackets in it are left out.
      - Put it in quotes, because YAML drops the plus of a number.
      - With O(state=verified) and O(state=absent) it may be left out and means the phone that is there.
    type: str
  state:
    description:
      - V(present) makes sure that the phone is there, verified or not.
      - V(code_sent) does so and has a code sent to it by SMS, unless it is verified. Each run sends another code.
      - V(verified) proves with O(code) that the phone is reachable. The phone must be there.
      - V(absent) deletes it.
    type: str
    choices: [present, code_sent, verified, absent]
    default: present
  code:
    description:
      - The code that the phone received, for O(state=verified). It is sent once. Wrong ones do not lock an account.
      - Keep it a string, because a number loses its leading zeros. Blanks and hyphens in it are left out. What cannot
        be a code is refused before anything is sent.
    type: str
attributes:
  check_mode:
    support: full
    details:
      - No code is sent in check mode, so that nothing is said about whether it would be accepted.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - O(state=code_sent) sends a code in each run until the phone is verified.
seealso:
  - module: rackspace.identity.rax_mfa_settings
  - module: rackspace.identity.rax_mfa_info
"""

EXAMPLES = r"""
- name: Add a phone and have a code sent to it
  rackspace.identity.rax_mobile_phone:
    username: jane
    api_key: "{{ jane_api_key }}"
    number: "+1 512 555 0100"
    state: code_sent

- name: Verify it with the code that came
  rackspace.identity.rax_mobile_phone:
    username: jane
    api_key: "{{ jane_api_key }}"
    code: "{{ typed_code }}"
    state: verified

- name: As an administrator, by token, delete the phone of a user
  rackspace.identity.rax_mobile_phone:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    state: absent
"""

RETURN = r"""
phone:
  description: The phone.
  returned: success, V(none) when O(state=absent)
  type: dict
  contains:
    id:
      description: ID of the phone. It is empty for a phone that would be added, in check mode.
      returned: always
      type: str
      sample: 3f1d5e0b9a2c4d6e8f7a6b5c4d3e2f1a
    number:
      description: Number of the phone.
      returned: always
      type: str
      sample: "+15125550100"
    verified:
      description: Whether it is verified. In check mode, whether it would be.
      returned: always
      type: bool
      sample: false
diff:
  description: The phones of the user before and after, and whether a code is sent.
  returned: success
  type: dict
  sample:
    before: {"phones": []}
    after: {"phones": [{"number": "+15125550100", "verified": false}], "code_sent": true}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.login.typed_passcode import PHONE_CODE, clean_code
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.phones import (
    STATES,
    Phones,
    PhoneWish,
    check,
    meant,
    normal,
)
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "number": {"type": "str"},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "code": {"type": "str", "no_log": True},
        },
        required_if=(
            ("state", "present", ("number",)),
            ("state", "code_sent", ("number",)),
            ("state", "verified", ("code",)),
        ),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring the phone of one user into the state that is asked for."""
    number = normal(module.params["number"] or "") or None
    code = clean_code(module.params["code"], PHONE_CODE) if module.params["code"] else None
    wish = PhoneWish(state=module.params["state"], number=number, code=code)
    check(wish)
    with open_session(module) as session:
        phones = Phones(session.client, Target(session, module.params.get))
        plan = phones.plan(wish)
        if not module.check_mode:
            plan = phones.apply(plan, wish)
    phone = None if wish.state == "absent" else meant(plan.after, number)
    return {"changed": bool(plan.steps), "phone": phone.facts() if phone else None, "diff": plan.diff()}


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
