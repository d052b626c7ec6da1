# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose domain it is, who belongs to it, and what is sent to change its level."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    InvalidAnswer,
    TokenRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Domain, Mfa, User
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.domain import (
    MANDATED,
    DomainPlan,
    Domains,
    check_own_mfa,
    compare,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import (
    DEAD,
    LOGIN,
    SETUP_NEEDED,
    access,
    fault,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

PATH = "/v2.0/RAX-AUTH/domains/100"


def domain(level: str | None) -> dict[str, Any]:
    return {"body": {"RAX-AUTH:domain": {"id": "100", "domainMultiFactorEnforcementLevel": level}}}


def apply(session: Session, plan: DomainPlan, warn: Callable[[str], None] = pytest.fail) -> Domain:
    return Domains(session, "100").apply(plan, warn)


def user(**fields: Any) -> dict[str, Any]:
    return {"body": {"user": {"id": "u1", "username": "jo", **fields}}}


def test_it_is_that_of_the_account_unless_one_is_given(service: Service, session: Session) -> None:
    assert Domains(session, "7").id == "7"
    service.expect("GET /v2.0/users/u1", **user(**{"RAX-AUTH:domainId": "100"}))
    assert Domains(session, None).id == "100"
    service.expect("GET /v2.0/users/u1", **user())
    with pytest.raises(InvalidAnswer, match="Set domain_id"):
        Domains(session, None)


def test_its_users_come_by_name_without_those_of_another(service: Service, session: Session) -> None:
    found = [("3", "Bob", "100"), ("2", "alice", None), ("4", "eve", "666"), ("1", "bob", "100")]
    users = [{"id": number, "username": name, "RAX-AUTH:domainId": of} for number, name, of in found]
    service.expect("GET /v2.0/users", body={"users": users})
    assert [one.id for one in Domains(session, "100").users()] == ["2", "1", "3"]


@pytest.mark.parametrize("level", ["OPTIONAL", None])
def test_its_level_is_set_with_no_read_after_the_report(service: Service, session: Session, level: str | None) -> None:
    """The token may have died of it."""
    service.expect(f"GET {PATH}", **domain(level))
    service.expect("GET /v2.0/users/u1", **user(**{"RAX-AUTH:multiFactorEnabled": True}))
    service.expect(f"PUT {PATH}/multi-factor", status=204)
    domains = Domains(session, "100")
    plan = domains.plan("REQUIRED")
    assert plan.changed
    assert apply(session, plan) == Domain("100", None, "REQUIRED")


@pytest.mark.parametrize(("shown", "is_done"), [("REQUIRED", True), ("OPTIONAL", False)])
def test_its_level_is_read_after_another_success(service: Service, session: Session, shown: str, is_done: bool) -> None:
    service.expect(f"PUT {PATH}/multi-factor", status=200)
    service.expect(f"GET {PATH}", **domain(shown))
    plan = compare(Domain("100", None, "OPTIONAL"), "REQUIRED")
    with nullcontext() if is_done else pytest.raises(Unavailable, match="does not show it"):
        assert apply(session, plan) == plan.after


@pytest.mark.parametrize(("status", "warnings"), [(204, 0), (200, 1)])
def test_a_level_that_is_not_told_is_sent_again(service: Service, session: Session, status: int, warnings: int) -> None:
    """The first success may be that of a gateway, and the second one the service's own."""
    service.expect(f"PUT {PATH}/multi-factor", status=200)
    service.expect(f"GET {PATH}", **domain(None))
    service.expect(f"PUT {PATH}/multi-factor", status=status)
    plan = compare(Domain("100", None, "OPTIONAL"), "REQUIRED")
    told: list[str] = []
    assert apply(session, plan, told.append) == plan.after
    assert [line for line in told if "could not be confirmed" in line] == told
    assert len(told) == warnings


SET_UP = [(LOGIN, SETUP_NEEDED), (LOGIN, access("setup"))]


@pytest.mark.parametrize(
    ("exchange", "is_done"),
    [
        ([(f"PUT {PATH}/multi-factor", DEAD), *SET_UP, (f"PUT {PATH}/multi-factor", fault(403))], False),
        (
            [
                (f"PUT {PATH}/multi-factor", {"status": 200}),
                (f"GET {PATH}", DEAD),
                *SET_UP,
                (f"GET {PATH}", fault(403)),
            ],
            True,
        ),
    ],
    ids=["the answer was lost, or it had died before", "it died of it"],
)
def test_a_new_token_for_the_setup_alone_is_none(
    exchange: list[tuple[str, dict[str, Any]]], is_done: bool, service: Service, session: Session
) -> None:
    for request, reply in exchange:
        service.expect(request, **reply)
    plan = compare(Domain("100", None, "OPTIONAL"), "REQUIRED")
    with nullcontext() if is_done else pytest.raises(TokenRefused, match="Perhaps it was done"):
        assert apply(session, plan) == plan.after


@pytest.mark.parametrize(("level", "is_done"), [("REQUIRED", True), ("OPTIONAL", False)])
def test_a_token_alone_may_die_of_required(level: str, is_done: bool, service: Service, session: Session) -> None:
    session.client.renew = lambda: False  # type: ignore[method-assign]
    service.expect(f"PUT {PATH}/multi-factor", status=200)
    service.expect(f"GET {PATH}", **DEAD)
    plan = compare(Domain("100", None, None), level)
    with nullcontext() if is_done else pytest.raises(TokenRefused):
        assert apply(session, plan) == plan.after
    service.expect(f"PUT {PATH}/multi-factor", **DEAD)
    with pytest.raises(TokenRefused, match="Perhaps it was done" if is_done else "Log in again"):
        apply(session, plan)


def test_a_settled_domain_is_left_alone(service: Service, session: Session) -> None:
    domains = Domains(session, "100")
    service.expect(f"GET {PATH}", **domain("REQUIRED"))
    assert not (settled := domains.plan("REQUIRED")).changed
    assert apply(session, settled) == settled.before


def test_who_would_be_refused_changes_nothing(service: Service, session: Session) -> None:
    service.expect(f"GET {PATH}", **domain("OPTIONAL"))
    service.expect("GET /v2.0/users/u1", **user())
    with pytest.raises(Forbidden, match="Nothing was changed"):
        Domains(session, "100").plan("REQUIRED")


def test_the_level_of_a_domain() -> None:
    have = Domain("1", "one", "OPTIONAL")
    assert not compare(have, "OPTIONAL").changed
    assert compare(have, "REQUIRED").after == Domain("1", "one", "REQUIRED")
    with pytest.raises(Forbidden):
        compare(Domain("1", "one", MANDATED), "OPTIONAL")


@pytest.mark.parametrize(
    ("enabled", "level", "may"),
    [(True, "DEFAULT", True), (False, "OPTIONAL", True), (False, "DEFAULT", False), (False, "REQUIRED", False)],
)
def test_who_may_set_the_level_of_its_domain(enabled: bool, level: str, may: bool) -> None:
    mfa = Mfa(enabled=enabled, state=None, factor_type=None, enforcement_level=level)
    caller = User("1", "admin", "d", enabled=True, mfa=mfa)
    with nullcontext() if may else pytest.raises(Forbidden):
        check_own_mfa(caller)
