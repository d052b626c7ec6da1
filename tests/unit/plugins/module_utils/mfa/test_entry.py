# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is stored of an account: whose it is, and how one device takes the place of another."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, NewDevice
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.entry import (
    check_id,
    check_name,
    finished,
    of_device,
    owner,
    promoted,
)

SERVICE = "https://identity.example"
OWNER = owner("alice", "u1", SERVICE)
NEW = NewDevice(Device("d2", "ansible", verified=False), "CANARY", "otpauth://totp/x?secret=CANARY", "")


@pytest.mark.parametrize(
    "entry", [{}, {"secret": "x"}, OWNER, {**OWNER, "username": "ALICE"}, {**OWNER, "user_id": ""}]
)
def test_its_own_entry(entry: dict[str, Any]) -> None:
    check_name(entry, "alice", SERVICE)
    check_id(entry, "alice", "u1")


@pytest.mark.parametrize("change", [{"username": "bob"}, {"auth_endpoint": "https://other.example"}])
def test_the_entry_of_another_account_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=f"not that of alice at {SERVICE}.*{next(iter(change.values()))}"):
        check_name({**OWNER, **change}, "alice", SERVICE)


def test_the_entry_of_an_earlier_user_of_that_name_is_refused() -> None:
    with pytest.raises(OptionError, match="whose id is u2: it belongs to an earlier user of that name, with the id u1"):
        check_id(OWNER, "alice", "u2")


def test_a_new_device_fills_its_part() -> None:
    assert of_device(NEW, datetime(2026, 11, 24, 22, 0, 5, 999, timezone.utc)) == {
        "device_id": "d2",
        "device_name": "ansible",
        "secret": "CANARY",
        "key_uri": "otpauth://totp/x?secret=CANARY",
        "step_offset": None,
        "created": "2026-11-24T22:00:05Z",
    }


@pytest.mark.parametrize(("voids_codes", "codes"), [(True, []), (False, ["1"])])
def test_the_next_device_takes_the_place_of_the_first(voids_codes: bool, codes: list[str]) -> None:
    entry = {**OWNER, "device_id": "d1", "secret": "OLD", "bypass_codes": ["1"], "next": of_device(NEW)}
    after = promoted(entry, previous="d1", voids_codes=voids_codes)
    assert after == {**OWNER, **of_device(NEW), "bypass_codes": codes, "previous": "d1"}
    assert finished(after) == {**OWNER, **of_device(NEW), "bypass_codes": codes}
    assert entry["secret"] == "OLD", "it is not changed in place"
