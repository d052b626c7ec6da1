# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was sent for an account: the steps used and the passcodes refused. Private to the collection.

One small file for each endpoint and user name, readable by its owner alone, under an advisory lock while it is changed.
It holds no secret: digests of secrets, numbers of time steps, times. It lives over runs, as the service's count of
failures does (contract, "Authentication", 4). It is found by the name and not by the user id, because a login that is
challenged knows only the name; the service matches names without regard to case, and so does this.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ..api.errors import OptionError
from .account import Account
from .account_file import dump, load
from .private_file import check_private, check_writable, exclusive, make_folder, read_whole, write_whole

_HARD = 200_000


class Record:
    """The record of one account on one endpoint.

    :param directory: the user's state directory; it is made, readable by its owner alone, if it is missing.
    """

    def __init__(self, directory: Path, endpoint: str, username: str) -> None:
        self.endpoint = endpoint
        self.username = username
        # A name that no file of text can hold is still a name.
        self._account = f"{endpoint}\n{username.casefold()}".encode("utf-8", "surrogatepass")
        name = hashlib.sha256(self._account).hexdigest()[:32]
        self.path = directory / f"{name}.json"
        self.busy = directory / f"{name}.busy"
        """The lock of a call that works on the account (`account_lock`)."""

    def typed_digest(self, passcode: str) -> str:
        """Tells one typed passcode from another. Slow on purpose: there are few passcodes to try."""
        return hashlib.pbkdf2_hmac("sha256", passcode.encode(), self._account, _HARD).hex()[:16]

    def check(self) -> None:
        """Make sure, before anything is sent, that the record can be read and written.

        :raises OptionError: its folder cannot be used, or the record cannot be read.
        """
        with usable(self.path.parent):
            check_writable(self.path)
            if self.path.parent.exists():
                check_private(self.path.parent)
        self.read()

    def read(self) -> Account:
        """The record as it is; an empty one if there is none.

        Raises OptionError if it can't be read, or is another user's: to forget refusals could lock the account.
        """
        try:
            found = read_whole(self.path)
            return load(found[0]) if found else Account()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _refuse_another_users(error)
            raise OptionError(
                f"The record of used passcodes {self.path} can't be read. If no passcode was refused for this "
                "account in the last half hour, it is safe to remove it."
            ) from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[Account]:
        """Read, change and write, with everyone else locked out. Nothing is written if the block raises."""
        folder = self.path.parent
        with contextlib.ExitStack() as held:
            with usable(folder):
                make_folder(folder)
                check_private(folder)
                held.enter_context(exclusive(self.path))
            account = self.read()
            before = dump(account)
            yield account
            after = dump(account)
            if after != before:
                with usable(folder):
                    write_whole(self.path, after)


@contextlib.contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Work in the folder.

    :raises OptionError: it cannot be used, or a file in it is another user's.
    """
    try:
        yield
    except OSError as error:
        _refuse_another_users(error)
        raise OptionError(
            f"The folder {folder} for the record of used passcodes cannot be used: {error.strerror}. Without the "
            "record an account could be locked; set O(state_dir) to a folder that can be written."
        ) from None


def _refuse_another_users(error: Exception) -> None:
    """Name the file that could not be opened, if it belongs to another user.

    :raises OptionError: it does.
    """
    if not isinstance(error, PermissionError) or not error.filename:
        return
    with contextlib.suppress(OSError):
        owner = os.lstat(error.filename).st_uid
        if owner != os.geteuid():
            raise OptionError(
                f"The file {error.filename} belongs to another user (ID {owner}). All runs for an account must be one "
                "user's: it tells them which passcodes were sent, and without it they could lock the account. Run this "
                "as that user, or, to change users for good, give the folder to the new one (chown -R)."
            ) from None
