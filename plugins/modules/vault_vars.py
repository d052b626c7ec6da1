#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the action plugin of this name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vault_vars
short_description: Read and change variables in a file under Ansible Vault
version_added: 1.0.0
author:
  - The rackspace.identity maintainers (@rackspace)
description:
  - Sets, removes or reads variables in a YAML file that is encrypted with Ansible Vault as a whole, with the vault
    secrets that the play already has (C(--vault-id), C(--vault-password-file), or their settings).
  - It always works on the controller, as the user who runs Ansible, whatever the host, the connection and C(become).
  - Without O(values) and O(absent) it reads. Then the registered variable holds the result, and no callback shows it.
  - Only the lines of the variables that change are replaced, with the comments inside of them. Other variables, their
    order and their comments stay. A file in flow style (JSON) is rewritten in block style.
  - The file is replaced as a whole. A reader, also after the task was killed, finds the old content or the new one.
    Several tasks, forks and plays may change one file at the same time; each change is kept.
extends_documentation_fragment:
  - rackspace.identity.attributes
options:
  path:
    description:
      - The file. A relative path starts at the folder of the playbook. A link stays, and its target is replaced.
      - When there is something to write, a missing file is created, and missing folders with mode C(0700).
      - A file that is not encrypted as a whole is refused, and so is one that is not a mapping of variables or has a
        variable twice.
    type: path
    required: true
  values:
    description:
      - Variables to set, of any type of YAML. A value that differs, or has inline C(!vault) values, is replaced whole.
      - A string with template marks such as C({{), or that begins with C(#jinja2:), is stored as data (C(!unsafe)).
    type: dict
  absent:
    description: Names of variables to remove. The comments above them and the file itself stay.
    type: list
    elements: str
  same_keys:
    description:
      - Keys that tell whose a dictionary is. The task fails and writes nothing when it would replace a dictionary that
        has one of these keys by one in which the key has another value.
    type: list
    elements: str
    default: []
  to_set:
    description:
      - For a task that reads, names of variables that later tasks will set if they are missing or empty. The task
        fails if they could not be set.
    type: list
    elements: str
    default: []
  vault_id:
    description:
      - The vault id to encrypt with, one that the play has loaded. A file under another one is encrypted anew,
        provided that O(values) or O(absent) is given.
      - Without it a file keeps its vault id. A new file gets the only one that is loaded, or the one of the setting
        C(vault_encrypt_identity); when there are several and no such setting, the task fails.
    type: str
  mode:
    description: The permissions of the file, also of one that exists, as an octal number in quotes.
    type: raw
    default: '0600'
  backup:
    description: Keep the old content, encrypted as it was, in a file beside it when the content changes.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The diff holds names of variables, the vault id and the mode. It never holds a value.
  idempotent:
    support: full
    details: Values are compared in plain. A file with nothing to change is not encrypted anew and not written.
notes:
  - A file in C(group_vars) or C(host_vars) gives its variables to every play, and ansible-core 2.22 hides each string
    of it in all output, names and other ordinary words, too. Keep an entry of a device outside of both.
  - In a loop, the results of a task with O(values) are hidden, because they show the item of the loop. So is its diff.
  - Set C(no_log) when the callback setting C(display_args_to_stdout) is on, which shows arguments before a task runs.
  - Reading fails when an inline C(!vault) value can't be decrypted; setting other variables does not.
  - An alias or a merge key (C(<<)) stays as it is. A change that would reach another variable through one is refused.
  - While it writes, C(.NAME.lock) and C(.NAME.new) are in the folder of the file. Left behind by a killed run
    they do no harm, and the next write removes them.
seealso:
  - module: ansible.builtin.include_vars
"""

EXAMPLES = r"""
- name: Keep a secret in the vault
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/mfa.yml"
    values:
      rax_mfa_otp:
        username: automation
        secret: "{{ device.secret }}"

- name: Drop a variable, and encrypt with another of the loaded vault ids from now on
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/mfa.yml"
    absent: [rax_old_password]
    vault_id: production

- name: Read without loading the variables into the play
  rackspace.identity.vault_vars:
    path: "{{ playbook_dir }}/mfa.yml"
  register: stored

- name: Use what was read
  ansible.builtin.assert:
    that: stored.vars.rax_mfa_otp.username == 'automation'
  no_log: true
"""

RETURN = r"""
path:
  description: The file, as an absolute path. Links in it are not resolved.
  returned: when O(values) or O(absent) is given
  type: str
  sample: /srv/play/mfa.yml
exists:
  description: Whether the file exists, after the change if there is one. In check mode, whether it would.
  returned: success
  type: bool
  sample: true
vars:
  description: The variables of the file in plain values, an empty dictionary when there is no file. They are secret.
  returned: when neither O(values) nor O(absent) is given
  type: dict
  sample: {"rax_mfa_otp": {"username": "automation", "secret": "THIS-IS-NO-SECRET"}}
backup_file:
  description: The file that holds the old content. Its mode is C(0600).
  returned: when O(backup) is true and the content of a file that existed was changed
  type: str
  sample: /srv/play/mfa.yml.4711.2026-01-31@12:00:00.000000~
diff:
  description: Names of the variables that are added, changed or removed, below the vault id and the mode.
  returned: when O(values) or O(absent) is given
  type: dict
  sample: {"before": "# vault id prod, mode 0600\n", "after": "# vault id prod, mode 0600\nrax_mfa_otp: (new value)\n"}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import controller_only, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec

SPEC = ModuleSpec(
    argument_spec={
        "path": {"type": "path", "required": True},
        "values": {"type": "dict", "no_log": True},
        "absent": {"type": "list", "elements": "str"},
        "same_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "to_set": {"type": "list", "elements": "str", "default": []},
        "vault_id": {"type": "str"},
        "mode": {"type": "raw", "default": "0600"},
        "backup": {"type": "bool", "default": False},
    },
)
HOLDS_SECRETS: tuple[str, ...] = ("vars",)
run = controller_only


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
