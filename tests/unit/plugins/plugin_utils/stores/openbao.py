# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real server for the store `hashi_vault`: OpenBao in its development mode."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import CANARY

ROOT = f"{CANARY}-root"
"""The token that may do everything."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """A server of our own; yields its URL. Skips the test when the program or the library is missing."""
    program = shutil.which("bao", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH')}")
    if not program:
        pytest.skip("the program bao (OpenBao) is not here")
    hvac = pytest.importorskip("hvac")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program, "server", "-dev", f"-dev-listen-address={address}", f"-dev-root-token-id={ROOT}"]
    with subprocess.Popen(
        [*command, "-dev-no-store-token"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        url = f"http://{address}"
        client = hvac.Client(url=url, token=ROOT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                # Ready is when the engine answers, which is a little after the port does.
                client.secrets.kv.v2.read_configuration()
                break
            time.sleep(0.05)
        try:
            yield url
        finally:
            server.terminate()
