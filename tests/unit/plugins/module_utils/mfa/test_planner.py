# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure planner: the steps, or the refusal, for each state of an account, a killed run and a store."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import Conflict
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.planner import (
    Done,
    Kind,
    Picture,
    State,
    Step,
    Wish,
    after,
    foretold,
    next_step,
)

OWNER = {"username": "jo", "user_id": "1", "auth_endpoint": "https://identity.example.com"}
OLD, OLD_NEW = Device("old", "ansible", verified=True), Device("old", "ansible", verified=False)
NEXT, NEXT_NEW = Device("next", "ansible", verified=True), Device("next", "ansible", verified=False)
NAMESAKE = Device("namesake", "ansible", verified=True)
LEFT = (Device("left-1", "ansible", verified=False), Device("left-2", "ansible", verified=False))
MADE = Device("made", "ansible", verified=False)

SECRET_OF_OLD, SECRET_OF_NEXT, SECRET_OF_MADE = "GEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LK", "KRUGS4ZANFZSAYLC"
STORED: dict[str, Any] = {**OWNER, "device_id": "old", "secret": SECRET_OF_OLD}
BARE: dict[str, Any] = {**OWNER, "device_id": "old", "secret": ""}
PENDING = {**STORED, "next": {"device_id": "next", "secret": SECRET_OF_NEXT}}
PROMOTED = {**OWNER, "device_id": "next", "secret": SECRET_OF_NEXT, "previous": "old"}

CREATE, VERIFY, PROVE = ["create_device", "store_secret"], ["verify_device"], ["prove_login"]
SWAP = ["promote", "delete_previous"]
CLEAN, ADOPT = ["delete_unverified"], ["adopt_device", "store_secret"]


def wish(state: str, **others: Any) -> Wish:
    return Wish(State(state), "ansible", "jo", "the shelf", owner=OWNER, **others)


class Way(NamedTuple):
    """What came of it: the names of the steps, the last picture and entry, and each entry on the way."""

    names: list[str]
    seen: Picture
    entry: Entry
    entries: list[tuple[Step, Picture, Entry]]


def walk(wanted: Wish, seen: Picture, entry: Entry) -> Way:
    """Do the steps in the picture alone, as check mode does."""
    names: list[str] = []
    entries: list[tuple[Step, Picture, Entry]] = []
    for _step in range(20):
        step = next_step(wanted, seen, entry)
        if step is None:
            return Way(names, seen, entry, entries)
        names += step.names(wanted)
        seen, entry = after(wanted, step, seen, entry, done(step))
        entries.append((step, seen, entry))
    raise AssertionError(f"it does not end: {names}")


def done(step: Step) -> Done:
    if step.kind is Kind.CREATE:
        return Done(MADE, {"device_id": "made", "secret": SECRET_OF_MADE})
    assert step.device or step.kind in (Kind.FINISH, Kind.SPARE, Kind.FORGET, Kind.REMOVE_STORED)
    device = step.device._replace(verified=True) if step.device else None
    fields = {"device_id": device.id, "secret": "given"} if device and step.kind is Kind.ADOPT else {}
    return Done(device, fields)


TABLE: list[tuple[str, Wish, Picture, Entry, list[str]]] = [
    # Nothing is stored
    ("present, nothing there", wish("present"), Picture(), {}, CREATE),
    ("verified, nothing there", wish("verified"), Picture(), {}, CREATE + VERIFY),
    ("verified by a person later", wish("verified", can_verify=False), Picture(), {}, CREATE),
    ("verified, devices left over", wish("verified"), Picture(unverified=LEFT), {}, CREATE + CLEAN * 2 + VERIFY),
    ("present, devices left over", wish("present"), Picture(unverified=LEFT[:1]), {}, CREATE + CLEAN),
    ("only codes are stored", wish("verified"), Picture(), {**OWNER, "bypass_codes": ["1"]}, CREATE + VERIFY),
    ("adopt an unverified device", wish("verified", adopts=True), Picture(OLD_NEW), {}, ADOPT),
    ("adopt a verified device", wish("verified", adopts=True), Picture(OLD), {}, [*ADOPT, "prove_login"]),
    ("a person has the secret", wish("verified", is_kept=False), Picture(OLD), {}, []),
    ("a person has a code", wish("verified", is_kept=False), Picture(OLD_NEW), {}, VERIFY),
    ("a person has the code of what is stored", wish("verified", has_code=True), Picture(OLD_NEW), STORED, VERIFY),
    ("absent, nothing there", wish("absent"), Picture(), {}, []),
    ("absent, found by name", wish("absent"), Picture(doomed=(OLD,)), {}, ["delete_device"]),
    ("replace what is lost", wish("replaced", replaces_unstored=True), Picture(OLD), {}, CREATE + VERIFY + SWAP),
    ("recover, no device", wish("replaced", replaces_unstored=True), Picture(), {}, [*CREATE, *VERIFY, "promote"]),
    # Stored
    ("settled", wish("verified"), Picture(OLD), STORED, []),
    ("settled, present", wish("present"), Picture(OLD), STORED, []),
    ("settled, adopt", wish("verified", adopts=True), Picture(OLD), STORED, []),
    ("stored and unverified", wish("verified"), Picture(OLD_NEW), STORED, VERIFY),
    ("stored and unverified, present", wish("present"), Picture(OLD_NEW), STORED, []),
    ("stored and unverified, a person", wish("verified", can_verify=False), Picture(OLD_NEW), STORED, []),
    ("killed before orphans were deleted", wish("verified"), Picture(OLD_NEW), {**STORED, "orphans": ["a", "b"]},
     CLEAN * 2 + VERIFY),
    ("orphans of a settled account", wish("present"), Picture(OLD), {**STORED, "orphans": ["a"]}, CLEAN),
    ("stored device is gone", wish("verified"), Picture(), STORED, CREATE + VERIFY),
    ("the secret is lost, adopt", wish("verified", adopts=True), Picture(OLD, is_lost=True), BARE,
     [*ADOPT, "prove_login"]),
    ("the secret is lost, a person has it", wish("verified", is_kept=False), Picture(OLD, is_lost=True), BARE, []),
    ("stored device is gone, adopt", wish("verified", adopts=True), Picture(NAMESAKE), STORED,
     [*ADOPT, "prove_login"]),
    ("a replacement is pending", wish("verified"), Picture(OLD), PENDING, []),
    ("a replacement is nearly done", wish("verified"), Picture(NEXT), PROMOTED, []),
    ("the next device is gone", wish("verified"), Picture(OLD, gone=("next",)), PENDING, []),
    ("the stored device and the next are gone", wish("verified"), Picture(gone=("next",)), PENDING, CREATE + VERIFY),
    ("an orphan is one to keep", wish("present", keep_ids=frozenset("a")), Picture(OLD), {**STORED, "orphans": ["a"]},
     []),
    ("an orphan is the stored device", wish("present"), Picture(OLD_NEW), {**STORED, "orphans": ["old"]}, []),
    ("an orphan is the next device", wish("replaced"), Picture(OLD, NEXT), {**PENDING, "orphans": ["next"]}, SWAP),
    ("absent", wish("absent"), Picture(doomed=(OLD,)), STORED, ["delete_device", "remove_stored"]),
    ("absent, the device is gone", wish("absent"), Picture(), STORED, ["remove_stored"]),
    ("absent, two devices", wish("absent"), Picture(doomed=(OLD, NEXT)), PENDING,
     ["delete_device", "delete_device", "remove_stored"]),
    ("absent, the entry is kept", wish("absent", keeps_entry=True), Picture(doomed=(OLD,)), STORED, ["delete_device"]),
    # Replaced
    ("replace", wish("replaced"), Picture(OLD), STORED, CREATE + VERIFY + SWAP),
    ("replace and prove", wish("replaced", proves=True), Picture(OLD, is_on=True), STORED,
     CREATE + VERIFY + PROVE + SWAP),
    ("replace, MFA off", wish("replaced", proves=True), Picture(OLD), STORED, CREATE + VERIFY + SWAP),
    ("replace, not due", wish("replaced", is_due=False), Picture(OLD), STORED, []),
    ("replace a key URI", wish("replaced"), Picture(OLD), {**BARE, "key_uri": "of old"}, CREATE + VERIFY + SWAP),
    ("replace a lost secret", wish("replaced", replaces_unstored=True), Picture(OLD), BARE, CREATE + VERIFY + SWAP),
    ("replace, devices left over", wish("replaced"), Picture(OLD, unverified=LEFT[:1]), STORED,
     CREATE + CLEAN + VERIFY + SWAP),
    ("replace, a person verifies", wish("replaced", can_verify=False), Picture(OLD), STORED, CREATE),
    ("next unverified", wish("replaced"), Picture(OLD, NEXT_NEW), PENDING, VERIFY + SWAP),
    ("next unverified, not due", wish("replaced", is_due=False), Picture(OLD, NEXT_NEW), PENDING, VERIFY + SWAP),
    ("next unverified, a person", wish("replaced", can_verify=False), Picture(OLD, NEXT_NEW), PENDING, []),
    ("next verified", wish("replaced"), Picture(OLD, NEXT), PENDING, SWAP),
    ("next verified, to prove", wish("replaced", proves=True), Picture(OLD, NEXT, is_on=True), PENDING, PROVE + SWAP),
    ("next verified, a person", wish("replaced", can_verify=False), Picture(OLD, NEXT), PENDING, SWAP),
    ("next is gone", wish("replaced"), Picture(OLD), PENDING, CREATE + VERIFY + SWAP),
    ("next is gone, not due", wish("replaced", is_due=False), Picture(OLD), PENDING, CREATE + VERIFY + SWAP),
    ("previous is pending", wish("replaced"), Picture(NEXT), PROMOTED, ["delete_previous"]),
    ("previous is empty", wish("replaced"), Picture(NEXT), {**PROMOTED, "previous": ""}, []),
    ("previous is pending, not due", wish("replaced", is_due=False), Picture(NEXT), PROMOTED, ["delete_previous"]),
    ("previous is pending, the stored device gone", wish("replaced"), Picture(None), PROMOTED, CREATE + VERIFY + SWAP),
    ("previous and next", wish("replaced"), Picture(OLD, NEXT), {**PENDING, "previous": "older"},
     ["delete_previous", *SWAP]),
    ("previous is the stored device", wish("replaced"), Picture(OLD), {**STORED, "previous": "old"}, []),
    ("previous is the next device", wish("replaced"), Picture(OLD, NEXT), {**PENDING, "previous": "next"}, SWAP),
    ("next is the stored device", wish("replaced"), Picture(OLD, OLD), {**STORED, "next": STORED}, ["promote"]),
]  # fmt: skip

REFUSED: list[tuple[str, Wish, Picture, Entry, str]] = [
    ("verified, and not stored", wish("verified"), Picture(NAMESAKE), {}, "does not hold its secret"),
    ("stored is gone, a namesake is there", wish("present"), Picture(NAMESAKE), STORED, "does not hold its secret"),
    ("the secret is lost", wish("verified"), Picture(OLD, is_lost=True), BARE, "does not hold its secret"),
    ("the secret is lost, unverified", wish("present"), Picture(OLD_NEW, is_lost=True), BARE, "is there"),
    ("adopt without a device", wish("verified", adopts=True), Picture(), {}, "no OTP device ansible"),
    (
        "a code, nothing stored",
        wish("verified", has_code=True),
        Picture(unverified=LEFT),
        {},
        "No OTP device of jo whose secret is in",
    ),
    ("a code, nothing stored, present", wish("present", has_code=True), Picture(), {}, "leave the code out"),
    ("a code, the stored device is gone", wish("verified", has_code=True), Picture(), STORED, "leave the code out"),
    ("a code, no replacement begun", wish("replaced", has_code=True), Picture(OLD), STORED, "nothing was changed"),
    (
        "a code, nothing there",
        wish("verified", has_code=True, is_kept=False),
        Picture(),
        {},
        "No OTP device of jo waits for a code",
    ),
    ("replace, orphans are stored", wish("replaced"), Picture(), {**OWNER, "orphans": ["a"]}, "no secret of jo"),
    ("replace what is not stored", wish("replaced"), Picture(OLD), {}, "no secret of jo"),
    (
        "replace, only codes are stored",
        wish("replaced"),
        Picture(),
        {**OWNER, "bypass_codes": []},
        "Enroll the account",
    ),
]


@pytest.mark.parametrize(
    ("wanted", "seen", "entry", "names"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_steps(wanted: Wish, seen: Picture, entry: Entry, names: list[str]) -> None:
    before = dict(entry)
    assert walk(wanted, seen, entry).names == names
    assert entry == before, "it is not changed in place"


@pytest.mark.parametrize(
    ("wanted", "seen", "entry", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_would_lose_a_secret_is_refused(wanted: Wish, seen: Picture, entry: Entry, words: str) -> None:
    with pytest.raises(Conflict, match=words):
        next_step(wanted, seen, entry)


def test_what_a_replacement_leaves() -> None:
    way = walk(
        wish("replaced", proves=True), Picture(OLD, unverified=LEFT, is_on=True), {**STORED, "bypass_codes": ["1"]}
    )
    assert way.entry == {**OWNER, "device_id": "made", "secret": SECRET_OF_MADE, "bypass_codes": ["1"]}


@pytest.mark.parametrize("seen", [Picture(OLD), Picture(), Picture(NAMESAKE)], ids=["there", "made", "adopted"])
def test_what_is_gone_is_not_noted_any_more(seen: Picture) -> None:
    wanted = wish("present", adopts=seen.device is NAMESAKE)
    entry = {**PENDING, "previous": "older"}
    assert {"next", "previous"} <= walk(wanted, seen, entry).entry.keys()
    assert not {"next", "previous"} & walk(wanted, seen._replace(gone=("next", "previous")), entry).entry.keys()


@pytest.mark.parametrize("secret", [{}, {"secret": "0!!"}], ids=["none", "one that cannot be read"])
def test_what_is_replaced_is_named_before_the_next_secret_is_stored(secret: Entry) -> None:
    """Whatever run completes a recovery deletes the lost device."""
    way = walk(wish("replaced", replaces_unstored=True, can_verify=False), Picture(OLD), {**OWNER, **secret})
    assert way.entry == {
        **OWNER,
        **secret,
        "device_id": "old",
        "device_name": "ansible",
        "next": {"device_id": "made", "secret": SECRET_OF_MADE},
    }


def test_twins_of_a_creation_are_deleted_after_its_save() -> None:
    seen, entry = after(wish("verified"), Step(Kind.CREATE), Picture(), {}, Done(MADE, {"device_id": "made"}, LEFT))
    assert entry["orphans"] == ["left-1", "left-2"]
    assert walk(wish("verified"), seen, entry).names == CLEAN * 2 + VERIFY


LOST = wish("replaced", proves=True, replaces_unstored=True)
CODES = {**OWNER, "bypass_codes": ["1"]}
UNSEEN: list[tuple[str, Wish, Entry, list[str], str | None]] = [
    ("replace what is lost", LOST, CODES, CREATE + VERIFY + PROVE + SWAP, ""),
    ("replace", LOST, STORED, CREATE + VERIFY + PROVE + SWAP, ""),
    ("complete", LOST, PENDING, VERIFY + PROVE + SWAP, "next"),
    ("delete the previous", LOST, PROMOTED, ["delete_previous"], "next"),
    ("have what is stored", wish("verified"), STORED, [], "old"),
    ("have what is stored, verified or not", wish("present"), PENDING, [], "old"),
    ("have what is not stored", wish("verified"), CODES, CREATE + VERIFY, ""),
    ("adopt", wish("verified", adopts=True), CODES, ADOPT + PROVE, "not seen"),
    ("adopt for a lost secret", wish("verified", adopts=True), BARE, ADOPT + PROVE, "old"),
    ("remove", wish("absent"), PENDING, ["delete_device", "remove_stored"], None),
    ("remove the entry", wish("absent"), CODES, ["remove_stored"], None),
]


@pytest.mark.parametrize(
    ("wanted", "entry", "steps", "device_id"), [row[1:] for row in UNSEEN], ids=[row[0] for row in UNSEEN]
)
def test_the_plan_without_a_look(wanted: Wish, entry: Entry, steps: list[str], device_id: str | None) -> None:
    names, before, now = foretold(wanted, entry)
    assert list(names) == steps
    assert now.meant == (None if device_id is None else Device(device_id, "ansible", verified=True))
    assert before.devices or not entry.get("device_id")


# Any state at all

DEVICES = st.sampled_from([None, OLD, OLD_NEW])
WISHES = st.builds(
    wish,
    st.sampled_from([state.value for state in State]),
    can_verify=st.booleans(),
    is_due=st.booleans(),
    replaces_unstored=st.booleans(),
    proves=st.booleans(),
    adopts=st.booleans(),
    has_code=st.booleans(),
    keeps_entry=st.booleans(),
)


@st.composite
def states(draw: st.DrawFn) -> tuple[Picture, dict[str, Any]]:
    """An account and an entry of it, as people and killed runs may leave them; what is stored and there was seen."""
    entry: dict[str, Any] = draw(st.sampled_from([{}, OWNER, STORED]))
    parts: dict[str, Any] = {
        "next": draw(st.sampled_from([None, {"device_id": "next", "secret": SECRET_OF_NEXT}, {}])),
        "previous": draw(st.sampled_from([None, "", "older"])),
        "orphans": draw(st.sampled_from([None, ["a"], ["a", "b"]])),
    }
    entry = {**entry, **{key: value for key, value in parts.items() if value is not None}}
    pending = draw(st.sampled_from([None, NEXT, NEXT_NEW])) if entry.get("next") else None
    left = draw(st.sampled_from([(), LEFT[:1], LEFT]))
    gone = tuple(key for key in ("next", "previous") if key in entry and not (key == "next" and pending))
    return Picture(draw(DEVICES), pending, unverified=left, gone=gone, is_on=draw(st.booleans())), entry


@given(WISHES, states())
def test_it_ends_and_keeps_secrets(wanted: Wish, state: tuple[Picture, dict[str, Any]]) -> None:
    seen, entry = state
    if wanted.state is State.ABSENT:
        seen = Picture(doomed=tuple(device for device in (seen.device, seen.pending) if device))
    there = {device.id for device in (seen.device, seen.pending, *seen.doomed) if device}
    try:
        way = walk(wanted, seen, entry)
    except Conflict:
        return
    before: Entry = entry
    for step, _now, now in way.entries:
        if step.kind is Kind.CREATE:
            there.add("made")
        if step.kind in (Kind.DELETE, Kind.DELETE_PREVIOUS) and step.device:
            there.discard(step.device.id)
        lost = secrets(before).items() - secrets(now).items()
        if step.kind is not Kind.PROMOTE:
            assert not [device_id for device_id, _secret in lost if device_id in there], step
        if wanted.state is State.REPLACED and step.kind is Kind.PROMOTE:
            assert now["previous"] in ("older", before.get("device_id"), *(["old"] if seen.device else []), "")
            assert now["secret"] == before["next"]["secret"]
        before = now
    assert next_step(wanted, way.seen, way.entry) is None


@given(WISHES, states())
def test_a_settled_state_stays_settled(wanted: Wish, state: tuple[Picture, dict[str, Any]]) -> None:
    try:
        way = walk(wanted._replace(is_due=False), *state)
    except Conflict:
        return
    again = way.seen._replace(is_proved=False, is_replaced=False)
    assert walk(wanted._replace(is_due=False), again, way.entry).names in ([], ["prove_login"])


def secrets(entry: Entry) -> dict[str, str]:
    """The secrets in an entry by the device that each is of."""
    parts = [entry, entry.get("next") or {}]
    return {part["device_id"]: part["secret"] for part in parts if part.get("secret") and part.get("device_id")}
