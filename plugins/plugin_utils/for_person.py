# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action behind what is shown to a person, or asked of one. Private to the collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.run.runner import ModuleFile
from .in_process import ControllerAction
from .terminal import Terminal


class PersonAction(ControllerAction):
    """It runs once for each host."""

    logic: Callable[[Terminal], ModuleFile]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.module = type(self).logic(Terminal(self._connection))
