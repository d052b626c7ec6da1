# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The enrollment of an account by modules alone, under everything that the contract leaves to the service."""

from __future__ import annotations

from typing import Any

import pytest
from integration.harness.plays import MID_STEP, Do, Player, Step, call, do, named, user

from emulator import BEHAVIORS

USERS = [user("alice", enforcement_level="OPTIONAL")]
PASSWORD = {"username": "alice", "password": "{{ passwords.alice }}"}
TASKS = 6
AS_A_RULE = {name: values[0] for name, values in BEHAVIORS.items()}
ROUNDS = [
    {name: value}
    for name, values in BEHAVIORS.items()
    for value in values[1:]
    # Each of these makes a login wait for the next time steps, in real time: they are a test of their own.
    if name not in ("dead_session", "dead_sessions", "rate_limit", "rate_limit_every", "retry_after")
]
LAGS = [{"accepted_steps": "lagging", "lag": lag} for lag in BEHAVIORS["lag"]]
LIMITS = [
    {"rate_limit": kind, "rate_limit_every": 3, "retry_after": 0} for kind in BEHAVIORS["rate_limit"] if kind != "off"
]


def enrollment(behavior: dict[str, Any], number: int, *, move: float = 61) -> list[Step]:
    """From password only to a login in two steps that is proved, and once more without a change."""
    shared: dict[str, Any] = {"state_dir": f"{{{{ playbook_dir }}}}/state{number}", "timeout": 20}
    added = f"added{number}"
    stored = {"secret": f"{{{{ {added}.secret }}}}", "step_offset": f"{{{{ verified{number}.step_offset }}}}"}
    by_id = {"device_id": f"{{{{ {added}.device.id }}}}"}
    return [
        do("users", users=USERS),
        do("freeze", at=MID_STEP),
        do("behave", **{**AS_A_RULE, **behavior}),
        named(added, call("rax_otp_device", **PASSWORD, **shared, name="phone", on_unverified="replace")),
        named(
            f"verified{number}",
            call("rax_otp_device", **PASSWORD, **shared, **by_id, state="verified", secret=stored["secret"]),
        ),
        call("rax_mfa_settings", **PASSWORD, **shared, enabled=True, factor_type="OTP"),
        Do("move", {"seconds": move}),
        named(f"login{number}", call("rax_auth_token", **PASSWORD, **shared, otp_secret=stored)),
        call("rax_otp_device", auth_token=f"{{{{ login{number}.token.id }}}}", **shared, **by_id, name="phone"),
        call("rax_mfa_settings", auth_token=f"{{{{ login{number}.token.id }}}}", **shared, enabled=True),
    ]


def test_an_account_is_enrolled_whatever_the_service_chooses(play: Player) -> None:
    """A few choices both ways; test_modules_switches has each with every module, test_role_behaviors with every job."""
    rounds = [*ROUNDS[:: len(ROUNDS) // 2], LAGS[-1], LIMITS[0]]
    steps = [step for number, behavior in enumerate(rounds) for step in enrollment(behavior, number)]
    outcomes = play(steps, users=USERS).outcomes
    for number, behavior in enumerate(rounds):
        mine = outcomes[number * TASKS : (number + 1) * TASKS]
        messages = [outcome.result.get("msg") for outcome in mine if outcome.result["failed"]]
        assert messages == [], behavior
        assert [outcome.changed for outcome in mine] == [True, True, True, False, False, False], behavior
        assert mine[3].result["second_factor"] is True, behavior
        refused = [entry for outcome in mine for entry in outcome.requests if entry["passcode"] == "refused"]
        logins = [entry for entry in refused if entry["path"] == "/v2.0/tokens"]
        assert logins == [], (behavior, "a truthful service refuses no code of a login")


@pytest.mark.thorough
def test_a_session_that_was_dead_at_once_is_begun_anew(play: Player) -> None:
    """The one retry is in a later time step, for which the task waits in real time."""
    behavior = {"dead_session": 60}
    steps = enrollment(behavior, 0, move=25)
    # From here on the clock runs: five seconds before the second next time step.
    steps.insert(7, do("unfreeze"))
    outcomes = play(steps, users=USERS).outcomes
    assert [outcome.result.get("msg") for outcome in outcomes if outcome.result["failed"]] == []
    assert outcomes[3].result["second_factor"] is True
