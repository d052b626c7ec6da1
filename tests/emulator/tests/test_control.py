# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: state, users, request log, clock, switches, reset."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Control, ControlError, Emulator

from .helpers import PASSWORD, Service


class TestState:
    """Everything, secrets included."""

    def test_knows_every_secret_that_was_set_issued_or_seen(self, service: Service, device: dict[str, Any]) -> None:
        session = service.session("alice")
        code = service.code(device["secret"])
        token = service.second_step(session, code).json()["access"]["token"]["id"]
        codes = service.bypass_codes("alice")
        service.login("alice", "a typed code")
        wrong = {"auth": {PASSWORD: {"username": "alice", "password": "a typed password"}}}
        service.call("POST", "/tokens", wrong)
        expected = {"alice-pw", "alice-key", "a typed password", device["secret"], session, code, token}
        expected |= {*codes, "a typed code"}
        assert expected <= set(service.control.secrets())

    def test_keeps_the_secrets_of_what_is_gone(self, service: Service) -> None:
        device, token = service.create("alice"), service.key_token("alice")
        service.delete("alice", f"/otp-devices/{device['id']}")
        service.call("DELETE", f"/tokens/{token}", token=token)
        assert {device["secret"], token} <= set(service.control.secrets())

    def test_shows_devices_with_their_secret_and_used_steps(self, service: Service) -> None:
        device = service.create("alice")
        service.verify("alice", device["id"], service.code(device["secret"]))
        shown = service.control.user("alice")["otp_devices"][0]
        assert shown["secret"] == device["secret"]
        assert shown["key_uri"] == device["keyUri"]
        assert shown["used"] == [{"step": int(service.control.now() // 30), "for": "verification"}]

    def test_unknown_user_is_a_key_error(self, service: Service) -> None:
        with pytest.raises(KeyError):
            service.control.user("nobody")


class TestUsers:
    """Adding and replacing."""

    def test_what_is_not_given_is_made_up(self, service: Service) -> None:
        first, second = service.control.users([{"username": "x"}, {"username": "y"}])
        assert first["password"] != second["password"]
        assert first["api_key"] != second["api_key"]
        assert first["id"] != second["id"]
        assert first["domain_id"] == second["domain_id"]
        assert (first["role"], first["enabled"], first["mfa_enabled"]) == ("default", True, False)

    def test_everything_may_be_given(self, service: Service) -> None:
        given = {
            "username": "x",
            "password": "p",
            "api_key": "k",
            "id": "i",
            "domain_id": "7",
            "domain_enforcement_level": "REQUIRED",
            "role": "user-manage",
            "email": "x@example.org",
            "enforcement_level": "OPTIONAL",
            "devices": [{"id": "d", "name": "n", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "verified": True}],
            "phone": {"id": "f", "number": "+15125550100", "verified": True},
            "mfa": {"enabled": True, "factor_type": "OTP"},
        }
        made = service.control.users([given])[0]
        for name in ("username", "password", "api_key", "id", "domain_id", "role", "email", "enforcement_level"):
            assert made[name] == given[name]
        assert made["otp_devices"][0]["secret"] == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        assert made["phone"]["number"] == "+15125550100"
        assert (made["mfa_enabled"], made["factor_type"]) == (True, "OTP")
        assert service.login("x", service.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).status_code == 200

    def test_namesake_is_replaced_and_its_tokens_end(self, service: Service) -> None:
        token = service.key_token("alice")
        service.control.users([{"username": "Alice", "password": "new", "domain_id": "100"}])
        assert not service.is_live(token)
        assert sum(user["username"].lower() == "alice" for user in service.control.state()["users"]) == 1

    @pytest.mark.parametrize(
        ("user", "words"),
        [
            ({}, "has no username"),
            ("alice", "is not an object"),
            ({"username": "x", "passwort": "y"}, "unknown member 'passwort'"),
            ({"username": "x", "password": 1}, "password must be of type str"),
            ({"username": "x", "role": "root"}, "role must be one of"),
            ({"username": "x", "enforcement_level": "MAYBE"}, "enforcement_level must be one of"),
            ({"username": "x", "devices": [{"secret": "!!"}]}, "is not base32"),
            ({"username": "x", "mfa": {"enabled": True}}, "no verified device of that kind"),
            ({"username": "x", "devices": [{"id": "d"}, {"id": "d"}]}, "two devices have the id 'd'"),
        ],
    )
    def test_wrong_one_is_refused_and_nothing_changes(self, service: Service, user: Any, words: str) -> None:
        with pytest.raises(ControlError, match=words):
            service.control.users([{"username": "good"}, user])
        with pytest.raises(KeyError):
            service.control.user("good")

    def test_two_of_one_name_or_id_are_refused(self, service: Service) -> None:
        with pytest.raises(ControlError, match="same name or id"):
            service.control.users([{"username": "x"}, {"username": "X"}])
        with pytest.raises(ControlError, match="belongs to another user"):
            service.control.users([{"username": "x", "id": service.user_id("alice")}])

    def test_two_levels_of_one_domain_are_refused(self, service: Service) -> None:
        levels = ({"domain_enforcement_level": level} for level in ("REQUIRED", "OPTIONAL"))
        with pytest.raises(ControlError, match="the domain 7 different values"):
            service.control.users([{"username": f"x{level}", "domain_id": "7", **level} for level in levels])


class TestRequests:
    """The log."""

    def test_entry(self, service: Service) -> None:
        device = service.create("alice")
        service.control.clear_requests()
        service.verify("alice", device["id"], service.code(device["secret"]), service.key_token("admin"))
        entry = service.control.requests()[-1]
        assert entry == {
            "n": 2,
            "time": service.control.now(),
            "method": "POST",
            "path": f"/v2.0{service.mfa('alice', '/otp-devices')}/{device['id']}/verify",
            "query": "",
            "route": "/v2.0/users/{user}/RAX-AUTH/multi-factor/otp-devices/{device}/verify",
            "status": 204,
            "user": "admin",
            "keys": ["RAX-AUTH:verificationCode", "code"],
            "passcode": "accepted",
            "fault": None,
        }

    def test_holds_no_secret(self, service: Service, device: dict[str, Any]) -> None:
        token = service.login("alice", service.code(device["secret"])).json()["access"]["token"]["id"]
        service.call("DELETE", f"/tokens/{token}", token=token)
        text = str(service.control.requests())
        assert not [secret for secret in service.control.secrets() if len(secret) > 6 and secret in text]

    def test_does_not_show_the_control_api(self, service: Service) -> None:
        service.control.state()
        assert service.control.requests() == []

    def test_shows_what_was_no_json(self, service: Service) -> None:
        service.call("POST", "/tokens", data="{")
        assert service.control.requests()[-1]["keys"] == []


class TestReset:
    """Back to the start."""

    def test_forgets_everything(self, service: Service) -> None:
        service.enroll("alice")
        service.control.behave(lean=True)
        service.control.fault("status")
        former = service.control.state()
        service.control.reset()
        state = service.control.state()
        assert (state["tokens"], state["sessions"], service.control.requests()) == ([], [], [])
        assert service.control.faults() == []
        assert service.control.behavior()["lean"] is False
        assert service.control.user("alice")["otp_devices"] == []
        assert state["clock"]["frozen"] is False
        assert [user["username"] for user in state["users"]] == [user["username"] for user in former["users"]]

    def test_takes_other_users(self, service: Service) -> None:
        service.control.reset([{"username": "only"}])
        service.control.reset()
        assert [user["username"] for user in service.control.state()["users"]] == ["only"]

    def test_wrong_users_leave_all_as_it_was(self, service: Service) -> None:
        with pytest.raises(ControlError):
            service.control.reset([{}])
        assert service.control.user("alice")["password"] == "alice-pw"


def test_secrets_are_fresh_at_every_start() -> None:
    seen = set()
    for _unused in range(2):
        with Emulator(users=[{"username": "a"}]) as emulator:
            seen |= set(emulator.control.secrets())
    assert len(seen) == 6


def test_behavior_of_the_start_is_what_reset_returns_to() -> None:
    with Emulator(behavior={"lean": True}) as emulator:
        emulator.control.behave(lean=False)
        emulator.control.reset()
        assert emulator.control.behavior()["lean"] is True


def test_wrong_behavior_of_the_start_is_told() -> None:
    with pytest.raises(ValueError, match="unknown switch"):
        Emulator(behavior={"leen": True})


def test_port_in_use_is_told(emulator: Emulator) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        Emulator(port=int(emulator.url.rpartition(":")[2])).start()


def test_unknown_control_is_not_found(service: Service) -> None:
    assert service.http.get(f"{service.emulator.url}/_emulator/nothing").status_code == 404


def test_control_speaks_plain_http_only() -> None:
    with pytest.raises(ValueError, match="plain http"):
        Control("https://127.0.0.1:1")
