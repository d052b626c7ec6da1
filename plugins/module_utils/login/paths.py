# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths as users write them. Private to the collection."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..api.errors import OptionError


def usable_path(option: str, text: str) -> Path:
    """Return the path that an option gives, whether or not there is a file.

    :param option: the name of the option, for messages.
    :raises OptionError: no file can have it: it is too long, has a NUL, or begins with an unknown home folder.
    """
    try:
        path = Path(text).expanduser()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
    except OSError as error:
        raise OptionError(f"O({option}) cannot be used: {error.strerror}.") from None
    except (RuntimeError, ValueError):
        raise OptionError(f"O({option}) is not a path that a file can have.") from None
    return path
