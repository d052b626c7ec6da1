#!/usr/bin/python
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rackspace.identity.plugins.module_utils.auth import Target
from ansible_collections.rackspace.identity.plugins.module_utils.options import AUTH_SPEC, TARGET_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.runner import ModuleLike, ModuleSpec, execute
from ansible_collections.rackspace.identity.plugins.module_utils.settings import (
    FACTOR_TYPES,
    LEVELS,
    Plan,
    Settings,
    Wish,
)
from ansible_collections.rackspace.identity.plugins.module_utils.task import open_session

SPEC = AUTH_SPEC.merged(TARGET_SPEC).merged(
    ModuleSpec(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": {"type": "bool"},
            "factor_type": {"type": "str", "choices": list(FACTOR_TYPES)},
            "enforcement_level": {"type": "str", "choices": list(LEVELS)},
            "unlock": {"type": "bool", "default": False},
        },
    )
)
HOLDS_SECRETS: tuple[str, ...] = ()


def run(module: ModuleLike) -> dict[str, Any]:
    """Bring the multi-factor settings of one user into the state that is asked for."""
    wish = Wish(
        remove=module.params["state"] == "absent",
        enabled=module.params["enabled"],
        factor_type=module.params["factor_type"],
        enforcement_level=module.params["enforcement_level"],
        unlock=module.params["unlock"],
    )
    with open_session(module) as session:
        settings = Settings(session, Target(session, module.params.get))
        plan = settings.plan(wish, check_mode=module.check_mode)
        if not module.check_mode:
            settings.apply(plan)
        return _report(plan)


def _report(plan: Plan) -> dict[str, Any]:
    """The state after it. Turning MFA on kills the token of a password: the service's 204 is what is reported."""
    return {
        "changed": bool(plan.steps),
        "mfa": plan.after.facts(),
        "diff": {"before": plan.before.facts(), "after": plan.after.facts()},
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
