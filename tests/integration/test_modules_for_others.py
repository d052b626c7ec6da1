# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module in the hands of an administrator who acts on someone else: all that it does, and each in check mode.

That an account does the same to itself is in the tests of each module; who is refused is in test_modules_people.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from integration.harness import in_slices
from integration.harness.plays import Call, Outcome, Player, Step, call, checked, do, look, named, user

PHONE = {"id": "p1", "number": "+15125550100", "verified": True}
ADMINISTRATORS = [user("admin", role="user-admin", enforcement_level="OPTIONAL"), user("manager", role="user-manage")]
PUT = "PUT ~ 204"


@dataclass
class Life:
    """Tasks of an administrator on an account, and what is to come of each: was it changed, and by which requests."""

    admin: str
    target: dict[str, str]
    account: dict[str, Any]
    """The account as it is before."""
    steps: list[Step] = field(default_factory=list)
    wanted: list[tuple[bool, list[str]]] = field(default_factory=list)

    def call(self, module: str, **options: Any) -> Call:
        """A task on the account."""
        return call(module, self.admin, **self.target, **options)

    def changes(self, step: Call, *writes: str, register: str | None = None) -> None:
        """It changes something once; in check mode it says so, and sends nothing that changes anything."""
        self.steps += [checked(step), named(register, step) if register else step, checked(step), step]
        self.wanted += [(True, []), (True, list(writes)), (False, []), (False, [])]

    def always_changes(self, step: Call, *writes: str) -> None:
        """It changes something each time."""
        self.steps += [checked(step), step]
        self.wanted += [(True, []), (True, list(writes))]

    def reads(self, step: Call) -> None:
        """It changes nothing."""
        self.steps += [checked(step), step]
        self.wanted += [(False, []), (False, [])]

    @property
    def calls(self) -> list[Call]:
        """The tasks."""
        return [step for step in self.steps if isinstance(step, Call)]

    def assert_lived(self, outcomes: Sequence[Outcome]) -> None:
        """What came of the tasks is what was wanted, and check mode foretold it."""
        for step, outcome, wanted in zip(self.calls, outcomes, self.wanted, strict=True):
            assert not outcome.result["failed"], (step, outcome.result)
            assert (outcome.changed, outcome.writes) == wanted, step
        for foretold, done in zip(outcomes[::2], outcomes[1::2], strict=True):
            assert difference(foretold) == difference(done)


def difference(outcome: Outcome) -> str:
    """The diff, without the id that a new thing has only when it is there."""
    return re.sub(r'"id": "\w*"', "", json.dumps(outcome.result.get("diff")))


def a_device(life: Life) -> None:
    """It is added, verified and deleted."""
    verify = "POST ~/otp-devices/{device}/verify"
    register = f"device_of_{life.admin}"
    named_app = {"name": "app"}
    life.changes(life.call("rax_otp_device", **named_app), "POST ~/otp-devices 201", register=register)
    verified = life.call("rax_otp_device", **named_app, state="verified", secret=f"{{{{ {register}.secret }}}}")
    # The service takes this step and the one before: the first that is tried is one too old.
    life.changes(verified, f"{verify} 400", f"{verify} 204")
    life.reads(life.call("rax_otp_device_info"))
    life.changes(life.call("rax_otp_device", **named_app, state="absent"), "DELETE ~/otp-devices/{device} 204")


def a_phone(life: Life) -> None:
    """It is added, replaced, sent a code, verified and deleted."""
    add = "POST ~/mobile-phones 201"
    seen = f"phone_of_{life.admin}"
    life.changes(life.call("rax_mobile_phone", number="+15125550111"), add)
    life.changes(life.call("rax_mobile_phone", number="+15125550122"), add)
    sent = life.call("rax_mobile_phone", number="+15125550122", state="code_sent")
    life.always_changes(sent, "POST ~/mobile-phones/{phone}/verificationcode 202")
    life.steps.append(look(seen, life.account["username"]))
    code = f"{{{{ {seen}.value.phone.code }}}}"
    verified = life.call("rax_mobile_phone", state="verified", code=code)
    life.changes(verified, "POST ~/mobile-phones/{phone}/verify 204")
    life.reads(life.call("rax_mfa_info"))
    life.changes(life.call("rax_mobile_phone", state="absent"), "DELETE ~/mobile-phones/{phone} 204")


def settings(life: Life) -> None:
    """They are turned on, changed, turned off and removed."""
    life.account.update(devices=[{"id": "d1", "name": "app", "verified": True}], phone=PHONE)
    life.changes(life.call("rax_mfa_settings", enabled=True, factor_type="OTP"), PUT)
    life.always_changes(life.call("rax_bypass_codes"), "POST ~/bypass-codes 200")
    life.changes(life.call("rax_mfa_settings", factor_type="SMS"), PUT)
    life.changes(life.call("rax_mfa_settings", enforcement_level="REQUIRED"), PUT)
    life.changes(life.call("rax_mfa_settings", enabled=False, enforcement_level="OPTIONAL"), PUT, PUT)
    life.changes(life.call("rax_mfa_settings", state="absent"), "DELETE ~ 204")


def lives() -> list[Life]:
    """What is done, by each that may."""
    by_admin, by_manager = ("admin", {"target_user": "Alice"}), ("manager", {"target_user_id": "id-of-bob"})
    made = [Life(*by, user(name)) for by, name in ((by_admin, "alice"), (by_manager, "bob")) for _unused in range(3)]
    for life, lived in zip(made, (a_device, settings, a_phone) * 2, strict=True):
        lived(life)
    admin_too = Life("admin", {"target_user": "boss"}, user("boss", role="user-admin"))
    a_device(admin_too)
    return [*made, admin_too]


@pytest.mark.parametrize("lived", in_slices(lives(), 7))
def test_an_administrator_does_all_that_an_account_does_itself(play: Player, lived: list[Life]) -> None:
    steps: list[Step] = []
    for life in lived:
        steps += [do("users", users=[life.account]), *life.steps]
    outcomes = play(steps, users=ADMINISTRATORS).outcomes
    for life in lived:
        mine, outcomes = outcomes[: len(life.calls)], outcomes[len(life.calls) :]
        life.assert_lived(mine)
