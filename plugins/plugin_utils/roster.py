# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a domain as an inventory has them: plain data to cache, variables, groups. Private to the collection."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import ansible.template

from ..module_utils.api.model import Device, Mfa, User
from ..module_utils.login.options import Connection, Credentials
from ..module_utils.mfa.many_devices import unread_warning
from ..module_utils.run.masking import masked

_VERSION = 2
_SHORTEST_SECRET = 6


class Roster(NamedTuple):
    """The users of a domain. It holds no secret and no e-mail address.

    :param devices: the OTP devices by the id of their user; None when they were not asked for.
    """

    domain_id: str
    users: list[User]
    devices: dict[str, tuple[Device, ...] | None] | None

    def devices_of(self, user: User) -> tuple[Device, ...] | None:
        """Return the OTP devices of a user; None when they were not asked for, or could not be read."""
        return self.devices.get(user.id) if self.devices is not None else None

    def unread_warning(self, users: Sequence[User]) -> str | None:
        """Return what to say of those of these users whose devices could not be read; None when there are none."""
        if self.devices is None:
            return None
        return unread_warning(sum(self.devices_of(user) is None for user in users), len(users))

    def as_data(self, made_for: str, read_at: float) -> dict[str, Any]:
        """Return it for a cache."""
        devices = None
        if self.devices is not None:
            devices = {key: None if few is None else [[*item] for item in few] for key, few in self.devices.items()}
        users = [[*user[:4], [*user.mfa]] for user in self.users]
        head = {"version": _VERSION, "made_for": made_for, "read_at": read_at, "domain_id": self.domain_id}
        return {**head, "users": users, "devices": devices}

    @classmethod
    def from_data(cls, data: Any, made_for: str, now: float, timeout: float) -> Roster | None:
        """Return what a cache kept; None when it is too old, of another account or not readable.

        The age is that of the reading itself: a cache plugin may count from the last time that it was written.
        """
        try:
            if (data["version"], data["made_for"]) != (_VERSION, made_for):
                return None
            age = now - data["read_at"]
            if age < 0 or (timeout and age > timeout):
                return None
            return cls._of(data["domain_id"], data["users"], data["devices"])
        except (TypeError, KeyError, ValueError):
            return None

    def masked(self, secrets: Iterable[str], names: Collection[str]) -> Roster:
        """Return it without the secrets, which the service may repeat in any name.

        A short one is a part of many a name, and of what groups are made of.

        :param names: those that stay whole.
        """
        long = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        devices = None if self.devices is None else list(self.devices.items())
        domain_id, users, devices = masked([self.domain_id, self.users, devices], long, names)
        return self._of(domain_id, users, None if devices is None else dict(devices))

    @classmethod
    def _of(cls, domain_id: str, users: Any, devices: Any) -> Roster:
        """Return it of lists."""
        return cls(domain_id, [User._make([*head, Mfa._make(mfa)]) for *head, mfa in users], _devices(devices))


def _devices(data: Any) -> dict[str, tuple[Device, ...] | None] | None:
    if data is None:
        return None
    return {key: None if few is None else tuple(Device._make(item) for item in few) for key, few in data.items()}


def made_for(way: Connection, who: Credentials, *, devices: bool) -> str:
    """Return a mark of the account, the endpoint and what is read, so that no cache serves another account.

    Of a token without a name it holds a digest: nothing else tells whose it is.
    """
    account = who.username or who.user_id or hashlib.sha256((who.auth_token or "").encode()).hexdigest()
    return hashlib.sha256("\n".join((way.endpoint, account.casefold(), str(devices))).encode()).hexdigest()


def variables(user: User, prefix: str, devices: tuple[Device, ...] | None, *, with_devices: bool) -> dict[str, Any]:
    """Return the variables of a user's host. None is a template, whatever the service tells."""
    facts = {**user.facts(), **{f"mfa_{name}": value for name, value in user.mfa.facts().items()}}
    if with_devices:
        facts["otp_devices"] = None if devices is None else [device.facts() for device in devices]
    untrusted: dict[str, Any] = _marking()({f"{prefix}{name}": value for name, value in facts.items()})
    return untrusted


def _marking() -> Callable[[Any], Any]:
    """Return what marks strings so that no supported ansible-core takes them for templates."""
    # From ansible-core 2.19 on only what is marked as trusted is a template, and values of a service are not marked.
    if hasattr(ansible.template, "trust_as_template"):
        return lambda value: value
    wrap: Callable[[Any], Any] = importlib.import_module("ansible.utils.unsafe_proxy").wrap_var
    return wrap


def groups(user: User, devices: tuple[Device, ...] | None) -> Iterator[str]:
    """Return the groups of a user, but for that of its domain."""
    yield "rax_users"
    yield "mfa_on" if user.mfa.enabled else "mfa_off"
    if user.mfa.enabled:
        yield f"factor_{user.mfa.factor_type.lower() if user.mfa.factor_type in ('OTP', 'SMS') else 'unknown'}"
    if user.mfa.state == "LOCKED":
        yield "mfa_locked"
    yield f"level_{(user.mfa.enforcement_level or 'DEFAULT').lower()}"
    if not user.enabled:
        yield "user_disabled"
    if devices is not None:
        yield f"otp_devices_{len(devices) if len(devices) < 2 else 'many'}"
