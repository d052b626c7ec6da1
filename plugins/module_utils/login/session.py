# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task works with: the service, as the account that logged in. Private to the collection.

A `Session` is one connection, at most one login, and one more where a token is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..api.client import Client
from ..api.errors import Forbidden, TokenRefused
from ..api.model import Access, Scope
from ..api.transport import Transport
from . import options

if TYPE_CHECKING:
    from .login import Login


_CREDENTIALS = ("username", "password", "api_key", "credentials_file", "otp_secret", "passcode")


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
        self._option = option
        self._environ = environ
        self._keep = keep
        self._say = say
        self._login: Login | None = None
        self._client: Client | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *unused: object) -> None:
        self.transport.close()

    def beside(self, token: str) -> Session:
        """Return another connection with this token, for a thread of its own. It never logs in."""

        def option(name: str) -> Any:
            return token if name == "auth_token" else None if name in _CREDENTIALS else self._option(name)

        return Session(option, keep=self._keep, say=self._say, environ=self._environ)

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
