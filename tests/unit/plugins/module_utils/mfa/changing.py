# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of changed settings share: states, wishes, answers, and how a change is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish, compare
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service

OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT")
OTP = Mfa(enabled=True, state="ACTIVE", factor_type="OTP", enforcement_level="DEFAULT")
LOCKED = OTP._replace(state="LOCKED")
DEVICE = Device("d", "x", verified=True)
TURN_ON = SettingsWish(enabled=True, factor_type="OTP")


def unexpected(warning: str) -> None:
    raise AssertionError(warning)


def apply(session: Session, have: Mfa, wish: SettingsWish, warn: Callable[[str], None] = unexpected) -> Record:
    """Carry it out, and return the record of the account."""
    return apply_to(Target(session, lambda _option: None), session, have, wish, warn)


def apply_to(
    target: Target, session: Session, have: Mfa, wish: SettingsWish, warn: Callable[[str], None] = unexpected
) -> Record:
    Settings(session, target).apply(compare(have, wish, [DEVICE]), warn)
    return target.record


def tokens_of_puts(service: Service) -> list[str]:
    return [call.headers["X-Auth-Token"] for call in service.calls if call.method == "PUT"]


def user(**attributes: Any) -> dict[str, Any]:
    told = {f"RAX-AUTH:{name}": value for name, value in attributes.items()}
    return {"body": {"user": {"id": "u1", "username": "jo", **told}}}


USER = "GET /v2.0/users/u1"
