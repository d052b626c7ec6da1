# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down every result that any callback plugin is given, as a log shipper or a report would."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: spy
type: aggregate
short_description: Write down every result
description: For the tests of rackspace.identity. The file is named by E(PROBE_SPY).
"""


class CallbackModule(CallbackBase):  # type: ignore[misc, unused-ignore]
    """One JSON line a result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "acme.probe.spy"

    def v2_on_any(self, *args: Any, **_kwargs: Any) -> None:
        """Every event comes through here."""
        for event in args:
            if hasattr(event, "_result"):
                line = {"task": event._task.get_name(), "result": event._result}
                with Path(os.environ["PROBE_SPY"]).open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, default=str) + "\n")
