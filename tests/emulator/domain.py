# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy of a domain (contract, Operations and Settings)."""

from __future__ import annotations

from typing import Any

from .call import Call
from .policy import MANDATED, revoke_in_domain, those_without_required_mfa
from .state import Domain, User
from .wire import Answer, Refusal

_LEVEL = "domainMultiFactorEnforcementLevel"


def get_domain(call: Call) -> Answer:
    """`GET /v2.0/RAX-AUTH/domains/{domain}`, for those who administer some of its users."""
    domain = _domain(call, call.caller(), ("user-admin", "user-manage", "user-manage-limited"))
    body: dict[str, Any] = {"id": domain.id, "name": domain.id, "enabled": True}
    if not call.behavior.missing_domain_level:
        body[_LEVEL] = domain.enforcement_level
    return Answer(200, {"RAX-AUTH:domain": body})


def change(call: Call) -> Answer:
    """`PUT …/domains/{domain}/multi-factor`: by a user-admin with MFA on, or whose own level is OPTIONAL."""
    caller = call.caller()
    domain = _domain(call, caller, ("user-admin",))
    level = call.members("RAX-AUTH:multiFactorDomain", {_LEVEL: str}).get(_LEVEL)
    if level not in ("REQUIRED", "OPTIONAL", MANDATED):
        raise Refusal(400, "Invalid domain multi-factor enforcement level")
    if not caller.mfa_enabled and caller.enforcement_level != "OPTIONAL":
        raise Refusal(403, "Set up multi-factor for yourself before changing the level of the domain")
    if level == domain.enforcement_level:
        return Answer(call.behavior.settings_status)
    if MANDATED in (level, domain.enforcement_level):
        raise Refusal(403, "A mandated level is not the customer's to change")
    before = those_without_required_mfa(call.world, domain)
    domain.enforcement_level = level
    revoke_in_domain(call, domain, before)
    return Answer(call.behavior.settings_status)


def _domain(call: Call, caller: User, roles: tuple[str, ...]) -> Domain:
    domain = call.world.domains.get(call.params["domain"])
    if domain is None:
        raise Refusal(404, "Domain not found")
    if caller.domain_id != domain.id or caller.role not in roles:
        raise Refusal(403, "Not Authorized")
    return domain
