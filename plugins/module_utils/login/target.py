# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a task acts on. Private to the collection."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..api.errors import Forbidden, InvalidAnswer, OptionError
from ..api.model import MFA_OFF, Mfa, User
from .earlier_tasks import EarlierTasks
from .entry_owner import check_owner_id
from .options import wanted_target
from .session import Session

if TYPE_CHECKING:
    from .entry_shape import Entry
    from .record import Record
    from .stored import StoredEntry


class Target:
    """The user that is acted on: the one that the target options name, else the account that logged in.

    :param seen: results of tasks before, the newest last, with the `user` and the `mfa` that they read. It is not read
        again.
    """

    def __init__(self, session: Session, option: Callable[[str], Any], seen: Sequence[Mapping[str, Any]] = ()) -> None:
        self._session = session
        self._user: User | None = None
        self._name: str | None = None
        earlier = EarlierTasks(seen, check_mode=session.check_mode)
        wanted_id, wanted_name = wanted_target(option)
        if wanted_id:
            self.id: str = wanted_id
        elif wanted_name:
            self._user = earlier.user(name=wanted_name) or session.client.user_by_name(wanted_name)
            self.id = self._user.id
        else:
            self.id, self._name = session.identity()
        self._is_named = bool(wanted_id or wanted_name)
        user = earlier.user(user_id=self.id) if self._user is None else None
        # Of one whom the login knows by another name the service is asked.
        if user and (self._is_named or session.who.auth_token or session.may_be_called(user.name)):
            self._user = self._checked(user)
        self.earlier = earlier.of(self.id)

    @property
    def is_self(self) -> bool:
        """Is it the account that logged in? An administrator may be its own target."""
        return not self._is_named or self._session.is_own(self.id, self._user.name if self._user else None)

    @property
    def user(self) -> User:
        """The user as the service shows it; read once, and not at all if looking it up by name has shown it."""
        if self._user is None:
            self._user = self._checked(self._session.client.user(self.id))
        return self._user

    def _checked(self, user: User) -> User:
        """Return the user. Raises OptionError if it is another one than O(username), so that O(user_id) is wrong."""
        if not self._is_named:
            self._session.check_name("user_id", user.name)
        return user

    @property
    def mfa(self) -> Mfa:
        """The multi-factor state of the user.

        A SETUP-MFA token may not read its own user. It is given, and lives, only while MFA is off (contract,
        "Authentication", 5, and "Settings").
        """
        if self._user is None and self.is_self and self._session.for_setup:
            return MFA_OFF
        try:
            return self.user.mfa
        except Forbidden:
            # The token that was given may have died, and the new one is for the setup alone.
            if not (self.is_self and self._session.may_be_for_setup):
                raise
            return MFA_OFF

    @property
    def is_on(self) -> bool:
        """Is multi-factor authentication on? In check mode: would it be, after the tasks before?"""
        told = self.earlier.is_on if self._session.check_mode else None
        return self.mfa.enabled if told is None else told

    def look_again(self) -> None:
        """Read the user although a task before has seen it, unless the token may not."""
        with contextlib.suppress(Forbidden):
            self._user = self._checked(self._session.client.user(self.id))

    @property
    def known_mfa(self) -> Mfa | None:
        """The multi-factor state if something has read it already; None if nothing has."""
        return self._user.mfa if self._user else None

    @property
    def known_name(self) -> str | None:
        """The name, which the record goes by; None if it would have to be read."""
        return self._name or (self._user.name if self._user else None)

    @property
    def name(self) -> str:
        """Its name; read if nothing has told it yet. Raises OptionError if the token may not look it up."""
        return self._name or self._read_name()

    @property
    def record(self) -> Record:
        """The record of passcodes of this user."""
        return self._session.login.record(self.name)

    @property
    def owner(self) -> dict[str, str]:
        """The part of a stored entry that says whose it is."""
        return {"username": self.name, "user_id": self.id, "auth_endpoint": self._session.way.endpoint}

    def entry_in(self, stored: StoredEntry) -> Entry:
        """Open the stored entry of this user, and return it.

        :raises OptionError: it belongs to another one, or the store or the record cannot be used.
        """
        entry = stored.open(self.record)
        check_owner_id(entry, self.name, self.id)
        return entry

    def note_time(self) -> None:
        """Keep the service's time for a task that follows, which else asks for it; if that is no trouble."""
        if self.known_name:
            with contextlib.suppress(OptionError), self.record.changing() as account:
                account.clock = self._session.transport.clock.knowledge()

    def _read_name(self) -> str:
        try:
            name = self.user.name
        except Forbidden:
            if not (self.is_self and self._session.client.token == self._session.who.auth_token):
                raise
            raise OptionError(
                "O(username) is missing: the record of passcodes goes by the name, which this O(auth_token) may not "
                "look up."
            ) from None
        if not name:
            raise InvalidAnswer("The service's answer has no name of the user, which the record of passcodes goes by.")
        return name
