#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation and the options of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rax_otp_qr
short_description: Show the QR code of an OTP device to a person
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Shows the QR code that an authenticator app scans, on the terminal of the controller or in a PNG or HTML file there,
    and removes the file again.
  - The HTML file is one page that needs no network. It has a large code, the key for typing it by hand, and the names
    of the account, the issuer and the device. It can be printed, and opened on a phone.
  - A file has mode C(0600) from the beginning. Links are not followed. Nothing is written over a file that is
    not the QR code of the same device. A folder, or anything else that is not a regular file, is neither replaced nor
    removed.
  - On the terminal it appears on the screen only. It is not in the result, and not in the log file of the run.
  - It always works on the controller, as the user who runs Ansible. The host, the connection, C(become) and
    C(environment) of the task play no part.
  - Anyone who sees the code can make passcodes. Remove a file when it has been scanned.
extends_documentation_fragment:
  - rackspace.identity.store
  - rackspace.identity.attributes
options:
  secret:
    description:
      - The secret of the device. A base32 string in any spelling, an C(otpauth://) URI, or a dictionary with the key
        C(secret) or C(key_uri), such as the role stores.
      - Leave it out when O(store) is given. The stored secret is read here and goes nowhere else. While a device is
        being replaced it is the secret of the new one.
    type: raw
  only_check:
    description:
      - Only check whether the code can be shown, or the file written or removed. It is for a task that comes before a
        device is made. O(secret) is then not needed.
      - As long as no secret is known, a file that is there already can't be the QR code of the device. It is refused,
        unless O(state=absent).
      - A code that no terminal can show is refused, unless O(secret) or O(store) keeps the secret to show it later.
    type: bool
    default: false
  format:
    description:
      - V(terminal) shows the code on the terminal. When the output goes elsewhere, or AWX or Automation Platform keeps
        it, the code is not shown and there is a warning.
      - V(png) and V(html) write a file.
    type: str
    choices: [terminal, png, html]
    default: terminal
  path:
    description:
      - The file, for O(format=png) and O(format=html). Its folder must exist.
      - A relative path starts at the folder of the playbook.
    type: path
  state:
    description:
      - V(present) shows the code or writes the file.
      - V(absent) removes the file that the same options would write, and no other one. Without O(secret) and O(store)
        it removes the QR code of any device, and no file that is not one.
    type: str
    choices: [present, absent]
    default: present
  account:
    description: Name of the user, for the person. Without it, the C(username) of a dictionary given as O(secret).
    type: str
  device_name:
    description:
      - Name of the device, for the person. Without it, the C(device_name) of a dictionary given as O(secret), or the
        name in the URI.
    type: str
attributes:
  check_mode:
    support: full
    details:
      - Nothing is shown in check mode.
  diff_mode:
    support: none
    details:
      - All that the file holds is secret.
  idempotent:
    support: partial
    details:
      - Files are idempotent. On the terminal the code is shown each time.
notes:
  - The Python library segno must be installed for the Python that runs Ansible.
seealso:
  - module: rackspace.identity.rax_otp_prompt
  - plugin: rackspace.identity.otp_qr
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the QR code of the stored secret on the terminal
  rackspace.identity.rax_otp_qr:
    secret: "{{ rax_mfa_otp }}"

- name: Show the QR code of a secret that no variable holds
  rackspace.identity.rax_otp_qr:
    store:
      type: pass
      name: rackspace/jane

- name: Write it as a page
  rackspace.identity.rax_otp_qr:
    secret: "{{ rax_mfa_otp }}"
    format: html
    path: ~/mfa/jane.html

- name: Remove the page when it has been scanned
  rackspace.identity.rax_otp_qr:
    secret: "{{ rax_mfa_otp }}"
    format: html
    path: ~/mfa/jane.html
    state: absent
"""

RETURN = r"""
path:
  description: The file, as an absolute path.
  returned: success, when O(format=png) or O(format=html), and O(only_check=false)
  type: str
  sample: /srv/mfa/jane.html
shown:
  description: Whether the code was shown.
  returned: success, when O(format=terminal) and O(only_check=false)
  type: bool
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec
from ansible_collections.rackspace.identity.plugins.module_utils.run.store_spec import STORE_OPTION

SPEC = ModuleSpec(
    argument_spec={
        "secret": {"type": "raw", "no_log": True},
        "store": dict(STORE_OPTION),
        "only_check": {"type": "bool", "default": False},
        "format": {"type": "str", "choices": ["terminal", "png", "html"], "default": "terminal"},
        "path": {"type": "path"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "account": {"type": "str"},
        "device_name": {"type": "str"},
    },
    required_if=(("format", "png", ("path",)), ("format", "html", ("path",))),
)
HOLDS_SECRETS: tuple[str, ...] = ()
run = controller_only


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
