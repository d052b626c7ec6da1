# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that are sent: what a lost answer and a dead token mean, and what the record forgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import TokenRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings, SettingsWish, compare
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

LOGIN = "POST /v2.0/tokens"
MFA = "/v2.0/users/u1/RAX-AUTH/multi-factor"
OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT")
ON = Mfa(enabled=True, state="ACTIVE", factor_type="OTP", enforcement_level="DEFAULT")
LOCKED = ON._replace(state="LOCKED")
DEVICE = Device("d", "x", verified=True)
TURN_ON = SettingsWish(enabled=True, factor_type="OTP")


def fault(status: int, name: str, message: str) -> dict[str, Any]:
    return {"status": status, "body": {name: {"code": status, "message": message}}}


DEAD = fault(401, "unauthorized", "No valid token")
MUST_SET_UP = fault(403, "forbidden", "User must setup multi-factor")
CHALLENGE = {
    **fault(401, "unauthorized", "Additional authentication credentials required"),
    "headers": {"WWW-Authenticate": "OS-MF sessionId='s-1', factor='OTPPASSCODE'"},
}


def access(token: str) -> dict[str, Any]:
    return {"body": {"access": {"token": {"id": token}, "user": {"id": "u1", "name": "jo"}}}}


class Bench:
    """The settings of an account that logs in by its password."""

    def __init__(self, service: Service, folder: Path) -> None:
        options = {"auth_endpoint": service.url, "username": "jo", "password": "a-password", "timeout": 1.0}
        values = {**options, "max_wait": 65.0, "validate_certs": True, "state_dir": str(folder)}
        service.expect(LOGIN, **access("first"))
        self.session = Session(values.get, keep=lambda _token: None, say=lambda _line: None, environ={})
        self.session.transport.sleep = lambda _seconds: None
        self.target = Target(self.session, values.get)

    def apply(self, have: Mfa, wish: SettingsWish) -> None:
        Settings(self.session, self.target).apply(compare(have, wish, [DEVICE]))


@pytest.fixture
def bench(service: Service, tmp_path: Path) -> Iterator[Bench]:
    here = Bench(service, tmp_path)
    with here.session:
        yield here


def tokens_of_puts(service: Service) -> list[str]:
    return [call.headers["X-Auth-Token"] for call in service.calls if call.method == "PUT"]


def test_a_dead_token_is_replaced_before_mfa_is_turned_on_again(service: Service, bench: Bench) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {MFA}", status=204)
    bench.apply(OFF, TURN_ON)
    assert tokens_of_puts(service) == ["first", "second"]
    assert bench.target.record.read().mfa_on_at is not None


def test_a_dead_token_is_replaced_by_one_that_may_only_set_mfa_up(service: Service, bench: Bench) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **MUST_SET_UP)
    service.expect(LOGIN, **access("for-the-setup"))
    service.expect(f"PUT {MFA}", status=204)
    bench.apply(OFF, TURN_ON)
    assert service.calls[3].body["auth"]["RAX-AUTH:scope"] == "SETUP-MFA"
    assert tokens_of_puts(service) == ["first", "for-the-setup"]


def test_a_challenge_after_a_dead_token_means_that_mfa_is_on(service: Service, bench: Bench) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **CHALLENGE)
    bench.apply(OFF, TURN_ON)
    assert len(tokens_of_puts(service)) == 1
    assert bench.target.record.read().mfa_on_at is not None


def test_two_dead_tokens_are_an_error(service: Service, bench: Bench) -> None:
    service.expect(f"PUT {MFA}", **DEAD)
    service.expect(LOGIN, **access("second"))
    service.expect(f"PUT {MFA}", **DEAD)
    with pytest.raises(TokenRefused):
        bench.apply(OFF, TURN_ON)
    assert bench.target.record.read().mfa_on_at is None


def removal(service: Service) -> None:
    service.expect(f"DELETE {MFA}", status=204)
    service.expect(f"GET {MFA}/devices", body={"RAX-AUTH:multiFactorDevices": {}})


def put(service: Service) -> None:
    service.expect(f"PUT {MFA}", status=204)


FORGOTTEN: dict[str, tuple[Mfa, SettingsWish, Callable[[Service], None], int]] = {
    "unlock": (LOCKED, SettingsWish(unlock=True), put, 0),
    "turn off": (ON, SettingsWish(enabled=False), put, 0),
    "turn on": (OFF, TURN_ON, put, 1),
    "another level": (ON, SettingsWish(enforcement_level="REQUIRED"), put, 1),
    "remove": (ON, SettingsWish(remove=True), removal, 1),  # the service keeps its count
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_refusals_are_forgotten_with_the_service_and_no_sooner(case: str, service: Service, bench: Bench) -> None:
    have, wish, expect, left = FORGOTTEN[case]
    with bench.target.record.changing() as account:
        account.attempts = [Attempt(1_790_000_000.0, "of another run")]
    expect(service)
    bench.apply(have, wish)
    assert len(bench.target.record.read().attempts) == left
