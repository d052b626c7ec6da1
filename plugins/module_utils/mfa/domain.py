# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The multi-factor policy of a domain: read, compare, apply. Private to the collection.

Source: contract, "Operations" and "Settings".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..api.errors import Forbidden, InvalidAnswer
from ..api.model import Domain, User
from ..login.session import Session
from .ending import carry_out

LEVELS = ("OPTIONAL", "REQUIRED")
MANDATED = "RACKSPACE_MANDATED"


class DomainPlan(NamedTuple):
    """The domain before and after."""

    before: Domain
    after: Domain

    @property
    def changed(self) -> bool:
        """Is there something to do?"""
        return self.before != self.after


def compare(have: Domain, level: str) -> DomainPlan:
    """Plan the way to that level. Raises Forbidden if the level is not the customer's to change."""
    after = have._replace(enforcement_level=level)
    if after != have and have.enforcement_level == MANDATED:
        raise Forbidden(
            "The domain's enforcement level is mandated by Rackspace and can't be changed. Nothing was changed."
        )
    return DomainPlan(have, after)


def check_own_mfa(caller: User) -> None:
    """Raises Forbidden if the service would refuse this account to set the level of its domain."""
    if not (caller.mfa.enabled or caller.mfa.enforcement_level == "OPTIONAL"):
        raise Forbidden(
            "Only an administrator with multi-factor authentication on, or whose own enforcement level is OPTIONAL, "
            "may set the level of the domain: otherwise it could shut itself out. Nothing was changed."
        )


class Domains:
    """One domain, the given one or that of the account that logged in."""

    def __init__(self, session: Session, domain_id: str | None) -> None:
        self._session = session
        self.id = domain_id or self._own()

    def _own(self) -> str:
        session = self._session
        user_id = session.identity()[0]
        domain_id = session.access.domain_id if session.access else None
        domain_id = domain_id or session.client.user(user_id).domain_id
        if not domain_id:
            raise InvalidAnswer("The service does not tell the domain of the account that logged in. Set domain_id.")
        return domain_id

    def read(self) -> Domain:
        """The domain as the service shows it."""
        return self._session.client.domain(self.id)

    def users(self) -> list[User]:
        """The users of the domain that the account may see, by name."""
        users = [user for user in self._session.client.users() if user.domain_id in (None, self.id)]
        return sorted(users, key=lambda user: (user.name.casefold(), user.id))

    def plan(self, level: str) -> DomainPlan:
        """Compare with what the service has."""
        plan = compare(self.read(), level)
        if plan.changed:
            check_own_mfa(self._session.client.user(self._session.identity()[0]))
        return plan

    def apply(self, plan: DomainPlan, warn: Callable[[str], None]) -> Domain:
        """Carry it out; the domain as it is then.

        The service's 204 is the report: REQUIRED may end the token of the account itself.
        """
        level = plan.after.enforcement_level
        if plan.changed and level is not None:
            carry_out(
                self._session,
                "Setting the domain's enforcement level",
                lambda: self._session.client.change_domain(self.id, level),
                lambda: self._shows(level),
                warn,
                may_end_token=level == "REQUIRED",
            )
        return plan.after

    def _shows(self, level: str) -> bool | None:
        """Does the service show this level? None when it shows none."""
        shown = self.read().enforcement_level
        return None if shown is None else shown == level
