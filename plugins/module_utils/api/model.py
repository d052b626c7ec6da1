# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service tells, as plain values. Private to the collection.

Each is read from the service's JSON by its `read` (contract, "Operations", "Settings"). They are named tuples and no
dataclasses: each start of a module makes the classes anew, and these in a quarter of the time. What holds a secret has
a `repr` that shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from . import texts
from .errors import InvalidAnswer
from .wire import attribute, boolean, member, shown, text


class Device(NamedTuple):
    """An OTP device. Its name is not unique."""

    id: str
    name: str
    verified: bool

    @classmethod
    def read(cls, data: Any) -> Device:
        """From an object of the list, or under the root key of one device."""
        return cls(
            id=texts.identifier(text(member(data, "id")), "device id"),
            name=shown(member(data, "name")) or "",
            verified=boolean(member(data, "verified")),
        )

    def facts(self) -> dict[str, Any]:
        """As a result of a module, and for a diff: it holds no secret."""
        return self._asdict()


class NewDevice(NamedTuple):
    """The answer of a creation: the only one that ever holds the secret (contract, "OTP devices")."""

    device: Device
    secret: str
    key_uri: str
    qrcode: str

    def __repr__(self) -> str:
        return "NewDevice(...)"


class Phone(NamedTuple):
    """A mobile phone that receives codes by SMS."""

    id: str
    number: str
    verified: bool

    @classmethod
    def read(cls, data: Any) -> Phone:
        """From an object of the list, or under the root key of one phone."""
        return cls(
            id=texts.identifier(text(member(data, "id")), "phone id"),
            number=shown(member(data, "number")) or "",
            verified=boolean(member(data, "verified")),
        )

    def facts(self) -> dict[str, Any]:
        """As a result of a module, and for a diff."""
        return self._asdict()


class Mfa(NamedTuple):
    """The multi-factor state of a user. `state` and `factor_type` are None while it is off, or not told.

    `enforcement_level` is None when the token may not see it.
    """

    enabled: bool
    state: str | None
    factor_type: str | None
    enforcement_level: str | None

    @classmethod
    def read(cls, user: Any) -> Mfa:
        """From the attributes of a user; a missing `multiFactorEnabled` means off (contract, "Settings")."""
        enabled = boolean(attribute(user, "multiFactorEnabled"))
        return cls(
            enabled=enabled,
            state=shown(attribute(user, "multiFactorState")) if enabled else None,
            factor_type=shown(attribute(user, "factorType")) if enabled else None,
            enforcement_level=shown(attribute(user, "userMultiFactorEnforcementLevel")) or "DEFAULT",
        )

    @property
    def uses_otp(self) -> bool:
        """Does a login ask for the code of an OTP device? A factor that is not told counts as that of one."""
        return self.enabled and self.factor_type != "SMS"

    def facts(self) -> dict[str, Any]:
        """As a result of a module, and for a diff."""
        return self._asdict()


MFA_OFF = Mfa(enabled=False, state=None, factor_type=None, enforcement_level=None)
"""As a token for the setup alone tells by living: it ends when MFA is turned on (contract, "Authentication", 5)."""


class User(NamedTuple):
    """A user of the domain, with its multi-factor state."""

    id: str
    name: str
    domain_id: str | None
    enabled: bool
    mfa: Mfa

    @classmethod
    def read(cls, data: Any) -> User:
        """From `user`, or an object of `users`. The name comes as `username`, in some answers as `name`."""
        enabled = member(data, "enabled")
        return cls(
            id=texts.identifier(text(member(data, "id")), "user id"),
            name=shown(member(data, "username")) or shown(member(data, "name")) or "",
            domain_id=_domain_id(data),
            enabled=enabled is None or boolean(enabled),
            mfa=Mfa.read(data),
        )

    def facts(self) -> dict[str, Any]:
        """As a result of a module: without the multi-factor state, which stands beside it."""
        return {"id": self.id, "name": self.name, "domain_id": self.domain_id, "enabled": self.enabled}


def account_facts(user: User, devices: Iterable[Device], phones: Iterable[Phone]) -> dict[str, Any]:
    """A user with its devices, as a result of a module. The service lists these in no defined order."""
    return {
        "user": user.facts(),
        "mfa": user.mfa.facts(),
        "otp_devices": [device.facts() for device in sorted(devices, key=lambda device: (device.name, device.id))],
        "mobile_phones": [phone.facts() for phone in sorted(phones, key=lambda phone: phone.id)],
    }


class Access(NamedTuple):
    """A successful login, or a validated token (contract, "Authentication", 7 and 8)."""

    token: str
    expires: str | None
    authenticated_by: tuple[str, ...]
    tenant: dict[str, str | None] | None
    user_id: str
    user_name: str | None
    domain_id: str | None
    roles: tuple[str, ...]

    def __repr__(self) -> str:
        return "Access(...)"

    @classmethod
    def read(cls, access: Any, token: str | None = None) -> Access:
        """From `access`.

        :param token: the one that was validated. The answer may leave its id out, and can't name another.
        """
        data, user = member(access, "token"), member(access, "user")
        tenant, methods = member(data, "tenant"), attribute(data, "authenticatedBy")
        roles, told = member(user, "roles"), text(member(data, "id"))
        if token and told and told != token:
            raise InvalidAnswer("The service's answer is about another token than the one that was asked for.")
        return cls(
            token=texts.token(told or token),
            expires=shown(member(data, "expires")),
            authenticated_by=tuple(sorted(filter(None, map(shown, methods)))) if isinstance(methods, list) else (),
            tenant={key: shown(member(tenant, key)) for key in ("id", "name")} if isinstance(tenant, Mapping) else None,
            user_id=texts.identifier(text(member(user, "id")), "user id"),
            user_name=shown(member(user, "name")),
            domain_id=_domain_id(user),
            roles=tuple(shown(member(role, "name")) or "" for role in roles) if isinstance(roles, list) else (),
        )


class Challenge(NamedTuple):
    """A second factor is asked for: the session that the passcode belongs to (contract, "Authentication", 3)."""

    session_id: str

    def __repr__(self) -> str:
        return "Challenge(...)"


class Domain(NamedTuple):
    """A domain. `enforcement_level` is OPTIONAL, REQUIRED or RACKSPACE_MANDATED; None when it is not told."""

    id: str
    name: str | None
    enforcement_level: str | None

    @classmethod
    def read(cls, data: Any) -> Domain:
        """From the root key of one domain."""
        return cls(
            id=texts.identifier(text(member(data, "id")), "domain id"),
            name=shown(member(data, "name")),
            enforcement_level=shown(attribute(data, "domainMultiFactorEnforcementLevel")),
        )

    def facts(self) -> dict[str, Any]:
        """As a result of a module, and for a diff."""
        return self._asdict()


class BypassCodes(NamedTuple):
    """New bypass codes, each good once. `validity_duration` is None for codes that do not expire."""

    codes: tuple[str, ...]
    validity_duration: str | None

    def __repr__(self) -> str:
        return "BypassCodes(...)"

    @classmethod
    def read(cls, data: Any) -> BypassCodes:
        """From the root key of the creation's answer."""
        codes = member(data, "codes")
        if not isinstance(codes, list) or not codes or not all(map(_is_code, codes)):
            raise InvalidAnswer(
                "The service's answer has no bypass codes that can be used: they are strings of 6 to 9 digits. "
                "Create them again: new ones void the old."
            )
        return cls(tuple(codes), shown(member(data, "validityDuration")))


def _domain_id(data: Any) -> str | None:
    found = text(attribute(data, "domainId"))
    return texts.identifier(found, "domain id") if found else None


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and texts.is_passcode(value)
