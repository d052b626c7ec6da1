# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task works with, and whom it acts on. Private to the collection.

A `Session` is one connection, at most one login, and one more where a token is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import options
from .client import Client
from .errors import Forbidden, InvalidAnswer, OptionError, TokenRefused
from .model import Access, Mfa, Scope, User
from .transport import Transport

if TYPE_CHECKING:
    from .login import Login
    from .record import Record


class Session:
    """What a task works with: the service, as the account that logged in.

    :param option: the value of a shared option by its name.
    :param keep: is given every token, to be masked from then on.
    """

    def __init__(
        self,
        option: Callable[[str], Any],
        *,
        keep: Callable[[str], None],
        say: Callable[[str], None],
        scope: Scope | None = None,
        environ: Mapping[str, str],
    ) -> None:
        self.way = options.connection(option, environ)
        self.who = options.credentials(option, environ)
        self.transport = Transport(self.way.endpoint, timeout=self.way.timeout, verify=self.way.verify)
        self.access: Access | None = None
        self.scope = scope
        self._keep = keep
        self._say = say
        self._login: Login | None = None
        self._client: Client | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *unused: object) -> None:
        self.transport.close()

    @property
    def login(self) -> Login:
        """The way to a token. Most tasks bring one: what a login takes is loaded for those that do not."""
        if self._login is None:
            from .login import Login

            self._login = Login(self.transport, self.who, self.way, self._say)
        return self._login

    @property
    def client(self) -> Client:
        """The service with a token: the given one, else one of a login that is made now."""
        if self._client is None:
            renew = self.log_in if self.who.password or self.who.api_key else None
            if self.who.auth_token:
                self._client = Client(self.transport, self.who.auth_token, renew)
            else:
                self._client = Client(self.transport, self.log_in(), renew)
        return self._client

    def log_in(self) -> str:
        """Log in now, whatever token there is; returns the new one."""
        return self.use(self.login(self.scope))

    def use(self, access: Access) -> str:
        """Go on with this login; returns its token."""
        self.access = access
        self._keep(access.token)
        if self._client is not None:
            self._client.token = access.token
        return access.token

    def current(self) -> Access:
        """The login that the task works with: its own, else what the given token was made by."""
        client = self.client
        if self.access is None:
            self.access = self._validated(client)
        return self.access

    def _validated(self, client: Client) -> Access:
        try:
            return client.validate_token(client.token)
        except TokenRefused:
            if not client.renew() or self.access is None:
                raise
            return self.access
        except Forbidden as error:
            raise Forbidden(
                f"{error.message} A token that may only set up multi-factor authentication may not look itself up: "
                "pass user_id beside auth_token.",
                status=error.status,
                service_message=error.service_message,
            ) from None

    def identity(self) -> tuple[str, str | None]:
        """Id and, where it is known, name of the account that is logged in."""
        if self.who.auth_token and self.who.user_id and self.access is None:
            return self.who.user_id, self.who.username
        access = self.current()
        return access.user_id, access.user_name or self.who.username


class Target:
    """The user that is acted on: the one that the target options name, else the account that logged in."""

    def __init__(self, session: Session, option: Callable[[str], Any]) -> None:
        self._session = session
        self._user: User | None = None
        self._name: str | None = None
        wanted_id, wanted_name = option("target_user_id") or None, option("target_user") or None
        if wanted_id and wanted_name:
            raise OptionError("target_user and target_user_id exclude each other: leave one out.")
        if wanted_id:
            self.id: str = wanted_id
        elif wanted_name:
            self._user = session.client.user_by_name(wanted_name)
            self.id = self._user.id
        else:
            self.id, self._name = session.identity()
        self.is_self = not (wanted_id or wanted_name)

    @property
    def user(self) -> User:
        """The user as the service shows it; read once, and not at all where looking it up by name has shown it."""
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
            if not self._has_given_token:
                raise
            return off

    @property
    def has_known_name(self) -> bool:
        """Is the name known, which the record goes by, or would it have to be read?"""
        return bool(self._name or self._user)

    @property
    def name(self) -> str:
        """Its name; read where nothing has told it yet. Raises OptionError where the token may not look it up."""
        return self._name or self._read_name()

    @property
    def record(self) -> Record:
        """The record of passcodes of this user."""
        return self._session.login.record(self.name)

    def note_time(self) -> None:
        """Keep the service's time for a task that follows, which else asks for it; where that is no trouble."""
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
                "username is missing: the record of passcodes goes by the name, which this auth_token may not look up."
            ) from None
        if not name:
            raise InvalidAnswer("The service's answer has no name of the user, which the record of passcodes goes by.")
        return name

    @property
    def _has_given_token(self) -> bool:
        """Is it the account itself, with a token that the task was given?"""
        return self.is_self and self._session.client.token == self._session.who.auth_token
