# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`rax_otp_device` and `rax_otp_device_info` in real runs, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from integration.harness.plays import MID_STEP, Call, Player, call, checked, do, four_times, look, named, user

ADD = "POST ~/otp-devices 201"
VERIFY = "POST ~/otp-devices/{device}/verify"
ODD_NAMES = (
    "a?b",
    "a&b",
    "a=b",
    "a#b",
    "[a]",
    "a:b",
    "größe",
    "名",
    "a b",
    "a/b",
    "%41",
    "a&secret=B&issuer=Rackspace",
)
TROUBLES: tuple[dict[str, Any], ...] = (
    {"kind": "lost"},
    {"kind": "truncated"},
    {"kind": "status", "status": 500, "when": "after"},
    {"kind": "status", "status": 502, "when": "after", "body": "html"},
    {"kind": "misshapen"},
)
"""What may become of the answer to the creation of a device."""


def device(key: str, **members: Any) -> dict[str, Any]:
    return {"id": f"id-of-{key}", "name": key, "verified": False, **members}


def alice(*devices: dict[str, Any], **members: Any) -> list[dict[str, Any]]:
    return [user("alice", devices=list(devices), **members)]


def otp(**options: Any) -> Call:
    return call("rax_otp_device", "alice", **options)


def test_a_device_is_added_verified_and_deleted_once(play: Player) -> None:
    secret = "{{ added.secret }}"
    steps = [
        checked(otp(name="phone")),
        named("added", otp(name="phone")),
        checked(otp(name="phone")),
        otp(name="phone"),
        *four_times(otp(name="phone", state="verified", secret=secret)),
        otp(device_id="{{ added.device.id }}", state="verified", secret=secret),
        call("rax_otp_device_info", "alice", name="phone"),
        *four_times(otp(name="phone", state="absent")),
        call("rax_otp_device_info", "alice"),
    ]
    played = play(steps)
    added, verified, by_id, listed = (
        played.outcomes[0:4],
        played.outcomes[4:8],
        played.outcomes[8],
        played.outcomes[9],
    )
    deleted, none = played.outcomes[10:14], played.outcomes[14]
    assert [outcome.changed for outcome in added] == [True, True, False, False]
    assert [outcome.writes for outcome in added] == [[], [ADD], [], []]
    assert [set(outcome.result) & {"secret", "key_uri", "qrcode"} for outcome in added[::2]] == [set(), set()]
    assert added[1].result["qrcode"].startswith("data:image/png;base64,")
    assert "secret" not in added[3].result
    assert added[3].result["device"] == added[1].result["device"]
    assert [outcome.changed for outcome in verified] == [True, True, False, False]
    # The service takes this step and the one before: the first is one too old.
    assert [outcome.writes for outcome in verified] == [[], [f"{VERIFY} 400", f"{VERIFY} 204"], [], []]
    assert verified[0].result["diff"] == verified[1].result["diff"]
    assert verified[1].result["step_offset"] == -1
    assert (by_id.changed, by_id.wire) == (False, [f"{VERIFY} 400"])
    assert listed.result["otp_devices"] == [{**added[1].result["device"], "verified": True}]
    assert [outcome.changed for outcome in deleted] == [True, True, False, False]
    assert [outcome.writes for outcome in deleted] == [[], ["DELETE ~/otp-devices/{device} 204"], [], []]
    assert none.result["otp_devices"] == []


@pytest.mark.thorough
def test_a_typed_code_is_sent_once(play: Player) -> None:
    steps = [
        otp(name="phone", state="verified", code="000000"),
        otp(device_id="id-of-phone", state="verified", code="000000"),
        checked(otp(device_id="id-of-phone", state="verified", code="000000")),
        otp(device_id="id-of-phone", state="verified", code="{{ code }}"),
        otp(name="phone", state="verified", code="{{ code }}", secret="{{ secret }}"),
        otp(device_id="no-such-device", state="verified", code="000000"),
        checked(otp(device_id="no-such-device", state="verified", code="000000")),
    ]
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    code = f"{{{{ lookup('rackspace.identity.totp', secret, at={int(MID_STEP)}) }}}}"
    users = alice(device("phone", secret=secret))
    refused, by_id, check, right, again, gone, gone_check = play(
        steps, users=users, vars={"code": code, "secret": secret}
    ).outcomes
    assert [refused.kind, by_id.kind] == ["passcode_refused", "passcode_refused"]
    assert by_id.wire == [f"{VERIFY} 400"]
    assert (check.changed, check.writes) == (True, [])
    assert (right.changed, right.wire) == (True, [f"{VERIFY} 204"])
    assert (again.changed, again.writes) == (False, [])
    assert [gone.kind, gone_check.kind] == ["not_found", "not_found"]


@pytest.mark.thorough
def test_odd_names_are_taken_as_they_are(play: Player) -> None:
    steps: list[Any] = []
    for number, name in enumerate(ODD_NAMES):
        steps += [
            named(f"added{number}", otp(name=name)),
            otp(name=name, state="verified", secret=f"{{{{ added{number}.secret }}}}"),
            call("rax_otp_device_info", "alice", name=name),
            otp(name=name, state="absent"),
        ]
    steps += [otp(name=" "), otp(name=""), otp(device_id="", state="absent")]
    outcomes = play(steps).outcomes
    assert [outcome.changed for outcome in outcomes[:-3]] == [True, True, False, True] * len(ODD_NAMES)
    assert [outcome.result["otp_devices"][0]["name"] for outcome in outcomes[2:-3:4]] == list(ODD_NAMES)
    assert all(outcome.result["msg"].startswith("name must not be blank") for outcome in outcomes[-3:])
    assert not any(outcome.requests for outcome in outcomes[-3:])


@pytest.mark.thorough
def test_namesakes_are_told_apart_or_refused(play: Player) -> None:
    users = alice(
        device("v1", name="two", verified=True),
        device("v2", name="two", verified=True),
        device("u1", name="one", verified=True),
        device("u2", name="one"),
        device("u3", name="last"),
    )
    steps = [
        otp(name="two"),
        otp(name="two", state="absent"),
        otp(name="one", on_unverified="replace"),
        otp(name="one", state="verified", code="000000"),
        otp(name="last"),
        otp(device_id="id-of-u2", state="absent"),
    ]
    two, two_absent, one, one_verified, last, by_id = play(steps, users=users).outcomes
    for outcome in (two, two_absent):
        assert outcome.kind == "conflict"
        assert "id-of-v1, id-of-v2" in outcome.result["msg"]
        assert outcome.writes == []
    assert [one.result["device"]["id"], one.changed] == ["id-of-u1", False]
    assert [one_verified.result["device"]["id"], one_verified.changed] == ["id-of-u1", False]
    assert [last.result["device"]["id"], last.changed] == ["id-of-u3", False]
    assert by_id.changed


@pytest.mark.thorough
def test_unverified_namesakes_are_replaced_but_for_those_to_keep(play: Player) -> None:
    users = alice(device("u1", name="x"), device("u2", name="x"), device("u3", name="x"), device("other"))
    wanted = otp(name="x", on_unverified="replace", keep_ids=["id-of-u1"])
    played = play([otp(name="x"), checked(wanted), named("new", wanted)], users=users)
    unclear, check, real = played.outcomes
    assert unclear.kind == "conflict"
    assert (check.changed, check.writes) == (True, [])
    assert real.writes == ["DELETE ~/otp-devices/{device} 204"] * 2 + [ADD]
    left = {item["id"] for item in played.user("alice")["otp_devices"]}
    assert left == {"id-of-u1", "id-of-other", real.result["device"]["id"]}
    assert real.result["secret"]


@pytest.mark.thorough
def test_a_sixth_device_is_refused_before_anything_is_done(play: Player) -> None:
    users = alice(*(device(str(number)) for number in range(5)))
    steps = [
        otp(name="six"),
        checked(otp(name="six")),
        otp(name="0", on_unverified="replace"),
        otp(name="1"),
    ]
    six, check, replaced, there = play(steps, users=users).outcomes
    for outcome in (six, check):
        assert (outcome.kind, outcome.writes) == ("conflict", [])
        assert "5 OTP devices" in outcome.result["msg"]
    assert replaced.changed
    assert not there.changed


def test_the_last_verified_device_is_not_deleted_while_mfa_is_on(play: Player) -> None:
    users = alice(device("phone", verified=True), device("new"), mfa={"enabled": True})
    steps = [
        checked(otp(name="phone", state="absent")),
        otp(name="phone", state="absent"),
        otp(name="new", state="absent"),
    ]
    check, real, new = play(steps, users=users).outcomes
    assert [check.kind, real.kind, new.kind] == ["conflict", "conflict", None]


@pytest.mark.thorough
def test_a_device_whose_secret_was_lost_is_replaced(play: Player) -> None:
    steps: list[Any] = []
    for number, trouble in enumerate(TROUBLES):
        fault = do("fault", method="POST", path="otp-devices$", **trouble)
        steps += [
            do("users", users=alice()),
            fault,
            otp(name="kept"),
            fault,
            named(f"new{number}", otp(name="replaced", on_unverified="replace")),
            otp(name="replaced", state="verified", secret=f"{{{{ new{number}.secret }}}}"),
            otp(name="kept"),
            otp(name="kept", on_unverified="replace"),
            call("rax_otp_device_info", "alice"),
        ]
    outcomes = play(steps, users=alice()).outcomes
    for start, trouble in zip(range(0, len(outcomes), 6), TROUBLES, strict=True):
        lost, replaced, verified, kept, again, listed = outcomes[start : start + 6]
        assert lost.kind in ("connection", "unavailable", "invalid_answer"), trouble
        assert "on_unverified: replace" in lost.result["msg"], trouble
        assert replaced.result["secret"], trouble
        assert [verified.changed, kept.changed] == [True, False], trouble
        assert again.result["secret"], trouble
        assert len(listed.result["otp_devices"]) == 2, trouble


@pytest.mark.thorough
def test_a_name_that_the_service_stores_and_refuses_leaves_nothing_behind(play: Player) -> None:
    steps = [otp(name="[x]", on_unverified="replace")]
    played = play(steps, behavior={"bracket_names": "fail"})
    assert played.outcomes[0].kind == "unavailable"
    assert played.user("alice")["otp_devices"] == []


@pytest.mark.thorough
def test_an_empty_list_is_no_proof(play: Player) -> None:
    users = alice(device("phone", verified=True), device("other"))
    steps: list[Any] = []
    for step in (
        otp(name="phone", keep_ids=["id-of-other"]),
        otp(name="phone", device_id="id-of-phone", on_unverified="replace"),
        checked(otp(name="phone", state="absent")),
        call("rax_otp_device_info", "alice"),
        call("rax_mfa_info", "alice"),
        call("rax_mfa_settings", "alice", enabled=True),
    ):
        steps += [
            do("behave", empty_device_lists=0),
            do("users", users=users),
            do("behave", empty_device_lists=1),
            step,
        ]
    present, replace, absent, listed, info, settings = play(steps, users=users).outcomes
    assert [present.changed, replace.changed, absent.changed, settings.changed] == [False, False, True, True]
    assert [len(listed.result["otp_devices"]), len(info.result["otp_devices"])] == [2, 2]


@pytest.mark.thorough
def test_an_id_is_looked_up_whatever_the_list_says(play: Player) -> None:
    users = alice(device("phone", verified=True))
    steps = [
        otp(name="phone", device_id="id-of-phone"),
        otp(name="phone", device_id="gone"),
        otp(device_id="gone"),
        otp(name="phone", device_id="gone", state="absent"),
        look("seen", "alice"),
        otp(name="new", device_id="gone"),
    ]
    by_id, by_name, nothing, absent, new = play(steps, users=users).outcomes
    assert by_id.wire == ["GET ~/otp-devices/{device} 200"]
    assert by_name.result["device"]["id"] == "id-of-phone"
    assert nothing.kind == "not_found"
    # With an id, only that one is meant: a namesake is not deleted in its place.
    assert (absent.changed, absent.writes) == (False, [])
    assert new.changed
