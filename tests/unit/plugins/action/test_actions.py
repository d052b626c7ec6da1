# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module of the action group has an action of its name, and the group has each module with auth options."""

from __future__ import annotations

import importlib
from pathlib import Path

import yaml
from ansible.plugins.action import ActionBase

from ansible_collections.rackspace.identity.plugins.doc_fragments import auth

PACKAGE = "ansible_collections.rackspace.identity.plugins"
PLUGINS = Path(auth.__file__).parents[1]


def test_each_module_with_auth_options_is_in_the_action_group_and_has_an_action() -> None:
    runtime = yaml.safe_load((PLUGINS.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    files = sorted((PLUGINS / "modules").glob("rax_*.py"))
    with_auth = {file.stem for file in files if "rackspace.identity.auth" in file.read_text(encoding="utf-8")}
    assert with_auth == set(runtime["action_groups"]["rax"])
    for name in with_auth:
        action = importlib.import_module(f"{PACKAGE}.action.{name}")
        assert issubclass(action.ActionModule, ActionBase)
        module = getattr(action.ActionModule, "module", None)
        assert module is None or module.__name__ == f"{PACKAGE}.modules.{name}"
