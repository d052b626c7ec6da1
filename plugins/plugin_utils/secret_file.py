# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that shows a secret to one person: written for its owner alone, and removed again. Private to the collection.

It is written in place and never over something else: in the way may be the user's own file, a link that someone put
there, or the code of another account that was given the same path. A file counts as ours if it begins as the content
does and has no more: of a run that was killed while it wrote there is a part of it, or nothing.
"""

from __future__ import annotations

import contextlib
import errno
import stat
from collections.abc import Iterator
from pathlib import Path

from ..module_utils.api.errors import OptionError
from ..module_utils.login.private_file import create, read_whole


def write(path: Path, content: bytes, *, dry: bool = False) -> bool:
    """Make sure that the file is there, with mode 0600; return whether that changed something.

    :param dry: change nothing.
    :raises OptionError: the folder is not there, something else is in the way, or the system refuses.
    """
    if not path.parent.is_dir():
        raise OptionError(f"path: the folder {path.parent} does not exist. Create it first, for you alone.")
    with _refusals(path):
        have, mode = _read(path, content)
        if (have, mode) == (content, 0o600):
            return False
        if have is not None and not content.startswith(have):
            raise OptionError(
                f"path: {path} is there already, and is not the code of this device. Nothing was written. Remove "
                "the file if it is an old one, and give each account a path of its own."
            )
        if not dry:
            path.unlink(missing_ok=True)
            create(path, content)
    return True


def remove(path: Path, content: bytes, *, dry: bool = False) -> bool:
    """Make sure that the file is gone; return whether that changed something. What is not ours stays.

    :param dry: change nothing.
    :raises OptionError: the system refuses.
    """
    with _refusals(path):
        have, _mode = _read(path, content)
        is_ours = have is not None and content.startswith(have)
        if is_ours and not dry:
            path.unlink(missing_ok=True)
    return is_ours


def _read(path: Path, content: bytes) -> tuple[bytes | None, int]:
    # One byte more than ours: longer files are not ours, however long they are.
    found = read_whole(path, len(content) + 1, follow=False)
    return (found[0], stat.S_IMODE(found[1].st_mode)) if found else (None, 0)


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Put what the system refuses into our words."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OptionError(f"path: {path} is a link, and links are not followed here.") from None
        raise OptionError(f"path: {path}: {error.strerror}.") from None
