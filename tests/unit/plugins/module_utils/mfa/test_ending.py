# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that may end their token, or are answered by another success than the service's own 204."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Forbidden, TokenRefused, Unavailable
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import (
    CHALLENGE,
    DEAD,
    LOGIN,
    MFA,
    SETUP_NEEDED,
    access,
    fault,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.changing import (
    LOCKED,
    OFF,
    OTP,
    TURN_ON,
    USER,
    apply,
    tokens_of_puts,
    user,
)

TURN_OFF = SettingsWish(enabled=False)
UNPROVED: dict[str, tuple[Mfa, SettingsWish, dict[str, Any], bool]] = {
    "off": (OTP, TURN_OFF, user(), True),
    "still on": (OTP, TURN_OFF, user(multiFactorEnabled=True), False),
    "unlocked": (LOCKED, SettingsWish(unlock=True), user(multiFactorEnabled=True, multiFactorState="ACTIVE"), True),
    "unlocked, as far as it is told": (LOCKED, SettingsWish(unlock=True), user(multiFactorEnabled=True), True),
    "still locked": (
        LOCKED,
        SettingsWish(unlock=True),
        user(multiFactorEnabled=True, multiFactorState="LOCKED"),
        False,
    ),
    "over": (OTP, SettingsWish(factor_type="SMS"), user(multiFactorEnabled=True, factorType="SMS"), True),
    "over, as far as it is told": (OTP, SettingsWish(factor_type="SMS"), user(multiFactorEnabled=True), True),
    "not over": (OTP, SettingsWish(factor_type="SMS"), user(multiFactorEnabled=True, factorType="OTP"), False),
    "another level": (
        OTP,
        SettingsWish(enforcement_level="OPTIONAL"),
        user(userMultiFactorEnforcementLevel="OPTIONAL"),
        True,
    ),
    "the same level": (OTP, SettingsWish(enforcement_level="OPTIONAL"), user(), False),
}


@pytest.mark.parametrize("case", UNPROVED)
def test_what_the_service_does_not_report_is_looked_at(case: str, service: Service, session: Session) -> None:
    have, wish, shown, is_done = UNPROVED[case]
    with session.login.record("jo").changing() as account:
        account.attempts = [Attempt(1_790_000_000.0, "of another run")]
    service.expect(f"PUT {MFA}", status=200)
    service.expect(USER, **shown)
    with nullcontext() if is_done else pytest.raises(Unavailable, match="does not show it"):
        apply(session, have, wish)
    forgets = is_done and (wish.unlock or wish.enabled is False)
    assert bool(session.login.record("jo").read().attempts) is not forgets


ON = user(multiFactorEnabled=True)
UNPROVED_ON: dict[str, tuple[list[tuple[str, dict[str, Any]]], bool]] = {
    "it shows": ([(USER, ON)], True),
    "it does not": ([(USER, user())], False),
    "the token is for the setup alone, and lives": ([(USER, fault(403))], False),
    "the token died, and a login is challenged": ([(USER, DEAD), (LOGIN, CHALLENGE)], True),
    "the token died, and another one sees it": ([(USER, DEAD), (LOGIN, access("second")), (USER, ON)], True),
    "the token had died before": ([(USER, DEAD), (LOGIN, access("second")), (USER, user())], False),
    "the token died, and it must be set up": (
        [(USER, DEAD), (LOGIN, SETUP_NEEDED), (LOGIN, access("setup")), (USER, fault(403))],
        False,
    ),
}


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize("case", UNPROVED_ON)
def test_mfa_is_on_when_that_is_known(case: str, status: int, service: Service, session: Session) -> None:
    exchange, is_on = UNPROVED_ON[case]
    service.expect(f"PUT {MFA}", status=status)
    for request, reply in exchange:
        service.expect(request, **reply)
    with nullcontext() if is_on else pytest.raises(Unavailable, match="does not show it"):
        apply(session, OFF, TURN_ON)
    assert (session.login.record("jo").read().mfa_on_at is not None) is is_on


def test_a_token_alone_that_dies_with_the_change_tells_that_mfa_is_on(service: Service, session: Session) -> None:
    session.who = session.who._replace(password=None)
    service.expect(f"PUT {MFA}", status=200)
    service.expect(USER, **DEAD)
    assert apply(session, OFF, TURN_ON).read().mfa_on_at is not None


# The own level REQUIRED ends the tokens of a password while MFA is off

REQUIRED = SettingsWish(enforcement_level="REQUIRED")
SET_UP = [(LOGIN, SETUP_NEEDED), (LOGIN, access("setup"))]
NOT_SHOWN, NO_LONGER_VALID = (Unavailable, "does not show it"), (TokenRefused, "Perhaps it was done")
OWN_LEVEL: dict[str, tuple[bool, list[tuple[str, dict[str, Any]]], tuple[type[Exception], str] | None]] = {
    "the token died, and MFA must be set up": (
        True,
        [(f"PUT {MFA}", {"status": 200}), (USER, DEAD), *SET_UP, (USER, fault(403))],
        None,
    ),
    "the token died, and another one sees it": (
        True,
        [
            (f"PUT {MFA}", {"status": 200}),
            (USER, DEAD),
            (LOGIN, access("second")),
            (USER, user(userMultiFactorEnforcementLevel="REQUIRED")),
        ],
        None,
    ),
    "it is not shown": (True, [(f"PUT {MFA}", {"status": 200}), (USER, user())], NOT_SHOWN),
    "it died before or the answer was lost, and MFA must be set up": (
        True,
        [(f"PUT {MFA}", DEAD), *SET_UP, (f"PUT {MFA}", fault(403))],
        NO_LONGER_VALID,
    ),
    "it may not set it": (True, [(f"PUT {MFA}", fault(403))], (Forbidden, "forbidden")),
    "a token alone died of it": (False, [(f"PUT {MFA}", {"status": 200}), (USER, DEAD)], None),
    "a token alone is dead": (False, [(f"PUT {MFA}", DEAD)], NO_LONGER_VALID),
}


@pytest.mark.parametrize("case", OWN_LEVEL)
def test_the_own_level_is_set_when_that_is_known(case: str, service: Service, session: Session) -> None:
    can_log_in, exchange, refusal = OWN_LEVEL[case]
    if not can_log_in:
        session.client.renew = lambda: False  # type: ignore[method-assign]
    for request, reply in exchange:
        service.expect(request, **reply)
    with nullcontext() if refusal is None else pytest.raises(refusal[0], match=refusal[1]):
        apply(session, OFF, REQUIRED)


@pytest.mark.parametrize("domain_demands", [True, False])
def test_back_to_the_level_of_the_domain_may_end_the_token(
    domain_demands: bool, service: Service, session: Session
) -> None:
    """What the level of the domain is, an account may not be allowed to read."""
    have = OFF._replace(enforcement_level="OPTIONAL")
    service.expect(f"PUT {MFA}", status=200)
    if domain_demands:
        for request, reply in [(USER, DEAD), *SET_UP, (USER, fault(403))]:
            service.expect(request, **reply)
    else:
        service.expect(USER, **user())
    apply(session, have, SettingsWish(enforcement_level="DEFAULT"))
    assert session.for_setup is domain_demands


@pytest.mark.parametrize(("status", "warnings"), [(204, 0), (200, 1)])
@pytest.mark.parametrize("is_given", [True, False])
def test_a_level_that_the_token_may_not_see_is_sent_again(
    is_given: bool, status: int, warnings: int, service: Service, session: Session
) -> None:
    """By a token for the setup alone: the first success may be that of a gateway, and the second the service's own."""
    if is_given:
        session.who = session.who._replace(auth_token="first")
    else:
        session.for_setup = True
    service.expect(f"PUT {MFA}", status=200)
    service.expect(USER, **fault(403))
    service.expect(f"PUT {MFA}", status=status)
    told: list[str] = []
    apply(session, OFF._replace(enforcement_level=None), SettingsWish(enforcement_level="OPTIONAL"), told.append)
    assert ["could not be confirmed" in line for line in told] == [True] * warnings


@pytest.mark.parametrize("shown", [fault(403), user()], ids=["by an account that may not look", "where it is shown"])
def test_a_level_is_not_set_by_the_answer_of_a_gateway(
    shown: dict[str, Any], service: Service, session: Session
) -> None:
    """Also when a task before, whose token was for the setup alone, did not see the level."""
    service.expect(f"PUT {MFA}", status=200)
    service.expect(USER, **shown)
    with pytest.raises((Forbidden, Unavailable)):
        apply(session, OTP._replace(enforcement_level=None), REQUIRED)


SETUP_SEEN = {
    "user": {"id": "u1", "name": "jo"},
    "steps": ["turn_on"],
    "mfa": OTP._replace(enforcement_level=None).facts(),
}


@pytest.mark.parametrize(
    ("shown", "steps"),
    [
        (user(multiFactorEnabled=True, userMultiFactorEnforcementLevel="REQUIRED"), []),
        (user(multiFactorEnabled=True), ["set_enforcement_level"]),
        (fault(403), ["set_enforcement_level"]),
    ],
    ids=["settled", "another", "not shown"],
)
def test_a_level_that_a_task_before_could_not_see_is_read(
    shown: dict[str, Any], steps: list[str], service: Service, session: Session
) -> None:
    settings = Settings(session, Target(session, lambda _option: None, [SETUP_SEEN]))
    assert settings.plan(TURN_ON, check_mode=False).steps == ()
    service.expect(USER, **shown)
    plan = settings.plan(REQUIRED, check_mode=False)
    assert ([step.name for step in plan.steps], plan.before.enabled) == (steps, True)


def test_the_end_of_a_token_that_the_change_brought_costs_no_other_login(service: Service, session: Session) -> None:
    """The token that was given had ended, and was replaced. The one of that login ends when MFA is turned on."""
    session.login.who = session.who._replace(factor=Factor(passcode="123456"))
    session.client.token = "stale"
    service.expect(USER, **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(USER, **user())
    assert session.client.user("u1").mfa == OFF
    service.expect(f"PUT {MFA}", status=204)
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **CHALLENGE)
    service.expect(LOGIN, **access("third"))
    service.expect(f"PUT {MFA}", status=204)
    apply(session, OFF, TURN_ON._replace(enforcement_level="REQUIRED"))
    assert tokens_of_puts(service) == ["second", "second", "third"]
