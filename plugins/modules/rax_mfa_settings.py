#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_settings
short_description: Turn multi-factor authentication of a Rackspace Cloud user on or off
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Sets the multi-factor settings of a user. O(state=absent) also deletes all OTP devices and phones of the user.
  - What would lock the user out is refused, with nothing changed. That is to turn multi-factor authentication on
    without a verified device of that factor, and to turn it off or remove it while the user's own level is V(REQUIRED),
    or with O(enforcement_level=REQUIRED) in the same task. What is off already may stay so.
  - With O(store), nothing is changed when the store cannot be used, or holds the entry of another account. Multi-factor
    authentication is not turned on when the store no longer holds the secret of the device in O(seen).
  - Bypass codes end when multi-factor authentication is turned off. With O(store), codes that are still stored are
    removed before it is turned on again.
  - Turning multi-factor authentication on revokes every token that a password of this user gave, the one that this task
    used included. That is not an error. Log in again for the next task, with the second factor, or use an API key.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
options:
  state:
    description:
      - V(absent) turns multi-factor authentication off, as O(enabled=false) does, and then B(deletes all OTP devices
        and phones of the user), whose secrets are lost. The enforcement level stays, unless O(enforcement_level) is
        given.
      - V(present) changes only what other options name.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether a login by password asks for a second factor.
      - V(true) needs a verified device, see M(rackspace.identity.rax_otp_device) and
        M(rackspace.identity.rax_mobile_phone).
      - V(false) keeps the devices. Bypass codes become void.
    type: bool
  factor_type:
    description:
      - The kind of device that is asked for. Where O(enabled=true) comes without it, it is the kind that the user has
        verified.
    type: str
    choices: [OTP, SMS]
  enforcement_level:
    description:
      - Whether the user must have multi-factor authentication. V(DEFAULT) leaves that to the domain.
      - Only a user-admin or a user-manage may set it. For a default user that sets its own, check mode is refused, and
        so is a task that would change something else before it.
      - V(REQUIRED) revokes the tokens that a password gave a user without multi-factor authentication.
      - Beside O(enabled=true), V(REQUIRED) is set last. The account that logs in can do so for itself only with a
        token that outlives it, such as that of an API key, or when it can log in again, by O(api_key), or by
        O(password) with a second factor. Otherwise the task is refused, with nothing changed.
      - V(DEFAULT) after V(OPTIONAL) revokes the same tokens when the domain demands multi-factor authentication. It is
        set first. So while multi-factor authentication is off, the account that logs in needs such a token, O(api_key)
        or O(password) for what comes after it.
      - The service may end all tokens when multi-factor authentication is turned on, that of an API key included. With
        such an O(auth_token) alone the task then fails before it sets V(REQUIRED), and says that V(turn_on) was done.
    type: str
    choices: [DEFAULT, OPTIONAL, REQUIRED]
  unlock:
    description:
      - Lift a lock-out after wrong passcodes. It changes something only when the user is locked.
      - Only an administrator may do that, and for another user. A locked account that unlocks itself is refused.
    type: bool
    default: false
  seen:
    description:
      - Registered results of tasks of this run, such as those of M(rackspace.identity.rax_auth_token) and
        M(rackspace.identity.rax_otp_device) for the same user, in the order of work. What they have read is not read
        again, and the last one counts.
      - The last OTP device that they have verified counts, unless a later one removed the device. In check mode that is
        also one that they would have verified.
      - Multi-factor authentication is not turned on when the last of them that tells of the device in O(store) shows it
        unverified.
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - When the service does not tell the factor, and the user has verified devices of both kinds, O(factor_type) is
        set at each run, and each run reports a change. So is O(enforcement_level) with a token that may only set up
        multi-factor authentication, which can't see it.
seealso:
  - module: rackspace.identity.rax_mfa_info
  - module: rackspace.identity.rax_mfa_domain
  - module: rackspace.identity.rax_otp_device
"""

EXAMPLES = r"""
- name: Turn it on, when the device is verified
  rackspace.identity.rax_mfa_settings:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    enabled: true
    factor_type: OTP

- name: As an administrator, unlock a user
  rackspace.identity.rax_mfa_settings:
    username: admin
    api_key: "{{ vault_rax_admin_api_key }}"
    target_user: jane
    unlock: true

- name: As an administrator, demand multi-factor authentication of a user
  rackspace.identity.rax_mfa_settings:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    enforcement_level: REQUIRED

- name: Turn it off and keep the devices
  rackspace.identity.rax_mfa_settings:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    enabled: false

- name: Turn it off and delete all devices and phones of the user
  rackspace.identity.rax_mfa_settings:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    state: absent
"""

RETURN = r"""
steps:
  description:
    - What was done, in check mode what would be, in this order. Each of V(unlock), V(turn_on), V(turn_off),
      V(change_factor), V(set_enforcement_level), V(remove_everything).
  returned: success
  type: list
  elements: str
  sample: [turn_on]
mfa:
  description: The multi-factor settings of the user after the task. In check mode, as they are.
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
      description: V(DEFAULT), V(OPTIONAL) or V(REQUIRED).
      returned: always, V(none) if the token may only set up multi-factor authentication and can't see it
      type: str
      sample: DEFAULT
user:
  description: The user that was acted on.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the user.
      returned: always
      type: str
      sample: 10bd0e9c8f4a4a1d8e7f0a2b3c4d5e6f
    name:
      description: Name of the user.
      returned: always, V(none) if the token may only set up multi-factor authentication and O(username) is missing
      type: str
      sample: automation
diff:
  description: The settings before and after.
  returned: success
  type: dict
  sample:
    before: {"enabled": false, "state": null, "factor_type": null, "enforcement_level": "DEFAULT"}
    after: {"enabled": true, "state": "ACTIVE", "factor_type": "OTP", "enforcement_level": "DEFAULT"}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import (
    FACTOR_TYPES,
    LEVELS,
    SettingsPlan,
    SettingsWish,
)
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": {"type": "bool"},
            "factor_type": {"type": "str", "choices": list(FACTOR_TYPES)},
            "enforcement_level": {"type": "str", "choices": list(LEVELS)},
            "unlock": {"type": "bool", "default": False},
            "seen": {"type": "list", "elements": "dict", "default": []},
        },
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring the multi-factor settings of one user into the state that is asked for."""
    wish = SettingsWish(
        remove=module.params["state"] == "absent",
        enabled=module.params["enabled"],
        factor_type=module.params["factor_type"],
        enforcement_level=module.params["enforcement_level"],
        unlock=module.params["unlock"],
    )
    with open_session(module, saves=True) as session:
        target = Target(session, module.params.get, module.params["seen"])
        settings = Settings(session, target)
        plan = settings.plan(wish, check_mode=module.check_mode)
        if session.stored is not None:  # most ordinary modules have none
            from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_store import ready_store

            ready_store(target, session.stored, plan)
        if not module.check_mode:
            settings.apply(plan, module.warn)
        user = {"id": target.id, "name": target.known_name}
        return {**_report(plan, check_mode=module.check_mode), "user": user}


def _report(plan: SettingsPlan, *, check_mode: bool) -> dict[str, Any]:
    """The state after it, in check mode as it is.

    Turning MFA on ends the token of a password: the service's 204 is what is reported.
    """
    return {
        "changed": bool(plan.steps),
        "steps": [step.name for step in plan.steps],
        "mfa": (plan.before if check_mode else plan.after).facts(),
        "diff": {"before": plan.before.facts(), "after": plan.after.facts()},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
