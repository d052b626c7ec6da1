# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of `rax_mfa_summary`, which knows the play. Private to the collection."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ..module_utils.login.paths import usable_path
from ..module_utils.login.private_file import exclusive, in_words, write_whole
from ..module_utils.run.masking import in_builtin_types
from ..module_utils.run.runner import ModuleLike
from .arrivals import arrive
from .in_process import ControllerAction
from .one_place import divided
from .role import RoleVariables
from .stores import open_store
from .summary import FAILED, Account, Summary, accounts_of

display = Display()

_CHOSEN = "_mfa_chosen"
"""A variable of our playbooks: the hosts of the play that follows."""


class PlayAction(ControllerAction):
    """Looks at the hosts of its play, and writes what came of them."""

    @property
    def _folder(self) -> str:
        """That in which the user stands, whatever the playbook."""
        return os.curdir

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, with the play as it is now."""
        self._variables = task_vars or {}
        self._play = self._task.get_play()
        self._alive = frozenset(self._variables["ansible_play_hosts"])
        return super().run(tmp, task_vars)

    def _work(self, module: ModuleLike) -> dict[str, Any]:
        """Sum up; with `only_begin`, write the summary of a play that has done nothing."""
        params = module.params
        accounts = [] if params["only_begin"] else self._accounts()
        if accounts is None:
            return {"changed": False, "skipped": True}  # the last host to come here sums up
        summary = Summary(accounts, params["job"], module.check_mode)
        written = (
            {"path": _written(Path.cwd() / usable_path("path", params["path"]), summary)} if params["path"] else {}
        )
        result = {"changed": False, "counts": summary.counts, **written}
        if params["only_begin"]:
            problem = self._problem()
            return {"changed": False, "failed": True, "msg": problem} if problem else result
        return {**result, **self._verdict(summary), "summary": summary.lines(), "_ansible_verbose_always": True}

    @property
    def _notes(self) -> Path | None:
        """Where hosts that do not go from task to task together note what came of them; None for others."""
        if self._play.strategy.rpartition(".")[2] not in ("free", "host_pinned"):
            return None
        # Of a task that comes by include_tasks each host may have a copy of its own; where it stands is the same.
        place = hashlib.sha256(f"{self._play._uuid} {self._task.get_path()}".encode()).hexdigest()
        # The folder of this run, which core removes at its end; it makes the names of its settings at run time.
        return Path(constants.DEFAULT_LOCAL_TMP) / f"summary-{place}"  # type: ignore[attr-defined]

    def _accounts(self) -> list[Account] | None:
        """Return what came of the hosts; None when another host sums up."""
        variables = self._variables
        hosts, facts = variables["ansible_play_hosts_all"], variables["hostvars"].raw_get
        play, notes = self._play._uuid, self._notes
        if notes is None:
            return accounts_of(hosts, self._alive, facts, play, any_is_fatal=bool(self._task.any_errors_fatal))

        def account(host: str) -> Account:
            return Account.of(host, facts(host), play, is_alive=host in self._alive)

        came = arrive(
            notes,
            account(variables["inventory_hostname"]),
            awaited=self._alive,
            others=lambda told: [account(host) for host in hosts if host not in told],
        )
        return None if came is None else [came[host] for host in hosts]

    def _batch(self) -> frozenset[str]:
        """Return all hosts of the current batch: `ansible_play_batch` lacks those that failed."""
        variables = self._variables
        hosts = (host.name for host in variables["hostvars"]._inventory.get_hosts())
        return frozenset((*hosts, variables["inventory_hostname"]))  # which may be localhost without an inventory

    def _verdict(self, summary: Summary) -> dict[str, Any]:
        """Fail where core would have ended the play: in a block with `always`, it counts no failure."""
        most = self._play.max_fail_percentage
        if most is None or self._notes is not None:
            return {}
        batch = self._batch().intersection(account.host for account in summary.accounts)
        failed = len((batch - self._alive).intersection(account.host for account in summary.of(FAILED)))
        if failed <= len(batch) * most / 100:
            return {}
        return {
            "failed": True,
            "msg": f"{failed} of {len(batch)} accounts of this batch failed, which is more than max_fail_percentage. "
            "The accounts that were not reached are left alone.",
        }

    def _problem(self) -> str | None:
        """Return what forbids to begin with the hosts that our playbooks name."""
        of_all = self._variables["hostvars"]

        def variables_of(host: str) -> RoleVariables:
            own = {**of_all.raw_get(host), "hostvars": of_all}
            return RoleVariables(own, self._templar.copy_with_new_env(available_variables=own).template)

        with contextlib.suppress(AnsibleError):  # what chooses hosts is wrong, which a task of the playbook tells
            hosts = self._templar.template(self._variables.get(_CHOSEN, []))
            return divided(hosts, variables_of, self._place_of)
        return None

    def _place_of(self, store: dict[str, Any]) -> str:
        return open_store(store, self._loader, display.vv, os.environ).place


def _written(file: Path, summary: Summary) -> str:
    """Write the file as a whole, for its owner alone.

    :raises OptionError: the system refuses.
    """
    content = json.dumps(in_builtin_types(summary.as_data()), indent=1).encode() + b"\n"
    with in_words(f"O(path): can't write {file}"), exclusive(file):
        write_whole(file, content)
    return str(file)
