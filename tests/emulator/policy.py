# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who must have MFA, and which tokens a change of that takes away (contract, Settings)."""

from __future__ import annotations

from .state import Domain, User, World

MANDATED = "RACKSPACE_MANDATED"


def must_have_mfa(user: User, domain: Domain) -> bool:
    """The user's own level decides, DEFAULT leaves it to the domain, and a mandate overrides both."""
    if domain.enforcement_level == MANDATED:
        return True
    if user.enforcement_level == "DEFAULT":
        return domain.enforcement_level == "REQUIRED"
    return user.enforcement_level == "REQUIRED"


def revoke_password_tokens(world: World, user: User, *, scoped: bool) -> None:
    """Revoke what the password alone gave; SETUP-MFA tokens too if `scoped`."""
    world.revoke(
        token
        for token in world.tokens.values()
        if token.user_id == user.id and token.password_only and (scoped or token.scope is None)
    )


def those_without_required_mfa(world: World, domain: Domain) -> set[str]:
    """The ids of the domain's users who must have MFA and have none."""
    return {
        user.id
        for user in world.users.values()
        if user.domain_id == domain.id and not user.mfa_enabled and must_have_mfa(user, domain)
    }


def revoke_newly_required(world: World, domain: Domain, before: set[str]) -> None:
    """After a level was raised: those who must set MFA up now, and did not have to `before`, log in anew."""
    for user_id in those_without_required_mfa(world, domain) - before:
        revoke_password_tokens(world, world.users[user_id], scoped=False)
