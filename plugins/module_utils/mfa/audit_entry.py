# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stored entry as an audit sees it: what it says, without its secrets. Pure. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from ..api.texts import is_same_name
from ..api.wire import text
from ..login.endpoint import is_same_place
from ..login.moment import Moment
from ..login.refusals import refusals_of
from ..login.stored_factor import are_over, fault_of_secret, usable_codes
from .entry import age_in_days


class AuditEntry(NamedTuple):
    """The public facts of a stored entry.

    :param source: the place of the entry, such as a file and a variable.
    :param codes: how many bypass codes the entry has.
    :param pending: what is not finished, `next` or `previous`.
    :param refused: the refused passcodes that any controller noted.
    """

    source: str
    username: str | None = None
    user_id: str | None = None
    endpoint: str | None = None
    device_id: str | None = None
    device_ids: tuple[str, ...] = ()
    has_secret: bool = False
    created: str | None = None
    proved: str | None = None
    codes: int = 0
    codes_end: str | None = None
    pending: tuple[str, ...] = ()
    refused: Mapping[str, Moment] = MappingProxyType({})

    @classmethod
    def read(cls, entry: Mapping[str, Any], source: str) -> AuditEntry:
        """Read an entry. Values of another type than the expected one count as missing."""
        following, previous = entry.get("next"), _text(entry, "previous")
        upcoming = _text(following, "device_id") if isinstance(following, Mapping) else None
        own = _text(entry, "device_id")
        return cls(
            source=source,
            username=_text(entry, "username"),
            user_id=_text(entry, "user_id"),
            endpoint=_text(entry, "auth_endpoint"),
            device_id=own,
            device_ids=tuple(device for device in (own, upcoming, previous) if device),
            has_secret=not fault_of_secret(entry),
            created=_text(entry, "created"),
            proved=_text(entry, "proved"),
            codes=len(usable_codes(entry)),
            codes_end=_text(entry, "bypass_codes_end"),
            pending=tuple(name for name, value in (("next", following), ("previous", previous)) if value),
            refused=refusals_of(entry),
        )

    def age_days(self, now: datetime) -> int | None:
        """Return the age of the secret in whole days; None when the entry does not tell."""
        return age_in_days(self.created, now)

    def live_codes(self, now: datetime) -> int:
        """Return how many bypass codes are still valid, as far as the entry tells."""
        return 0 if are_over(self.codes_end, now) else self.codes

    def facts(self, now: datetime) -> dict[str, Any]:
        """Return the entry as part of a result."""
        return {
            "source": self.source,
            "device_id": self.device_id,
            "created": self.created,
            "age_days": self.age_days(now),
            "proved": self.proved,
            "bypass_codes": self.live_codes(now),
            "bypass_codes_end": self.codes_end,
            "pending": list(self.pending),
        }

    def is_at(self, endpoint: str) -> bool:
        """Return whether the entry belongs to this endpoint, in its one spelling. One that does not tell may."""
        return self.endpoint is None or is_same_place(self.endpoint, endpoint)

    def is_of(self, name: str | None, endpoint: str) -> bool:
        """Return whether the entry names this account. Names match without regard to case."""
        return is_same_name(name, self.username) and self.is_at(endpoint)


def is_entry(value: Any) -> bool:
    """Return whether a stored value is an entry: it names an account and a device or a secret."""
    return (
        isinstance(value, Mapping)
        and any(value.get(key) for key in ("username", "user_id"))
        and any(key in value for key in ("secret", "key_uri", "device_id"))
    )


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    return text(entry.get(key)) or None
