# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulator remembers, in memory only. One event loop reads and writes it, so nothing needs a lock."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from .behavior import Behavior
from .clock import Clock
from .ids import new_hex, new_number

T = TypeVar("T")
_ISSUED = ("otp_secrets", "tokens", "sessions", "bypass_codes", "codes")
_DOMAIN_PREFIXES = {"digits": "", "dedicated": "dedicated:", "dp": "dp:"}


@dataclass
class OtpDevice:
    """One OTP device. `used` tells for which purpose the code of a time step was accepted."""

    id: str
    name: str
    secret: bytes
    verified: bool = False
    used: dict[int, str] = field(default_factory=dict)


@dataclass
class Phone:
    """The one phone of a user; `code` is the verification code that was sent last."""

    id: str
    number: str
    verified: bool = False
    code: str | None = None


@dataclass
class BypassCode:
    """A bypass code that was not used yet; `expires` is None for one that never does."""

    code: str
    expires: float | None


@dataclass
class User:
    """An account with its devices and its multi-factor settings."""

    id: str
    username: str
    password: str
    api_key: str
    domain_id: str
    role: str = "default"
    email: str = ""
    phone_pin: str = ""
    enabled: bool = True
    federated: bool = False
    password_expired: bool = False
    enforcement_level: str = "DEFAULT"
    otp_devices: dict[str, OtpDevice] = field(default_factory=dict)
    phone: Phone | None = None
    mfa_enabled: bool = False
    factor_type: str | None = None
    mfa_enabled_at: float | None = None
    first_session_due: bool = False
    failures: int = 0
    last_failure: float | None = None
    was_locked: bool = False
    bypass_codes: list[BypassCode] = field(default_factory=list)
    empty_lists_served: int = 0

    def verified_devices(self) -> list[OtpDevice]:
        """The OTP devices whose codes count."""
        return [device for device in self.otp_devices.values() if device.verified]

    def has_verified_phone(self) -> bool:
        """Whether SMS passcodes can reach the user."""
        return self.phone is not None and self.phone.verified


@dataclass
class Token:
    """A token and how it was earned: `methods` as `authenticatedBy` names them."""

    id: str
    user_id: str
    methods: tuple[str, ...]
    expires: float
    scope: str | None = None

    @property
    def password_only(self) -> bool:
        """Whether nothing but a password earned it."""
        return self.methods == ("PASSWORD",)

    @property
    def by_mfa(self) -> bool:
        """Whether two factors earned it."""
        return len(self.methods) > 1


@dataclass
class Session:
    """What lies between the two steps of a login."""

    id: str
    user_id: str
    expires: float
    dead: bool = False
    sms_code: str | None = None


@dataclass
class Domain:
    """An account of the service: the users of one customer."""

    id: str
    enforcement_level: str = "OPTIONAL"


@dataclass
class Ledger:
    """Every secret that was ever set, issued or seen, so that a test can search output for all of them."""

    kinds: dict[str, dict[str, None]] = field(default_factory=dict)

    def note(self, kind: str, value: str) -> None:
        """Remember a secret; a dict keeps the order and drops doubles."""
        if value:
            self.kinds.setdefault(kind, {})[value] = None

    def as_dict(self) -> dict[str, list[str]]:
        """The secrets by kind."""
        return self._of("passwords", "api_keys", "phone_pins", *_ISSUED)

    def canaries(self) -> dict[str, list[str]]:
        """What the service tells of a user and is no business of a client's, by kind."""
        return self._of("emails", "phone_pins")

    def _of(self, *kinds: str) -> dict[str, list[str]]:
        return {kind: list(self.kinds.get(kind, {})) for kind in kinds}


class World:
    """The whole state of one emulator."""

    def __init__(self, behavior: Behavior | None = None) -> None:
        self.initial_behavior = behavior or Behavior()
        self.clock = Clock()
        self.random = random.Random()
        self.clear()

    def clear(self) -> None:
        """Forget all accounts and all that happened; the behavior is that of the start."""
        self.behavior = self.initial_behavior
        self.users: dict[str, User] = {}
        self.domains: dict[str, Domain] = {}
        self.tokens: dict[str, Token] = {}
        self.sessions: dict[str, Session] = {}
        self._domain_number = new_number(6)
        self.ledger = Ledger()
        self.clock.reset()

    @property
    def default_domain_id(self) -> str:
        """The domain of users that name none."""
        return _DOMAIN_PREFIXES[self.behavior.domain_ids] + self._domain_number

    def user_named(self, name: str) -> User | None:
        """The user of a name, in any case (contract, Authentication 6)."""
        wanted = name.casefold()
        return next((user for user in self.users.values() if user.username.casefold() == wanted), None)

    def domain_of(self, user: User) -> Domain:
        """The domain of a user."""
        return self.domains[user.domain_id]

    def live_token(self, token_id: str) -> Token | None:
        """A token that is neither revoked nor expired."""
        token = self.tokens.get(token_id)
        if token is not None and token.expires <= self.clock.now():
            del self.tokens[token_id]
            return None
        return token

    def revoke(self, tokens: Iterable[Token]) -> None:
        """Take tokens back."""
        for token in list(tokens):
            self.tokens.pop(token.id, None)

    def issue_token(self, user: User, methods: tuple[str, ...], scope: str | None, minutes: int) -> Token:
        """A fresh token of a user."""
        token = Token(new_hex(), user.id, methods, self.clock.now() + 60 * minutes, scope)
        self.tokens[token.id] = token
        self.ledger.note("tokens", token.id)
        return token

    def ordered(self, things: Iterable[T], order: str) -> list[T]:
        """A list in an order that the contract leaves open."""
        listed = list(things)
        if order == "reversed":
            listed.reverse()
        elif order == "shuffled":
            self.random.shuffle(listed)
        return listed
