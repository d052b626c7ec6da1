# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action to try what all actions share: of a module that returns the key it is told, and the folder it ran in."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import IdentityAction
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import instance_of


def _run(module: ModuleLike) -> dict[str, Any]:
    if module.params["key"] == "crash":
        raise RuntimeError
    if module.params["key"] == "bad":
        raise OptionError("O(key) is bad: see store.path.")
    if module.params["key"] == "environ":
        return {"environ": dict(module.environ)}
    if module.params["key"] == "given":
        return {"given": {name: value for name, value in module.params.items() if value is not None}}
    return {"changed": False, "cwd": str(Path.cwd()), module.params["key"]: "value"}


class Action(IdentityAction):
    """An action of a module that returns the key it is told, and the folder it ran in."""

    module: Any = SimpleNamespace(
        SPEC=ModuleSpec(
            argument_spec={
                "key": {"type": "str", "default": "public"},
                "password": {"type": "str", "no_log": True},
                "entry": {"type": "raw", "no_log": True},
                "seen": {"type": "list", "elements": "dict"},
                "store": {
                    "type": "dict",
                    "options": {"path": {"type": "str"}, "token": {"type": "str", "no_log": True}},
                },
            }
        ),
        HOLDS_SECRETS=("secret", "token"),
        run=_run,
    )

    answer: ClassVar[dict[str, Any]] = {"ordinary": True}
    failure: ClassVar[Exception | None] = None

    def _execute_module(self, *_args: Any, **kwargs: Any) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        return {**self.answer, "given": kwargs["module_args"]}


action = functools.partial(instance_of, Action)
