#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_auth_token
short_description: Log in to Rackspace Cloud, or revoke a token
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Logs in by API key, or by password with the second factor if the account has one, and returns the token.
  - With O(auth_token) it validates that token instead, and logs in only when the token is refused and there is
    something to log in with.
  - The result holds a token, so it is hidden from the screen and from every callback. The registered variable holds it.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.hidden_result
options:
  state:
    description:
      - V(present) returns a token that is valid.
      - V(absent) revokes O(auth_token), by its own rights and without a new login. A token that may only set up
        multi-factor authentication can't be revoked. It expires when multi-factor authentication is turned on.
    type: str
    choices: [present, absent]
    default: present
  scope:
    description:
      - V(setup_mfa) asks for a token that may do nothing but set up multi-factor authentication for its own account.
        An account that must have it and has none gets no other token by its password.
        It needs a login by O(password), without O(api_key) and O(auth_token).
      - The service refuses V(setup_mfa) if multi-factor authentication is on already, or is not required.
      - V(auto) logs in without it, and asks for such a token if the account must set multi-factor authentication up.
        It is for the login before tasks that save something in O(store). A bypass code in O(passcode) is not sent when
        the store can't be written. Check mode sends it.
    type: str
    choices: [setup_mfa, auto]
  require_second_factor:
    description:
      - Whether the task fails when the service asked for no second factor. It proves that a login by password alone is
        not enough, so it needs a login by O(password), without O(api_key) and O(auth_token).
      - In check mode such a task makes only the first step of the login, since the second would use a passcode for
        nothing. A wrong password is refused there. A locked account is a warning, since a task before this one may
        unlock it, which check mode cannot see.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - It logs in also in check mode, since later tasks need the token. It does not revoke one. A bypass code is not
        spent, so with O(use=bypass_code) it may return no token in check mode. Without O(passcode) it fails when
        O(store) holds no valid bypass code, and when none may be sent because too many passcodes were refused.
  diff_mode:
    support: none
    details:
      - A token is a secret.
  idempotent:
    support: partial
    details:
      - RV(ignore:changed) is V(false) for O(state=present), although each login makes a new token.
      - O(state=absent) is idempotent.
seealso:
  - module: rackspace.identity.rax_otp_device
  - module: rackspace.identity.rax_mfa_settings
  - plugin: rackspace.identity.totp
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Log in with password and stored OTP secret
  rackspace.identity.rax_auth_token:
    username: automation
    password: "{{ vault_rax_password }}"
    store:
      type: vault_file
      path: "{{ playbook_dir }}/mfa.yml"
  register: login

- name: Go on with the token, without a new login for each task
  rackspace.identity.rax_mfa_info:
    auth_token: "{{ login.token.id }}"
    user_id: "{{ login.user.id }}"

- name: Log in by API key at the UK endpoint
  rackspace.identity.rax_auth_token:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    auth_endpoint: uk
  register: login

- name: Log in with the code that a person reads from a phone
  rackspace.identity.rax_auth_token:
    username: jane
    password: "{{ jane_password }}"
    passcode: "{{ jane_code }}"
  register: login

- name: Revoke the token when the work is done
  rackspace.identity.rax_auth_token:
    auth_token: "{{ login.token.id }}"
    state: absent

- name: Get a token for an account that has to set up multi-factor authentication first
  rackspace.identity.rax_auth_token:
    username: newcomer
    password: "{{ vault_newcomer_password }}"
    scope: setup_mfa
  register: login
"""

RETURN = r"""
token:
  description: The token. It is secret, and the whole result is hidden from the output.
  returned: success and O(state=present)
  type: dict
  contains:
    id:
      description: The token itself, to be used as O(auth_token). It is secret.
      returned: always
      type: str
      sample: THIS-IS-NO-TOKEN
    expires:
      description: When it expires, as the service prints it.
      returned: always, V(none) if the service does not say
      type: str
      sample: "2026-11-24T22:00:00.000-06:00"
    authenticated_by:
      description: By which factors the login was made, sorted. V(OTPPASSCODE) or V(PASSCODE) is in it after two steps.
      returned: always, empty if the service does not say
      type: list
      elements: str
      sample: [OTPPASSCODE, PASSWORD]
    tenant:
      description: The tenant, with C(id) and C(name).
      returned: always, V(none) if the service does not say
      type: dict
      sample: {"id": "123456", "name": "123456"}
user:
  description: The account that logged in.
  returned: success and O(state=present)
  type: dict
  contains:
    id:
      description: ID of the user.
      returned: always
      type: str
      sample: 6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e
    name:
      description: Name of the user.
      returned: always, V(none) if the service does not say
      type: str
      sample: automation
    domain_id:
      description: ID of the user's domain.
      returned: always, V(none) if the service does not say
      type: str
      sample: "123456"
    roles:
      description: Names of the user's roles.
      returned: always, empty if the service does not say
      type: list
      elements: str
      sample: ["identity:user-admin"]
second_factor:
  description:
    - Whether this task logged in, was asked for a second factor, and gave one. How O(auth_token) was made is told by
      RV(token.authenticated_by).
  returned: success and O(state=present)
  type: bool
  sample: true
steps:
  description: V(prove_login) with O(require_second_factor), else empty.
  returned: success and O(state=present)
  type: list
  elements: str
  sample: []
mfa:
  description:
    - The multi-factor state of the account when the login told it. A token for the setup is given only when
      multi-factor authentication is off.
  returned: success and O(state=present), V(none) when the login did not tell it
  type: dict
  sample: {"enabled": false, "state": null, "factor_type": null, "enforcement_level": null}
device_id:
  description: ID of the stored device whose secret answered, or whose entry was read for the login.
  returned: success and O(state=present), V(none) without O(store) and when the entry was not needed
  type: str
  sample: 0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    Conflict,
    Forbidden,
    NotFound,
    OptionError,
    TokenRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import MFA_OFF, Access
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(
    ModuleSpec(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "scope": {"type": "str", "choices": ["setup_mfa", "auto"]},
            "require_second_factor": {"type": "bool", "default": False},
        },
        required_if=(("state", "absent", ("auth_token",)),),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ("token",)
PROVE = "prove_login"
_NOT_LOGGED_IN: dict[str, Any] = {"second_factor": False, "mfa": None, "device_id": None, "token": None, "user": None}
"""In check mode, where a passcode would be spent for nothing."""


def run(module: ModuleLike) -> dict[str, Any]:
    """Log in, or revoke a token."""
    asked = module.params["scope"]
    for_setup = asked == "setup_mfa"
    if module.params["state"] == "absent":
        if asked:
            raise OptionError("scope makes no sense with state: absent. Leave it out.")
        with open_session(module) as session:
            # By its own rights, and without a new login: that would make a token to remove a token.
            changed = _revoke(Client(session.transport, module.params["auth_token"]), check_mode=module.check_mode)
            return {"changed": changed}
    with open_session(module, for_setup=for_setup, saves=asked == "auto") as session:
        proves = module.params["require_second_factor"]
        if for_setup:
            _check_by_password(session, "scope")
        if proves:
            _check_by_password(session, "require_second_factor")
        if proves and module.check_mode:
            _look_at_proof(session, module)
            return {"changed": False, "steps": [PROVE], **_NOT_LOGGED_IN}
        if session.would_spend_a_code():
            session.check_code()
            return {"changed": False, "steps": [], **_NOT_LOGGED_IN}
        if asked == "auto":
            session.connect()
        access = session.current()
        if proves and not session.login.second_factor:
            raise Conflict(
                f"{session.who.username} logged in without a second factor although one is required. Run this again; "
                "when it stays so, look at the account with rax_mfa_info."
            )
        return {"changed": False, "steps": [PROVE] if proves else [], **_report(access, session)}


def _check_by_password(session: Session, option: str) -> None:
    """Raise OptionError unless the task logs in by password: other ways tell nothing of the second factor."""
    who = session.who
    if not who.password or who.auth_token:
        raise OptionError(
            f"O({option}) needs a login by password. Set O(password), and leave out O(api_key) and O(auth_token)."
        )


def _look_at_proof(session: Session, module: ModuleLike) -> None:
    """Raise in check mode what would end the proof, as far as the first step of its login and the store tell."""
    try:
        if session.is_challenged and session.would_spend_a_code():
            session.check_code()
    except AccountLocked:
        module.warn(
            f"The account {session.who.username} is locked: no login can prove anything until that is over. Check mode "
            "cannot see whether a task before this one unlocks it (rax_mfa_settings with unlock)."
        )


def _revoke(client: Client, *, check_mode: bool) -> bool:
    """Revoke the client's token; False if it was worth nothing before."""
    try:
        if check_mode:
            client.validate_token(client.token)
        else:
            client.revoke_token(client.token)
    except (TokenRefused, NotFound):
        return False
    except Forbidden as error:
        raise error.reworded(
            f"{error.message} A token that may only set up multi-factor authentication can't be revoked. It expires "
            "when multi-factor authentication is turned on."
        ) from None
    return True


def _report(access: Access, session: Session) -> dict[str, Any]:
    stored = session.stored
    return {
        "second_factor": session.login.second_factor,
        "mfa": MFA_OFF.facts() if session.for_setup else None,
        "device_id": (stored.entry.get("device_id") or None) if stored is not None else None,
        "token": {
            "id": access.token,
            "expires": access.expires,
            "authenticated_by": list(access.authenticated_by),
            "tenant": access.tenant,
        },
        "user": {
            "id": access.user_id,
            "name": access.user_name,
            "domain_id": access.domain_id,
            "roles": list(access.roles),
        },
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run, HOLDS_SECRETS)


if __name__ == "__main__":
    main()
