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
  - Sets, removes or reads variables in a YAML file that is encrypted with Ansible Vault as a whole.
  - It encrypts and decrypts with the vault secrets that the play already has
    (C(--vault-id), C(--vault-password-file), or their settings).
    When there are none, it fails before it touches anything.
  - It always works on the controller, as the user who runs Ansible. The host, the connection and C(become) of the task
    play no part, and nothing is sent to a host.
  - Without O(values) and O(absent) it reads, and the result is hidden from the screen and from every callback,
    while the registered variable holds it.
  - Only the lines of the variables that change are replaced. Other variables, their order and their comments stay;
    comments inside of a variable that changes go with its old value.
    A file in flow style (JSON) is rewritten in block style.
  - The file is replaced as a whole, with a synced neighbor of mode C(0600) that only ever holds ciphertext.
    A reader, also after the task was killed, finds either the old content or the new one.
    Several tasks, forks and plays may change one file at the same time; each change is kept.
options:
  path:
    description:
      - The file. A relative path starts at the folder of the playbook.
      - A symbolic link is followed. Its target is read and replaced, and the link stays.
      - A file or a folder that does not exist is created when there is something to write,
        the folder with mode C(0700).
      - An empty file counts as a file without variables.
      - A file that is not encrypted as a whole is refused, be it plain YAML or YAML with inline C(!vault) values,
        and so is one that is not a mapping of variables or has a key twice.
    type: path
    required: true
  values:
    description:
      - Variables to set, with values of any kind that YAML knows. A variable that exists gets the whole new value.
      - The values are stored as they are. A string with template marks such as C({{), or that begins with C(#jinja2:),
        is stored with the tag C(!unsafe), so that it is not rendered when it is read.
      - A variable whose value is already that one, be it an inline C(!vault) value, is left as it stands in the file.
    type: dict
  absent:
    description:
      - Names of variables to remove. The comments above them stay.
      - The file itself is never removed.
    type: list
    elements: str
  same_keys:
    description:
      - Keys that tell whose a dictionary is. If a variable of O(values) and its old value are dictionaries, and one
        of these keys of the old value has another value in the new one, the task fails and nothing is written.
      - This holds for tasks that run at the same time, too. Of two that would write a new variable, each for another
        owner, one fails.
    type: list
    elements: str
    default: []
  to_set:
    description:
      - For a task that reads, names of variables that later tasks will set if they are missing. If one is
        missing or empty, the task fails if it could not be set.
    type: list
    elements: str
    default: []
  vault_id:
    description:
      - The vault id to encrypt with. It must be one that the play has loaded.
      - A file that is encrypted with another one is encrypted anew with this one, which is a change,
        provided that O(values) or O(absent) is given.
      - Without it a file keeps the vault id that it has. A new file gets the only one that is loaded,
        or the one of the setting C(vault_encrypt_identity); when there are several and no such setting, the task fails.
    type: str
  mode:
    description:
      - The permissions of the file, as an octal number in quotes. Symbolic modes are not supported.
      - They are set on a file that exists as well, which is a change if they were different.
      - The owner and the group of a file that exists are kept as far as the user may do that.
    type: raw
    default: '0600'
  backup:
    description:
      - Keep the old content, encrypted as it was, in a file beside it when the content changes.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Can run in check mode and tell what it would change without changing it.
  diff_mode:
    support: full
    description: Tells what changes, in diff mode and in the result.
    details:
      - The diff holds names of variables, the vault id and the mode. It never holds a value.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
    details:
      - Values are compared in plain. A file with nothing to change is not encrypted anew and not written.
  platform:
    support: full
    description: The platform that it runs on.
    platforms: posix
notes:
  - In a loop, the results of a task with O(values) are hidden, because they show the item of the loop. So is its diff.
  - The callback setting C(display_args_to_stdout) shows the arguments of a task before it runs.
    Set C(no_log) on the task when you use it.
  - Inline C(!vault) values are decrypted when they are read. Reading fails when one can't be decrypted; setting other
    variables does not.
  - An alias or a merge key (C(<<)) stays as it is. A change that would reach another variable through one is refused.
  - While it writes, C(.NAME.lock) and C(.NAME.new) are in the folder of the file. Left behind by a killed run
    they do no harm, and the next write removes them.
seealso:
  - module: ansible.builtin.include_vars
"""

EXAMPLES = r"""
- name: Keep a secret in the vault
  rackspace.identity.vault_vars:
    path: group_vars/all/vault.yml
    values:
      rax_mfa_otp:
        username: automation
        secret: "{{ device.secret }}"

- name: Drop a variable and keep a copy of the file as it was
  rackspace.identity.vault_vars:
    path: group_vars/all/vault.yml
    absent: [rax_old_password]
    backup: true

- name: Encrypt with another of the loaded vault ids from now on
  rackspace.identity.vault_vars:
    path: group_vars/all/vault.yml
    values: {}
    vault_id: production

- name: Read without loading the variables into the play
  rackspace.identity.vault_vars:
    path: group_vars/all/vault.yml
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
  sample: /srv/play/group_vars/all/vault.yml
exists:
  description: Whether the file exists, after the change if there is one. In check mode, whether it would.
  returned: success
  type: bool
  sample: true
vars:
  description:
    - The variables of the file in plain values, an empty dictionary when there is no file.
    - They are secret. Only the registered variable holds them.
  returned: when neither O(values) nor O(absent) is given
  type: dict
  sample: {"rax_mfa_otp": {"username": "automation", "secret": "THIS-IS-NO-SECRET"}}
backup_file:
  description: The file that holds the old content. It is encrypted as the old content was, and its mode is C(0600).
  returned: when O(backup) is true and the content of a file that existed was changed
  type: str
  sample: /srv/play/group_vars/all/vault.yml.4711.2026-01-31@12:00:00.000000~
diff:
  description: Names of the variables that were added, changed or removed; the vault id and the mode if they change.
  returned: when O(values) or O(absent) is given
  type: dict
  sample:
    before: "rax_old_password: (old value)\n"
    after: "rax_mfa_otp: (new value)\n"
    before_header: /srv/play/group_vars/all/vault.yml
    after_header: /srv/play/group_vars/all/vault.yml
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
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


def run(module: ModuleLike) -> dict[str, Any]:
    """Refuse: a module runs on a host, and neither the file nor the vault secrets are there."""
    module.fail_json("rackspace.identity.vault_vars works on the controller only; its action plugin was not found.")


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
