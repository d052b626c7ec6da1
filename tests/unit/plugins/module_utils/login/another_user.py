# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Doing something as another user of the machine."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed, and root can become one")


def is_refused(folder: Path, work: Callable[[], object], words: str) -> bool:
    """Does the work, done by a user who may only read the folder, end in an error with these words?"""
    for parent in (folder, *folder.parents):
        if Path(tempfile.gettempdir()) in parent.parents:
            parent.chmod(0o755)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setuid(65534)
            with pytest.raises(OptionError, match=words):
                work()
            code = 0
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0
