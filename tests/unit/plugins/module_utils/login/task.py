# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session of a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice

PASSWORD = {"username": "jo", "password": "a-password"}
API_KEY = {"username": "jo", "api_key": "a-key"}


class Task:
    """Its session, with these options over the defaults; `kept` are the tokens that must be masked."""

    def __init__(
        self, url: str, directory: Path, *, for_setup: bool = False, check_mode: bool = False, **given: Any
    ) -> None:
        defaults = {"auth_endpoint": url, "validate_certs": True, "timeout": 1.0, "max_wait": 65.0}
        self.values = {**defaults, "state_dir": str(directory), **given}
        self.kept: list[str] = []
        self.session = Session(
            self.values.get,
            keep=self.kept.append,
            voice=Voice(print, print),
            for_setup=for_setup,
            environ={},
            check_mode=check_mode,
        )
        self.session.transport.sleep = lambda _seconds: None


Make = Callable[..., Task]
