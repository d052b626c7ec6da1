# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches: the freedoms that the contract leaves to the service. Each declares its default, its values and limits."""

from __future__ import annotations

import dataclasses
import operator
from dataclasses import Field, dataclass, fields, replace
from typing import Any

from .misuse import Misuse

Value = str | int | bool
# By its name: pylint takes each call of it outside a class for a mistake.
_field: Any = operator.attrgetter("field")(dataclasses)


def _switch(*values: Value) -> Any:
    """A switch of exactly these values, the default first."""
    return _field(default=values[0], metadata={"values": values})


def _number(*values: int, least: int = 0, most: int = 10**9) -> Any:
    """A number between limits, with the values worth trying, the default first."""
    return _field(default=values[0], metadata={"values": values, "limits": (least, most)})


@dataclass(frozen=True)
class Behavior:
    """One choice for each freedom. The defaults are strict; the README says what each value means."""

    # Codes and logins
    accepted_steps: str = _switch("previous", "strict", "wide", "lagging")
    lag: int = _number(12, 3, 27, most=30)
    replay: str = _switch("refused", "logins", "allowed")
    challenge_factor: str = _switch("PASSCODE", "OTPPASSCODE")
    challenge_headers: str = _switch("single", "several", "joined")
    session_ids: str = _switch("base64", "url_safe")
    session_minutes: int = _number(5)
    dead_session: int = _number(0, 60)
    dead_sessions: int = _number(0, 4)
    lock_threshold: int = _number(3, 5, 7, least=1)
    lock_minutes: int = _number(30, 10)
    sms_digits: str = _switch("documented", "six")
    # Tokens
    token_minutes: int = _number(1440, 60)
    setup_token_dies: str = _switch("mfa_on", "device_added")
    mfa_on_revokes: str = _switch("password", "all")
    required_revokes: str = _switch("password", "not_mfa")
    required_spares: str = _switch("nobody", "optional_users")
    # The authentication's answer
    lean: bool = _switch(False, True)
    access_without: str = _switch("nothing", "tenant", "email", "domain", "catalog")
    expires_style: str = _switch("offset", "zulu", "offset_whole", "zulu_millis")
    authenticated_by: str = _switch("shuffled", "documented", "reversed")
    # Answers in general
    key_style: str = _switch("service", "documented")
    full_stop: str = _switch("documented", "always", "never")
    error_prefix: bool = _switch(False, True)
    rate_limit: str = _switch("off", "413", "429", "413_bare", "429_bare")
    rate_limit_every: int = _number(3, 2, least=2)
    retry_after: int = _number(1, 0, 2)
    retry_after_form: str = _switch("seconds", "date", "body", "body_date")
    creation_status: int = _switch(201, 200)
    settings_status: int = _switch(204, 200)
    deletion_status: int = _switch(204, 200)
    phone_status: str = _switch("observed", "documented", "other")
    # Users, their pages, and who may act on them
    page_size: int = _number(100, 1, 2, least=1)
    empty_pages: bool = _switch(False, True)
    greatest_limit: int = _number(100, 10, least=1)
    link_style: str = _switch(
        "double_quotes", "single_quotes", "unquoted", "two_relations", "one_header", "several_headers"
    )
    link_base: str = _switch("own", "foreign")
    missing_mfa_flag: bool = _switch(False, True)
    missing_mfa_state: str = _switch("never", "until_locked")
    missing_factor_type: bool = _switch(False, True)
    missing_domain_level: bool = _switch(False, True)
    domain_ids: str = _switch("digits", "dedicated", "dp")
    user_admin_acts_on: str = _switch("domain", "default_users")
    # Devices, phones and bypass codes
    location: str = _switch("right", "misleading")
    bracket_names: str = _switch("fine", "fail")
    duplicate_names: str = _switch("allowed", "refused")
    most_devices: int = _number(5, 2, least=1)
    empty_device_lists: int = _number(0, 1)
    list_order: str = _switch("shuffled", "creation", "reversed")
    phone_numbers: str = _switch("given", "digits", "spaced", "brackets")
    phones_by: str = _switch("administrators", "oneself")
    sms_phone: str = _switch("stays", "may_go")
    bypass_life: str = _switch("forever", "30_minutes")
    bypass_digits: int = _switch(8, 9)
    bypass_duration: str = _switch("minutes", "fields", "asked")

    def changed(self, switches: dict[str, Any]) -> Behavior:
        """A behavior with some switches set anew; `Misuse` names the first that is unknown or out of range."""
        for name, value in switches.items():
            _check(name, value)
        return replace(self, **switches)


_SWITCHES: dict[str, Field[Any]] = {switch.name: switch for switch in fields(Behavior)}
BEHAVIORS: dict[str, tuple[Value, ...]] = {name: switch.metadata["values"] for name, switch in _SWITCHES.items()}
"""Each switch with the values worth trying, the default first. Numbers may have other values too."""


def _check(name: str, value: Any) -> None:
    if name not in _SWITCHES:
        raise Misuse(f"unknown switch {name!r}; there are: {', '.join(_SWITCHES)}")
    values, limits = BEHAVIORS[name], _SWITCHES[name].metadata.get("limits")
    if type(value) is not type(values[0]):
        raise Misuse(f"{name} must be of type {type(values[0]).__name__}")
    if limits is None and value not in values:
        raise Misuse(f"{name} must be one of: {', '.join(str(choice) for choice in values)}")
    if limits is not None and not limits[0] <= value <= limits[1]:
        raise Misuse(f"{name} must lie between {limits[0]} and {limits[1]}")
