# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback that asks the emulator before and after each save of a vault file, so that a test can hold it there."""

from __future__ import annotations

import json
import os
from http.client import HTTPConnection
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: hold_saves
type: aggregate
short_description: Asks before and after each save
description:
  - The environment variable E(HOLD_SAVES) is a JSON object with the address of an emulator for each path.
author:
  - The rackspace.identity maintainers (@rackspace)
"""


class CallbackModule(CallbackBase):
    """Loaded before the first worker is forked, it stands in for `os.replace` in all of them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "hold_saves"

    def __init__(self) -> None:
        super().__init__()
        emulators = json.loads(os.environ["HOLD_SAVES"])
        replace = os.replace

        def asking(source: Any, target: Any, **more: Any) -> None:
            address = emulators.get(os.fspath(target))
            for when in ("before", "after"):
                if when == "after":
                    replace(source, target, **more)
                if address:
                    _ask(address, f"/saves/{when}")

        vars(os)["replace"] = asking


def _ask(address: str, path: str) -> None:
    """Ask for something that is not there, and wait for that answer."""
    connection = HTTPConnection(address)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    finally:
        connection.close()
