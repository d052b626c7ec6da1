# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A login whose task is tried again, in a real run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from integration.harness import Lab, User


@pytest.mark.matrix
def test_a_task_that_is_retried_has_what_it_was_given(make_lab: Callable[..., Lab]) -> None:
    """Its password is whole, and a mistyped option is refused again: without it, the task would act on its own user."""
    lab = make_lab(User("alice"))
    given = {"username": "alice", "password": lab.account()["password"], "auth_endpoint": lab.emulator.url}
    again = {"register": "tried", "until": "tried is success", "retries": 1, "delay": 0}
    tasks = [
        {"rackspace.identity.rax_mfa_info": given, **again},
        {"rackspace.identity.rax_mfa_settings": {**given, "state": "absent", "target_usr": "bob"}, **again},
    ]
    lab.control.fault("status", status=403, body="json", method="POST", path="tokens", nth=1, times=1)
    run = lab.run([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    assert [request["status"] for request in run.requests if request["path"].endswith("/tokens")] == [403, 200]
    assert "target_usr" in run.message
    assert run.writes == []
