# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told when the folder of the records, or a file in it, cannot be used. Private to the collection."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from ..api.errors import OptionError


@contextlib.contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Work in the folder.

    :raises OptionError: it cannot be used, or a file in it is another user's.
    """
    try:
        yield
    except OSError as error:
        refuse_another_users(error)
        raise OptionError(
            f"The folder {folder} for the record of used passcodes cannot be used: {error.strerror}. Without the "
            "record an account could be locked; set O(state_dir) to a folder that can be written."
        ) from None


def refuse_another_users(error: Exception) -> None:
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
