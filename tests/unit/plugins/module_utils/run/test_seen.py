# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of earlier tasks: what a task uses of them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.run.seen import used_of_seen


def test_no_secret_stays() -> None:
    device = {"user": {"id": "u1"}, "mfa": None, "device": {"verified": True}, "steps": ["verify_device"]}
    assert used_of_seen([{"token": {"id": "CANARY"}}, {**device, "secret": "CANARY"}]) == [{}, device]


def test_a_user_whose_name_was_masked_is_not_known() -> None:
    user = {"id": "u1", "name": "svc-********"}
    assert used_of_seen([{"user": user, "steps": []}]) == [{"user": None, "steps": []}]


@pytest.mark.parametrize("given", ["text", None, ["text"], {"steps": []}], ids=str)
def test_what_is_no_list_of_results_is_left_to_the_validation(given: Any) -> None:
    assert used_of_seen(given) == given
