# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One account at the service, whole: tokens, devices, settings and bypass codes, as a model without a socket.

Written from the contract alone. `jo` (id 1) is the account; `boss` (id 9) administers it by API key.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import (
    Moments,
    SimulatedDevice,
    SimulatedService,
    Told,
    code_of,
    fault,
    refused,
    strict,
)

EPOCH = 1_900_000_000.0
PASSWORD, API_KEY = "jo's password", "jo's key"
BOSS_KEY = "the key of boss"
KEY: dict[str, Any] = {"username": "jo", "api_key": API_KEY}
BOSS: dict[str, Any] = {"username": "boss", "api_key": BOSS_KEY}
"""The options by which jo, or the administrator, logs in without a passcode."""
MOST_DEVICES = 5
_NAMES = {"1": "jo", "9": "boss"}


@dataclass
class Token:
    """Whose it is, and what gave it: `PASSWORD`, `APIKEY`, `MFA` or `SETUP`."""

    user_id: str
    by: str


class Dice(random.Random):
    """Copied at once: `deepcopy` would walk through the 625 numbers of its state for each run that is played."""

    def __deepcopy__(self, _memo: object) -> Dice:
        twin = Dice()
        twin.setstate(self.getstate())
        return twin


class AccountService(SimulatedService):
    """The account of jo.

    `must_set_up`: a login without MFA is refused unless its scope is to set MFA up.
    `unique_names`: a second device of a name is refused.
    `factor`: what it tells of the factor while MFA is on; None: nothing.
    `empty_lists`: so many lists of devices come back empty by mistake.
    `late_is_forgiven`: a code that was good when it left does not count as refused. Where runs take turns, one stands
    still while the others wait.
    `life`: what the service says of new bypass codes, in place of what was asked.
    """

    def __init__(self, moments: Moments) -> None:
        super().__init__(moments, strict, "all", EPOCH - moments.now)
        self.rng = Dice(7)
        self.must_set_up = False
        self.enabled = True
        self.unique_names = False
        self.factor: str | None = "OTP"
        self.shows_lock = False
        """Does the user's record show a lock-out that is over?"""
        self.empty_lists = 0
        self.codes: list[str] = []
        self.life: str | None = None
        self.most_codes = 10
        self.tokens: dict[str, Token] = {}
        self.refused_codes = 0
        self.late_is_forgiven = False
        self.deleting: Callable[[str], None] = lambda _device_id: None
        self._numbers = 0

    def make_device(self, *, verified: bool, name: str = "ansible") -> str:
        """A device that is there before; returns its id."""
        device_id = f"d{self._next()}"
        secret = base64.b32encode(self.rng.randbytes(20)).decode()
        self.devices[device_id] = SimulatedDevice(secret, verified, name=name)
        return device_id

    def answer(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Told:
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")[1:]
        if (method, words) == ("POST", ["tokens"]):
            return self._log_in(body["auth"], headers)
        token = self.tokens.get(headers.get("X-Auth-Token", ""))
        if token is None:
            return fault(401, "unauthorized", "No valid token provided. Please use the 'X-Auth-Token' header.")
        if "multi-factor" not in words:
            return self._read(token, words, parse_qs(parts.query))
        if words[1] != "1":
            return fault(404, "itemNotFound", "User not found.")
        return self._multi_factor(method, words[4:], body, token)

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    # Tokens

    def _log_in(self, auth: Mapping[str, Any], headers: Mapping[str, str]) -> Told:
        if "RAX-AUTH:passcodeCredentials" in auth:
            return self._second_step(headers["X-SessionId"], auth["RAX-AUTH:passcodeCredentials"])
        if "RAX-KSKEY:apiKeyCredentials" in auth:
            given = auth["RAX-KSKEY:apiKeyCredentials"]
            owner = {("jo", API_KEY): "1", ("boss", BOSS_KEY): "9"}.get((given["username"], given["apiKey"]))
            return self._access(Token(owner, "APIKEY")) if owner else fault(401, "unauthorized", "Wrong key.")
        given = auth["passwordCredentials"]
        if (given["username"], given["password"]) != ("jo", PASSWORD):
            return fault(401, "unauthorized", "Unable to authenticate user with credentials provided.")
        return self._by_password(is_setup=auth.get("RAX-AUTH:scope") == "SETUP-MFA")

    def _by_password(self, *, is_setup: bool) -> Told:
        if is_setup and (self.mfa or not self.must_set_up):
            return fault(403, "forbidden", "SETUP-MFA scope is not allowed.")
        if self.mfa:
            return self._first_step(by_password=True)
        if self.must_set_up and not is_setup:
            return fault(403, "forbidden", "User must setup multi-factor")
        return self._access(Token("1", "SETUP" if is_setup else "PASSWORD"))

    def _second_step(self, session: str, credentials: Any) -> Told:
        ends, dead = self._sessions.get(session, (0.0, True))
        if credentials["passcode"] in self.codes and not dead and self.moments.now < ends and not self.is_locked:
            self.codes.remove(credentials["passcode"])
            self.failures = 0
            return self._access(Token("1", "MFA"))
        before = self.refused
        status, headers, body = super()._second_step(session, credentials)
        if status == 200:
            return self._access(Token("1", "MFA"))
        if self.refused > before and self._came_late(credentials["passcode"]):
            self.failures = 0
        else:
            self.refused_codes += self.refused - before
        return status, headers, body

    def _came_late(self, passcode: str) -> bool:
        """Was it the code of an earlier step, that was never used, and did a run stand still on its way here?"""
        if not self.late_is_forgiven:
            return False
        oldest = min(self.window(self.now))
        for device in self.devices.values():
            late = [step for step in range(oldest - 12, oldest) if step not in device.used]
            if passcode in [code_of(device.secret, step) for step in late]:
                return True
        return False

    def _access(self, token: Token) -> Told:
        token_id = f"token-{self._next()}"
        self.tokens[token_id] = token
        return 200, {}, self._describe(token_id, token)

    def _describe(self, token_id: str, token: Token) -> dict[str, Any]:
        user = {"id": token.user_id, "name": _NAMES[token.user_id]}
        return {"access": {"token": {"id": token_id}, "user": user}}

    def _read(self, token: Token, words: list[str], query: Mapping[str, list[str]]) -> Told:
        if token.by == "SETUP":
            return fault(403, "forbidden", "Not Authorized")
        if words[0] == "tokens":
            return 200, {}, self._describe(words[1], self.tokens[words[1]])
        user_id = words[1] if len(words) > 1 else {"jo": "1", "boss": "9"}.get(query["name"][0].lower(), "")
        if user_id not in _NAMES:
            return fault(404, "itemNotFound", "User not found.")
        user: dict[str, Any] = {"id": user_id, "username": _NAMES[user_id], "enabled": self.enabled}
        if user_id == "1" and self.mfa:
            state = "LOCKED" if self.is_locked or self.shows_lock else "ACTIVE"
            user |= {"RAX-AUTH:multiFactorEnabled": True, "RAX-AUTH:multiFactorState": state}
            user |= {"RAX-AUTH:factorType": self.factor} if self.factor else {}
        return 200, {}, {"user": user}

    # Multi-factor

    def _multi_factor(self, method: str, words: list[str], body: Any, token: Token) -> Told:
        if not words:
            return self._set(body["RAX-AUTH:multiFactor"], token) if method == "PUT" else self._remove_all()
        if words[0] == "bypass-codes":
            return self._new_codes(body["RAX-AUTH:bypassCodes"], token)
        if words[0] == "devices":
            found = {"otpDevices": self._listed(), "mobilePhones": []}
            return 200, {}, {"RAX-AUTH:multiFactorDevices": found}
        if len(words) == 1:
            return self._add(body["RAX-AUTH:otpDevice"]) if method == "POST" else self._list()
        return self._one_device(method, words[1], words[2:], body)

    def _list(self) -> Told:
        if self.empty_lists:
            self.empty_lists -= 1
            return 200, {}, {"RAX-AUTH:otpDevices": []}
        return 200, {}, {"RAX-AUTH:otpDevices": self._listed()}

    def _listed(self) -> list[dict[str, Any]]:
        listed = [self._shown(device_id) for device_id in self.devices]
        self.rng.shuffle(listed)
        return listed

    def _shown(self, device_id: str) -> dict[str, Any]:
        device = self.devices[device_id]
        return {"id": device_id, "name": device.name, "verified": device.verified}

    def _add(self, wish: Mapping[str, str]) -> Told:
        if len(self.devices) >= MOST_DEVICES:
            return refused("You have added the maximum number of devices allowed for your profile.")
        if self.unique_names and wish["name"] in {device.name for device in self.devices.values()}:
            return refused("The name of an OTP device must be unique.")
        device_id = self.make_device(verified=False, name=wish["name"])
        uri = f"otpauth://totp/Rackspace:{wish['name']}?secret={self.devices[device_id].secret}&issuer=Rackspace"
        return 201, {}, {"RAX-AUTH:otpDevice": {**self._shown(device_id), "keyUri": uri, "qrcode": "data:image/png"}}

    def _one_device(self, method: str, device_id: str, words: list[str], body: Any) -> Told:
        device = self.devices.get(device_id)
        if device is None:
            return fault(404, "itemNotFound", "OTP device not found.")
        if words == ["verify"]:
            return self._verify(device, body["RAX-AUTH:verificationCode"]["code"])
        if method == "GET":
            return 200, {}, {"RAX-AUTH:otpDevice": self._shown(device_id)}
        is_last = device.verified and sum(other.verified for other in self.devices.values()) == 1
        if self.mfa and is_last:
            return refused("You can not delete the last verified OTP device when multi-factor is enabled.")
        self.deleting(device_id)
        del self.devices[device_id]
        return 204, {}, None

    def _set(self, change: Mapping[str, Any], token: Token) -> Told:
        if "unlock" in change:
            if token.user_id == "1":
                return fault(403, "forbidden", "Not Authorized")
            self.failures = 0
        elif change["enabled"] is True:
            if not any(device.verified for device in self.devices.values()):
                return refused("Device not verified")
            if not self.mfa:
                self._revoke("PASSWORD", "SETUP")
            self.mfa = True
        else:
            self.mfa, self.codes, self.failures = False, [], 0
        return 204, {}, None

    def _revoke(self, *kinds: str) -> None:
        self.tokens = {name: token for name, token in self.tokens.items() if token.by not in kinds}

    def _remove_all(self) -> Told:
        self.devices.clear()
        self.mfa = False
        return 204, {}, None

    def _new_codes(self, wish: Mapping[str, str], token: Token) -> Told:
        if not self.mfa:
            return refused("Multi-factor is not enabled.")
        most = self.most_codes if token.user_id == "1" else 1
        count = min(int(wish.get("numberOfCodes", "1")), most)
        self.codes = [f"{self.rng.randrange(10**8):08}" for _code in range(count)]
        life = self.life or wish.get("validityDuration")
        known = {} if life is None else {"validityDuration": life}
        return 200, {}, {"RAX-AUTH:bypassCodes": {"codes": list(self.codes), **known}}
