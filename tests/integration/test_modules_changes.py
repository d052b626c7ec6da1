# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module changes, in a real run: in check mode nothing, then once; and the ways to log in.

States of an account are unit tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from integration.harness.plays import (
    MID_STEP,
    PEOPLE,
    Call,
    Outcome,
    Played,
    Scene,
    call,
    checked,
    do,
    four_times,
    named,
    play_scenes,
    user,
)

VERIFY = "POST ~/otp-devices/{device}/verify"
NUMBER = "+15125550100"
PUT = "PUT ~ 204"
VERIFIED = {"id": "d1", "name": "phone", "verified": True}
PHONE = {"id": "p1", "number": NUMBER, "verified": True}
ON = {"devices": [VERIFIED, {"name": "new", "verified": False}], "mfa": {"enabled": True}}
USERS = [user("alice", **ON), *(person for person in PEOPLE if person["username"] in ("admin", "manager"))]


AllPlayed = Mapping[str, Played]
pytestmark = pytest.mark.xdist_group("changes")


@pytest.fixture(name="played", scope="module")
def _played(tmp_path_factory: pytest.TempPathFactory) -> AllPlayed:
    """What came of each scene, by its name: the one above the test that looks at it. All are plays of one run."""
    scenes = (DEVICE, A_PHONE, NEEDED_PHONE, SETTINGS, LOCKED_OUT, LEVEL, CODES, LOGINS)
    played = play_scenes(tmp_path_factory.mktemp("changes") / "scenes", scenes)
    return {scene.name: scene.whole(one) for scene, one in zip(scenes, played, strict=True)}


def otp(**options: Any) -> Call:
    return call("rax_otp_device", "alice", **options)


def settings(**options: Any) -> Call:
    return call("rax_mfa_settings", "alice", **options)


SECRET = "{{ added.secret }}"
DEVICE = Scene(
    "a_device",
    [
        checked(otp(name="phone")),
        named("added", otp(name="phone")),
        checked(otp(name="phone")),
        otp(name="phone"),
        *four_times(otp(name="phone", state="verified", secret=SECRET)),
        otp(device_id="{{ added.device.id }}", state="verified", secret=SECRET),
        call("rax_otp_device_info", "admin", target_user="Alice", name="phone"),
        *four_times(otp(name="phone", state="absent")),
        call("rax_otp_device_info", "admin", target_user_id="id-of-alice"),
        checked(call("rax_otp_device", "bob", name="phone", state="absent")),
        call("rax_otp_device", "bob", name="phone", state="absent"),
        call("rax_otp_device", "bob", name="new", state="absent"),
    ],
    users=[*PEOPLE[:3], user("bob", **ON)],
)


def test_a_device_is_added_verified_and_deleted_once(played: AllPlayed) -> None:
    outcomes = played[DEVICE.name].outcomes
    added, verified, by_id, listed = outcomes[0:4], outcomes[4:8], outcomes[8], outcomes[9]
    deleted, none, needed = outcomes[10:14], outcomes[14], outcomes[15:]
    assert [outcome.changed for outcome in added] == [True, True, False, False]
    assert [outcome.writes for outcome in added] == [[], ["POST ~/otp-devices 201"], [], []]
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
    assert [outcome.kind for outcome in needed] == ["conflict", "conflict", None]


A_PHONE = Scene(
    "a_phone",
    [
        *four_times(call("rax_mobile_phone", "alice", number="+1 (512) 555-0100")),
        *four_times(call("rax_mobile_phone", "alice", number="+15125550199")),
        *four_times(call("rax_mobile_phone", "alice", number=NUMBER, state="absent")),
        *four_times(call("rax_mobile_phone", "admin", target_user="alice", state="absent")),
    ],
)


def test_a_phone_is_added_once_and_deleted_once(played: AllPlayed) -> None:
    outcomes = played[A_PHONE.name].outcomes
    added, replaced, other, deleted = (outcomes[start : start + 4] for start in range(0, 16, 4))
    assert [outcome.changed for outcome in added] == [True, True, False, False]
    assert [outcome.writes for outcome in added] == [[], ["POST ~/mobile-phones 201"], [], []]
    assert added[1].result["phone"] == added[3].result["phone"]
    assert added[0].result["diff"] == added[1].result["diff"]
    assert replaced[1].result["diff"] == {
        "before": {"phones": [{"number": NUMBER, "verified": False}]},
        "after": {"phones": [{"number": "+15125550199", "verified": False}]},
    }
    assert not any(outcome.changed or outcome.writes for outcome in other)
    assert [outcome.changed for outcome in deleted] == [True, True, False, False]
    assert [outcome.writes for outcome in deleted] == [[], ["DELETE ~/mobile-phones/{phone} 204"], [], []]


NEEDED_PHONE = Scene(
    "needed_phone",
    [
        do("behave", sms_phone="may_go"),
        *four_times(call("rax_mobile_phone", "alice", number="+15125550199"))[:2],
        *four_times(call("rax_mobile_phone", "alice", state="absent"))[:2],
    ],
    users=[user("alice", phone=PHONE, mfa={"enabled": True, "factor_type": "SMS"})],
)


def test_the_phone_that_the_next_login_needs_stays_whatever_the_service_allows(played: AllPlayed) -> None:
    scene = played[NEEDED_PHONE.name]
    assert [(outcome.kind, outcome.writes) for outcome in scene.outcomes] == [("conflict", [])] * 4
    assert scene.user("alice")["phone"]["verified"]


SETTINGS = Scene(
    "the_settings",
    [
        *four_times(settings(enabled=True, factor_type="OTP")),
        *four_times(settings(factor_type="SMS")),
        *four_times(settings(enabled=False)),
        *four_times(settings(state="absent")),
    ],
    users=[user("alice", devices=[VERIFIED], phone=PHONE)],
)


def test_it_is_turned_on_switched_and_off_once(played: AllPlayed) -> None:
    scene = played[SETTINGS.name]
    on, over, off, gone = (scene.outcomes[start : start + 4] for start in range(0, 16, 4))
    for outcomes, write in ((on, PUT), (over, PUT), (off, PUT), (gone, "DELETE ~ 204")):
        assert [outcome.changed for outcome in outcomes] == [True, True, False, False]
        assert [outcome.writes for outcome in outcomes] == [[], [write], [], []]
        assert outcomes[0].result["diff"] == outcomes[1].result["diff"]
        assert outcomes[1].result["mfa"] == outcomes[3].result["mfa"]
    assert on[1].result["mfa"] == {
        "enabled": True,
        "state": "ACTIVE",
        "factor_type": "OTP",
        "enforcement_level": "DEFAULT",
    }
    assert over[1].result["mfa"]["factor_type"] == "SMS"
    assert off[1].result["mfa"]["factor_type"] is None
    assert (scene.user("alice")["otp_devices"], scene.user("alice")["phone"]) == ([], None)


AS_BOB = "rax_mfa_settings", "bob"
REFUSED = [
    settings(enabled=True),
    settings(enabled=True, factor_type="OTP", enforcement_level="REQUIRED"),
    settings(factor_type="OTP"),
    checked(settings(enabled=True, factor_type="OTP")),
    call(*AS_BOB, state="absent"),
    call(*AS_BOB, enabled=False),
    checked(call(*AS_BOB, enabled=False)),
]
BY_THE_SERVICE = [settings(enabled=True, factor_type="SMS")]
MISUSED = [
    settings(enabled=False, factor_type="OTP"),
    settings(state="absent", enabled=True),
    settings(state="absent", unlock=True),
]
LOCKED_OUT = Scene(
    "locked_out",
    [*REFUSED, *BY_THE_SERVICE, *MISUSED],
    users=[
        user("alice", devices=[{"id": "d0", "name": "new", "verified": False}]),
        user("bob", devices=[VERIFIED], phone=PHONE, enforcement_level="REQUIRED", mfa={"enabled": True}),
    ],
)


def test_what_would_lock_the_user_out_is_refused(played: AllPlayed) -> None:
    scene = played[LOCKED_OUT.name]
    assert [outcome.kind for outcome in scene.outcomes] == ["conflict"] * 8 + [None] * 3
    assert not any(outcome.writes for outcome in scene.outcomes[:7] + scene.outcomes[8:])
    assert scene.outcomes[7].writes == ["PUT ~ 400"]
    assert all("eave" in outcome.result["msg"] for outcome in scene.outcomes[8:])
    assert scene.user("bob")["mfa_enabled"]


def domain(level: str) -> Call:
    return call("rax_mfa_domain", "admin", enforcement_level=level)


LEVEL = Scene(
    "the_level",
    [
        *four_times(domain("REQUIRED")),
        domain("OPTIONAL"),
        do("users", users=[user("admin", role="user-admin")]),
        checked(domain("REQUIRED")),
        domain("REQUIRED"),
        do("users", users=[user("admin", role="user-admin", domain_enforcement_level="RACKSPACE_MANDATED")]),
        checked(domain("REQUIRED")),
        domain("REQUIRED"),
        call("rax_mfa_settings", "admin", target_user="alice", enforcement_level="REQUIRED"),
    ],
    users=USERS,
)


def test_the_level_of_a_domain_is_set_once(played: AllPlayed) -> None:
    outcomes = played[LEVEL.name].outcomes
    put = "PUT /v2.0/RAX-AUTH/domains/{domain}/multi-factor 204"
    assert [outcome.changed for outcome in outcomes[:5]] == [True, True, False, False, True]
    assert [outcome.writes for outcome in outcomes[:5]] == [[], [put], [], [], [put]]
    assert outcomes[0].result["diff"] == outcomes[1].result["diff"]
    assert outcomes[1].result["domain"] == {"id": "100", "name": "100", "enforcement_level": "REQUIRED"}
    assert [outcome.kind for outcome in outcomes[5:]] == ["forbidden"] * 5
    assert not any(outcome.writes for outcome in outcomes[5:9])


BY_PASSWORD = {"username": "alice", "password": "{{ passwords.alice }}"}
CODES = Scene(
    "the_codes",
    [
        checked(call("rax_bypass_codes", "alice", count=3)),
        Call("rax_bypass_codes", {"count": 3}, "alice", name="codes"),
        call("rax_auth_token", **BY_PASSWORD, passcode="{{ codes.codes[1] }}"),
        call("rax_auth_token", **BY_PASSWORD, passcode="{{ codes.codes[1] }}"),
        call("rax_bypass_codes", "alice", count=20, validity=90),
        call("rax_bypass_codes", "admin", target_user="alice", count=4, validity=1000),
        call("rax_bypass_codes", "admin", target_user="alice"),
        call("rax_bypass_codes", "alice", count=0),
        call("rax_bypass_codes", "manager"),
        checked(call("rax_bypass_codes", "manager")),
    ],
    users=USERS,
)


def test_bypass_codes_are_new_each_time_and_what_came_back_is_told(played: AllPlayed) -> None:
    check, three, login_once, login_twice, most, for_other, default, none, off, off_check = played[CODES.name].outcomes
    assert (check.changed, check.writes, "codes" in check.result) == (True, [], False)
    assert (three.changed, len(three.result["codes"])) == (True, 3)
    assert three.result["validity_duration"].startswith("PT526"), "ten years in minutes"
    assert "warnings" not in three.result
    assert login_once.result["second_factor"] is True
    assert login_twice.kind == "passcode_required"  # it is good once, and is not sent again
    assert (len(most.result["codes"]), most.result["validity_duration"]) == (10, "PT90M0.000S")
    assert most.result["warnings"] == ["The service made 10 bypass codes and not 20."]
    assert (len(for_other.result["codes"]), for_other.result["validity_duration"]) == (1, "PT180M0.000S")
    assert len(for_other.result["warnings"]) == 2
    assert default.result["validity_duration"] == "PT30M0.000S"
    assert none.result["msg"].startswith("count must be 1 or more")
    assert [off.kind, off_check.kind] == ["conflict", "conflict"]


SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BOB = {"username": "BOB", "password": "{{ passwords.bob }}"}
LOGINS = Scene(
    "the_logins",
    [
        call("rax_auth_token", "alice"),
        checked(call("rax_auth_token", **BY_PASSWORD, tenant_id="100")),
        call("rax_auth_token", **BY_PASSWORD, tenant_id="999"),
        named("login", call("rax_auth_token", **BOB, otp_secret={"secret": SEED, "step_offset": 0})),
        call("rax_auth_token", auth_token="{{ login.token.id }}"),
        checked(call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent")),
        call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent"),
        call("rax_auth_token", auth_token="{{ login.token.id }}", state="absent"),
        call("rax_auth_token", auth_token="{{ login.token.id }}", username="bob", api_key="{{ api_keys.bob }}"),
        do("behave", lean=True, challenge_headers="joined", challenge_factor="OTPPASSCODE", error_prefix=True),
        do("move", seconds=61),
        call("rax_auth_token", **BOB, otp_secret=SEED),
        call("rax_auth_token", "alice"),
        do("move", seconds=61),
        call("rax_auth_token", **BOB, passcode="{{ code }}"),
        call("rax_auth_token", **BOB, otp_secret=SEED, max_wait=0),
    ],
    users=[user("alice"), user("bob", devices=[{**VERIFIED, "secret": SEED}], mfa={"enabled": True})],
    keywords={"vars": {"code": f"{{{{ lookup('rackspace.identity.totp', '{SEED}', at={int(MID_STEP) + 122}) }}}}"}},
)


def name_of(outcome: Outcome) -> Any:
    """Who logged in; else why the login failed."""
    return outcome.result.get("user", {}).get("name") or outcome.result["msg"]


def test_ways_to_log_in(played: AllPlayed) -> None:
    by_key, by_password, tenant, login, by_token, check, revoked, again, renewed, joined, lean, typed, used = played[
        LOGINS.name
    ].outcomes
    assert [name_of(outcome) for outcome in (by_key, by_password, login, by_token)] == ["alice", "alice", "bob", "bob"]
    assert tenant.kind == "bad_credentials"
    assert by_password.result["token"]["tenant"] == {"id": "100", "name": "100"}
    assert [outcome.result["second_factor"] for outcome in (by_key, login, by_token)] == [False, True, False]
    assert by_token.wire == ["GET /v2.0/tokens/{token} 200"]
    assert [outcome.changed for outcome in (check, revoked, again)] == [True, True, False]
    assert [outcome.writes for outcome in (check, again)] == [[], ["DELETE /v2.0/tokens/{token} 401"]]
    assert renewed.result["token"]["authenticated_by"] == ["APIKEY"]
    assert joined.result["second_factor"]
    assert lean.result["token"]["tenant"] is None
    assert typed.result["second_factor"]
    assert used.kind == "passcode_refused"
    assert "max_wait" in used.result["msg"]
