# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down all that any callback plugin is given of a result and its task, as a log shipper or a report would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: spy
type: aggregate
short_description: Write down every result
description: For the tests of rackspace.identity. The file is named by E(PROBE_SPY).
"""


PLAYBOOKS = "/ansible_collections/rackspace/identity/playbooks/"


def noting(event: str) -> Callable[..., None]:
    def note(_self: CallbackBase, result: Any, *_args: Any, **_kwargs: Any) -> None:
        # A task of a user has what it was given.
        is_ours = result._task._role or PLAYBOOKS in result._task.get_path()
        args = result._task_fields["args"] if is_ours else {}
        line = {"event": event, "task": result._task.get_name(), "args": args, "result": result._result}
        with Path(os.environ["PROBE_SPY"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    return note


class CallbackModule(CallbackBase):
    """One JSON line a result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "acme.probe.spy"

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = noting("task")
    v2_runner_retry = noting("retry")
    v2_runner_item_on_ok = v2_runner_item_on_failed = noting("item")
    v2_on_file_diff = noting("diff")
    v2_runner_on_async_ok = noting("job")
