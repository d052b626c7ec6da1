# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of earlier tasks: what a task uses of them, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.run.seen import used_of_seen


def test_no_secret_stays() -> None:
    device = {"user": {"id": "u1"}, "mfa": None, "device": {"verified": True}, "steps": ["verify_device"]}
    assert used_of_seen([{"token": {"id": "CANARY"}}, {**device, "secret": "CANARY"}]) == [{}, device]


def test_a_user_whose_name_was_masked_is_not_known() -> None:
    user = {"id": "u1", "name": "svc-********"}
    assert used_of_seen([{"user": user, "steps": []}]) == [{"user": None, "steps": []}]


TOLD = {"user": {"id": "u1"}, "steps": ["turn_on"]}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (None, None),
        ("text", [""]),
        ({"secret": "CANARY", **TOLD}, TOLD),
        (["text", TOLD], ["", TOLD]),
        ([None, ["CANARY"], {"secret": "CANARY", **TOLD}], [None, [], TOLD]),
        ([json.dumps({"secret": "CANARY", **TOLD})], [TOLD]),
        (["secret=CANARY, proved=yes", "secret=CANARY, CANARY", "{CANARY"], [{"proved": "yes"}, "", ""]),
        (json.dumps([{"secret": "CANARY", **TOLD}, "CANARY"]), [""] * 4),
    ],
    ids=["none", "a text", "a dictionary", "a text among them", "others among them", "JSON", "pairs", "a list as JSON"],
)
def test_what_is_no_list_of_dictionaries_holds_no_secret_either(given: Any, used: Any) -> None:
    """The validation of the option takes the text of a dictionary for one, and refuses the others."""
    assert used_of_seen(given) == used
