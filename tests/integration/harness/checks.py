# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of an account, its stored entry and the runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .lab import Lab
from .run import Run

ENROLLMENT = ["create_device", "store_secret", "verify_device", "turn_on", "prove_login"]
"""The steps of an enrollment that begins with nothing."""


NOTES = ("last_step", "step_offset", "proved")
"""What a login notes in the entry of an account that is settled, too."""


def without_notes(entry: dict[str, Any]) -> dict[str, Any]:
    """What is stored of an account, but for the notes of its logins."""
    return {name: value for name, value in entry.items() if name not in NOTES}


def refused_passcodes(lab: Lab) -> int:
    """How many passcodes the service has refused since its log began."""
    return Run(0, "", lab.control.requests()).refused_passcodes


def refused_by_account(lab: Lab) -> Counter[str]:
    """How many passcodes of its logins the service refused each account that had one refused."""
    logins = (entry for entry in lab.control.requests() if entry["path"] == "/v2.0/tokens")
    return Counter(entry["user"] for entry in logins if entry["passcode"] in ("refused", "replayed"))


def assert_enrolled(lab: Lab, name: str = "", variable: str = "rax_mfa_otp") -> None:
    """One device, verified; its secret in the store; MFA on with factor OTP; not locked."""
    user, entry = lab.account(name), lab.entry(variable)
    (device,) = user["otp_devices"]
    assert device["verified"]
    assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"])
    assert (entry["username"], entry["user_id"]) == (user["username"], user["id"])
    assert (user["mfa_enabled"], user["factor_type"], user["locked"]) == (True, "OTP", False)


def assert_nothing_to_do(run: Run) -> None:
    """A run that changed nothing: by its result, by the recap, and by the requests."""
    assert run.result["changed"] is False, run.screen
    assert run.result["steps"] == []
    assert run.changed_tasks == 0, run.screen
    assert run.writes == []
