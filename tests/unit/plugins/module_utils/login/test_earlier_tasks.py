# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier tasks of a run tell. The last result that tells counts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import MFA_OFF
from ansible_collections.rackspace.identity.plugins.module_utils.login.earlier_tasks import EarlierTasks

Result = dict[str, Any]

JO, ANN = {"id": "1", "name": "jo"}, {"id": "2", "name": "ann"}
OFF = MFA_OFF.facts()
ON = {**OFF, "enabled": True}
LOOKED, TURNED_ON, TURNED_OFF = {"mfa": OFF}, {"mfa": ON, "steps": ["turn_on"]}, {"mfa": OFF, "steps": ["turn_off"]}
WOULD_ON, WOULD_OFF = {"mfa": OFF, "steps": ["turn_on"]}, {"mfa": ON, "steps": ["turn_off"]}
REMOVED = {"steps": ["remove_everything"]}
FIRST, SECOND = {"id": "d1", "verified": True}, {"id": "d2", "verified": True}
UNVERIFIED, OTHER = {"id": "d1", "verified": False}, {"id": "d2", "verified": False}
PROVED = {"device": FIRST, "proved": True}
BROKEN: list[Result] = [
    {},
    {"skipped": True},
    {"user": "jo", "mfa": "on", "device": "d1", "steps": None},
    {"user": None, "mfa": None, "device": None},
]


def of(*results: Result, check_mode: bool = False) -> EarlierTasks:
    return EarlierTasks(results, check_mode=check_mode)


def test_what_tells_nothing() -> None:
    for earlier in (of(), of(*BROKEN), of(*BROKEN, check_mode=True).of("1")):
        assert (earlier.user(user_id="1"), earlier.is_on, earlier.verified_device()) == (None, None, None)
        assert (earlier.would_turn_on, earlier.would_leave_no_device) == (False, False)
        assert (earlier.saw_unverified(None), earlier.saw_unverified("d1")) == (False, False)


@pytest.mark.parametrize(
    ("results", "is_on"),
    [
        ([{"user": JO, "mfa": OFF}], False),
        ([{"user": JO, "mfa": OFF}, {"user": JO, "mfa": ON}], True),
        ([{"user": ANN, "mfa": ON}, {"user": JO, "mfa": OFF}, {"user": ANN, **TURNED_ON}, {"user": JO}], False),
        ([{"user": JO, "mfa": OFF}, *BROKEN], False),
        ([{"user": JO, "mfa": OFF}, {"steps": ["create_device"]}], False),
        ([{"user": JO, "mfa": OFF}, TURNED_ON], None),
        ([{"user": JO, "mfa": OFF}, {"user": {"id": "1", "name": None}, **TURNED_ON}], None),
        ([{"user": JO, "mfa": {"enabled": False}}], None),
        ([{"user": "jo", "mfa": OFF}, {"user": JO, "mfa": None}, {"user": {"id": None}, "mfa": OFF}], None),
        ([{"user": ANN, "mfa": OFF}], None),
    ],
    ids=[
        "shown", "shown anew", "another one", "broken ones", "another step", "a change of someone",
        "a change of a nameless one", "not the whole state", "no user or no state", "another one alone",
    ],
)  # fmt: skip
def test_a_user_as_it_was_shown_last(results: list[Result], is_on: bool | None) -> None:
    for user in (of(*results).user(user_id="1"), of(*results).user(name="JO")):
        assert (user.mfa.enabled if user else None) is is_on


@pytest.mark.parametrize(
    ("results", "is_on", "would_be_on"),
    [
        ([LOOKED], False, False),
        ([LOOKED, TURNED_ON], True, True),
        ([TURNED_ON, LOOKED, *BROKEN], False, False),
        ([TURNED_ON, {"user": ANN, **TURNED_OFF}], True, True),
        ([LOOKED, {"mfa": {"enabled": "yes"}}], False, False),
        ([WOULD_ON, LOOKED], False, True),
        ([WOULD_ON, WOULD_OFF], True, False),
        ([TURNED_ON, REMOVED], True, False),
        ([{"steps": ["turn_off", "turn_on"]}], None, True),
    ],
    ids=[
        "seen", "turned on", "off since", "another user", "no truth value", "would turn on, looked at after it",
        "would turn off again", "would remove all", "the last step",
    ],
)  # fmt: skip
def test_is_mfa_on(results: list[Result], is_on: bool | None, would_be_on: bool | None) -> None:
    assert of(*results).of("1").is_on is is_on
    assert of(*results, check_mode=True).of("1").is_on is would_be_on


def test_only_check_mode_would_turn_on() -> None:
    """What was done is no plan: the codes that are stored after it are good."""
    assert of(WOULD_ON, WOULD_OFF, check_mode=True).would_turn_on
    assert not of(WOULD_ON).would_turn_on
    assert not of(TURNED_ON, WOULD_OFF, check_mode=True).would_turn_on


@pytest.mark.parametrize(
    ("results", "is_left"),
    [
        ([REMOVED], False),
        ([{"device": FIRST}, REMOVED, {"device": None}], False),
        ([REMOVED, {"device": UNVERIFIED}], True),
        ([{"steps": ["delete_device"]}], True),
    ],
    ids=["removed", "none after it", "made after it", "one deleted"],
)
def test_no_device_is_left_when_everything_would_be_removed(results: list[Result], is_left: bool) -> None:
    assert of(*results, check_mode=True).would_leave_no_device is not is_left
    assert not of(*results).would_leave_no_device


@pytest.mark.parametrize(
    ("results", "device", "by_store"),
    [
        ([{"device": FIRST}], FIRST, None),
        ([{"device": UNVERIFIED, "steps": ["verify_device"], "proved": False}], UNVERIFIED, UNVERIFIED),
        ([{"steps": ["verify_device"]}], {}, {}),
        ([PROVED, {"device": SECOND}], SECOND, FIRST),
        ([PROVED, {"device": OTHER, "proved": False}], FIRST, FIRST),
        ([PROVED, {"device": OTHER, "proved": False, "steps": ["create_device"]}], FIRST, FIRST),
        ([PROVED, {"device": None, "proved": False}], FIRST, FIRST),
        ([PROVED, {"steps": ["turn_off", "remove_everything"]}], None, None),
        ([PROVED, {"device": None, "steps": ["delete_device"]}], None, FIRST),
        ([PROVED, {"device": None, "steps": ["remove_stored"], "proved": False}], None, None),
        ([REMOVED, {"device": SECOND, "proved": True}], SECOND, SECOND),
        ([{"device": UNVERIFIED}], None, None),
    ],
    ids=[
        "without a store", "would be verified", "untold", "another one without a store", "another one unverified",
        "another one made", "none there", "everything removed", "deleted without a store", "its entry removed",
        "made anew", "unverified",
    ],
)  # fmt: skip
def test_the_verified_device(results: list[Result], device: Result | None, by_store: Result | None) -> None:
    assert of(*results).verified_device() == device
    assert of(*results).verified_device(by_store=True) == by_store


def test_a_device_was_seen_unverified() -> None:
    assert of({"device": FIRST}, {"device": UNVERIFIED}, {"device": SECOND}).saw_unverified("d1")
    assert not of({"device": UNVERIFIED}, {"device": FIRST}).saw_unverified("d1")
    assert not of({"device": UNVERIFIED}, {"device": UNVERIFIED, "steps": ["verify_device"]}).saw_unverified("d1")
    assert not of({"device": {"id": None, "verified": False}}).saw_unverified(None)
