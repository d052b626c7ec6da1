# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every freedom of the service, and every fault, meets every module.

What a task says is the same, but for what a table names; after a fault at most one more task is needed.

The tasks run in this process, by their actions, and talk HTTP to the emulator. `test_role_behaviors` has the jobs of
the role in real playbook runs.
"""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from integration.harness import in_slices, rows
from integration.harness.faults import FAULTS
from integration.harness.plays import MID_STEP

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.login import session as session_module
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import INVENTORY, parse_inventory, play
from emulator import BEHAVIORS, Emulator

MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"
WITHOUT_SERVICE = {
    "rax_mfa_summary": "it sums up what others did",
    "rax_otp_prompt": "it needs a terminal, and verifies as rax_otp_device does",
    "rax_otp_qr": "it draws",
    "vault_vars": "it knows files alone",
}
BESIDE: dict[str, dict[str, Any]] = {
    "lag": {"accepted_steps": "lagging"},
    "rate_limit_every": {"rate_limit": "429"},
    "retry_after": {"rate_limit": "429"},
    "retry_after_form": {"rate_limit": "429"},
}
"""What a switch needs to be met at all."""
CHOICES = [{**BESIDE.get(name, {}), name: value} for name, values in BEHAVIORS.items() for value in values[1:]]
NUMBER = "+1 (512) 555-0100"
REFUSED = {"kind": "forbidden"}
OTHERS: dict[tuple[str, Any], dict[str, Any]] = {
    ("phones_by", "oneself"): {"phone of another gone": REFUSED},
    # Nobody knows the level, so it is set each time.
    ("missing_domain_level", True): {
        "domain's level, again": {"changed": True, "domain": {"enforcement_level": "REQUIRED", "name": "N"}}
    },
}
"""What some tasks say otherwise, by the choice and the task."""
UNSEEN: dict[tuple[str, Any], set[str]] = {
    ("missing_factor_type", True): {"factor_type", "factors", "factor_otp", "factor_unknown"},
    ("missing_mfa_state", "until_locked"): {"state"},
    ("missing_domain_level", True): {"enforcement_level", "findings", "kinds", "severities", "with_findings"},
    ("duplicate_names", "refused"): {"name"},
}
"""What a choice keeps from everyone, or has another value for: these keys are not compared."""
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
USERS: list[dict[str, Any]] = [
    {"username": "admin", "role": "user-admin", "enforcement_level": "OPTIONAL"},
    {
        "username": "alice",
        "devices": [{"id": "d1", "name": "app", "secret": SECRET, "verified": True}, {"id": "d2", "name": "old"}],
        "mfa": {"enabled": True, "factor_type": "OTP"},
    },
    {"username": "bob", "phone": {"id": "p1", "number": "+15125550100", "verified": False}},
    {"username": "carol", "enforcement_level": "REQUIRED"},
]


_Result = TypeVar("_Result")


class World:
    """An emulator whose clock stands still but for waits, which take no time, and the tasks that were run there."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.control = emulator.control
        self.url = emulator.url
        self.folder = folder
        self.people: dict[str, dict[str, Any]] = {}
        self.told: dict[str, Any] = {}
        self.modules: set[str] = set()
        self.repeated: set[str] = set()
        self._is_patient = False
        self._runs = 0
        self._ahead = 0.0

    def begin(self, choice: dict[str, Any], *, is_patient: bool = False) -> None:
        """Begin anew at a service that made this choice.

        :param is_patient: a task that fails is run once more.
        """
        self._is_patient = is_patient
        self._runs += 1
        self.told, self.repeated = {}, set()
        self.control.reset(USERS)
        self.control.behave(**{name: value for name, value in choice.items() if name == "domain_ids"})
        self.people = {user["username"]: user for user in self.control.users(USERS)}
        self.control.behave(**choice)
        self.control.freeze(MID_STEP + self._ahead)

    def pass_by(self, seconds: float) -> None:
        """Time passes for everyone."""
        self._ahead += seconds
        self.control.move(seconds)

    def transport(self, endpoint: str, **options: Any) -> Transport:
        """The real one, on this clock."""
        clock = ServiceClock(lambda: time.monotonic() + self._ahead, lambda: MID_STEP + self._ahead)
        return Transport(endpoint, **{**options, "clock": clock, "sleep": self.pass_by})

    def task(
        self, what: str, /, module: str, as_: str = "admin", by: str = "api_key", **options: Any
    ) -> dict[str, Any]:
        """Run a task; what it says is kept under what it does, without what is another one each time."""
        self.modules.add(module)
        user = self.people[as_]
        common = {"auth_endpoint": self.url, "state_dir": str(self.folder / f"state{self._runs}"), "timeout": 30}
        given = {**common, "username": as_, by: user[by], **options}
        result = self.tried(what, lambda: play(module, given, self.folder), _has_failed)
        failure = {"kind": result.get("error", {}).get("kind", result.get("msg"))} if result.get("failed") else {}
        self.told[what] = failure or {key: _plain(result[key]) for key in _SHOWN if key in result}
        return result

    def tried(self, what: str, do: Callable[[], _Result], has_failed: Callable[[_Result], object]) -> _Result:
        """Do something, and once more when it failed and patience is asked for."""
        result = do()
        if has_failed(result) and self._is_patient:
            self.repeated.add(what)
            result = do()
        return result

    @property
    def store(self) -> dict[str, Any]:
        """Where carol's secret is kept."""
        return {"type": "vault_file", "path": f"vault{self._runs}.yml"}


def _has_failed(result: dict[str, Any]) -> bool:
    assert "defect" not in str(result.get("msg")), result
    return bool(result.get("failed") or result.get("error"))


_SHOWN = (
    "changed",
    "codes",
    "device",
    "domain",
    "findings",
    "mfa",
    "mobile_phones",
    "otp_devices",
    "phone",
    "second_factor",
    "steps",
    "summary",
    "user",
    "users",
)
_NUMBER = re.compile(r"(dedicated:|dp:)?\d{5,}")
_OTHER_EACH_TIME = ("id", "domain_id", "created", "device_id", "number", "user_id", "checked", "at")


def _plain(value: Any, without: Collection[str] = _OTHER_EACH_TIME) -> Any:
    """What is the same each time."""
    if isinstance(value, dict):
        return {key: _plain(item, without) for key, item in value.items() if key not in without}
    if isinstance(value, list):
        # A creation whose answer was spoiled leaves a device, which goes in the same task.
        kept = [item for item in value if item != "delete_unverified"]
        return sorted((_plain(item, without) for item in kept), key=lambda item: json.dumps(item, default=str))
    return _NUMBER.sub("N", value) if isinstance(value, str) else value


def look_around(world: World) -> None:
    """What an administrator sees: an account, the domain, the audit, the inventory."""
    for name in ("alice", "bob"):
        world.task(f"info of {name}", "rax_mfa_info", target_user=name)
        world.task(f"status of {name}", "rax_mfa_status", target_user=name)
    world.task("devices", "rax_otp_device_info", target_user="alice")
    world.task("domain", "rax_mfa_domain_info")
    world.task("audit", "rax_mfa_audit")
    admin = world.people["admin"]
    source = {"plugin": INVENTORY, "username": "admin", "api_key": admin["api_key"], "auth_endpoint": world.url}
    text = json.dumps({**source, "devices": True})
    found = world.tried("inventory", lambda: parse_inventory(world.folder, text), lambda told: isinstance(told, str))
    groups = {} if isinstance(found, str) else found.get_groups_dict()
    world.told["inventory"] = {name: sorted(hosts) for name, hosts in groups.items() if not name.startswith("domain_")}


def change_others(world: World) -> None:
    """What an administrator changes: a level, the domain, a phone, a device; and a code."""
    for again in ("", ", again"):
        world.task(f"level{again}", "rax_mfa_settings", target_user="bob", enforcement_level="OPTIONAL")
        world.task(f"domain's level{again}", "rax_mfa_domain", enforcement_level="REQUIRED")
        world.task(f"phone of another{again}", "rax_mobile_phone", target_user="alice", number=NUMBER)
        world.task(f"device gone{again}", "rax_otp_device", target_user="alice", device_id="d2", state="absent")
    world.task("phone of another gone", "rax_mobile_phone", target_user="alice", state="absent")
    world.task("code", "rax_bypass_codes", target_user="alice", validity=30)


def use_phone(world: World) -> None:
    """What bob does with the phone that is there."""
    act = functools.partial(world.task, module="rax_mobile_phone", as_="bob")
    act("phone", number=NUMBER)
    act("phone's code", number=NUMBER, state="code_sent")
    code = world.control.user("bob")["phone"]["code"]
    for again in ("", ", again"):
        act(f"phone verified{again}", number=NUMBER, state="verified", code=code)
    for again in ("", ", again"):
        act(f"phone gone{again}", state="absent", number=NUMBER)


def live(world: World) -> None:
    """The life of carol, who must set MFA up: enrolled, proved, with codes, with another device, and all removed."""
    act = functools.partial(world.task, as_="carol", store=world.store)
    login = act("begun", "rax_auth_token", by="password", scope="auto")
    # The password asks for a passcode afterwards, and nobody waits for one here.
    ways = {"": {"by": "password", "auth_token": login["token"]["id"], "user_id": login["user"]["id"]}, ", again": {}}
    for again, way in ways.items():
        act(f"enrolled{again}", "rax_otp_device", name="ansible", state="verified", **way)
        act(f"on{again}", "rax_mfa_settings", enabled=True, factor_type="OTP", **way)
    world.pass_by(61)
    token = act("login", "rax_auth_token", by="password", require_second_factor=True)["token"]["id"]
    for again in ("", ", again"):
        act(f"codes{again}", "rax_bypass_codes", count=3)
    act("rotated", "rax_otp_device", state="replaced", name="ansible")
    for again in ("", ", again"):
        act(f"revoked{again}", "rax_auth_token", auth_token=token, state="absent")
    world.task("optional", "rax_mfa_settings", target_user="carol", enforcement_level="OPTIONAL")
    for again in ("", ", again"):
        act(f"removed{again}", "rax_mfa_settings", state="absent")
        act(f"forgotten{again}", "rax_otp_device", state="absent")


CHAPTERS = {look_around: 33, change_others: 34, use_phone: 16, live: 43}
"""With the requests that each makes when all goes well."""
QUICK = {
    name: fault
    for name, fault in FAULTS.items()
    if fault["kind"] not in ("delay", "drip", "hold") and "members" not in fault
}
"""The faults that take no time, without a list of other users than there are: nobody can notice that.

`test_role_faults` has the others.
"""
SHARE = 9


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("playbook")
    with Emulator(USERS) as emulator, pytest.MonkeyPatch.context() as patch:
        world = World(emulator, folder)
        patch.setenv("HOME", str(folder))
        patch.setattr(session_module, "Transport", world.transport)
        yield world


def told_by(world: World, choice: dict[str, Any]) -> dict[str, Any]:
    """What all tasks say at a service that made this choice."""
    told: dict[str, Any] = {}
    for chapter in CHAPTERS:
        world.begin(choice)
        chapter(world)
        told |= world.told
    return told


@functools.cache
def usual(world: World) -> dict[str, Any]:
    """What they say at the usual service. To learn it takes a second, so tests are of two groups."""
    return told_by(world, {})


@pytest.mark.xdist_group("choices")
@pytest.mark.parametrize("choices", in_slices(CHOICES, 35))
def test_each_module_says_the_same_whatever_the_service_is_like(world: World, choices: list[dict[str, Any]]) -> None:
    for choice in choices:
        made = list(choice.items())[-1]
        told, unseen = told_by(world, choice), UNSEEN.get(made, set())
        as_usual = usual(world)
        others = {task: said for task, said in told.items() if said != as_usual[task]}
        assert bool(others) is (made in OTHERS or made in UNSEEN), (choice, others)
        seen = {task: said for task, said in others.items() if _plain(said, unseen) != _plain(as_usual[task], unseen)}
        assert seen == OTHERS.get(made, {}), choice


def met_by(number: int) -> Iterator[tuple[Callable[[World], None], int]]:
    """The requests that a fault meets, by the chapter and their number in it: all of them share the faults."""
    for chapter, requests in CHAPTERS.items():
        for nth in range(1 + number % SHARE, requests + 1, SHARE):
            yield chapter, nth


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("name", rows(list(QUICK)))
def test_after_a_fault_at_most_one_more_task_is_needed(world: World, name: str) -> None:
    as_usual = usual(world)
    for chapter, nth in met_by(list(QUICK).index(name)):
        world.begin({}, is_patient=True)
        rule = world.control.fault(**QUICK[name], nth=nth)
        chapter(world)
        assert world.control.wait_for_fault(rule, 0)["fired"] == 1, (chapter, nth)
        for task, said in world.told.items():
            # What was done before the answer was lost is not done again.
            unseen = {"changed", "steps", "codes"} if task in world.repeated else set()
            assert _plain(said, unseen) == _plain(as_usual[task], unseen), (chapter, nth, task)


@pytest.mark.xdist_group("choices")
def test_all_modules_that_speak_to_the_service_are_met(world: World) -> None:
    usual(world)
    assert world.modules == {path.stem for path in MODULES.glob("*.py")} - set(WITHOUT_SERVICE)


def test_each_row_of_the_table_is_a_choice_that_is_offered() -> None:
    assert OTHERS.keys() | UNSEEN.keys() <= {list(choice.items())[-1] for choice in CHOICES}
