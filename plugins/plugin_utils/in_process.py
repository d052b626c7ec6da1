# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one action behind all modules: runs a module's logic in the worker if the task is purely local.

A new interpreter, its archive and its imports cost a task ten times what the request does. The logic (`run`) and the
options (`SPEC`) are the module's own, on both ways; what differs is the object that they are handed. The action file
imports its module at the top: core loads the action in the parent of all workers before it forks the first one, so
`requests` and the rest are imported once a playbook, not once a task. Private to the collection.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils.api import breaks
from ..module_utils.login import account_lock, credentials_file, login, stored_factor
from ..module_utils.mfa import settings_store
from ..module_utils.otp import secret
from ..module_utils.run.masking import in_builtin_types, texts_in
from ..module_utils.run.runner import ModuleFile, Run, execute
from ..module_utils.run.seen import used_of_seen
from .arguments import arguments_without_secrets, secrets_of, shown_arguments
from .controller import ControllerTools
from .given_text import not_text, not_text_words
from .role import ROLE, RoleVariables, variable_of
from .role_progress import told_by
from .role_rules import begun_in_the_middle, ignored_failure, problem
from .stand_in import Circumstances, Ended, StandIn

_LOADED_ONCE = (account_lock, breaks, credentials_file, login, secret, settings_store, stored_factor)
"""What a module loads only if it needs it: here it is loaded for all workers, which would each compile it again."""
_NO_ASYNC = (
    "async is not possible for this module: Ansible would leave the secret that it returns in a file of the job, which "
    "others on the machine can read. Leave async and poll out of the task; timeout and max_wait bound it."
)
_NO_ASYNC_STORE = (
    "async is not possible with store: a store is reached from the controller's own worker alone, which runs no job. "
    "Nothing was done. Leave async and poll out of the task; timeout and max_wait bound it."
)
_CREDENTIALS = ("RAX_PASSWORD", "RAX_API_KEY", "OS_PASSWORD")
"""Variables of the environment that log in."""
_NO_ENVIRONMENT = (
    "environment sets {}, and this task runs as an ordinary module, because of its host, become, async or interpreter. "
    "Nothing was done: Ansible would write the value into a command line, which others on the machine can read. Take "
    "it out of environment, and pass password or api_key, or an auth_token."
)
_NOT_ASKED = "An administrator's token serves many accounts: nothing is asked about it."
_SECRET_NAME = re.compile("PASSWORD|PASSPHRASE|KEY|TOKEN|SECRET", re.IGNORECASE)
"""In the name of a variable of the environment; a program that is a store has some of its own."""
_DISCOVERED = ("auto", "auto_silent", "auto_legacy", "auto_legacy_silent")
_OUR_PLAYBOOKS = "/ansible_collections/rackspace/identity/playbooks"
_NAMES = "_mfa_names"
"""A variable of plays and tasks of our playbooks: the names of options, and of the variables that their users set
instead."""
_CONTROLLERS = "{{ ansible_playbook_python }}"
"""How an inventory names the Python that runs this."""


class IdentityAction(ActionBase):
    """Runs `module` here if it can, else as an ordinary module; either way hides a result that holds a secret."""

    module: ModuleFile
    _work: Run | None = None
    """What does the work of the module in the place of its `run`. A method that called `run` would be in each defect's
    words, which are the same on both ways to run."""

    _supports_check_mode = True
    _supports_async = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        gc.freeze()  # else each worker, and core at its end, looks for garbage in what was loaded here

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module.

        :raises AnsibleError: core could not start the ordinary module.
        """
        variables = task_vars or {}
        own_no_log = self._task.no_log
        self._options = named = dict(self._task.args)
        if self._in_role or _NAMES in variables:
            # Every callback gets the arguments of a task when it ends, and a `rescue` in `ansible_failed_task`. A task
            # of a user is left alone: its arguments are needed again when it is retried.
            self._task.args = arguments_without_secrets(self.module.SPEC.argument_spec, named)
        # First of all: the mark in a result is lost with it when something is raised, and core before 2.19 does not
        # read it for the result of a loop.
        is_shown_item = self._has_secret_item(variables)
        self._task.no_log = bool(own_no_log or self.module.HOLDS_SECRETS or is_shown_item)
        if "seen" in named:  # before an ordinary module is given it: that one logs its options
            self._options = named = {**named, "seen": used_of_seen(named["seen"])}
        try:
            super().run(tmp, variables)
            of_role = RoleVariables(variables, self._templar.template) if self._in_role else None
            needs_no_login = of_role is not None and of_role.needs_no_login(self._task.action, named)
            fault = self._prepare_for_role(of_role) if of_role and not needs_no_login else None
            if needs_no_login:  # the next task looks for what is wrong with the variables: a fleet has many such logins
                result = {"changed": False, "skipped": True, "skip_reason": _NOT_ASKED}
            else:
                result = {"failed": True, "msg": fault} if fault else self._run(variables)
            if of_role:
                check_mode = bool(self._task.check_mode)
                result["for_role"] = {
                    **told_by(self._task.action, of_role, result, check_mode=check_mode),
                    "check_mode": check_mode,
                    "play": self._task.get_play()._uuid,
                    "host": variables.get("inventory_hostname"),  # with run_once, core gives the result to all hosts
                }
        except BaseException as error:
            # Core's words on connections and the like, or a timeout, which is no `Exception`; no module has answered.
            is_cores = isinstance(error, AnsibleError) or not isinstance(error, Exception)
            if is_cores and not is_shown_item:
                self._task.no_log = own_no_log
            raise
        self._hide_arguments(result)
        if self._holds_secret(result) or is_shown_item:
            result["_ansible_no_log"] = True
        else:
            self._task.no_log = own_no_log
        return result

    @property
    def _in_role(self) -> bool:
        """Is it a task of our own role?"""
        role = self._task._role
        return role is not None and role.get_name() == ROLE

    def _prepare_for_role(self, of_role: RoleVariables) -> str | None:
        """Give the task the options that it has from the variables of the role; return what is wrong with these."""
        known = self.module.SPEC.argument_spec
        fault = problem(of_role, check_mode=self._task.check_mode)
        if not fault and "auth_token" in known:
            fault = ignored_failure(of_role) or begun_in_the_middle(of_role, self._task.action, self._options)
        if not fault:
            given = of_role.options(self._task.action, self._options)
            self._options = {**{name: value for name, value in given.items() if name in known}, **self._options}
        return fault

    def _holds_secret(self, result: dict[str, Any]) -> bool:
        """Also true if it cannot be told: an answer that is no JSON may hold anything."""
        secrets = self.module.HOLDS_SECRETS
        return bool(secrets) and ("module_stdout" in result or any(result.get(key) is not None for key in secrets))

    def _has_secret_item(self, variables: dict[str, Any]) -> bool:
        """Does the item of a loop hold a secret that the task was given? Core shows items at normal verbosity."""
        name = variables.get("ansible_loop_var")
        # A task that is included in a loop has the variable, too, and no item that is shown.
        if self._task.loop is None or name not in variables:
            return False
        of_environment = [value for key, value in self._named_environ.items() if _SECRET_NAME.search(key)]
        secrets = [*secrets_of(self.module.SPEC.argument_spec, self._options), *of_environment]
        return not texts_in(secrets).isdisjoint(texts_in(variables[name]))

    def _hide_arguments(self, result: dict[str, Any]) -> None:
        """Also of a task that failed before its options were validated."""
        arguments = (result.get("invocation") or {}).get("module_args")
        if isinstance(arguments, dict):
            result["invocation"]["module_args"] = shown_arguments(self.module.SPEC.argument_spec, arguments)

    def _run(self, variables: dict[str, Any]) -> dict[str, Any]:
        # In the role, the variables that options come from have been checked.
        wrong = None if self._in_role else not_text(self.module.SPEC.argument_spec, self._options)
        if wrong:
            msg = not_text_words(self._tools(variables, {}).name_of(wrong))
            return {"failed": True, "changed": False, "msg": msg}
        if self._task.async_val and self.module.HOLDS_SECRETS:
            return {"failed": True, "changed": False, "msg": _NO_ASYNC}
        if self._task.async_val and self._options.get("store"):
            return {"failed": True, "changed": False, "msg": _NO_ASYNC_STORE}
        return self._run_here(variables) if self._belongs_here(variables) else self._run_as_module(variables)

    def _run_here(self, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            with _working_in(self._folder):
                circumstances = self._circumstances(variables)
                tools = self._tools(variables, circumstances.environ)
                module = StandIn(self.module.SPEC, self._arguments(), circumstances, tools)
                execute(module, self._work or self.module.run, self.module.HOLDS_SECRETS)
        except Ended as end:
            return end.result

    @property
    def _folder(self) -> str:
        """Return the folder at which relative paths start: that of the playbook."""
        return str(self._loader.get_basedir())

    def _arguments(self) -> dict[str, Any]:
        """Return the options to validate."""
        return dict(self._options)

    def _run_as_module(self, variables: dict[str, Any]) -> dict[str, Any]:
        if told := sorted(name for name in _CREDENTIALS if self._named_environ.get(name)):
            return {"failed": True, "changed": False, "msg": _NO_ENVIRONMENT.format(" and ".join(told))}
        wrap_async = bool(self._task.async_val) and not getattr(self._connection, "has_native_async", False)
        given = dict(self._options)  # core adds its own
        result: dict[str, Any] = self._execute_module(module_args=given, task_vars=variables, wrap_async=wrap_async)
        if not wrap_async:
            result.pop("ansible_parsed", None)  # ansible-core 2.21+ notes here that there was JSON to parse
        return result

    def _tools(self, variables: dict[str, Any], environ: Mapping[str, str]) -> ControllerTools:
        if not self._in_role:
            names = self._templar.template(variables.get(_NAMES, {}))
            return ControllerTools(self._loader, environ, lambda option: _name_in(names, option))
        store = (self._options.get("store") or {}).get("type", "")
        return ControllerTools(self._loader, environ, lambda option: variable_of(option, store))

    def _circumstances(self, variables: dict[str, Any]) -> Circumstances:
        return Circumstances(
            name=str(self._task.action),
            host=str(variables.get("inventory_hostname", "")),
            check_mode=bool(self._task.check_mode),
            shows_invocation=_shows_invocation(variables),
            environ={**os.environ, **self._named_environ},  # as an ordinary module would have it
        )

    @functools.cached_property
    def _named_environ(self) -> dict[str, str]:
        """What `environment:` of the task and what is around it sets; core looks through all of that each time."""
        environ: dict[str, str] = {}
        for one in self._task.environment or []:
            named = self._templar.template(one) if one else {}
            if not isinstance(named, dict):
                raise AnsibleActionFail("environment must be a dictionary of variables.")
            variables = in_builtin_types(self._templar.template(named))
            environ.update({str(name): str(value) for name, value in variables.items()})
        return environ

    def _belongs_here(self, variables: dict[str, Any]) -> bool:
        """Whether the ordinary module would run as this user, on this machine, with this Python.

        A store can be reached from here alone. A variable of `environment:` is data for the logic; the others mean
        nothing to code that only talks HTTP.
        """
        return bool(self._options.get("store")) or (
            self._connection.transport == "local"
            and not self._connection.become
            and not self._task.async_val
            and _is_own_interpreter(self._interpreter(variables))
        )

    def _interpreter(self, variables: dict[str, Any]) -> str:
        """The Python that is configured for the host that the task runs on."""
        if self._task.delegate_to:
            variables = variables["ansible_delegated_vars"][self._task.delegate_to]
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        if configured == _CONTROLLERS:
            # Compiling a template costs a worker a sixth of the whole task, and this one most inventories have.
            configured = variables.get("ansible_playbook_python", configured)
        return str(self._templar.template(configured) or "auto").strip()


class ControllerAction(IdentityAction):
    """It runs in the controller, whatever the host, the connection and `become` of the task."""

    _requires_connection = False
    _supports_async = False
    _withheld = ""
    """An option that never reaches the validation of core, which would log it, or hide each value of it in the run."""

    @property
    def _folder(self) -> str:
        """In the playbooks of the collection, whose folder has no files of a user, that in which the user stands."""
        folder = super()._folder
        return os.curdir if folder.rstrip("/").endswith(_OUR_PLAYBOOKS) else folder

    def _arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self._options.items() if name != self._withheld}

    def _belongs_here(self, _variables: dict[str, Any]) -> bool:
        return True


def _name_in(names: Mapping[str, str], option: str) -> str:
    own, dot, key = option.partition(".")
    return f"{names.get(own, own)}{dot}{key}"


def _is_own_interpreter(interpreter: str) -> bool:
    """Whether it is the one that runs this, or is left to discovery (what that may find has no more than ours)."""
    if interpreter in (*_DISCOVERED, sys.executable):
        return True
    found, own = Path(shutil.which(interpreter) or interpreter), Path(sys.executable)
    # The folder counts too: the python of a virtual environment is a link to that of the system.
    return found.parent == own.parent and found.resolve() == own.resolve()


def _shows_invocation(variables: dict[str, Any]) -> bool:
    """From ansible-core 2.21 on a setting decides, before that results always have it."""
    if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))


@contextlib.contextmanager
def _working_in(folder: str) -> Iterator[None]:
    """In the folder of the playbook, as a module of a local connection: relative paths in options mean the same."""
    with contextlib.ExitStack() as way_back:
        # A user may stand in a folder of another one. Without a way back the worker stays here, until its task is done.
        with contextlib.suppress(PermissionError):
            before = os.open(os.curdir, os.O_RDONLY)
            way_back.callback(os.close, before)
            way_back.callback(os.fchdir, before)
        if folder != os.curdir:  # to go where one stands needs a permission that may be missing
            os.chdir(folder)
        yield
