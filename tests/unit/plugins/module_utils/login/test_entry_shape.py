# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry must look like: whatever a store gives is an entry, nothing, or a clear error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import (
    KEYS,
    checked_entry,
    secret_values,
)

CANARY = "CANARY2SECRET7"
DEVICE = {
    "device_id": "d1",
    "device_name": "ansible",
    "secret": CANARY,
    "key_uri": f"otpauth://totp/x?secret={CANARY}",
    "step_offset": -1,
    "last_step": 59_000_000,
    "created": "2026-01-31T12:00:00Z",
}
ENTRY: dict[str, Any] = {
    "username": "ada",
    "user_id": "u1",
    "auth_endpoint": "https://identity.example",
    **DEVICE,
    "bypass_codes": ["012345", "456789012"],
    "bypass_codes_end": None,
    "proved": "2026-01-31T12:00:01Z",
    "next": {**DEVICE, "step_offset": None, "last_step": None},
    "previous": "",
    "orphans": ["d2", "d3"],
    "of a later version": [1, {"x": None}],
}


def test_an_entry_is_taken_whole() -> None:
    assert checked_entry(ENTRY, "the place") == ENTRY


@pytest.mark.parametrize("empty", [None, {}])
def test_what_is_empty_is_nothing(empty: Any) -> None:
    assert checked_entry(empty, "the place") is None


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (CANARY, "it is a string and must be a dictionary"),
        ("", "it is a string and must be a dictionary"),
        ([ENTRY], "it is a list and must be a dictionary"),
        (7, "it is a number and must be a dictionary"),
        (False, "it is true or false and must be a dictionary"),
        ({**ENTRY, "secret": 234567}, "secret is a number and must be a string"),
        ({**ENTRY, "secret": [CANARY]}, "secret is a list and must be a string"),
        ({**ENTRY, "username": {CANARY: 1}}, "username is a dictionary and must be a string"),
        ({**ENTRY, "user_id": None}, "user_id is of the type NoneType and must be a string"),
        ({**ENTRY, "step_offset": 1}, "step_offset is a number and must be -1, 0 or null"),
        ({**ENTRY, "step_offset": False}, "step_offset is true or false and must be -1, 0 or null"),
        ({**ENTRY, "step_offset": "0"}, "step_offset is a string and must be -1, 0 or null"),
        ({**ENTRY, "last_step": 1.5}, "last_step is a number and must be a whole number or null"),
        ({**ENTRY, "bypass_codes": CANARY}, "bypass_codes is a string and must be a list of strings of digits"),
        ({**ENTRY, "bypass_codes": [CANARY]}, "bypass_codes is a list and must be a list of strings of digits"),
        ({**ENTRY, "bypass_codes": [1234]}, "bypass_codes is a list and must be a list of strings of digits"),
        (
            {**ENTRY, "bypass_codes": ["١٢٣١٢٣"]},
            "bypass_codes is a list and must be a list of strings of digits",
        ),
        ({**ENTRY, "bypass_codes_end": 5}, "bypass_codes_end is a number and must be a string or null"),
        ({**ENTRY, "device_id": 5}, "device_id is a number and must be an ID"),
        ({**ENTRY, "device_id": f"{CANARY} "}, "device_id is a string and must be an ID, without blanks"),
        ({**ENTRY, "previous": f"../{CANARY}"}, "previous is a string and must be an ID, without blanks and slashes"),
        ({**ENTRY, "next": {**DEVICE, "device_id": f"{CANARY}\n"}}, "next.device_id is a string and must be an ID"),
        ({**ENTRY, "orphans": CANARY}, "orphans is a string and must be a list of IDs"),
        ({**ENTRY, "orphans": ["d2", ""]}, "orphans is a list and must be a list of IDs"),
        ({**ENTRY, "next": CANARY}, "next is a string and must be a dictionary"),
        ({**ENTRY, "next": {**DEVICE, "secret": 5}}, "next.secret is a number and must be a string"),
        ({**ENTRY, "next": {**DEVICE, "proved": 5}}, "next.proved is a number and must be a string"),
        ({**ENTRY, "next": {**DEVICE, "refused": CANARY}}, "next.refused is a string and must be a list of times"),
        ({**ENTRY, "next": {**DEVICE, "next": CANARY}}, "next.next is a string and must be a dictionary"),
        (dict([*ENTRY.items(), (5, CANARY)]), "it has a key that is not a string"),
        ({**ENTRY, "next": {5: CANARY}}, "it has a key that is not a string"),
    ],
)
def test_what_has_another_shape_is_refused_without_a_value(value: Any, complaint: str) -> None:
    with pytest.raises(OptionError, match=f"^the place does not hold the entry of an account: {complaint}") as caught:
        checked_entry(value, "the place")
    assert CANARY not in str(caught.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*ENTRY]) | st.integers(), inner),
    max_leaves=6,
)


@given(value=ANYTHING | st.dictionaries(st.sampled_from([*ENTRY]), ANYTHING))
def test_nothing_else_ever_comes_out(value: Any) -> None:
    try:
        entry = checked_entry(value, "the place")
    except OptionError:
        return
    assert entry is None or (
        entry == value and all(isinstance(entry.get(key, ""), str) for key in ("secret", "username"))
    )


def test_what_is_shown_of_an_entry_is_chosen_by_name() -> None:
    """A key that is new to an entry is secret or public by a decision, not by an oversight."""
    of_account = {"username", "user_id", "auth_endpoint", "bypass_codes_end", "orphans", "refused"}
    of_device = {"device_id", "device_name", "created", "proved", "next", "previous"}
    numbers = {"last_step", "step_offset"}
    assert {key for key in KEYS if not secret_values({key: CANARY})} == of_account | of_device
    assert not secret_values(dict.fromkeys(numbers, 59_000_000))
    assert KEYS - of_account - of_device - numbers == {"secret", "key_uri", "bypass_codes"}
