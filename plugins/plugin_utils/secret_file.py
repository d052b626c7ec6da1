# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that shows a secret to one person: written for its owner alone, and removed again. Private to the collection.

It is written in place and never over something else: in the way may be the user's own file, a link that someone put
there, or the code of another account that was given the same path. A file counts as ours if it begins as the content
does and has no more: of a run that was killed while it wrote there is a part of it, or nothing.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from ..module_utils.api.errors import OptionError
from ..module_utils.login.private_file import check_writable, create, in_words, read_whole

_MOST = 1 << 20
"""Bytes that are read of a file. Ours are a hundredth of that."""


def write(path: Path, content: bytes, *, dry: bool = False) -> bool:
    """Make sure that the file is there, with mode 0600; return whether that changes something.

    :param content: nothing, if it is not known yet: then no file may be there.
    :param dry: change nothing.
    :raises OptionError: the folder is not there, something else is in the way, or the system refuses.
    """
    if not path.parent.is_dir():
        raise OptionError(f"O(path): the folder {path.parent} does not exist. Create it first, for you alone.")
    with in_words(f"O(path): {path}"):
        found = read_whole(path, _MOST, follow=False)
        if found and not content.startswith(found[0]):
            raise OptionError(
                "it is there already, and is not known as the QR code of this device. Nothing was done. "
                "If its device waits for a code from the app, run again with that code (mfa_otp_code of the role). "
                "Otherwise remove the file. Each account needs a path of its own."
            )
        if found and (found[0], stat.S_IMODE(found[1].st_mode)) == (content, 0o600):
            return False
        check_writable(path)
        if not dry:
            path.unlink(missing_ok=True)
            create(path, content)
        return True


def remove(path: Path, is_ours: Callable[[bytes], bool], *, dry: bool = False) -> bool:
    """Make sure that no file of ours is there; return whether that changes something.

    :param is_ours: gets the content of the file.
    :param dry: change nothing.
    :raises OptionError: it is not a regular file, or the system refuses.
    """
    with in_words(f"O(path): {path}"):
        found = read_whole(path, _MOST, follow=False)
        if found is None or not is_ours(found[0]):
            return False
        if not dry:
            path.unlink()
        return True
