# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that are sent: what a lost answer and a dead token mean, and what the record forgets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import TokenRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish, compare
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import (
    CHALLENGE,
    DEAD,
    LOGIN,
    MFA,
    access,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT")
OTP = Mfa(enabled=True, state="ACTIVE", factor_type="OTP", enforcement_level="DEFAULT")
LOCKED = OTP._replace(state="LOCKED")
DEVICE = Device("d", "x", verified=True)
TURN_ON = SettingsWish(enabled=True, factor_type="OTP")


def apply(session: Session, have: Mfa, wish: SettingsWish) -> Record:
    """Carry it out, and return the record of the account."""
    target = Target(session, lambda _option: None)
    Settings(session, target).apply(compare(have, wish, [DEVICE]))
    return target.record


def tokens_of_puts(service: Service) -> list[str]:
    return [call.headers["X-Auth-Token"] for call in service.calls if call.method == "PUT"]


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
    "remove": (OTP, SettingsWish(remove=True), REMOVE, 1),  # the service keeps its count
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_refusals_are_forgotten_with_the_service_and_no_sooner(case: str, service: Service, session: Session) -> None:
    have, wish, requests, left = FORGOTTEN[case]
    with session.login.record("jo").changing() as account:
        account.attempts = [Attempt(1_790_000_000.0, "of another run")]
    for request, reply in requests.items():
        service.expect(request, **reply)
    assert len(apply(session, have, wish).read().attempts) == left


@pytest.mark.parametrize("is_on", [True, False])
def test_a_removal_looks_for_devices_only_where_mfa_is_off(is_on: bool, service: Service, session: Session) -> None:
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "RAX-AUTH:multiFactorEnabled": is_on}})
    if not is_on:
        device = {"id": "d", "name": "x", "verified": True}
        service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {"otpDevices": [device]}})
    plan = Settings(session, Target(session, lambda _option: None)).plan(SettingsWish(remove=True), check_mode=False)
    assert [step.name for step in plan.steps] == ["remove_everything"]
