# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was sent for an account: the steps used and the passcodes refused. Private to the collection.

One small file for each endpoint and user name, readable by its owner alone, under an advisory lock while it is changed.
It holds no secret: digests of secrets, numbers of time steps, times on the service's clock. It lives over runs, as the
service's count of failures does (contract, "Authentication", 4). It is found by the name and not by the user id,
because a login that is challenged knows only the name; the service matches names without regard to case, and so does
this.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any

from ..api.clock import Known
from ..api.errors import OptionError
from ..otp.passcode_rule import DEAD_SESSIONS, MEMORY, MOST_REFUSALS
from .private_file import check_private, check_writable, exclusive, make_folder, read_whole, write_whole

_VERSION = 1
_MOST_SECRETS = 16
_HARD = 200_000


@dataclass
class Used:
    """What is known of one secret: the last step sent or accepted, and the offset that was seen to work, if any.

    `follows_verification`: a verification accepted `last`, and no login came after it.
    """

    last: int
    offset: int | None = None
    follows_verification: bool = False


@dataclass
class Attempt:
    """A passcode that was sent and not accepted, as far as is known. `typed` is a digest of one that a person typed."""

    at: float
    id: str
    typed: str | None = None


@dataclass
class Account:
    """The content of one record. Times are seconds on the service's clock."""

    secrets: dict[str, Used] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    mfa_on_at: float | None = None
    clock: Known | None = None
    """The time as the creation of a device told it, for the verification that follows in a task of its own."""

    def refusals(self, now: float) -> list[Attempt]:
        """The attempts that still count: all of them, until the last one is old enough.

        One of the future counts too: a clock went back.
        """
        return self.attempts if any(now - attempt.at < MEMORY for attempt in self.attempts) else []

    def safe_in(self, now: float) -> float:
        """Seconds until a passcode may be sent again; 0 where it may be sent now."""
        counted = self.refusals(now)
        return 0.0 if len(counted) < MOST_REFUSALS else max(attempt.at for attempt in counted) + MEMORY - now

    def begin(self, now: float, attempt_id: str, typed: str | None = None) -> None:
        """Note an attempt before it is sent: until its outcome is known it counts as refused."""
        self.attempts = [*self.refusals(now), Attempt(now, attempt_id, typed)]

    def withdraw(self, attempt_id: str) -> None:
        """That attempt never reached the service."""
        self.attempts = [attempt for attempt in self.attempts if attempt.id != attempt_id]

    def succeed(self, attempt_id: str) -> None:
        """That attempt was accepted, which clears the service's count of all that came before it."""
        ids = [attempt.id for attempt in self.attempts]
        if attempt_id in ids:
            self.attempts = self.attempts[ids.index(attempt_id) + 1 :]

    def session_may_be_dead(self, now: float) -> bool:
        """Was MFA turned on so short a time ago that a session may be dead at once?"""
        return self.mfa_on_at is not None and abs(now - self.mfa_on_at) < DEAD_SESSIONS


class Record:
    """The record of one account on one endpoint.

    :param directory: the user's state directory; it is made, readable by its owner alone, where it is missing.
    """

    def __init__(self, directory: Path, endpoint: str, username: str) -> None:
        self.endpoint = endpoint
        self.username = username
        self._account = f"{endpoint}\n{username.casefold()}"
        name = hashlib.sha256(self._account.encode()).hexdigest()[:32]
        self.path = directory / f"{name}.json"
        self.busy = directory / f"{name}.busy"
        """The lock of a call that works on the account (`account_lock`)."""

    def typed_digest(self, passcode: str) -> str:
        """Tells one typed passcode from another. Slow on purpose: there are few passcodes to try."""
        return hashlib.pbkdf2_hmac("sha256", passcode.encode(), self._account.encode(), _HARD).hex()[:16]

    def check(self) -> None:
        """Make sure, before anything is sent, that the record can be read and written.

        :raises OptionError: its folder cannot be used, or the record cannot be read.
        """
        with self._usable():
            check_writable(self.path)
            if self.path.parent.exists():
                check_private(self.path.parent)
        self.read()

    def read(self) -> Account:
        """The record as it is; an empty one where there is none.

        Raises OptionError where it can't be read: to forget refusals could lock the account.
        """
        try:
            found = read_whole(self.path)
            return _load(found[0]) if found else Account()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise OptionError(
                f"The record of used passcodes {self.path} can't be read. Where no passcode was refused for this "
                "account in the last half hour it is safe to remove it."
            ) from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[Account]:
        """Read, change and write, with everybody else locked out. Nothing is written where the block raises."""
        with self._locked():
            account = self.read()
            before = _dump(account)
            yield account
            after = _dump(account)
            if after != before:
                self._write(after)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with contextlib.ExitStack() as held:
            with self._usable():
                make_folder(self.path.parent)
                check_private(self.path.parent)
                held.enter_context(exclusive(self.path))
            yield

    def _write(self, content: bytes) -> None:
        with self._usable():
            write_whole(self.path, content)

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OptionError(
                f"The folder {self.path.parent} for the record of used passcodes can't be used: {error.strerror}. "
                "Without the record an account could be locked; set state_dir to a folder that can be written."
            ) from None


def _dump(account: Account) -> bytes:
    newest = sorted(account.secrets, key=lambda digest: account.secrets[digest].last)[-_MOST_SECRETS:]
    clock = account.clock._asdict() if account.clock else None
    data = asdict(account) | {"clock": clock, "version": _VERSION}
    data["secrets"] = {digest: data["secrets"][digest] for digest in newest}
    return json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"


def _load(content: bytes) -> Account:
    data: dict[str, Any] = json.loads(content)
    if data["version"] != _VERSION:
        raise ValueError("a version that this collection does not know")
    account = Account(
        secrets={digest: Used(**used) for digest, used in data["secrets"].items()},
        attempts=[Attempt(**attempt) for attempt in data["attempts"]],
        mfa_on_at=data["mfa_on_at"],
        clock=Known(**data["clock"]) if data["clock"] else None,
    )
    _check_types(account)
    return account


def _check_types(account: Account) -> None:
    """Raises TypeError for a value that no record has: what is computed from it could lock the account."""
    for used in account.secrets.values():
        _require(used.last, int)
        _require(used.offset, int, NoneType)
        _require(used.follows_verification, bool)
    for attempt in account.attempts:
        _require(attempt.at, int, float)
        _require(attempt.id, str)
        _require(attempt.typed, str, NoneType)
    _require(account.mfa_on_at, int, float, NoneType)
    if not all(type(value) in (int, float) for value in account.clock or ()):
        raise TypeError


def _require(value: Any, *types: type) -> None:
    # Not isinstance: true would pass for 1. JSON's NaN and Infinity are numbers to Python, and compare with nothing.
    if type(value) not in types or (type(value) is float and not math.isfinite(value)):
        raise TypeError
