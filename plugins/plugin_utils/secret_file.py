# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that shows a secret to one person: written for its owner alone, and removed again. Private to the collection.

It is written in place and never over something else: in the way may be the user's own file, a link that someone put
there, or the code of another account that was given the same path. A file counts as ours if it begins as the content
does and has no more: of a run that was killed while it wrote there is a part of it, or nothing.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from ..module_utils.api.errors import OptionError
from ..module_utils.login.private_file import create, read_whole


def change(path: Path, content: bytes, *, there: bool, dry: bool = False) -> bool:
    """Make sure that the file is there, with mode 0600, or that it is gone; return whether that changes something.

    :param dry: change nothing.
    :raises OptionError: the folder is not there, something else is in the way, or the system refuses.
    """
    if there and not path.parent.is_dir():
        raise OptionError(f"path: the folder {path.parent} does not exist. Create it first, for you alone.")
    try:
        return _changed(path, content, there=there, dry=dry)
    except OSError as error:
        reason = "it is a link, and links are not followed here" if error.errno == errno.ELOOP else error.strerror
        raise OptionError(f"path: {path}: {reason}.") from None


def _changed(path: Path, content: bytes, *, there: bool, dry: bool) -> bool:
    # One byte more than ours: longer files are not ours, however long they are.
    found = read_whole(path, len(content) + 1, follow=False)
    is_ours = found is not None and content.startswith(found[0])
    if there and found and not is_ours:
        raise OptionError(
            f"path: {path} is there already, and is not the code of this device. Nothing was written. Remove "
            "the file if it is an old one, and give each account a path of its own."
        )
    is_whole = found is not None and (found[0], stat.S_IMODE(found[1].st_mode)) == (content, 0o600)
    is_change = not is_whole if there else is_ours
    if is_change and not dry:
        path.unlink(missing_ok=True)
        if there:
            create(path, content)
    return is_change
