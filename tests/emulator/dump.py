# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state as data. It holds every secret: that is what a test compares with, or searches output for."""

from __future__ import annotations

from typing import Any

from . import totp
from .engine import Engine
from .passcodes import accepted_steps, is_locked
from .state import OtpDevice, Phone, Session, Token, User


def dump_state(engine: Engine) -> dict[str, Any]:
    """Everything that the emulator knows."""
    world = engine.world
    return {
        "clock": world.clock.describe(),
        "behavior": world.behavior.as_dict(),
        "trouble": engine.trouble.seed if engine.trouble else None,
        "accepted_steps": list(accepted_steps(world.clock.now(), world.behavior)),
        "users": [dump_user(engine, user) for user in world.users.values()],
        "domains": {domain.id: domain.enforcement_level for domain in world.domains.values()},
        "tokens": [_token(engine, token) for token in world.tokens.values()],
        "sessions": [_session(engine, session) for session in world.sessions.values()],
        "secrets": world.ledger.as_dict(),
        "unexpected": engine.unexpected,
        "canaries": world.ledger.canaries(),
    }


def dump_user(engine: Engine, user: User) -> dict[str, Any]:
    """A user with credentials, devices and MFA state."""
    locked = is_locked(engine.world, user, engine.world.behavior)
    return {
        "id": user.id,
        "username": user.username,
        "password": user.password,
        "api_key": user.api_key,
        "domain_id": user.domain_id,
        "role": user.role,
        "email": user.email,
        "phone_pin": user.phone_pin,
        "enabled": user.enabled,
        "federated": user.federated,
        "password_expired": user.password_expired,
        "enforcement_level": user.enforcement_level,
        "mfa_enabled": user.mfa_enabled,
        "factor_type": user.factor_type,
        "locked": locked,
        "failures": user.failures,
        "last_failure": user.last_failure,
        "otp_devices": [_device(device) for device in user.otp_devices.values()],
        "phone": _phone(user.phone) if user.phone else None,
        "bypass_codes": [{"code": bypass.code, "expires": bypass.expires} for bypass in user.bypass_codes],
    }


def _device(device: OtpDevice) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "verified": device.verified,
        "secret": totp.encode_secret(device.secret),
        "key_uri": totp.key_uri(device.name, device.secret),
        "used": [{"step": step, "for": purpose} for step, purpose in sorted(device.used.items())],
    }


def _phone(phone: Phone) -> dict[str, Any]:
    return {"id": phone.id, "number": phone.number, "verified": phone.verified, "code": phone.code}


def _token(engine: Engine, token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": engine.world.users[token.user_id].username,
        "methods": list(token.methods),
        "scope": token.scope,
        "expires": token.expires,
        "live": token.expires > engine.world.clock.now(),
    }


def _session(engine: Engine, session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "user": engine.world.users[session.user_id].username,
        "expires": session.expires,
        "live": not session.dead and session.expires > engine.world.clock.now(),
        "sms_code": session.sms_code,
    }
