# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the contract leaves to the service, as switches: what a client has to survive."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .misuse import Misuse

Value = str | int | bool

BEHAVIOURS: dict[str, tuple[Value, ...]] = {
    "accepted_steps": ("previous", "strict", "wide", "lagging"),
    "lag": (12, 3, 27),
    "replay": ("refused", "logins", "allowed"),
    "key_style": ("service", "documented"),
    "page_size": (100, 1, 2),
    "empty_pages": (False, True),
    "rate_limit": ("off", "413", "429", "413_bare", "429_bare"),
    "rate_limit_every": (3, 2),
    "retry_after": (1, 0, 2),
    "challenge_factor": ("PASSCODE", "OTPPASSCODE"),
    "challenge_headers": ("single", "several", "joined"),
    "full_stop": ("documented", "always", "never"),
    "error_prefix": (False, True),
    "dead_session": (0, 60),
    "creation_status": (201, 200),
    "location": ("right", "misleading"),
    "bracket_names": ("fine", "fail"),
    "empty_device_lists": (0, 1),
    "list_order": ("shuffled", "creation", "reversed"),
    "lean": (False, True),
    "missing_mfa_flag": (False, True),
    "expires_style": ("offset", "zulu"),
    "authenticated_by": ("shuffled", "documented", "reversed"),
    "lock_threshold": (3, 5),
    "lock_minutes": (30, 10),
    "session_minutes": (5,),
    "token_minutes": (1440, 60),
}
"""Each switch with the values worth trying, the default first. Numbers may have other values too."""


@dataclass(frozen=True)
class Behaviour:
    """One choice for each freedom; the defaults are strict."""

    accepted_steps: str = "previous"
    """Time steps that a code may be of: `previous` {now, previous}, `strict` {now}, `wide` {now, one either side};
    `lagging`: the clock that checks codes is `lag` seconds behind, so that it accepts {previous, the one before} for
    that part of each step and {now, previous} for the rest."""
    lag: int = 12
    """Seconds by which `lagging` lags (0 to 30)."""
    replay: str = "refused"
    """A code accepted once: `refused` at every later login, also when it was accepted by the verification;
    `logins`: refused only after a login; `allowed`: accepted again."""
    key_style: str = "service"
    """`service`: `RAX-AUTH:` and true; `documented`: `rax-auth:` and "true", as the guide prints them."""
    page_size: int = 100
    """Most users on a page of the list, whatever `limit` asks for."""
    empty_pages: bool = False
    """Each page of users is followed by an empty one that has a next page."""
    rate_limit: str = "off"
    """Every `rate_limit_every`th request answers 413 or 429 without doing the work; `_bare`: without `Retry-After`."""
    rate_limit_every: int = 3
    """Which requests the rate limit hits (2 or more; 1 would answer nothing else)."""
    retry_after: int = 1
    """Seconds in the `Retry-After` of the rate limit."""
    challenge_factor: str = "PASSCODE"
    """The factor that the challenge names for OTP users; for SMS it is always PASSCODE."""
    challenge_headers: str = "single"
    """`single`: one `WWW-Authenticate`; `several`: two others around it; `joined`: all in one header."""
    full_stop: str = "documented"
    """Whether messages end with a full stop: as the guide prints each, `always`, or `never`."""
    error_prefix: bool = False
    """Lead messages by `Error code: '...'; `."""
    dead_session: int = 0
    """Seconds after MFA was turned on in which the first session is dead at once (0: never)."""
    creation_status: int = 201
    """The status of the creation of an OTP device."""
    location: str = "right"
    """`misleading`: the `Location` of a new device does not end with its id."""
    bracket_names: str = "fine"
    """`fail`: a device whose name has `[` or `]` is stored and answered with 500."""
    empty_device_lists: int = 0
    """So many lists of each user's OTP devices come back empty although there are devices, counted from the change."""
    list_order: str = "shuffled"
    """The order of the lists of OTP devices. The list of users goes by id, so that its pages fit together."""
    lean: bool = False
    """Leave tenant, e-mail, domain and catalogue out of the authentication's answer."""
    missing_mfa_flag: bool = False
    """Leave `multiFactorEnabled` out of the user while MFA is off."""
    expires_style: str = "offset"
    """`offset`: milliseconds and `-06:00`; `zulu`: whole seconds and `Z`."""
    authenticated_by: str = "shuffled"
    """The order of `authenticatedBy`."""
    lock_threshold: int = 3
    """Wrong passcodes that lock the account."""
    lock_minutes: int = 30
    """Minutes after the last failure until the count is cleared."""
    session_minutes: int = 5
    """Minutes that a session of the second step lives."""
    token_minutes: int = 1440
    """Minutes that a token lives."""

    def changed(self, switches: dict[str, Any]) -> Behaviour:
        """A behaviour with some switches set anew; `Misuse` names the first that is unknown or out of range."""
        for name, value in switches.items():
            _check(name, value)
        return replace(self, **switches)

    def as_dict(self) -> dict[str, Value]:
        """All switches, for the control API."""
        return asdict(self)


_LEAST = {"rate_limit_every": 2, "page_size": 1, "lock_threshold": 1, "creation_status": 200}
_MOST = {"lag": 30, "creation_status": 201}


def _check(name: str, value: Any) -> None:
    if name not in BEHAVIOURS:
        raise Misuse(f"unknown switch {name!r}; there are: {', '.join(field.name for field in fields(Behaviour))}")
    default = BEHAVIOURS[name][0]
    if type(value) is not type(default):
        raise Misuse(f"{name} must be of type {type(default).__name__}")
    if isinstance(value, str) and value not in BEHAVIOURS[name]:
        raise Misuse(f"{name} must be one of: {', '.join(str(choice) for choice in BEHAVIOURS[name])}")
    if isinstance(value, int) and not _LEAST.get(name, 0) <= value <= _MOST.get(name, 10**9):
        raise Misuse(f"{name} must lie between {_LEAST.get(name, 0)} and {_MOST.get(name, 10**9)}")
