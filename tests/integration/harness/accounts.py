# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that was enrolled long ago, and what the tests of its later life do with it from outside the role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import requests

from .lab import Lab, User

LONG_AGO = "2020-01-01T00:00:00Z"
ENROLLED = {"devices": [{"name": "ansible", "verified": True}], "mfa": {"enabled": True}}
"""A seed of the emulator: a user whose device is verified and whose MFA is on."""
MakeLab = Callable[..., Lab]


def entry_of(lab: Lab, name: str = "", device: int = 0, **more: Any) -> dict[str, Any]:
    """What the role would have stored for a user and one of its devices."""
    user = lab.account(name)
    there = user["otp_devices"][device]
    return {
        "username": user["username"],
        "user_id": user["id"],
        "auth_endpoint": lab.emulator.url,
        "device_id": there["id"],
        "device_name": there["name"],
        "secret": there["secret"],
        "step_offset": None,
        "created": LONG_AGO,
        "proved": LONG_AGO,
        **more,
    }


def enrolled_lab(
    make_lab: MakeLab,
    *,
    codes: int = 0,
    others: int = 0,
    name: str = "ansible",
    behavior: dict[str, Any] | None = None,
    **seed: Any,
) -> Lab:
    """A lab whose one user was enrolled long ago, as its store says.

    :param codes: how many bypass codes the store has.
    :param others: how many other devices the user has.
    :param name: of the device.
    :param behavior: switches of the emulator.
    """
    devices = [{"name": name, "verified": True}, *({"name": f"other {n}", "verified": True} for n in range(others))]
    lab = make_lab(User(seed={**ENROLLED, "devices": devices, **seed}), behavior=behavior)
    kept: dict[str, Any] = {"bypass_codes": bypass_codes(lab, codes)} if codes else {}
    lab.store(entry_of(lab, **kept))
    lab.control.clear_requests()
    return lab


def device_of(lab: Lab, device_id: str, name: str = "") -> dict[str, Any]:
    """One device of a user by its id; an empty dictionary if it is gone."""
    return next((device for device in lab.account(name)["otp_devices"] if device["id"] == device_id), {})


def bypass_codes(lab: Lab, count: int) -> list[str]:
    """Have the service make bypass codes."""
    user = lab.account()
    requests.post(
        f"{lab.emulator.url}/v2.0/users/{user['id']}/RAX-AUTH/multi-factor/bypass-codes",
        json={"RAX-AUTH:bypassCodes": {"numberOfCodes": str(count)}},
        headers={"X-Auth-Token": lab.token(user)},
        timeout=10,
    ).raise_for_status()
    return [code["code"] for code in lab.account()["bypass_codes"]]


def lock(lab: Lab, name: str = "") -> None:
    """Three wrong passcodes."""
    for _unused in range(3):
        _second_step(lab, lab.account(name), "000000")
    assert lab.account(name)["locked"]


def assert_stored_secret_logs_in(lab: Lab) -> None:
    """With the password and the secret of the store, a while after the last code was used."""
    lab.control.move(61)
    code = pyotp.TOTP(lab.entry()["secret"]).at(int(lab.control.now()))
    assert _second_step(lab, lab.account(), code) == 200
    lab.control.move(61)


def _second_step(lab: Lab, user: dict[str, Any], passcode: str) -> int:
    credentials = {"username": user["username"], "password": user["password"]}
    challenge = _authenticate(lab, {"passwordCredentials": credentials}).headers["WWW-Authenticate"]
    session = challenge.partition("sessionId='")[2].partition("'")[0]
    answer = _authenticate(lab, {"RAX-AUTH:passcodeCredentials": {"passcode": passcode}}, {"X-SessionId": session})
    return answer.status_code


def _authenticate(lab: Lab, credentials: dict[str, Any], headers: dict[str, str] | None = None) -> requests.Response:
    return requests.post(f"{lab.emulator.url}/v2.0/tokens", json={"auth": credentials}, headers=headers, timeout=10)
