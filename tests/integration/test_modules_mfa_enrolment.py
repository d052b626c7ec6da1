# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rax_mfa_enrolment` by itself, both ways: call, store, call again; what it refuses; what nobody sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.calls import Call, Step, both, call, checked, do, each_way, named, play, user

PASSWORD = {"username": "alice", "password": "{{ passwords.alice }}", "proof_password": "{{ passwords.alice }}"}
BY_KEY: dict[str, Any] = {
    "state": "recovered",
    "password": "",
    "api_key": "{{ api_keys.alice }}",
    "bypass_codes": 2,
}
"""The device is lost; its secret and the password alone do not log in."""
ENROLMENT = ["create_device", "store_secret", "verify_device", "turn_on", "prove_login"]
REPLACEMENT = ["create_device", "store_secret", "verify_device", "prove_login", "promote"]
PAUSE: list[Step] = [do("move", seconds=61)]


def first(name: str, entry: str = "", **more: Any) -> Call:
    """The first call of a run."""
    stored = {"entry": f"{{{{ {entry}.entry }}}}"} if entry else {}
    return named(name, call("rax_mfa_enrolment", **{**PASSWORD, **stored, **more}))


def then(name: str, before: str, **more: Any) -> Call:
    """The next call, with what the one before has handed out."""
    given = {
        "auth_token": f"{{{{ {before}.token.id }}}}",
        "user_id": f"{{{{ {before}.user.id }}}}",
        "done": f"{{{{ {before}.steps }}}}",
    }
    return first(name, before, **given, **more)


LIFE: list[Step] = [
    named("plan", checked(first("plan"))),
    first("a1"),
    then("a2", "a1"),
    *PAUSE,
    first("again", "a2"),
    *PAUSE,
    named("replacing", checked(first("replacing", "a2", **BY_KEY))),
    *PAUSE,
    first("b1", "a2", **BY_KEY),
    then("b2", "b1", **BY_KEY),
    then("b3", "b2", **BY_KEY),
    then("b4", "b3", **BY_KEY),
    then("b5", "b4", **BY_KEY),
    *PAUSE,
    named("removing", checked(first("removing", "b5", state="absent"))),
    *PAUSE,
    first("gone", "b5", state="absent"),
    first("twice", "gone", state="absent"),
]


@each_way
def test_the_whole_life_of_an_account(tmp_path: Path, way: str) -> None:
    played = play(tmp_path, LIFE, way=way, users=[user("alice")], args=["-vvvv", "--diff"])
    names = [step.name for step in LIFE if isinstance(step, Call)]
    came = dict(zip(names, (outcome.result for outcome in played.outcomes), strict=True))
    assert {name: result["msg"] for name, result in came.items() if result["failed"]} == {}
    assert came["plan"]["steps"] == ENROLMENT
    assert came["a1"]["steps"] == ENROLMENT[:2]
    assert (came["a1"]["must_store"], came["a1"]["finished"]) == (True, False)
    assert came["a2"]["steps"] == ENROLMENT
    assert (came["a2"]["must_store"], came["a2"]["finished"]) == (True, True)
    assert came["a2"]["entry"] == {**came["a1"]["entry"], "step_offset": -1}
    assert came["a2"]["second_factor"] is True
    assert came["a2"]["mfa"]["factor_type"] == "OTP"
    again = came["again"]
    assert (again["changed"], again["must_store"], again["finished"], again["steps"]) == (False, False, True, [])
    whole = [*REPLACEMENT, "keep_bypass_codes", "delete_previous"]
    assert came["replacing"]["steps"] == whole
    assert [came[f"b{n}"]["steps"] for n in range(1, 6)] == [whole[:2], whole[:3], whole[:5], whole[:6], whole]
    assert all(came[f"b{n}"]["must_store"] for n in range(1, 6)), "stored after each call"
    assert came["b2"]["entry"]["secret"] == came["a2"]["entry"]["secret"]
    assert came["b3"]["entry"]["previous"] == came["a2"]["entry"]["device_id"]
    assert came["b3"]["entry"]["bypass_codes"] == []
    assert len(came["b5"]["entry"]["bypass_codes"]) == 2
    assert {"next", "previous"}.isdisjoint(came["b5"]["entry"])
    assert came["removing"]["steps"] == came["gone"]["steps"] == ["turn_off", "delete_device", "remove_stored"]
    assert (came["gone"]["entry"], came["gone"]["must_store"]) == ({}, True)
    assert (came["twice"]["changed"], came["twice"]["steps"]) == (False, [])
    assert [
        outcome.writes for name, outcome in zip(names, played.outcomes, strict=True) if name in ("plan", "again")
    ] == [[], []]
    assert played.leaked == set()
    assert played.user("alice")["otp_devices"] == []


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "another user": ({"username": "bob"}, "not that of alice"),
    "another service": ({"auth_endpoint": "https://other.example"}, "https://other.example"),
    "an earlier user": ({"user_id": "another"}, "an earlier user of that name"),
    "no dictionary": ({}, "entry must be the dictionary that was stored"),
}


def test_what_is_not_its_entry_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    entries = [
        {"username": "alice", **change} if change else "{{ passwords.bob }}" for change, _words in OTHERS.values()
    ]
    steps: list[Step] = [call("rax_mfa_enrolment", **PASSWORD, entry=entry) for entry in entries]
    steps.append(call("rax_mfa_enrolment", **PASSWORD, device_name="taken"))
    seeded = user("alice", devices=[{"name": "taken", "verified": True}])
    played = both(tmp_path, steps, users=[seeded, user("bob")])
    words = [*(words for _change, words in OTHERS.values()), "its secret is not in the store"]
    for outcome, expected in zip(played.outcomes, words, strict=True):
        assert expected in outcome.result["msg"]
        assert outcome.writes == []


@each_way
def test_a_password_that_is_a_common_word_blots_nothing_out_of_the_entry(tmp_path: Path, way: str) -> None:
    seeded = user("alice", password="ansible")
    (outcome,) = play(tmp_path, [first("one")], way=way, users=[seeded]).outcomes
    entry = outcome.result["entry"]
    assert (entry["device_name"], entry["username"]) == ("ansible", "alice")
    assert "password" not in {key for key, value in outcome.result["invocation"]["module_args"].items() if value}


@pytest.mark.thorough
def test_a_person_verifies_in_between(tmp_path: Path) -> None:
    steps: list[Step] = [
        first("one", verify=False),
        then("waits", "one", verify=False),
        named(
            "verified",
            call(
                "rax_otp_device", "alice", device_id="{{ one.device.id }}", state="verified", secret="{{ one.entry }}"
            ),
        ),
        named(
            "two",
            call(
                "rax_mfa_enrolment",
                **PASSWORD,
                entry="{{ one.entry }}",
                verify=False,
                done="{{ one.steps + ['verify_device'] }}",
            ),
        ),
    ]
    one, waits, _verified, two = (outcome.result for outcome in both(tmp_path, steps, users=[user("alice")]).outcomes)
    assert (one["finished"], waits["finished"], two["finished"]) == (False, False, True)
    assert waits["steps"] == one["steps"] == ENROLMENT[:2]
    assert two["steps"] == ENROLMENT
    assert two["entry"]["step_offset"] == -1, "the login that proves it tells what the person's code did not"


def test_nothing_is_done_where_the_store_goes_away_with_the_job(tmp_path: Path) -> None:
    job = {"AWX_ISOLATED_DATA_DIR": str(tmp_path / "job")}
    elsewhere = str(tmp_path / "elsewhere")
    steps: list[Step] = [
        first("store", state_dir=elsewhere, store_path=str(tmp_path / "job" / "project" / "mfa.yml")),
        first("record", state_dir=str(tmp_path / "job" / "state"), store_path=elsewhere),
        first("kept", state_dir=elsewhere, store_path=str(tmp_path / "job" / "mfa.yml"), persistent=True),
        first("other", state_dir=elsewhere, store_path=str(tmp_path / "jobs" / "mfa.yml"), device_name="more"),
    ]
    store, record, kept, other = both(tmp_path / "play", steps, users=[user("alice")], environ=job).outcomes
    for refused, place in ((store, "mfa.yml"), (record, "state")):
        assert f"{place} lies in the folder of this job" in refused.result["msg"]
        assert refused.requests == []
    assert [kept.result["steps"], other.result["steps"]] == [ENROLMENT[:2], ENROLMENT[:2]]


@pytest.mark.thorough
def test_a_passcode_is_not_spent_in_check_mode(tmp_path: Path) -> None:
    step = checked(call("rax_mfa_enrolment", **PASSWORD, state="recovered", passcode="01234567", bypass_codes=2))
    (outcome,) = play(tmp_path, [step], users=[user("alice")]).outcomes
    assert outcome.requests == []
    assert outcome.result["steps"] == [*REPLACEMENT, "keep_bypass_codes", "delete_previous"]
    assert outcome.result["token"] is None
