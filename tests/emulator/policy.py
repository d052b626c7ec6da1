# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who must have MFA, and which tokens a change of that takes away (contract, Settings)."""

from __future__ import annotations

from .call import SETUP_MFA, Call
from .state import Domain, Token, User, World

MANDATED = "RACKSPACE_MANDATED"


def must_have_mfa(user: User, domain: Domain) -> bool:
    """The user's own level decides, DEFAULT leaves it to the domain, and a mandate overrides both."""
    if domain.enforcement_level == MANDATED:
        return True
    if user.enforcement_level == "DEFAULT":
        return domain.enforcement_level == "REQUIRED"
    return user.enforcement_level == "REQUIRED"


def end_setup(call: Call, user: User) -> None:
    """A device was added: by the guide SETUP-MFA tokens have done their work."""
    if call.behavior.setup_token_dies == "device_added":
        call.world.revoke(token for token in _tokens(call.world, user) if token.scope == SETUP_MFA)


def revoke_at_mfa_on(call: Call, user: User) -> None:
    """MFA was turned on: what the password alone gave dies, and what was for that alone, or all that the user has."""
    every = call.behavior.mfa_on_revokes == "all"
    tokens = _tokens(call.world, user)
    call.world.revoke(token for token in tokens if every or token.password_only or token.scope == SETUP_MFA)


def _tokens(world: World, user: User) -> list[Token]:
    return [token for token in world.tokens.values() if token.user_id == user.id]


def _those_without_mfa(world: World, domain: Domain) -> list[User]:
    return [user for user in world.users.values() if user.domain_id == domain.id and not user.mfa_enabled]


def those_without_required_mfa(world: World, domain: Domain) -> set[str]:
    """The ids of the domain's users who must have MFA and have none."""
    return {user.id for user in _those_without_mfa(world, domain) if must_have_mfa(user, domain)}


def revoke_newly_required(call: Call, domain: Domain, before: set[str]) -> None:
    """After a level was raised: those who must set MFA up now, and did not have to `before`, log in anew."""
    _revoke_at_required(call, those_without_required_mfa(call.world, domain) - before)


def revoke_in_domain(call: Call, domain: Domain, before: set[str]) -> None:
    """The same after the level of the domain was raised: all of its users without MFA, whatever their own level is."""
    if domain.enforcement_level == "REQUIRED" and call.behavior.required_spares == "nobody":
        _revoke_at_required(call, {user.id for user in _those_without_mfa(call.world, domain)})
    else:
        revoke_newly_required(call, domain, before)


def _revoke_at_required(call: Call, user_ids: set[str]) -> None:
    all_but_mfa = call.behavior.required_revokes == "not_mfa"
    for user_id in user_ids:
        tokens = [token for token in _tokens(call.world, call.world.users[user_id]) if token.scope is None]
        call.world.revoke(token for token in tokens if token.password_only or (all_but_mfa and not token.by_mfa))
