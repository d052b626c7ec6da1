#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_otp_device
short_description: Add, verify or delete an OTP device of a Rackspace Cloud user
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Adds an OTP device to a user, verifies it, replaces it or deletes it.
  - The answer to the creation is the only one that ever holds the secret. With O(store) the task saves it before it
    does anything else, and no result holds it. Without O(store) the result holds it. It is then hidden from the screen
    and from every callback, and the registered variable is whole. Store it at once.
  - A task with O(store) works on one account at a time. It holds a lock from its first read to its last save, and it
    completes what an interrupted run began. In check mode the steps are those that a real run would do.
  - A verified device is never replaced unless O(state=replaced) asks for it, and no device is deleted that was not
    asked for by O(state=absent), O(state=replaced) or O(on_unverified=replace). With O(store), unverified devices of
    the same name whose secret is not stored are deleted when the new secret is stored, or before when there is no room
    for one more device.
  - The service allows five devices a user. A sixth is refused before anything is changed.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
  - rackspace.identity.attributes.in_process
  - rackspace.identity.attributes.hidden_result
options:
  name:
    description:
      - Name of the device. Names are not unique, so the device is found by these rules. It is the one verified device
        of that name. Two verified ones are an error that lists their IDs. O(on_unverified) rules when there are only
        unverified ones.
    type: str
  device_id:
    description:
      - ID of the device.
      - With O(store) it is for O(state=replaced) only. The device is replaced if it is still the stored one.
      - With O(state=present) and O(name), the name is looked for when there is no device of that ID any more. With the
        other states the ID alone counts.
    type: str
  state:
    description:
      - V(present) makes sure that the device is there, verified or not.
      - V(verified) proves to the service that the secret is known. Without O(store) the device must be there, and
        O(secret) or O(code) is needed. With O(store) the device is created first if nothing is stored.
      - V(replaced) needs O(store). It creates a second device beside the stored one, saves its secret as C(next),
        verifies it, proves it by a login when multi-factor authentication is on and there is a password, puts it in the
        place of the former one, and deletes that by its ID. What a former run began is completed, and then nothing new
        is begun. With O(store.type=none) the code of a person is the proof.
      - V(absent) deletes it. The service refuses to delete the last verified device while multi-factor authentication
        is on with factor V(OTP). With O(store) all devices that the entry names are deleted, and the unverified ones of
        the same name that are not in O(keep_ids), or none when the service would refuse one of them.
    type: str
    choices: [present, verified, replaced, absent]
    default: present
  replace_after:
    description:
      - For O(state=replaced), the age of the stored secret in days from which it is replaced. A younger one is left
        alone, without a login.
    type: int
  replace_unstored:
    description:
      - For O(state=replaced), whether a device may be replaced whose secret is not stored. It is for a lost device. The
        device is the only verified one of that O(name).
    type: bool
    default: false
  keep_stored:
    description:
      - For O(state=absent) with O(store), whether the stored entry is kept.
    type: bool
    default: false
  verify:
    description:
      - With O(store), whether the stored secret verifies a new device. V(false) leaves that to a person, see
        M(rackspace.identity.rax_otp_prompt). The task then ends when the secret is stored, and beside O(code), which
        is not sent, when the device is there.
    type: bool
    default: true
  proof_password:
    description:
      - Password of the account whose device it is, for the login that proves a new secret. Without it O(password) is
        used, unless an administrator acts on another user.
      - An empty string leaves that login out. The secret of a verified device is then not adopted.
    type: str
  secret:
    description:
      - With O(store), the secret of a device that exists already. It is proved by a verification or by a login, and
        then stored. It never replaces a stored secret that can be read.
      - Without O(store), the secret of the device, for O(state=verified). Codes are computed by the service's clock and
        sent until one is accepted. Wrong ones do not lock an account.
      - A base32 string in any spelling, an C(otpauth://) URI, or a dictionary with the key C(secret) or C(key_uri).
      - Beside O(code), it tells which time step that code was of, and nothing is computed.
    type: raw
  code:
    description:
      - The code that the device shows, for O(state=verified), as a person typed it. It is sent once.
      - With O(store), a new device is never made beside a code, which cannot be of it. The task fails.
      - With O(store.type=none) it tells that the unverified device of that O(name) is the person's. It is then the one
        that is meant, also for O(state=replaced) with O(replace_unstored=true).
      - Keep it a string, because a number loses its leading zeros. Blanks and hyphens in it are left out. What does not
        have 6 digits is refused before anything is sent.
    type: str
  seen:
    description:
      - Registered results of tasks of this run for the same user, with O(store) for O(state=absent), and in check mode
        for O(state=replaced), which has nothing to prove when one would have turned multi-factor authentication off.
      - When one of them would have removed everything in check mode, as M(rackspace.identity.rax_mfa_settings) does,
        and none after it has a device, no device is left.
      - When the last one that tells shows that multi-factor authentication is off, or would have turned it off in check
        mode, the service is not asked whether it is on.
    type: list
    elements: dict
    default: []
  on_unverified:
    description:
      - What to do with unverified devices of that name when there is no verified one, for O(state=present).
      - V(keep) takes the only one as it is, and fails when there are two. Its secret is not returned again.
      - V(replace) deletes them, since their secret may be lost, and adds a new one. When the answer to the creation
        is lost, the device whose secret is unknown is deleted and another one is added, once.
      - With O(store) a device whose secret is not stored is always one to replace.
    type: str
    choices: [keep, replace]
    default: keep
  keep_ids:
    description:
      - IDs of devices that are neither taken for the one of that O(name) nor replaced.
      - With O(store.type=none) the first one is the device that an earlier task made for a person. It is the one that
        is meant.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    details:
      - No code is sent in check mode, so that nothing is said about whether it would be accepted.
      - No bypass code is spent either. With O(use=bypass_code) the steps may rest on what the store tells alone.
  diff_mode:
    support: full
    details:
      - The diff holds IDs, names and whether a device is verified. If the result holds a secret, the diff is hidden
        with it.
  idempotent:
    support: partial
    details:
      - O(state=replaced) replaces the device each time, unless O(replace_after) says from which age on.
seealso:
  - module: rackspace.identity.rax_otp_device_info
  - module: rackspace.identity.rax_mfa_settings
  - module: rackspace.identity.vault_vars
  - plugin: rackspace.identity.otp_qr
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Have a verified device whose secret is in an encrypted file
  rackspace.identity.rax_otp_device:
    username: automation
    password: "{{ vault_rax_password }}"
    store:
      type: vault_file
      path: "{{ playbook_dir }}/mfa.yml"
    state: verified

- name: Replace it when its secret is 90 days old
  rackspace.identity.rax_otp_device:
    username: automation
    password: "{{ vault_rax_password }}"
    store:
      type: vault_file
      path: "{{ playbook_dir }}/mfa.yml"
    state: replaced
    replace_after: 90

- name: Add a device without a store
  rackspace.identity.rax_otp_device:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    name: ansible
  register: device

- name: Store the secret before it is used
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/mfa.yml"
    values:
      rax_mfa_otp:
        username: automation
        device_id: "{{ device.device.id }}"
        secret: "{{ device.secret }}"
        key_uri: "{{ device.key_uri }}"
  no_log: true
  when: device.secret is defined

- name: Read what is stored, by this run or an earlier one
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/mfa.yml"
  register: stored

- name: Verify it with the stored secret
  rackspace.identity.rax_otp_device:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    device_id: "{{ device.device.id }}"
    secret: "{{ stored.vars.rax_mfa_otp.secret }}"
    state: verified
  register: verification

- name: As an administrator, verify a user's device with the code that the user reads from a phone
  rackspace.identity.rax_otp_device:
    auth_token: "{{ login.token.id }}"
    target_user: jane
    name: phone
    code: "{{ typed_code }}"
    state: verified

- name: Add a device in place of one that was never verified, and whose secret was lost
  rackspace.identity.rax_otp_device:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    name: ansible
    on_unverified: replace
  register: device

- name: Delete a device
  rackspace.identity.rax_otp_device:
    username: automation
    api_key: "{{ vault_rax_api_key }}"
    device_id: 0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b
    state: absent
"""

RETURN = r"""
device:
  description: The device.
  returned: success, V(none) when O(state=absent) or nothing is there
  type: dict
  contains:
    id:
      description: ID of the device. It is empty for a device that would be created, in check mode.
      returned: always
      type: str
      sample: 0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b
    name:
      description: Name of the device. It is empty when O(state=verified) with O(device_id) and without O(name).
      returned: always
      type: str
      sample: ansible
    verified:
      description: Whether it is verified. In check mode, whether it would be.
      returned: always
      type: bool
      sample: false
steps:
  description:
    - What was done, in check mode what would be, in this order. Each of C(create_device), C(adopt_device),
      C(store_secret), C(delete_unverified), C(verify_device), C(prove_login), C(promote), C(delete_previous),
      C(delete_device), C(remove_stored).
  returned: success, with O(store)
  type: list
  elements: str
  sample: [create_device, store_secret, verify_device]
user:
  description: The account whose device it is, with C(id) and C(name).
  returned: success, with O(store)
  type: dict
  sample: {"id": "6af1b9c57b0f4d0e8a2b1a1f7a1d2c3e", "name": "automation"}
mfa:
  description: The multi-factor state of the account, as in RV(rackspace.identity.rax_mfa_settings#module:mfa).
  returned: success, with O(store), V(none) when the task did not look at it
  type: dict
  sample: {"enabled": false, "state": null, "factor_type": null, "enforcement_level": "DEFAULT"}
second_factor:
  description: Whether the task logged in, was asked for a second factor, and got one.
  returned: success, with O(store)
  type: bool
  sample: false
proved:
  description: Whether a login was ever proved with the secret that the entry holds.
  returned: success, with O(store)
  type: bool
  sample: true
bypass_codes:
  description: How many bypass codes the entry holds. V(none) when it never held any.
  returned: success, with O(store)
  type: int
  sample: 10
step_offset:
  description:
    - Which time step the service takes codes of, as the verification told. V(-1) is the step before the present one,
      V(0) the present one. Store it beside the secret, as C(step_offset), so that the first login needs no try.
  returned: O(state=verified) without O(store), V(none) when the verification told nothing of it
  type: int
  sample: 0
secret:
  description: The secret, in base32. It is secret, and no other answer ever holds it.
  returned: when the device was created, without O(store) or with O(store.type=none)
  type: str
  sample: THIS-IS-NO-SECRET
key_uri:
  description: The URI of the secret, for apps on phones. It is secret.
  returned: when the device was created, without O(store) or with O(store.type=none)
  type: str
  sample: otpauth://totp/Rackspace:ansible?secret=THIS-IS-NO-SECRET&issuer=Rackspace
qrcode:
  description: The QR code of the URI, as a C(data:) URI of a PNG image. It is secret.
  returned: when the device was created, without O(store)
  type: str
  sample: data:image/png;base64,VEhJUy1JUy1OTy1TRUNSRVQ=
diff:
  description: The devices that are meant, before and after.
  returned: success
  type: dict
  sample:
    before: {"devices": []}
    after: {"devices": [{"id": "0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b", "name": "ansible", "verified": false}]}
"""

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import NotFound, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import read_secret
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.login.typed_passcode import clean_code
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.devices import (
    Devices,
    DeviceWish,
    check_name,
    check_needed,
    check_room,
)
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.stored_device import StoredDevice
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.verification import Verified, Verifier
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "name": {"type": "str"},
            "device_id": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "verified", "replaced", "absent"], "default": "present"},
            "secret": {"type": "raw", "no_log": True},
            "code": {"type": "str", "no_log": True},
            "verify": {"type": "bool", "default": True},
            "proof_password": {"type": "str", "no_log": True},
            "replace_after": {"type": "int"},
            "replace_unstored": {"type": "bool", "default": False},
            "keep_stored": {"type": "bool", "default": False},
            "seen": {"type": "list", "elements": "dict", "default": []},
            "on_unverified": {"type": "str", "choices": ["keep", "replace"], "default": "keep"},
            "keep_ids": {"type": "list", "elements": "str", "default": []},
        },
        required_one_of=(("name", "device_id", "store"),),
        required_if=(
            ("state", "verified", ("secret", "code", "store"), True),
            ("state", "replaced", ("store",)),
        ),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ("secret", "key_uri", "qrcode")


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring one OTP device into the state that is asked for."""
    code = clean_code(module.params["code"]) if module.params["code"] else ""
    with open_session(module, saves=True, also_none=True) as session:
        if session.stored is not None:
            return StoredDevice(session, session.stored, {**module.params, "code": code}, module.warn).settle()
        wish, otp = _wish(module), read_secret("secret", module.params["secret"])
        if module.params["state"] == "verified" and not (otp or code):
            raise OptionError("state: verified needs secret (the code is computed) or code (a code from the device).")
        target = Target(session, module.params.get)
        devices = Devices(session.client, target.id, look_again=True)
        if module.params["state"] == "verified":
            return _verified(module, target, devices, wish, otp, code)
        if module.params["state"] == "absent":
            return _absent(module, target, devices, wish)
        return _present(module, target, devices, wish)


def _wish(module: ModuleLike) -> DeviceWish:
    """What is wanted of a device whose secret this task does not store."""
    params = module.params
    name, device_id = params["name"] or None, params["device_id"] or None
    is_present = params["state"] == "present"
    if not device_id or (is_present and name):
        check_name(name)
    return DeviceWish(
        # Only `present` may go on to a namesake if the device of that id is gone.
        name=name if is_present or not device_id else None,
        device_id=device_id,
        replace=is_present and params["on_unverified"] == "replace",
        keep_ids=frozenset(params["keep_ids"]),
    )


def _present(module: ModuleLike, target: Target, devices: Devices, wish: DeviceWish) -> dict[str, Any]:
    plan = devices.find(wish)
    if plan.device:
        return _report(plan.device, before=[plan.device], after=[plan.device])
    if not wish.name:
        raise NotFound(f"There is no OTP device with the id {wish.device_id}. Give a name to have one created.")
    if module.check_mode:
        check_room(devices.list(), plan)
        expected = Device(id="", name=wish.name, verified=False)
        return _report(expected, before=plan.remove, after=[expected])
    new = devices.create(wish, plan)
    target.note_time()  # for the verification
    secrets = {"secret": new.secret, "key_uri": new.key_uri, "qrcode": new.qrcode}
    return {**_report(new.device, before=plan.remove, after=[new.device]), **secrets}


def _verified(
    module: ModuleLike, target: Target, devices: Devices, wish: DeviceWish, otp: Otp | None, code: str
) -> dict[str, Any]:
    if module.check_mode or not wish.device_id:
        device = devices.find(wish).device
        if device is None:
            raise NotFound("There is no such OTP device to verify. Create it first with state: present.")
    else:
        # The verification itself tells whether the device is there and was verified before: no read.
        device = Device(wish.device_id, module.params["name"] or "", verified=False)
    verifier = Verifier(
        devices.client,
        target.id,
        device.id,
        target.record,
        was_unverified=not wish.device_id,
        login_follows=target.is_self,
    )
    if device.verified or module.check_mode:
        outcome = Verified(changed=not device.verified)
    elif otp and not code:
        outcome = verifier.by_secret(otp)
    else:
        outcome = verifier.by_code(code, otp)
    before, after = device._replace(verified=not outcome.changed), device._replace(verified=True)
    return {**_report(after, before=[before], after=[after]), "step_offset": outcome.step_offset}


def _absent(module: ModuleLike, target: Target, devices: Devices, wish: DeviceWish) -> dict[str, Any]:
    device = devices.find(wish).device
    if device is None:
        return {"changed": False, "device": None, "diff": {"before": {"devices": []}, "after": {"devices": []}}}
    if module.check_mode:
        check_needed([device], devices.list(), target.mfa)
    else:
        devices.delete(device)
    return {**_report(device, before=[device], after=[]), "device": None}


def _report(device: Device, *, before: Sequence[Device], after: Sequence[Device]) -> dict[str, Any]:
    """`changed` and the diff out of one comparison; public facts only."""
    was, now = ([item.facts() for item in items] for items in (before, after))
    return {
        "changed": was != now,
        "device": device.facts(),
        "diff": {"before": {"devices": was}, "after": {"devices": now}},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run, HOLDS_SECRETS)


if __name__ == "__main__":
    main()
