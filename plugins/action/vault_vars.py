# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and changes variables in a file under Ansible Vault, with the secrets that the play already has."""

from __future__ import annotations

import datetime
import os
from typing import Any

from ansible.utils.display import Display

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.paths import usable_path
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import named
from ansible_collections.rackspace.identity.plugins.modules import vault_vars
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import IdentityAction
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import VaultFile
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_task import change, parse, read

display = Display()


class ActionModule(IdentityAction):
    """It runs in the controller, whatever the host, the connection and `become` of the task."""

    module = vault_vars

    _requires_connection = False
    _supports_async = False

    def _has_secret_item(self, _variables: dict[str, Any]) -> bool:
        # Callbacks show the item of a loop with its result, and the item may be where the values came from.
        return self._task.loop is not None and "values" in self._task.args

    def _run(self, _variables: dict[str, Any]) -> dict[str, Any]:
        try:
            options = parse(self._task.args)
            path = str.__str__(self._loader.path_dwim(options["path"]))
            usable_path("path", path)
            file = VaultFile(path, self._loader._vault, lambda: display.v(f"waiting for another writer of {path}"))
            if options["values"] is None and options["absent"] is None:
                return read(file, options)
            # Named like the backups of core; group_vars and host_vars pass over what ends in a tilde.
            now = datetime.datetime.now(datetime.timezone.utc).astimezone()
            return change(file, options, f".{os.getpid()}.{now:%Y-%m-%d@%H:%M:%S.%f}~", dry=self._task.check_mode)
        except OptionError as error:
            return {"failed": True, "msg": named(str(error))}
