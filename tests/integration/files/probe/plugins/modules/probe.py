# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module of a made-up collection that does on request whatever a module may do; see test_in_process.py."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict, OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleLike, execute
from ansible_collections.rackspace.identity.plugins.module_utils.run.specs import ModuleSpec

DOCUMENTATION = r"""
module: probe
short_description: Do on request whatever a module may do
description: For the tests of rackspace.identity.
author: The rackspace.identity maintainers
options:
  do:
    description: What to do.
    type: str
    default: nothing
  password:
    description: A secret of the user.
    type: str
  pin:
    description: A secret with choices, which a refusal quotes.
    type: str
    choices: [one, two]
  number:
    description: A number.
    type: int
  name:
    description: A name.
    type: str
    aliases: [label]
  old:
    description: An option that goes away.
    type: str
  file:
    description: A path.
    type: path
  data:
    description: Anything.
    type: dict
"""
EXAMPLES = r"""
- acme.probe.probe:
"""
RETURN = r"""
seen:
  description: What the module saw.
  returned: success
  type: dict
"""

SPEC = ModuleSpec(
    argument_spec={
        "do": {"type": "str", "default": "nothing"},
        "password": {"type": "str", "no_log": True},
        "pin": {"type": "str", "no_log": True, "choices": ["one", "two"]},
        "number": {"type": "int"},
        "name": {"type": "str", "aliases": ["label"]},
        "old": {"type": "str", "removed_in_version": "9.0.0", "removed_from_collection": "acme.probe"},
        "file": {"type": "path"},
        "data": {"type": "dict"},
    },
    mutually_exclusive=(("number", "file"),),
)
HOLDS_SECRETS: tuple[str, ...] = ("secret",)
PRODUCT = "canary-product"
SESSION = "canary-session"
"""Secrets that arise at run time: one is the product, one must be seen nowhere."""


def run(module: ModuleLike) -> dict[str, Any]:
    """Do it."""
    module.no_log_values.add(SESSION)
    module.debug(f"told with {SESSION} and {module.params['password']}")
    result: dict[str, Any] = {
        "changed": module.params["do"] != "nothing",
        "diff": {"before": {"name": "old"}, "after": {"name": module.params["name"]}},
        "seen": {
            "check_mode": module.check_mode,
            "data": module.params["data"],
            "file": str(Path(module.params["file"]).absolute()) if module.params["file"] else None,
            "types": [type(value).__name__ for value in module.params.values()],
            "proxy": module.environ.get("https_proxy"),
            "template": "{{ not_a_template }}",
        },
        "echo": f"{module.params['password']} {SESSION}",
    }
    return _ACTS[module.params["do"]](module, result)


def _secret(_module: ModuleLike, result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "secret": PRODUCT, "codes": [PRODUCT]}


def _warn(module: ModuleLike, result: dict[str, Any]) -> dict[str, Any]:
    module.warn("mind the gap")
    return result


def _fail(module: ModuleLike, _result: dict[str, Any]) -> dict[str, Any]:
    raise Conflict(f"clean failure {module.params['password']}", status=400) from ValueError(PRODUCT)


def _misuse(_module: ModuleLike, _result: dict[str, Any]) -> dict[str, Any]:
    raise OptionError("options at odds")


def _crash(_module: ModuleLike, _result: dict[str, Any]) -> dict[str, Any]:
    raise KeyError(PRODUCT)


def _where(_module: ModuleLike, _result: dict[str, Any]) -> dict[str, Any]:
    return {"in_process": __name__ != "__main__"}


def _sleep(_module: ModuleLike, result: dict[str, Any]) -> dict[str, Any]:
    with contextlib.suppress(Exception):
        time.sleep(30)
    return result


def _nothing(_module: ModuleLike, result: dict[str, Any]) -> dict[str, Any]:
    return result


_ACTS: dict[str, Callable[[ModuleLike, dict[str, Any]], dict[str, Any]]] = {
    "nothing": _nothing,
    "secret": _secret,
    "warn": _warn,
    "fail": _fail,
    "misuse": _misuse,
    "crash": _crash,
    "where": _where,
    "sleep": _sleep,
}


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
