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

from ansible_collections.rackspace.identity.plugins.module_utils.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.errors import NotFound, OptionError, TokenRefused
from ansible_collections.rackspace.identity.plugins.module_utils.model import Access
from ansible_collections.rackspace.identity.plugins.module_utils.options import AUTH_SPEC
from ansible_collections.rackspace.identity.plugins.module_utils.runner import ModuleLike, ModuleSpec, execute
from ansible_collections.rackspace.identity.plugins.module_utils.task import open_session
from ansible_collections.rackspace.identity.plugins.module_utils.tokens import Scope

SPEC = AUTH_SPEC.merged(
    ModuleSpec(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "scope": {"type": "str", "choices": ["setup_mfa"]},
        },
        required_if=(("state", "absent", ("auth_token",)),),
    )
)
HOLDS_SECRETS: tuple[str, ...] = ("token",)


def run(module: ModuleLike) -> dict[str, Any]:
    """Log in, or revoke a token."""
    scope = Scope.SETUP_MFA if module.params["scope"] else None
    if module.params["state"] == "absent":
        if scope:
            raise OptionError("scope makes no sense with state: absent. Leave it out.")
        with open_session(module) as session:
            # By its own rights, and without a new login: that would make a token to remove a token.
            changed = _revoke(Client(session.transport, module.params["auth_token"]), check_mode=module.check_mode)
            return {"changed": changed}
    with open_session(module, scope=scope, mask_token=False) as session:
        client = session.client
        access = session.access or client.validate_token(client.token)
        return {"changed": False, "second_factor": session.login.second_factor, **_report(access)}


def _revoke(client: Client, *, check_mode: bool) -> bool:
    """Revoke the client's token; False where it was worth nothing before."""
    try:
        if check_mode:
            client.validate_token(client.token)
        else:
            client.revoke_token(client.token)
    except (TokenRefused, NotFound):
        return False
    return True


def _report(access: Access) -> dict[str, Any]:
    return {
        "token": {
            "id": access.token,
            "expires": access.expires,
            "authenticated_by": list(access.authenticated_by),
            "tenant": access.tenant,
        },
        "user": {
            "id": access.user_id,
            "name": access.user_name,
            "domain_id": access.domain_id,
            "roles": list(access.roles),
        },
    }


def main() -> None:
    """Run as an ordinary module."""
    execute(AnsibleModule(**SPEC.kwargs()), run)


if __name__ == "__main__":
    main()
