# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that are sent: what a lost answer and a dead token mean, and what the record forgets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    BadCredentials,
    Conflict,
    Forbidden,
    OptionError,
    PasscodeRequired,
    TokenRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import (
    CHALLENGE,
    DEAD,
    LOGIN,
    MFA,
    access,
    fault,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.changing import (
    LOCKED,
    OFF,
    OTP,
    TURN_ON,
    apply,
    apply_to,
    tokens_of_puts,
)


def test_a_dead_token_is_replaced_before_mfa_is_turned_on_again(service: Service, session: Session) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {MFA}", status=204)
    record = apply(session, OFF, TURN_ON)
    assert tokens_of_puts(service) == ["first", "second"]
    assert record.read().mfa_on_at is not None


def test_a_challenge_after_a_dead_token_means_that_mfa_is_on(service: Service, session: Session) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **CHALLENGE)
    record = apply(session, OFF, TURN_ON)
    assert len(tokens_of_puts(service)) == 1
    assert record.read().mfa_on_at is not None


def test_a_target_of_the_own_name_is_oneself_beside_any_token(service: Service, session: Session) -> None:
    """Its challenge means that MFA is on. Nothing has shown whose token it is."""
    session.who, session.access = session.who._replace(auth_token="first"), None
    service.expect("GET /v2.0/users?name=Jo", body={"user": {"id": "u1", "username": "jo"}})
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **CHALLENGE)
    target = Target(session, {"target_user": "Jo"}.get)
    assert apply_to(target, session, OFF, TURN_ON).read().mfa_on_at is not None


LATER: dict[str, tuple[list[tuple[str, dict[str, Any]]], type[Exception]]] = {
    "forbidden": ([(f"PUT {MFA}", fault(403))], Forbidden),
    "refused": ([(f"PUT {MFA}", fault(400))], Conflict),
    "a dead token": ([(f"PUT {MFA}", DEAD), (LOGIN, fault(401))], BadCredentials),
    "a login that asks for a passcode": ([(f"PUT {MFA}", DEAD), (LOGIN, CHALLENGE)], PasscodeRequired),
}


@pytest.mark.parametrize("case", LATER)
def test_what_was_done_before_a_step_failed_is_told(case: str, service: Service, session: Session) -> None:
    """The token of a key is not safe either when MFA is turned on."""
    requests, error = LATER[case]
    service.expect(f"PUT {MFA}", status=204)
    for request, reply in requests:
        service.expect(request, **reply)
    with pytest.raises(error, match=r"^Done so far: turn_on\. \w+ .*"):
        apply(session, OFF, TURN_ON._replace(enforcement_level="REQUIRED"))


def test_a_change_that_was_made_is_told_when_the_record_fails_after_it(service: Service, session: Session) -> None:
    session.login.record("jo").path.mkdir(parents=True)
    service.expect(f"PUT {MFA}", status=204)
    with pytest.raises(OptionError, match=r"^Done so far: turn_off\. The record of used passcodes"):
        apply(session, OTP, SettingsWish(remove=True))


def test_two_dead_tokens_are_an_error(service: Service, session: Session) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {MFA}", **DEAD)
    with pytest.raises(TokenRefused):
        apply(session, OFF, TURN_ON)
    assert session.login.record("jo").read().mfa_on_at is None


def test_a_record_that_cannot_be_used_is_told_before_mfa_is_on(service: Service, session: Session) -> None:
    """Afterwards no login could note its passcode, so none could be made."""
    session.login.record("jo").path.mkdir(parents=True)
    with pytest.raises(OptionError, match="record of used passcodes"):
        apply(session, OFF, TURN_ON)
    assert tokens_of_puts(service) == []


def test_the_challenge_of_an_administrator_says_nothing_of_the_user(service: Service, session: Session) -> None:
    """Its token had expired. It is replaced in two steps, as for every other change, and the change is sent again."""
    service.expect("GET /v2.0/users?name=sam", body={"user": {"id": "u2", "username": "sam"}})
    target = Target(session, {"target_user": "sam"}.get)
    session.login.who = session.who._replace(factor=Factor(passcode="123456"))
    of_sam = MFA.replace("u1", "u2")
    service.expect(f"PUT {of_sam}", **DEAD)
    service.expect(LOGIN, **CHALLENGE)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {of_sam}", status=204)
    assert apply_to(target, session, OFF, TURN_ON).read().mfa_on_at is not None
    assert tokens_of_puts(service) == ["first", "second"]


def test_two_dead_tokens_of_an_administrator_say_nothing_either(service: Service, session: Session) -> None:
    service.expect("GET /v2.0/users?name=sam", body={"user": {"id": "u2", "username": "sam"}})
    target = Target(session, {"target_user": "sam"}.get)
    of_sam = MFA.replace("u1", "u2")
    service.expect(f"PUT {of_sam}", **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {of_sam}", **DEAD)
    with pytest.raises(TokenRefused):
        apply_to(target, session, OFF, TURN_ON)
    assert target.record.read().mfa_on_at is None


def test_with_a_token_alone_a_dead_one_may_mean_that_mfa_is_on(service: Service, session: Session) -> None:
    session.who = session.who._replace(password=None)
    service.expect(f"PUT {MFA}", **DEAD)
    with pytest.raises(TokenRefused, match="Perhaps it was done"):
        apply(session, OFF, TURN_ON)
    assert session.login.record("jo").read().mfa_on_at is not None


PUT = {f"PUT {MFA}": {"status": 204}}
REMOVE: dict[str, dict[str, Any]] = {
    f"DELETE {MFA}": {"status": 204},
    f"GET {MFA}/devices": {"body": {"RAX-AUTH:multiFactorDevices": {}}},
}
FORGOTTEN: dict[str, tuple[Mfa, SettingsWish, dict[str, dict[str, Any]], int]] = {
    "unlock": (LOCKED, SettingsWish(unlock=True), PUT, 0),
    "turn off": (OTP, SettingsWish(enabled=False), PUT, 0),
    "turn on": (OFF, TURN_ON, PUT, 1),
    "another level": (OTP, SettingsWish(enforcement_level="REQUIRED"), PUT, 1),
    "remove": (OTP, SettingsWish(remove=True), PUT | REMOVE, 0),
    "remove what is off": (OFF, SettingsWish(remove=True), REMOVE, 1),  # the service keeps its count
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_refusals_are_forgotten_with_the_service_and_no_sooner(case: str, service: Service, session: Session) -> None:
    have, wish, requests, left = FORGOTTEN[case]
    with session.login.record("jo").changing() as account:
        account.attempts = [Attempt(1_790_000_000.0, "of another run")]
    for request, reply in requests.items():
        service.expect(request, **reply)
    assert len(apply(session, have, wish).read().attempts) == left
