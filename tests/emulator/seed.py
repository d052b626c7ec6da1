# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users from data: the seed file and the control API share one reader. What is not given is made up afresh."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from . import totp
from .ids import new_hex, new_number, new_password
from .misuse import Misuse, checked, chosen
from .policy import MANDATED
from .state import Domain, OtpDevice, Phone, User, World

ROLES = ("user-admin", "user-manage", "user-manage-limited", "default")
_USER_MEMBERS: dict[str, type] = {
    **dict.fromkeys(("username", "password", "api_key", "id", "domain_id", "domain_enforcement_level"), str),
    **dict.fromkeys(("role", "email", "phone_pin", "enforcement_level"), str),
    **dict.fromkeys(("enabled", "federated", "password_expired"), bool),
    "devices": list,
    "phone": dict,
    "mfa": dict,
}
# Longer than the service's, so that it is found in an output and never met there by chance.
_PIN_DIGITS = 12
_DEVICE_MEMBERS: dict[str, type] = {"id": str, "name": str, "secret": str, "verified": bool}
_PHONE_MEMBERS: dict[str, type] = {"id": str, "number": str, "verified": bool}
_MFA_MEMBERS: dict[str, type] = {"enabled": bool, "factor_type": str}


def read_file(path: str) -> list[Any]:
    """The list in a seed file; `Misuse` for a file that is not there, no JSON, or no list."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Misuse(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise Misuse(f"{path} is not JSON: {error}") from None
    if not isinstance(data, list):
        raise Misuse(f"{path}: a seed is a list of users")
    return data


def plant(world: World, users: list[Any]) -> list[User]:
    """Add users to the world or replace those of the same name; nothing is changed if one of them is wrong."""
    made = [_user(world, given, f"user {number}") for number, given in enumerate(users, start=1)]
    names = [user.username.casefold() for user in made]
    ids = [user.id for user in made]
    if len(set(names)) < len(names) or len(set(ids)) < len(ids):
        raise Misuse("two users have the same name or id")
    _check_levels(made, users)
    for user in made:
        other = world.users.get(user.id)
        if other is not None and other.username.casefold() != user.username.casefold():
            raise Misuse(f"the id of {user.username!r} belongs to another user")
    for user, given in zip(made, users, strict=True):
        _settle(world, user, given.get("domain_enforcement_level"))
    return made


def _check_levels(made: list[User], users: list[Any]) -> None:
    levels: dict[str, str] = {}
    for user, given in zip(made, users, strict=True):
        level = given.get("domain_enforcement_level")
        if level is not None and levels.setdefault(user.domain_id, level) != level:
            raise Misuse(f"two users give the domain {user.domain_id} different values of domain_enforcement_level")


def _settle(world: World, user: User, domain_level: str | None) -> None:
    """Put a user in the place of its namesake, whose tokens and sessions end."""
    former = world.user_named(user.username)
    if former is not None:
        del world.users[former.id]
        world.revoke(token for token in world.tokens.values() if token.user_id == former.id)
        world.sessions = {key: session for key, session in world.sessions.items() if session.user_id != former.id}
    world.users[user.id] = user
    domain = world.domains.setdefault(user.domain_id, Domain(user.domain_id))
    if domain_level is not None:
        domain.enforcement_level = domain_level
    world.ledger.note("passwords", user.password)
    world.ledger.note("api_keys", user.api_key)
    world.ledger.note("phone_pins", user.phone_pin)
    world.ledger.note("emails", user.email)
    for device in user.otp_devices.values():
        world.ledger.note("otp_secrets", totp.encode_secret(device.secret))


def _user(world: World, given: Any, what: str) -> User:
    checked(given, _USER_MEMBERS, what)
    username = given.get("username", "")
    if not username.strip():
        raise Misuse(f"{what} has no username")
    what = f"user {username!r}"
    domain_levels = ("OPTIONAL", "REQUIRED", MANDATED)
    chosen(given, "domain_enforcement_level", domain_levels, "OPTIONAL", what)
    user = User(
        id=given.get("id") or new_hex(),
        username=username,
        password=given.get("password") or new_password(),
        api_key=given.get("api_key") or new_hex(),
        domain_id=given.get("domain_id") or world.default_domain_id,
        role=chosen(given, "role", ROLES, "default", what),
        email=given.get("email", f"{re.sub('[^A-Za-z0-9.]', '-', username)}@example.com"),
        phone_pin=given.get("phone_pin") or new_number(_PIN_DIGITS),
        enabled=given.get("enabled", True),
        federated=given.get("federated", False),
        password_expired=given.get("password_expired", False),
        enforcement_level=chosen(given, "enforcement_level", ("DEFAULT", "OPTIONAL", "REQUIRED"), "DEFAULT", what),
        phone=_phone(given["phone"], what) if "phone" in given else None,
    )
    for device in given.get("devices", []):
        made = _device(device, what)
        if made.id in user.otp_devices:
            raise Misuse(f"{what}: two devices have the id {made.id!r}")
        user.otp_devices[made.id] = made
    _set_mfa(user, checked(given.get("mfa", {}), _MFA_MEMBERS, f"{what}: mfa"), what)
    return user


def _device(given: Any, what: str) -> OtpDevice:
    checked(given, _DEVICE_MEMBERS, f"{what}: device")
    try:
        secret = totp.decode_secret(given["secret"]) if "secret" in given else totp.new_secret()
    except ValueError:
        raise Misuse(f"{what}: the secret of a device is not base32") from None
    return OtpDevice(given.get("id") or new_hex(), given.get("name", "seeded"), secret, given.get("verified", False))


def _phone(given: Any, what: str) -> Phone:
    checked(given, _PHONE_MEMBERS, f"{what}: phone")
    number = given.get("number") or f"+1512{new_number(7)}"
    return Phone(given.get("id") or new_hex(), number, given.get("verified", False))


def _set_mfa(user: User, given: dict[str, Any], what: str) -> None:
    if not given.get("enabled", False):
        return
    factor = chosen(given, "factor_type", ("OTP", "SMS"), "OTP", what)
    if not (user.verified_devices() if factor == "OTP" else user.has_verified_phone()):
        raise Misuse(f"{what}: mfa is on with factor {factor}, but there is no verified device of that kind")
    user.mfa_enabled, user.factor_type = True, factor
