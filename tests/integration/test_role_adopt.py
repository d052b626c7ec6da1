# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that was enrolled by hand: its secret comes into the store, proved, and its device is never replaced."""

from __future__ import annotations

from typing import Any

import pytest
from integration.harness import Fleet, Lab, User, assert_enrolled, assert_nothing_to_do
from integration.harness.accounts import ENROLLED, MakeLab, assert_stored_secret_logs_in

ADOPTION = ["adopt_device", "store_secret"]
STARTS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "MFA on, by password": (ENROLLED, "password", [*ADOPTION, "prove_login"]),
    "MFA on, by key and password": (ENROLLED, "both", [*ADOPTION, "prove_login"]),
    "not verified": ({"devices": [{"name": "ansible"}]}, "password", [*ADOPTION, "turn_on", "prove_login"]),
}
"""How an account is, who manages it, and what the role does."""


def key_uri(lab: Lab) -> str:
    """The key URI that its owner kept."""
    (device,) = lab.account()["otp_devices"]
    return f"otpauth://totp/Rackspace:alice?secret={device['secret']}&issuer=Rackspace"


@pytest.mark.thorough
def test_the_secret_of_a_device_made_by_hand_is_proved_and_stored(make_lab: MakeLab) -> None:
    labs = {f"host{number}": make_lab(User(seed=seed)) for number, (seed, _by, _steps) in enumerate(STARTS.values())}
    ways = dict(zip(labs, STARTS.values(), strict=True))
    fleet = Fleet(
        {host: (lab, lab.variables(by=ways[host][1], mfa_otp_secret=key_uri(lab))) for host, lab in labs.items()}
    )
    before = {host: lab.account()["otp_devices"][0]["id"] for host, lab in labs.items()}
    for host, run in fleet.run("enroll").items():
        assert run.result["steps"] == ways[host][2]
        assert run.result["proved"] is True
        assert run.refused_passcodes == 0
        assert_enrolled(labs[host])
        assert labs[host].entry()["device_id"] == before[host]
        assert_stored_secret_logs_in(labs[host])
    for run in fleet.run("enroll").values():
        assert_nothing_to_do(run)
