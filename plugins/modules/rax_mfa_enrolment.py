#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_mfa_enrolment
short_description: Enrol a Rackspace Cloud account in multi-factor authentication by one-time password
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Does with one login what an enrolment, a new device or its removal takes, as far as it goes without anything being
    stored. It is what the role P(rackspace.identity.mfa_otp#role) is made of. Use the role, unless you have a flow of
    your own.
  - What is to be kept of an account is its I(entry), a dictionary with the secret. Hand in what you stored as
    O(entry). Where RV(must_store) is V(true), store RV(entry) before anything else; where RV(finished) is V(false),
    call the module again then, with the new entry as O(entry), RV(steps) as O(done), and RV(token) as O(auth_token)
    together with O(user_id).
  - Killed anywhere between, the next run goes on with what was stored.
  - The result holds secrets, so it is hidden from the screen and from every callback. The registered variable holds
    them.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.hidden_result
options:
  state:
    description:
      - V(present) has an OTP device, verifies it, turns multi-factor authentication on with it, and proves it by a real
        login.
      - V(replaced) has a second device of the same name, verifies and proves it, and deletes the first one. What an
        earlier run has begun is ended, and then nothing new is begun. Both secrets are in the entry while both devices
        exist.
      - V(recovered) is V(replaced) for a device that is lost, so its secret is not used. Without an entry it is the
        verified device of the name that is replaced. An administrator lifts a lock-out first.
      - V(absent) turns multi-factor authentication off and deletes the devices of the entry; without an entry, the one
        of the name.
    type: str
    choices: [present, replaced, recovered, absent]
    default: present
  entry:
    description:
      - What was stored of the account, as an earlier RV(entry). Leave it out, or empty, where nothing is stored.
      - An entry of another account is refused before anything is sent.
      - Its secret answers the challenge of a login for the account itself, unless O(otp_secret) or O(passcode) does.
    type: raw
  device_name:
    description: Name of the OTP device.
    type: str
    default: ansible
  on_unverified:
    description:
      - What to do with an unverified device of that name whose secret is not in the entry. V(replace) removes it and
        creates another one. V(keep) takes it, for a person whose phone has the secret.
    type: str
    choices: [keep, replace]
    default: replace
  verify:
    description:
      - V(false) leaves the verification to a person (P(rackspace.identity.rax_otp_prompt#module)). Where a device is
        not verified, the module ends there. Call it again with V(verify_device) in O(done).
    type: bool
    default: true
  stored:
    description:
      - Whether the entry is kept. Then a verified device whose secret it lacks is an error.
      - V(false) is for a secret that is in a person's phone alone.
    type: bool
    default: true
  proof_password:
    description:
      - The password of the account that is enrolled. With it, a change is proved by a real login with password and
        secret.
    type: str
  bypass_codes:
    description:
      - How many bypass codes to have. They are created where the entry has none.
      - With O(state=recovered) they are created anew, ten where the entry has some and this is V(0).
      - O(state=replaced) leaves them as they are.
    type: int
    default: 0
  enforcement_level:
    description: The user's enforcement level. Without it the level stays.
    type: str
    choices: [DEFAULT, OPTIONAL, REQUIRED]
  remove_all:
    description: With O(state=absent), delete every OTP device and phone of the user.
    type: bool
    default: false
  keep_entry:
    description: With O(state=absent), keep the entry.
    type: bool
    default: false
  store_path:
    description:
      - The file or folder where the entry is stored. Where it, or the record of used passcodes (O(state_dir)), lies
        in the folder that AWX or Automation Platform makes for a job and removes with it, nothing is done, unless
        O(persistent) says otherwise.
    type: path
  persistent:
    description: The folder of the job outlives the job.
    type: bool
    default: false
  done:
    description: The steps that earlier calls of the same run have done, as their RV(steps) say.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    details:
      - RV(steps) are those that all calls of the real run would do.
      - A recovery that has to log in by O(passcode) does not spend it. Its steps are then what O(entry) alone tells,
        and RV(token) is V(none).
  diff_mode:
    support: none
    details:
      - The result is hidden. RV(steps) say what was done.
  idempotent:
    support: partial
    details:
      - O(state=replaced) makes a new secret each time, unless it finds a replacement that was begun.
seealso:
  - module: rackspace.identity.rax_otp_device
  - module: rackspace.identity.rax_mfa_settings
  - module: rackspace.identity.rax_auth_token
  - module: rackspace.identity.vault_vars
"""

EXAMPLES = r"""
- name: Create the device, or find that all is as it should be
  rackspace.identity.rax_mfa_enrolment:
    username: automation
    password: "{{ vault_rax_password }}"
    proof_password: "{{ vault_rax_password }}"
    entry: "{{ stored | default({}) }}"
  register: enrolment

- name: Store what is new
  ansible.builtin.include_tasks: store.yml
  vars:
    to_store: "{{ enrolment.entry }}"
  when: enrolment.must_store

- name: Verify the device, turn MFA on, and prove it
  rackspace.identity.rax_mfa_enrolment:
    username: automation
    password: "{{ vault_rax_password }}"
    auth_token: "{{ enrolment.token.id }}"
    user_id: "{{ enrolment.user.id }}"
    proof_password: "{{ vault_rax_password }}"
    entry: "{{ enrolment.entry }}"
    done: "{{ enrolment.steps }}"
  register: enrolment
  when: not enrolment.finished

- name: As an administrator, take multi-factor authentication from a user who left
  rackspace.identity.rax_mfa_enrolment:
    username: boss
    api_key: "{{ vault_boss_api_key }}"
    target_user: jane
    state: absent
    remove_all: true
"""

RETURN = r"""
entry:
  description: What is to be kept of the account. It holds the secret. Empty where nothing is to be kept.
  returned: success
  type: dict
  contains:
    username:
      description: Name of the user. With C(user_id) and C(auth_endpoint) it says whose entry it is.
      returned: where there is an entry
      type: str
      sample: automation
    device_id:
      description: ID of the OTP device; C(device_name) is its name.
      returned: where there is an entry
      type: str
      sample: "4a8f6c7e2d1b4c3f9e0a5b6c7d8e9f01"
    secret:
      description: The secret in base32, and C(key_uri), the same for an authenticator app.
      returned: where there is an entry
      type: str
      sample: THIS IS NO SECRET
    step_offset:
      description:
        - V(-1) where the service takes the time step before the current one, V(0) where it does not.
      returned: where there is an entry, V(none) where it is not known
      type: int
      sample: -1
    created:
      description: When the device was created.
      returned: where there is an entry
      type: str
      sample: "2026-11-24T22:00:00Z"
    bypass_codes:
      description: Bypass codes that were not used yet.
      returned: where there were any
      type: list
      elements: str
      sample: ["00000000"]
    next:
      description: While a device is replaced, the part of the new one.
      returned: between two calls
      type: dict
      sample: {}
    previous:
      description: While a device is replaced, the ID of the old one that is to be deleted.
      returned: between two calls
      type: str
      sample: "4a8f6c7e2d1b4c3f9e0a5b6c7d8e9f01"
must_store:
  description: Whether RV(entry) differs from O(entry), so that it has to be stored now.
  returned: success
  type: bool
  sample: true
finished:
  description: Whether nothing is left to do, once the entry is stored.
  returned: success
  type: bool
  sample: false
steps:
  description:
    - What was done, with what O(done) says, in its order. In check mode, what would be done.
    - They are C(unlock), C(create_device), C(store_secret), C(verify_device), C(turn_on), C(prove_login), C(promote),
      C(keep_bypass_codes), C(set_enforcement_level), C(delete_previous), C(turn_off), C(remove_everything),
      C(delete_device) and C(remove_stored).
  returned: success
  type: list
  elements: str
  sample: [create_device, store_secret]
device:
  description: The OTP device that was worked on, with C(id), C(name) and C(verified).
  returned: success, empty where none was looked at
  type: dict
  sample: {"id": "4a8f6c7e2d1b4c3f9e0a5b6c7d8e9f01", "name": "ansible", "verified": true}
mfa:
  description: The multi-factor settings, with C(enabled), C(state), C(factor_type) and C(enforcement_level).
  returned: success, empty where they were not looked at
  type: dict
  sample: {"enabled": true, "state": "ACTIVE", "factor_type": "OTP", "enforcement_level": "DEFAULT"}
second_factor:
  description: Whether a login was asked for a second factor and gave one, for the work or for the proof.
  returned: success
  type: bool
  sample: true
token:
  description: The token to go on with, C(id). It is secret.
  returned: success, V(none) where nobody logged in
  type: dict
  sample: {"id": "THIS-IS-NO-TOKEN"}
user:
  description: The user that logged in, C(id), for O(user_id).
  returned: success, V(none) where nobody logged in
  type: dict
  sample: {"id": "6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e"}
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError, SetupRequired
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Scope
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.enrolment import (
    PROVE,
    Enrolment,
    Progress,
    Wish,
    unseen_recovery,
)
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.entry import Entry, check_id, check_name
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import LEVELS
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session, show_whole

JOBS: dict[str, Callable[[Enrolment], Progress]] = {
    "present": Enrolment.enrol,
    "replaced": Enrolment.replace,
    "recovered": Enrolment.recover,
    "absent": Enrolment.remove,
}
SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "state": {"type": "str", "choices": list(JOBS), "default": "present"},
            "entry": {"type": "raw", "no_log": True},
            "device_name": {"type": "str", "default": "ansible"},
            "on_unverified": {"type": "str", "choices": ["keep", "replace"], "default": "replace"},
            "verify": {"type": "bool", "default": True},
            "stored": {"type": "bool", "default": True},
            "proof_password": {"type": "str", "no_log": True},
            "bypass_codes": {"type": "int", "default": 0, "no_log": False},
            "enforcement_level": {"type": "str", "choices": list(LEVELS)},
            "remove_all": {"type": "bool", "default": False},
            "keep_entry": {"type": "bool", "default": False},
            "store_path": {"type": "path"},
            "persistent": {"type": "bool", "default": False},
            "done": {"type": "list", "elements": "str", "default": []},
        }
    )
)
_NO_LOGIN = {"second_factor": False, "token": None, "user": None}
HOLDS_SECRETS: tuple[str, ...] = ("entry", "token")


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring one account as far as it goes until something must be stored."""
    entry = _entry(module.params["entry"])
    _choose_factor(module.params, entry)
    with open_session(module, mask_token=False) as session:
        _check_kept(module.params, session)
        name = module.params["target_user"] or (session.who.username if _acts_on_itself(module.params) else None)
        if name:
            check_name(entry, name, session.way.endpoint)  # before anything is sent
        if module.check_mode and _would_spend_a_code(module.params, session):
            result = {**_report(module, unseen_recovery(entry, _wish(module))), **_NO_LOGIN}
        else:
            progress = JOBS[module.params["state"]](_enrolment(module, session, name, entry))
            result = {**_report(module, progress), **_login_of(progress, session)}
    show_whole(module, SPEC)
    return result


def _enrolment(module: ModuleLike, session: Session, name: str | None, entry: Entry) -> Enrolment:
    """Log in, and see to it that the entry is that of the account."""
    params, endpoint = module.params, session.way.endpoint
    _log_in(session)
    target = Target(session, params.get)
    if not name:
        name = target.name
        check_name(entry, name, endpoint)
    check_id(entry, name, target.id)
    return Enrolment(session, target, name, entry, _wish(module), module.warn)


def _entry(value: Any) -> Entry:
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError("entry must be the dictionary that was stored, or be left out.")
    return value


def _acts_on_itself(params: Mapping[str, Any]) -> bool:
    return not (params["target_user"] or params["target_user_id"])


def _choose_factor(params: dict[str, Any], entry: Entry) -> None:
    """The stored secret answers the challenge, unless a passcode was given, or it is of a lost device.

    Where a recovery that was killed left a new device that is verified, that one's secret does: a bypass code that is
    saved may be the last.
    """
    if params["otp_secret"] or not _acts_on_itself(params):
        return
    secret, is_lost = entry, params["state"] == "recovered"
    if is_lost and "previous" not in entry:
        secret = entry.get("next") or {}
        if secret.get("step_offset") is None:
            return
    if secret.get("secret") and (is_lost or not params["passcode"]):
        params["otp_secret"], params["passcode"] = secret, None


def _would_spend_a_code(params: Mapping[str, Any], session: Session) -> bool:
    """Is it a recovery that has nothing but a bypass code to log in with?"""
    who = session.who
    has_another_way = who.api_key or who.auth_token or who.factor.otp or not _acts_on_itself(params)
    return params["state"] == "recovered" and not has_another_way


def _check_kept(params: Mapping[str, Any], session: Session) -> None:
    """Raises OptionError where what is kept would be removed with the job of AWX or Automation Platform."""
    job_folder = os.environ.get("AWX_ISOLATED_DATA_DIR")
    if not job_folder or params["persistent"]:
        return
    kept = [Path(params["store_path"])] if params["store_path"] else []
    if session.who.password or params["proof_password"]:
        kept.append(session.way.state_dir)
    for path in kept:
        if path.absolute().is_relative_to(job_folder):
            raise OptionError(
                f"{path} lies in the folder of this job, which is removed when the job ends, and the secret or the "
                "record of used passcodes with it; nothing was done. Use a place outside of it (in the role: "
                "mfa_otp_store, RAX_MFA_STATE_DIR), or say persistent (mfa_otp_store_is_persistent) where it is kept."
            )


def _log_in(session: Session) -> Client:
    """An account that must set MFA up first gets a token for just that (contract, "Authentication", 5)."""
    try:
        return session.client
    except SetupRequired:
        session.scope = Scope.SETUP_MFA
        return session.client


def _wish(module: ModuleLike) -> Wish:
    params = module.params
    return Wish(
        device_name=params["device_name"],
        replaces_unverified=params["on_unverified"] == "replace",
        verifies=params["verify"],
        is_stored=params["stored"],
        proof_password=params["proof_password"] or None,
        bypass_codes=params["bypass_codes"],
        enforcement_level=params["enforcement_level"],
        remove_all=params["remove_all"],
        keep_entry=params["keep_entry"],
        done=tuple(params["done"]),
        check_mode=module.check_mode,
    )


def _report(module: ModuleLike, progress: Progress) -> dict[str, Any]:
    return {
        "changed": progress.must_store or progress.steps != module.params["done"],
        "entry": progress.entry,
        "must_store": progress.must_store,
        "finished": progress.finished,
        "steps": progress.steps,
        "device": progress.device.facts() if progress.device else {},
        "mfa": progress.mfa.facts() if progress.mfa else {},
    }


def _login_of(progress: Progress, session: Session) -> dict[str, Any]:
    return {
        "second_factor": PROVE in progress.steps or session.login.second_factor,
        "token": {"id": session.client.token},
        "user": {"id": session.current().user_id if session.access else session.who.user_id},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
