#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation and the options of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_otp_prompt
short_description: Ask a person for the code of an OTP device, and verify it
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Asks for the code that an authenticator app shows for a new OTP device, and verifies the device with it. A refused
    code is asked for again. Refused verifications do not lock an account.
  - It asks for each host and each item of a loop, one after the other, also with several forks and with
    C(strategy=free). M(ansible.builtin.pause) asks once for all hosts.
  - It shows the QR code of the device first, when O(show_qr=true).
  - What is typed is not shown. Neither the code nor the QR code is in the result or in the log file of the run. The QR
    code is on the screen, and in what the terminal keeps of it.
  - It always works on the controller, as the user who runs Ansible, in the foreground of a terminal. The host, the
    connection and C(become) of the task play no part. Without a terminal, and when AWX or
    Automation Platform runs it, it fails. Use O(rackspace.identity.rax_otp_device#module:code) there.
  - Pressing Ctrl+C at the question fails the task for this host, and the next host is asked. The device stays as it is.
extends_documentation_fragment:
  - rackspace.identity.auth
  - rackspace.identity.store
  - rackspace.identity.target
  - rackspace.identity.attributes
  - rackspace.identity.attributes.actiongroup_rax
options:
  name:
    description:
      - Name of the device. Names are not unique, so O(device_id) is safer. The rules by which a device of a name is
        found are those of M(rackspace.identity.rax_otp_device).
      - With O(device_id) it plays no part.
    type: str
  device_id:
    description: ID of the device.
    type: str
  secret:
    description:
      - The secret of the device, if it is known. It is needed for O(show_qr), and not sent anywhere.
      - A base32 string in any spelling, an C(otpauth://) URI, or a dictionary with the key C(secret) or C(key_uri).
      - With O(store) the stored secret is used.
      - With it, the result tells which time step the code was of, and a refusal tells when the clock of the phone is
        wrong.
    type: raw
  show_qr:
    description:
      - Whether to show the QR code on the terminal before asking. It is about 45 columns wide and 23 lines high.
      - To write it into a file, use M(rackspace.identity.rax_otp_qr).
    type: bool
    default: false
  only_check:
    description:
      - Only check whether someone can be asked. It is for a task that comes before a device is made. Nothing is sent.
    type: bool
    default: false
  note:
    description: What to say before the question, for instance where the QR code is. It also goes to the log file.
    type: str
  attempts:
    description: How often to ask at most.
    type: int
    default: 5
  answer_timeout:
    description: Seconds to wait for each answer.
    type: int
    default: 600
attributes:
  check_mode:
    support: full
    details:
      - Nobody is asked in check mode, and no code is sent.
  diff_mode:
    support: full
    details:
      - The diff holds the ID and the name of the device, and whether it is verified.
  idempotent:
    support: full
    details:
      - Nobody is asked about a device that is verified.
  platform:
    support: full
notes:
  - For O(show_qr) the Python library segno must be installed for the Python that runs Ansible.
seealso:
  - module: rackspace.identity.rax_otp_qr
  - module: rackspace.identity.rax_otp_device
"""

EXAMPLES = r"""
- name: Add a device
  rackspace.identity.rax_otp_device:
    username: jane
    api_key: "{{ vault_rax_api_key }}"
    name: phone
  register: device

- name: Have it scanned and verified by the person who holds the phone
  rackspace.identity.rax_otp_prompt:
    username: jane
    api_key: "{{ vault_rax_api_key }}"
    device_id: "{{ device.device.id }}"
    secret: "{{ device.key_uri }}"
    show_qr: true
"""

RETURN = r"""
device:
  description: The device.
  returned: success, when O(only_check=false)
  type: dict
  contains:
    id:
      description: ID of the device.
      returned: always
      type: str
      sample: 0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b
    name:
      description: Name of the device.
      returned: always
      type: str
      sample: phone
    verified:
      description: Whether it is verified. In check mode, whether it would be.
      returned: always
      type: bool
      sample: true
steps:
  description: What was done, in its order. In check mode, what would be.
  returned: success, when O(only_check=false)
  type: list
  elements: str
  sample: [verify_device]
step_offset:
  description:
    - Which time step the service takes codes of, as the verification told. V(-1) is the step before the present one,
      V(0) the present one. Store it beside the secret, as C(step_offset), so that the first login needs no try.
  returned: success, when O(only_check=false); V(none) when the verification told nothing of it
  type: int
  sample: 0
diff:
  description: The device before and after.
  returned: success, when O(only_check=false)
  type: dict
  sample:
    before: {"devices": [{"id": "0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b", "name": "phone", "verified": false}]}
    after: {"devices": [{"id": "0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b", "name": "phone", "verified": true}]}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import AUTH_SPEC, TARGET_SPEC, ModuleSpec

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "name": {"type": "str"},
            "device_id": {"type": "str"},
            "secret": {"type": "raw", "no_log": True},
            "show_qr": {"type": "bool", "default": False},
            "only_check": {"type": "bool", "default": False},
            "note": {"type": "str"},
            "attempts": {"type": "int", "default": 5},
            "answer_timeout": {"type": "int", "default": 600},
        },
        required_one_of=(("name", "device_id", "store", "only_check"),),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()
run = controller_only


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
