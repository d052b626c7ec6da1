# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client as the service's guide suggests it: one request after another, and every answer taken at its word.

It reads the exact keys that the guide prints, takes the machine's clock for the service's, the id of a new device from
`Location`, and anything unexpected for a failure. A variant of the emulator that it survives bites nobody.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import requests


class Lost(Exception):
    """The client does not know what to do with an answer."""


@dataclass
class NaiveClient:
    """Enrolls one account, and logs in to it."""

    url: str
    username: str
    password: str
    device_name: str = "ansible"
    clock: Callable[[], float] = time.time

    def enroll(self) -> str:
        """The guide's steps, and a login in two steps as the proof; the secret."""
        token, user_id = self._token(self._log_in())
        factors = f"/v2.0/users/{user_id}/RAX-AUTH/multi-factor"
        if self._call("GET", f"{factors}/otp-devices", token)["RAX-AUTH:otpDevices"]:
            raise Lost("a device is there already")
        made = self._send("POST", f"{factors}/otp-devices", token, {"RAX-AUTH:otpDevice": {"name": self.device_name}})
        if made.status_code != 201:
            raise Lost(f"the creation answered {made.status_code}")
        device_id = made.headers["Location"].rpartition("/")[2]
        secret = str(made.json()["RAX-AUTH:otpDevice"]["keyUri"]).partition("secret=")[2].partition("&")[0]
        code = {"RAX-AUTH:verificationCode": {"code": self._code(secret)}}
        self._call("POST", f"{factors}/otp-devices/{device_id}/verify", token, code)
        user = self._call("GET", f"/v2.0/users/{user_id}", token)["user"]
        if user["RAX-AUTH:multiFactorEnabled"] is not False:
            raise Lost("MFA is on already")
        self._call("PUT", factors, token, {"RAX-AUTH:multiFactor": {"enabled": True, "factorType": "OTP"}})
        self.log_in_with(secret)
        return secret

    def log_in_with(self, secret: str) -> None:
        """Both steps. Raises `Lost` if the first step does not ask for the second."""
        challenge = self._post_auth({"passwordCredentials": self._credentials})
        if challenge.status_code != 401:
            raise Lost("no second factor was asked for")
        if challenge.json()["unauthorized"]["message"] != "Additional authentication credentials required":
            raise Lost("this is another refusal")
        match = re.fullmatch("OS-MF sessionId='(.+)', factor='PASSCODE'", challenge.headers["WWW-Authenticate"])
        if not match:
            raise Lost("this challenge is not in the guide")
        passcode = {"RAX-AUTH:passcodeCredentials": {"passcode": self._code(secret)}}
        answer = self._post_auth(passcode, {"X-SessionId": match[1]})
        answer.raise_for_status()
        access = answer.json()["access"]
        if access["token"]["RAX-AUTH:authenticatedBy"] != ["PASSWORD", "OTPPASSCODE"]:
            raise Lost("the second factor does not count")
        time.strptime(access["token"]["expires"], "%Y-%m-%dT%H:%M:%S.%f-06:00")

    def _code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(int(self.clock()))

    @property
    def _credentials(self) -> dict[str, str]:
        return {"username": self.username, "password": self.password}

    def _log_in(self) -> dict[str, Any]:
        answer = self._post_auth({"passwordCredentials": self._credentials})
        answer.raise_for_status()
        return dict(answer.json()["access"])

    def _token(self, access: dict[str, Any]) -> tuple[str, str]:
        if access["token"]["tenant"]["id"] != access["user"]["RAX-AUTH:domainId"]:
            raise Lost("this is another tenant")
        return access["token"]["id"], access["user"]["id"]

    def _post_auth(self, auth: dict[str, Any], headers: dict[str, str] | None = None) -> requests.Response:
        return requests.post(f"{self.url}/v2.0/tokens", json={"auth": auth}, headers=headers, timeout=30)

    def _send(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> requests.Response:
        headers = {"X-Auth-Token": token, "Accept": "application/json"}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer

    def _call(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._send(method, path, token, body)
        return answer.json() if answer.content else None
