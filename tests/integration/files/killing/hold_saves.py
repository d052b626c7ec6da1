# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback that asks the emulator before and after each save of a store, so that a test can hold it there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import requests
from ansible.plugins.callback import CallbackBase
from requests.adapters import HTTPAdapter

DOCUMENTATION = r"""
name: hold_saves
type: aggregate
short_description: Asks before and after each save
description:
  - The environment variable E(HOLD_SAVES) is a JSON object with the address of an emulator for each mark of a save,
    the path of a vault file, the URL of an entry, or an argument of a program.
author:
  - The rackspace.identity maintainers (@rackspace)
"""
_VERBS = {"mv", "rm", "put", "remove"}
"""What programs change an entry by."""


class CallbackModule(CallbackBase):
    """Loaded before the first worker is forked, it stands in for what saves in all of them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "hold_saves"

    def __init__(self) -> None:
        super().__init__()
        self._emulators = json.loads(os.environ["HOLD_SAVES"])
        self._hold_files()
        self._hold_requests()
        self._hold_programs()

    def _hold_files(self) -> None:
        replace = os.replace

        def asking(source: Any, target: Any, **more: Any) -> None:
            with self._asking(os.fspath(target)):
                replace(source, target, **more)

        vars(os)["replace"] = asking

    def _hold_requests(self) -> None:
        asked = self._asking

        class Asking(HTTPAdapter):
            """What sends the requests of a session."""

            def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
                with asked(str(request.url) if request.method != "GET" else ""):
                    return super().send(request, *args, **options)

        vars(requests.sessions)["HTTPAdapter"] = Asking

    def _hold_programs(self) -> None:
        asked = self._asking

        class Asking(subprocess.Popen[Any]):
            """A program that is started after one question, and has ended before the other."""

            def __init__(self, args: Any, *more: Any, **options: Any) -> None:
                is_save = isinstance(args, list) and _VERBS.intersection(args)
                self._held = asked(*(args if is_save else ()))
                self._held.__enter__()
                super().__init__(args, *more, **options)

            def communicate(self, *args: Any, **options: Any) -> Any:
                answer = super().communicate(*args, **options)
                self._held.__exit__(None, None, None)
                return answer

        vars(subprocess)["Popen"] = Asking

    @contextlib.contextmanager
    def _asking(self, *marks: str) -> Iterator[None]:
        addresses = [self._emulators[mark] for mark in marks if mark in self._emulators]
        for address in addresses:
            _ask(address, "/saves/before")
        yield
        for address in addresses:
            _ask(address, "/saves/after")


def _ask(address: str, path: str) -> None:
    """Ask for something that is not there, and wait for that answer."""
    connection = HTTPConnection(address)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    finally:
        connection.close()
