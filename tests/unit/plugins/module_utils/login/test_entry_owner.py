# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a stored entry is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_owner import check_owner, check_owner_id

SERVICE = "https://identity.example"
OWNER = {"username": "alice", "user_id": "u1", "auth_endpoint": SERVICE}


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"secret": "x"},
        OWNER,
        {**OWNER, "username": "ALICE"},
        {**OWNER, "user_id": ""},
        {**OWNER, "auth_endpoint": "HTTPS://Identity.Example:443/v2.0/"},
    ],
)
def test_its_own_entry(entry: dict[str, Any]) -> None:
    check_owner(entry, "alice", SERVICE)
    check_owner_id(entry, "alice", "u1")


@pytest.mark.parametrize(
    "change", [{"username": "bob"}, {"auth_endpoint": "https://other.example"}, {"auth_endpoint": "no endpoint"}]
)
def test_the_entry_of_another_account_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=f"not that of alice at {SERVICE}.*{next(iter(change.values()))}"):
        check_owner({**OWNER, **change}, "alice", SERVICE)


def test_the_entry_of_an_earlier_user_of_that_name_is_refused() -> None:
    with pytest.raises(OptionError, match="whose id is u2: it belongs to an earlier user of that name, with the id u1"):
        check_owner_id(OWNER, "alice", "u2")
