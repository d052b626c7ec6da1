# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings: one PUT changes one kind of thing (contract, Settings)."""

from __future__ import annotations

from typing import Any

from . import otp_devices, phones
from .call import Call
from .passcodes import clear_failures
from .policy import MANDATED, revoke_at_mfa_on, revoke_newly_required, those_without_required_mfa
from .state import User
from .wire import Answer, Refusal

_ROOT = "RAX-AUTH:multiFactor"
_LEVEL = "userMultiFactorEnforcementLevel"
_MEMBERS: dict[str, type] = {"enabled": bool, "factorType": str, "unlock": bool, _LEVEL: str}


def all_devices(call: Call) -> Answer:
    """`GET …/multi-factor/devices`."""
    user = call.multi_factor_target()
    found = {"otpDevices": otp_devices.listed(call, user), "mobilePhones": phones.listed(call, user)}
    return Answer(200, {"RAX-AUTH:multiFactorDevices": found})


def change(call: Call) -> Answer:
    """`PUT …/multi-factor`."""
    user = call.multi_factor_target()
    wanted = call.members(_ROOT, _MEMBERS)
    kinds = set(wanted)
    if kinds == {"unlock"}:
        _unlock(call, user, wanted)
    elif kinds == {_LEVEL}:
        _set_level(call, user, wanted[_LEVEL])
    elif kinds == {"enabled"} and not wanted["enabled"]:
        _turn_off(user)
    elif kinds == {"factorType"}:
        _switch_factor(user, wanted["factorType"])
    elif kinds in ({"enabled"}, {"enabled", "factorType"}) and wanted["enabled"]:
        _turn_on(call, user, wanted.get("factorType"))
    else:
        raise Refusal(400, "Only one kind of multi-factor setting may be changed in one request")
    return Answer(call.behavior.settings_status)


def remove(call: Call) -> Answer:
    """`DELETE …/multi-factor`: the level, the count of failures and bypass codes stay."""
    user = call.multi_factor_target()
    user.otp_devices.clear()
    user.phone = None
    user.mfa_enabled, user.factor_type = False, None
    return Answer(call.behavior.deletion_status)


def _unlock(call: Call, user: User, wanted: dict[str, Any]) -> None:
    if not wanted["unlock"]:
        return
    if call.caller().id == user.id:
        raise Refusal(403, "Not Authorized")
    clear_failures(user)


def _set_level(call: Call, user: User, level: str) -> None:
    domain = call.world.domain_of(user)
    if call.caller().role == "default":
        raise Refusal(403, "Not Authorized")
    if level not in ("REQUIRED", "OPTIONAL", "DEFAULT"):
        raise Refusal(400, "Invalid user multi-factor enforcement level")
    if level == user.enforcement_level:
        return
    if domain.enforcement_level == MANDATED:
        raise Refusal(403, "The enforcement level is mandated for this domain")
    before = those_without_required_mfa(call.world, domain)
    user.enforcement_level = level
    revoke_newly_required(call, domain, before)


def _turn_off(user: User) -> None:
    """Devices are kept, bypass codes are void. Off already: nothing changes."""
    if user.mfa_enabled:
        user.mfa_enabled, user.factor_type = False, None
        user.bypass_codes.clear()
        clear_failures(user)


def _require_factor(user: User, factor: str) -> None:
    if factor not in ("OTP", "SMS"):
        raise Refusal(400, "Invalid factor type")
    if factor == "OTP" and not user.verified_devices():
        raise Refusal(400, "User doesn't have a verified OTP device.")
    if factor == "SMS" and not user.has_verified_phone():
        raise Refusal(400, "User doesn't have a verified mobile phone.")


def _switch_factor(user: User, factor: str) -> None:
    if not user.mfa_enabled:
        message = "Can only set factor type when MFA is already enabled or while enabling MFA"
        raise Refusal(400, message)
    _require_factor(user, factor)
    user.factor_type = factor


def _chosen_factor(user: User) -> str:
    """The factor of the one kind of verified device."""
    otp, sms = bool(user.verified_devices()), user.has_verified_phone()
    if otp and sms:
        raise Refusal(400, "Must specify a factor type: the user has verified devices of both kinds")
    if not otp and not sms:
        some = user.otp_devices or user.phone
        raise Refusal(400, "Device not verified" if some else "User not associated with a multifactor device")
    return "OTP" if otp else "SMS"


def _turn_on(call: Call, user: User, factor: str | None) -> None:
    """On; what the password alone gave dies, SETUP-MFA tokens and the caller's own included."""
    if factor is None:
        factor = user.factor_type or _chosen_factor(user)
    _require_factor(user, factor)
    user.factor_type = factor
    if user.mfa_enabled:
        return
    user.mfa_enabled = True
    user.mfa_enabled_at = call.world.clock.now()
    user.first_session_due = True
    revoke_at_mfa_on(call, user)
