# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that says where the entry of an account is kept. Private to the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Documents `STORE_OPTION` of module_utils/run/store_spec.py."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - Where the entry of the account is stored, with the secret of its OTP device. It answers the second step of a
        login by password when no passcode is given. When nothing is stored, the option C(otp_secret) answers. When a
        task acts on another user, it is that user's entry, and answers nothing.
      - The time step of a login is noted in the entry, so that another controller does not send the same passcode.
      - A refused passcode is noted there in check mode, too, since it counts at the service.
      - A save names the entry that it replaces, and the task stops when another run has stored another one by then.
      - A task with a store always runs in the controller's own worker, whatever the connection and C(become) of the
        play are. So C(async) is refused.
    type: dict
    suboptions:
      type:
        description:
          - The kind of store. Each has its own keys, and a key of another one is an error.
        type: str
        choices: [vault_file, pass, hashi_vault, command, none]
        default: vault_file
      path:
        description:
          - With O(store.type=vault_file), the file, which is encrypted with Ansible Vault as a whole.
            A relative path starts at the folder of the playbook.
          - With O(store.type=hashi_vault), the path of the entry in the KV engine.
        type: str
      variable:
        description: With O(store.type=vault_file), the variable that holds the entry. Default V(rax_mfa_otp).
        type: str
      vault_id:
        description:
          - With O(store.type=vault_file), the vault id to encrypt with. It must be one that the play has loaded.
          - Without it a file keeps the vault id that it has.
        type: str
      name:
        description: With O(store.type=pass), the name of the entry in the password store.
        type: str
      url:
        description: With O(store.type=hashi_vault), the server. Without it E(VAULT_ADDR) counts.
        type: str
      mount:
        description: With O(store.type=hashi_vault), where the KV engine of version 2 is mounted. Default V(secret).
        type: str
      auth:
        description: With O(store.type=hashi_vault), how to log in, V(token) or V(approle). Default V(token).
        type: str
      token:
        description: With O(store.type=hashi_vault), the token. Without it E(VAULT_TOKEN) counts.
        type: str
      role_id:
        description: With O(store.auth=approle), the role. Without it E(VAULT_ROLE_ID) counts.
        type: str
      secret_id:
        description: With O(store.auth=approle), the secret of the role. Without it E(VAULT_SECRET_ID) counts.
        type: str
      ca_path:
        description:
          - With O(store.type=hashi_vault), the file of the authority that signed the server's certificate.
          - Without it E(VAULT_CACERT) and then E(REQUESTS_CA_BUNDLE) count.
        type: path
      namespace:
        description: With O(store.type=hashi_vault), the namespace. Without it E(VAULT_NAMESPACE) counts.
        type: str
      argv:
        description:
          - With O(store.type=command), a program and its first arguments. V(get), V(put) or V(remove) and
            O(store.key) follow them. A program with a relative path starts at the folder of the playbook. A path among
            the arguments must be absolute.
        type: list
        elements: str
      key:
        description: With O(store.type=command), what the program finds the entry by.
        type: str
"""
