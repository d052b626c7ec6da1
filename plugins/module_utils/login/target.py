# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a task acts on. Private to the collection."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..api.errors import Forbidden, InvalidAnswer, OptionError
from ..api.model import Mfa, Scope, User
from .session import Session, wanted_target

if TYPE_CHECKING:
    from .record import Record


class Target:
    """The user that is acted on: the one that the target options name, else the account that logged in.

    :param seen: results of tasks before, with the `user` and the `mfa` that they read. It is not read again.
    """

    def __init__(self, session: Session, option: Callable[[str], Any], seen: Sequence[Mapping[str, Any]] = ()) -> None:
        self._session = session
        self._user: User | None = None
        self._name: str | None = None
        wanted_id, wanted_name = wanted_target(option)
        if wanted_id:
            self.id: str = wanted_id
        elif wanted_name:
            self._user = _seen_user(seen, name=wanted_name) or session.client.user_by_name(wanted_name)
            self.id = self._user.id
        else:
            self.id, self._name = session.identity()
        self._is_named = bool(wanted_id or wanted_name)
        self._user = self._user or _seen_user(seen, user_id=self.id)

    @property
    def is_self(self) -> bool:
        """Is it the account that logged in? An administrator may be its own target."""
        return not self._is_named or self._session.is_own(self.id, self._user.name if self._user else None)

    @property
    def user(self) -> User:
        """The user as the service shows it; read once, and not at all if looking it up by name has shown it."""
        if self._user is None:
            self._user = self._session.client.user(self.id)
        return self._user

    @property
    def mfa(self) -> Mfa:
        """The multi-factor state of the user.

        A SETUP-MFA token may not read its own user. It is given, and lives, only while MFA is off (contract,
        "Authentication", 5, and "Settings").
        """
        off = Mfa(enabled=False, state=None, factor_type=None, enforcement_level=None)
        if self._user is None and self.is_self and self._session.scope is Scope.SETUP_MFA:
            return off
        try:
            return self.user.mfa
        except Forbidden:
            # The token that was given may have died, and the new one is for the setup alone.
            if not (self._has_given_token or (self.is_self and self._session.scope is Scope.SETUP_MFA)):
                raise
            return off

    @property
    def known_mfa(self) -> Mfa | None:
        """The multi-factor state if something has read it already; None if nothing has."""
        return self._user.mfa if self._user else None

    @property
    def has_known_name(self) -> bool:
        """Is the name known, which the record goes by, or would it have to be read?"""
        return bool(self._name or self._user)

    @property
    def name(self) -> str:
        """Its name; read if nothing has told it yet. Raises OptionError if the token may not look it up."""
        return self._name or self._read_name()

    @property
    def record(self) -> Record:
        """The record of passcodes of this user."""
        return self._session.login.record(self.name)

    def note_time(self) -> None:
        """Keep the service's time for a task that follows, which else asks for it; if that is no trouble."""
        if self.has_known_name:
            with contextlib.suppress(OptionError), self.record.changing() as account:
                account.clock = self._session.transport.clock.knowledge()

    def _read_name(self) -> str:
        try:
            name = self.user.name
        except Forbidden:
            if not self._has_given_token:
                raise
            raise OptionError(
                "O(username) is missing: the record of passcodes goes by the name, which this O(auth_token) may not "
                "look up."
            ) from None
        if not name:
            raise InvalidAnswer("The service's answer has no name of the user, which the record of passcodes goes by.")
        return name

    @property
    def _has_given_token(self) -> bool:
        """Is it the account itself, with a token that the task was given?"""
        return self.is_self and self._session.client.token == self._session.who.auth_token


def _seen_user(seen: Sequence[Mapping[str, Any]], *, user_id: str = "", name: str = "") -> User | None:
    """The user in one of these results that has this id or name; None when none of them shows its MFA state."""
    for result in seen:
        user, mfa = result.get("user"), result.get("mfa")
        if not (isinstance(user, dict) and isinstance(mfa, dict) and set(Mfa._fields) <= set(mfa)):
            continue
        has_id, has_name = str(user.get("id") or ""), str(user.get("name") or "")
        if has_id and (has_id == user_id or (name and has_name.casefold() == name.casefold())):
            return User(has_id, has_name, None, True, Mfa(**{field: mfa[field] for field in Mfa._fields}))
    return None
