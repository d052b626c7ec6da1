# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task works with: the service, as the account that logged in. Private to the collection.

A `Session` is one connection, at most one login, and one more where a token is refused. A change that may end the token
allows another one.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..api.calls import another
from ..api.client import Client
from ..api.errors import Forbidden, OptionError, PasscodeRequired, SetupRequired, TokenRefused
from ..api.model import Access, Challenge
from ..api.texts import is_same_name
from ..api.transport import Transport
from . import options
from .entry_owner import check_given
from .voice import Voice

if TYPE_CHECKING:
    from .account_lock import AccountLock
    from .login import Chosen, Login
    from .record import Record
    from .stored import Store, StoredEntry


class Session:
    """What a task works with: the service, as the account that logged in.

    :param option: the value of a shared option by its name.
    :param keep: is given every secret that comes from the service or the store, to be masked from then on.
    :param for_setup: the token may only set MFA up. A login that needs it may turn this on later.
    :param store: where the entry of the account lies that is acted on.
    :param saves: the task may save something there: a typed bypass code is not spent when that cannot work.
    :param check_mode: nothing but a refused passcode is noted in the store, and no bypass code is spent.
    """

    def __init__(
        self,
        option: Callable[[str], Any],
        *,
        keep: Callable[[str], None],
        voice: Voice,
        for_setup: bool = False,
        environ: Mapping[str, str],
        store: Store | None = None,
        saves: bool = False,
        check_mode: bool = False,
    ) -> None:
        self.way = options.connection(option, environ)
        self.who = options.credentials(option, environ)
        check_given("otp_secret", option("otp_secret"), self.who.username or "", self.way.endpoint)
        self.voice = voice
        self._connect = functools.partial(
            Transport, self.way.endpoint, timeout=self.way.timeout, verify=self.way.verify, environ=environ
        )
        self.transport = self._connect(
            tell=lambda line: voice.tell(f"{self.who.username}: {line}" if self.who.username else line)
        )
        self.access: Access | None = None
        self.for_setup = for_setup
        self.check_mode = check_mode
        self._option = option
        self._keep = keep
        wanted_id, wanted_name = options.wanted_target(option)
        self._acts_on_itself = not (wanted_id or wanted_name) or is_same_name(wanted_name, self.who.username)
        self._uses_code = option("use") == "bypass_code"
        self._saves = saves and not check_mode
        self.stored = self._entry_in(store) if store else None
        self.sent: list[str] = []
        """The ids of login sessions, and the passcodes."""
        self._login: Login | None = None
        self._client: Client | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, *unused: object) -> None:
        if kind is not None:
            self.hide_sent()
        self.transport.close()
        if self.stored is not None:
            self.stored.close()

    def hide_sent(self) -> None:
        """Mask the codes and the ids of login sessions that were sent: something failed, and the error may show them.

        Not in a result that is no failure: six digits may be a part of a token that is the result.
        """
        for secret in [*self.sent, *(self._client.codes if self._client else ())]:
            self._keep(secret)

    @contextlib.contextmanager
    def beside(self, token: str) -> Iterator[Client]:
        """The service by another connection with this token, for a thread of its own. It never logs in."""
        with contextlib.closing(self._connect(tell=self.voice.tell)) as transport:
            yield Client(transport, token)

    @property
    def login(self) -> Login:
        """The way to a token. Most tasks bring one: what a login takes is loaded for those that do not."""
        if self._login is None:
            from .login import Login

            chosen, another = self._ways()
            self._login = Login(
                self.transport, self.who, self.way, self.voice, chosen=chosen, sent=self.sent.append, another=another
            )
        return self._login

    def would_spend_a_code(self) -> bool:
        """Is this check mode, and would only a bypass code log in? Then nothing can be looked at."""
        who = self.who
        if not (self.check_mode and self._uses_code and self._acts_on_itself):
            return False
        if who.api_key or who.auth_token or who.factor.otp:
            return False
        if who.factor.passcode or self.stored is None:
            return bool(who.factor.passcode)  # with neither, the login says what is missing
        from .stored_factor import pending_secret

        self.stored.open(self.login.record(who.username or ""))
        return pending_secret(self.stored) is None and self.is_challenged

    def check_code(self) -> None:
        """Make sure that there is a code that would be spent, if it would be a stored one.

        :raises PasscodeRefused: too many passcodes were refused.
        :raises PasscodeRequired: there is no code.
        """
        if self.stored is not None and not self.who.factor.passcode:
            from .stored_factor import next_code

            next_code(self.stored, self.login.record(self.who.username or ""), self.transport.clock)

    @functools.cached_property
    def is_challenged(self) -> bool:
        """Does a login ask for a second factor? The first step of it, which is made once, spends nothing."""
        try:
            return isinstance(self.login.begin(), Challenge)
        except SetupRequired:
            return False

    def _ways(self) -> tuple[Chosen | None, Chosen | None]:
        """The way to a stored factor, and to another one when that is of no use.

        The entry of a target is not that of the account that logs in.
        """
        from .login import from_person

        stored, given, clock = self.stored, self.who.factor, self.transport.clock
        is_own = stored is not None and stored.is_kept and self._acts_on_itself
        if stored is None or not is_own or (self._uses_code and given.otp):
            return from_person(given) if self._option("store") else None, None
        from .stored_factor import from_store, typed, without_device

        if given.passcode:
            return typed(stored, given.passcode, recovers=self._uses_code, saves=self._saves), None
        if self._uses_code:
            another = None if self.check_mode else without_device(stored, clock, by_code_only=True)
            return without_device(stored, clock), another
        return from_store(stored, given), None

    def _entry_in(self, store: Store) -> StoredEntry:
        from .stored import StoredEntry  # most ordinary modules are given a token, and none a store

        return StoredEntry(store, self._lock, self._keep, check_mode=self.check_mode)

    def _lock(self, record: Record) -> AccountLock:
        from .account_lock import AccountLock

        return AccountLock(
            record.busy, record.username, max_wait=self.way.max_wait, tell=self.voice.tell, sleep=self.transport.sleep
        )

    @property
    def client(self) -> Client:
        """The service with a token: the given one, else one of a login that is made now."""
        if self._client is None:
            renew = self._renewed if self.who.password or self.who.api_key else None
            self._client = Client(self.transport, self.who.auth_token or self.log_in(), renew)
        return self._client

    def connect(self) -> Client:
        """Log in, unless a token was given.

        An account that must set MFA up first gets a token for just that (contract, "Authentication", 5).
        """
        try:
            return self.client
        except SetupRequired:
            self.for_setup = True
            return self.client

    def log_in(self) -> str:
        """Log in now, whatever token there is; returns the new one."""
        return self.use(self.login(for_setup=self.for_setup))

    def _renewed(self) -> str:
        """Log in again, after a token was refused; returns the new one.

        A token that may only set MFA up dies when a device is added or MFA is turned on (contract, "Authentication",
        5). Then there is another one of its kind, or none at all any more.
        """
        try:
            return self.log_in()
        except SetupRequired:
            self.for_setup = True
        except Forbidden:
            if not self.for_setup:
                raise
            self.for_setup = False
        except PasscodeRequired as error:  # the one that was typed is used up by the login before
            raise error.reworded(f"The token was refused, and a new login needs a passcode. {error.message}") from None
        return self.log_in()

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
            access = self._validated(client)
            self.check_name("auth_token", access.user_name)
            self.access = access
        return self.access

    def may_be_called(self, name: str) -> bool:
        """Is it the name of the account that logs in, as far as that was given?"""
        return not self.who.username or is_same_name(name, self.who.username)

    def check_name(self, option: str, told: str | None) -> None:
        """Refuse a token, or an ID, of another account, on which the rest of the task would work.

        :param option: what was given beside the name, if a token was; else the ID is that of the login.
        :param told: whose it is, by the service.
        """
        if not told or self.may_be_called(told):
            return
        if not self.who.auth_token:
            raise another("user")
        given = option if self.who.user_id else "auth_token"
        raise OptionError(
            f"O({given}) is that of {told}, and O(username) is {self.who.username}. Nothing was changed. Pass that of "
            "this account, or to act on another user as its administrator, O(target_user)."
        )

    def _validated(self, client: Client) -> Access:
        try:
            return client.validate_token(client.token)
        except TokenRefused:
            if not client.renew() or self.access is None:
                raise
            return self.access
        except Forbidden as error:
            raise error.reworded(
                f"{error.message} A token that may only set up multi-factor authentication may not look itself up. "
                "The modules that do that, such as rax_otp_device, take O(user_id) beside O(auth_token)."
            ) from None

    @property
    def may_be_for_setup(self) -> bool:
        """Is the token for the setup alone, or was it given and may be, so that it may not look at its user?"""
        return self.for_setup or self.client.token == self.who.auth_token

    def is_own(self, user_id: str, name: str | None) -> bool:
        """Is that the account that is logged in, as far as it is known by now? Nothing is read for it."""
        given_id = self.who.user_id if self.who.auth_token else None
        own_id = self.access.user_id if self.access else given_id
        if own_id:
            return user_id == own_id
        return not self.who.auth_token and is_same_name(name, self.who.username)

    def identity(self) -> tuple[str, str | None]:
        """Id and, if it is known, name of the account that is logged in."""
        if self.who.auth_token and self.who.user_id and self.access is None:
            return self.who.user_id, self.who.username
        access = self.current()
        return access.user_id, access.user_name or self.who.username
