# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and change variables in a file under Ansible Vault, with the secrets that the play already has."""

from __future__ import annotations

import datetime
from typing import Any

from ansible.constants import config
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.api.errors import OptionError
from ..plugin_utils.vault_file import FileChange, VaultFile
from ..plugin_utils.vault_report import report
from ..plugin_utils.vault_vars_options import VaultVarsOptions, parse

display = Display()


class ActionModule(ActionBase):
    """It runs in the controller, whatever the host, the connection and `become` of the task."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return one result, hidden from every callback when it holds values or its loop item does."""
        asked_no_log = self._task.no_log
        # Until it is known that it does not hold a value: an exception in between is hidden too.
        self._task.no_log = True
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            options = parse(self._task.args)
        except OptionError as error:
            self._show_unless_looping(asked_no_log)
            raise AnsibleActionFail(str(error)) from None
        try:
            result.update(self._answer(options))
        except OptionError as error:
            result.update(failed=True, msg=str(error))
        if options.only_reads and not result.get("failed"):
            result["_ansible_no_log"] = True
        else:
            self._show_unless_looping(asked_no_log)
        return result

    def _answer(self, options: VaultVarsOptions) -> dict[str, Any]:
        path = str.__str__(self._loader.path_dwim(options.path))
        file = VaultFile(path, self._loader._vault, waiting=lambda: display.v(f"waiting for another writer of {path}"))
        default_id = config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        if options.only_reads:
            variables = file.read(options.vault_id, to_set=options.to_set, default_id=default_id)
            return {"changed": False, "exists": variables is not None, "vars": variables or {}}
        change = FileChange(
            values=options.values or {},
            absent=options.absent or [],
            same_keys=options.same_keys,
            vault_id=options.vault_id,
            default_id=default_id,
            mode=options.mode,
            backup=options.backup,
        )
        if self._task.check_mode:
            return report(path, file.predict(change))
        return report(path, *file.apply(change, datetime.datetime.now(datetime.timezone.utc).astimezone()))

    def _show_unless_looping(self, asked_no_log: Any) -> None:
        # Callbacks show the item of a loop with its result, and the item may be where the values came from.
        if self._task.loop is None or "values" not in self._task.args:
            self._task.no_log = asked_no_log
