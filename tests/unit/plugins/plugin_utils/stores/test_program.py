# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the programs of stores are run."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import program


def test_a_program_that_waits_is_stopped_with_what_it_has_started(tmp_path: Path) -> None:
    """Else a helper of it goes on waiting, with what it was given. Its end of the pipe closes when it ends."""
    os.mkfifo(tmp_path / "pipe")
    ours = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    begin = time.monotonic()
    with pytest.raises(OptionError, match=r"did not end within 0.5 s"):
        program.run("store.x", ["sh", "-c", f"sleep 60 > '{tmp_path}/pipe' & wait"], os.environ, timeout=0.5)
    ended = select.poll()
    ended.register(ours, select.POLLHUP)
    assert ended.poll(5_000)
    os.close(ours)
    assert time.monotonic() - begin < 10
