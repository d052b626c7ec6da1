# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the programs of stores are run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import program


def test_a_program_that_waits_is_stopped_with_those_that_it_started(tmp_path: Path) -> None:
    """A pipe ends when nothing is left that could write into it."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    begin = time.monotonic()
    with pytest.raises(OptionError, match=r"did not end within 0.5 s"):
        program.run("store.x", ["sh", "-c", f"sleep 60 >{tmp_path}/pipe; true"], os.environ, timeout=0.5)
    os.set_blocking(reading, True)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b""
    assert time.monotonic() - begin < 10
