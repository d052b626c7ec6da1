# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain client of the service for the emulator's tests: one method for each thing that many tests do."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

import pyotp
import requests

from emulator import Emulator

USERS: list[dict[str, Any]] = [
    {"username": "admin", "password": "admin-pw", "api_key": "admin-key", "domain_id": "100", "role": "user-admin"},
    {"username": "second-admin", "domain_id": "100", "role": "user-admin"},
    {"username": "manager", "password": "manager-pw", "domain_id": "100", "role": "user-manage"},
    {"username": "second-manager", "domain_id": "100", "role": "user-manage"},
    {"username": "alice", "password": "alice-pw", "api_key": "alice-key", "domain_id": "100"},
    {"username": "bob", "domain_id": "100"},
    {"username": "eve", "domain_id": "200", "role": "user-admin"},
    {"username": "fed", "domain_id": "100", "federated": True},
    {"username": "gone", "domain_id": "100", "enabled": False},
]

PASSWORD = "passwordCredentials"
API_KEY = "RAX-KSKEY:apiKeyCredentials"
PASSCODE = "RAX-AUTH:passcodeCredentials"
OTP_DEVICE = "RAX-AUTH:otpDevice"
MOBILE_PHONE = "RAX-AUTH:mobilePhone"
BYPASS_CODES = "RAX-AUTH:bypassCodes"
LEVEL = "userMultiFactorEnforcementLevel"


class Service:
    """The service of an emulator, as a client without any rule of its own sees it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.control = emulator.control
        self.http = requests.Session()
        self.http.trust_env = False
        self._made: dict[str, dict[str, Any]] = {}

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """One request below `/v2.0`; the options are those of `requests`."""
        sent = {"headers": ({"X-Auth-Token": token} if token else {}) | (headers or {}), "timeout": 20, "json": body}
        return self.http.request(method, f"{self.emulator.url}/v2.0{path}", **(sent | options))

    def made(self, name: str) -> dict[str, Any]:
        """A user as it was when a test first asked for it: its id and its credentials stay."""
        if name not in self._made:
            self._made[name] = self.control.user(name)
        return self._made[name]

    def user_id(self, name: str) -> str:
        """The id of a user."""
        return str(self.made(name)["id"])

    def mfa(self, name: str, path: str = "") -> str:
        """A multi-factor path of a user."""
        return f"/users/{self.user_id(name)}/RAX-AUTH/multi-factor{path}"

    def by_password(self, name: str, **auth: Any) -> requests.Response:
        """The first step with the right password."""
        password = self.made(name)["password"]
        return self.call("POST", "/tokens", {"auth": {PASSWORD: {"username": name, "password": password}, **auth}})

    def by_api_key(self, name: str, **auth: Any) -> requests.Response:
        """A login with the right API key."""
        key = self.made(name)["api_key"]
        return self.call("POST", "/tokens", {"auth": {API_KEY: {"username": name, "apiKey": key}, **auth}})

    def password_token(self, name: str, **auth: Any) -> str:
        """A token that a password alone gave."""
        return token_of(self.by_password(name, **auth))

    def key_token(self, name: str) -> str:
        """A token that an API key gave."""
        return token_of(self.by_api_key(name))

    def session(self, name: str) -> str:
        """A session id from the challenge of the first step."""
        return session_of(self.by_password(name))

    def second_step(self, session: str, passcode: Any, **auth: Any) -> requests.Response:
        """The second step."""
        body = {"auth": {PASSCODE: {"passcode": passcode}, **auth}}
        return self.call("POST", "/tokens", body, headers={"X-SessionId": session})

    def login(self, name: str, passcode: str) -> requests.Response:
        """Both steps."""
        return self.second_step(self.session(name), passcode)

    def fail_logins(self, name: str, count: int) -> None:
        """Send wrong passcodes."""
        for _unused in range(count):
            assert self.login(name, "no code").status_code == 401

    def code(self, secret: str, steps: int = 0) -> str:
        """The code of the service's time step, or of one so many steps away."""
        return pyotp.TOTP(secret).at(int(self.control.now()) + 30 * steps)

    def add_device(
        self, name: str, device: str = "phone app", token: str | None = None, **options: Any
    ) -> requests.Response:
        """A creation: the request that must not be sent twice."""
        body = {OTP_DEVICE: {"name": device}}
        return self.call("POST", self.mfa(name, "/otp-devices"), body, token or self.key_token(name), **options)

    def create(self, name: str, device: str = "phone app", token: str | None = None) -> dict[str, Any]:
        """A new device with its `secret`."""
        made = dict(self.add_device(name, device, token).json()[OTP_DEVICE])
        return made | {"secret": re.findall("secret=([A-Z2-7]+)", made["keyUri"])[-1]}

    def verify(self, name: str, device: str, code: Any, token: str | None = None) -> requests.Response:
        """A verification."""
        body = {"RAX-AUTH:verificationCode": {"code": code}}
        path = self.mfa(name, f"/otp-devices/{quote(device)}/verify")
        return self.call("POST", path, body, token or self.key_token(name))

    def devices(self, name: str) -> list[dict[str, Any]]:
        """A user's OTP devices as the service lists them."""
        answer = self.call("GET", self.mfa(name, "/otp-devices"), token=self.key_token(name))
        return list(answer.json()["RAX-AUTH:otpDevices"])

    def stored(self, name: str) -> int:
        """How many OTP devices a user has, whatever the service lists."""
        return len(self.control.user(name)["otp_devices"])

    def delete(self, name: str, path: str = "", token: str | None = None) -> requests.Response:
        """A removal: of a device, of a phone, or of everything."""
        return self.call("DELETE", self.mfa(name, path), token=token or self.key_token(name))

    def ask_bypass_codes(self, name: str, token: str | None = None, **wanted: Any) -> requests.Response:
        """A creation of bypass codes."""
        return self.call("POST", self.mfa(name, "/bypass-codes"), {BYPASS_CODES: wanted}, token or self.key_token(name))

    def bypass_codes(self, name: str, **wanted: Any) -> list[str]:
        """New bypass codes."""
        return list(self.ask_bypass_codes(name, **wanted).json()[BYPASS_CODES]["codes"])

    def put(self, name: str, token: str | None = None, **settings: Any) -> requests.Response:
        """A change of the settings."""
        return self.call("PUT", self.mfa(name), {"RAX-AUTH:multiFactor": settings}, token or self.key_token(name))

    def verified_device(self, name: str) -> dict[str, Any]:
        """A verified device. The clock then moves on to a step whose codes were not used."""
        device = self.create(name)
        assert self.verify(name, device["id"], self.code(device["secret"])).status_code == 204
        self.control.move(60)
        return device

    def enroll(self, name: str) -> dict[str, Any]:
        """A verified device and MFA on with factor OTP."""
        device = self.verified_device(name)
        assert self.put(name, enabled=True, factorType="OTP").status_code == 204
        return device

    def add_phone(self, name: str, *, verified: bool = True) -> dict[str, Any]:
        """A phone."""
        path, token = self.mfa(name, "/mobile-phones"), self.key_token(name)
        body = {MOBILE_PHONE: {"number": "+15125550100"}}
        phone = dict(self.call("POST", path, body, token).json()[MOBILE_PHONE])
        if verified:
            assert self.call("POST", f"{path}/{phone['id']}/verificationcode", None, token).status_code == 202
            code = {"RAX-AUTH:verificationCode": {"code": self.control.user(name)["phone"]["code"]}}
            assert self.call("POST", f"{path}/{phone['id']}/verify", code, token).status_code == 204
        return phone

    def shown_user(self, name: str) -> dict[str, Any]:
        """The user as the service shows it."""
        return dict(self.call("GET", f"/users/{self.user_id(name)}", token=self.key_token(name)).json()["user"])

    def is_live(self, token: str) -> bool:
        """Whether a token still opens anything."""
        return any(entry["id"] == token and entry["live"] for entry in self.control.state()["tokens"])


def next_query(answer: requests.Response) -> str | None:
    """The query of the next page, whatever the form of the link and the address before it."""
    for link in re.finditer(r"<([^>]*)>([^<]*)", ", ".join(answer.raw.headers.getlist("Link"))):
        relation = re.search(r"""rel=(?:"([^"]*)"|'([^']*)'|([a-z]+))""", link[2])
        if relation and "next" in " ".join(group or "" for group in relation.groups()).split():
            return f"?{urlsplit(link[1]).query}"
    return None


def token_of(answer: requests.Response) -> str:
    """The token of a login."""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access"]["token"]["id"])


def session_of(answer: requests.Response) -> str:
    """The session id in a challenge."""
    found = re.search("sessionId='([^']+)'", answer.headers.get("WWW-Authenticate", ""))
    assert found, answer.text
    return found[1]


def assert_refused(answer: requests.Response, status: int, name: str, words: str = "") -> None:
    """A fault body of the contract, whose message contains the words."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert list(body) == [name]
    assert body[name]["code"] == status
    assert words in body[name]["message"]
