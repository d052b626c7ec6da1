# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state as data. It holds every secret: that is what a test compares with, or searches output for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import totp
from .engine import Engine
from .passcodes import accepted_steps, is_locked
from .state import OtpDevice, Session, Token, User

_AS_THEY_ARE = (
    *("id", "username", "password", "api_key", "domain_id", "role", "email", "phone_pin", "enabled", "federated"),
    *("password_expired", "enforcement_level", "mfa_enabled", "factor_type", "failures", "last_failure"),
)


def dump_state(engine: Engine) -> dict[str, Any]:
    """Everything that the emulator knows."""
    world = engine.world
    return {
        "clock": world.clock.describe(),
        "behavior": asdict(world.behavior),
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
    locked = is_locked(engine.world, user, engine.world.behavior)  # first: it ends a count that is over
    return {
        **{name: getattr(user, name) for name in _AS_THEY_ARE},
        "locked": locked,
        "otp_devices": [_device(device) for device in user.otp_devices.values()],
        "phone": asdict(user.phone) if user.phone else None,
        "bypass_codes": [asdict(bypass) for bypass in user.bypass_codes],
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
