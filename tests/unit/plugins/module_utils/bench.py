# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole jobs of the role in memory: modules on controllers that share a store, against the model of an account.

Each request, and each read and save of the store, is a point that a test can stop at: to kill the run there, to let
another run go first, or to lose an answer.
"""

from __future__ import annotations

import contextlib
import contextvars
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.login import account_lock as lock_module
from ansible_collections.rackspace.identity.plugins.module_utils.login import login as login_module
from ansible_collections.rackspace.identity.plugins.module_utils.login import session as session_module
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Account
from ansible_collections.rackspace.identity.plugins.module_utils.login.account_lock import AccountLock
from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import Entry, checked_entry
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import NoStore, Store, StoreChanged
from ansible_collections.rackspace.identity.plugins.module_utils.run.runner import ModuleFile, ModuleLike
from ansible_collections.rackspace.identity.plugins.module_utils.run.seen import used_of_seen
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import PASSWORD, AccountService
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import Fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import (
    MemoryRecord,
    Moments,
    Network,
    SimulatedTransport,
)

URL = "https://identity.example.com"


class Killed(BaseException):
    """The run ends here, and nothing is tidied up."""


class Points:
    """Where a run can be stopped. Passes, and keeps the names of the points that were passed."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.kill_at: int | None = None
        self.pause: Callable[[], None] = lambda: None

    def reach(self, name: str) -> None:
        self.passed.append(name)
        self.pause()
        if self.kill_at == len(self.passed) - 1:
            raise Killed(name)


@dataclass
class Shelf:
    """The place of one account's entry, which compares before it writes. `watch` is told of every change."""

    content: dict[str, Any] | None = None
    watch: Callable[[Entry, Entry], None] = lambda _old, _new: None
    unusable: Exception | None = None
    """What a save fails with, and the check before it, too, when it `is_known`."""
    is_known: bool = False


class MemoryStore:
    """One controller's way to a shelf."""

    place = "the shelf"

    def __init__(self, shelf: Shelf, points: Points) -> None:
        self._shelf = shelf
        self._points = points

    def check(self) -> None:
        """A shelf that a save would fail at is told here, when that is known."""
        if self._shelf.unusable and self._shelf.is_known:
            raise self._shelf.unusable

    def load(self) -> dict[str, Any] | None:
        self._points.reach("before load")
        found = json.loads(json.dumps(self._shelf.content))
        self._points.reach("after load")
        return checked_entry(found, self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        checked_entry(dict(entry), self.place)
        self._change(json.loads(json.dumps(entry)), instead_of)

    def remove(self, instead_of: Entry) -> None:
        self._change(None, instead_of)

    def _change(self, entry: dict[str, Any] | None, instead_of: Entry | None) -> None:
        self._points.reach("before save")
        if self._shelf.unusable:
            raise self._shelf.unusable
        if self._shelf.content != instead_of:
            raise StoreChanged("Another run has changed the shelf.")
        self._shelf.watch(self._shelf.content or {}, entry or {})
        self._shelf.content = entry
        self._points.reach("after save")


class ControllersRecord(MemoryRecord):
    """A record of which each controller has its own."""

    def read(self) -> Account:
        return _here().records.setdefault(self.path.name, Account())


class MemoryLock(AccountLock):
    """A lock without a rival: a controller does one thing at a time, and two share no lock."""

    def acquire(self) -> bool:
        return False

    def release(self) -> None:
        """Nothing was taken."""


class PointedTransport(SimulatedTransport):
    """Reaches a point before a request leaves, and one when its answer is there. A fault may spoil both."""

    def _once(
        self, method: str, url: str, json: Mapping[str, Any] | None, headers: Mapping[str, str], *limits: float
    ) -> Answer:
        here = _here()
        call = f"{method} {url.removeprefix(URL)}"
        here.points.reach(f"before {call}")
        here.calls.append(call)
        answer = here.fault(len(here.calls) - 1)(partial(super()._once, method, url, json, headers, *limits))
        here.points.reach(f"after {call}")
        return answer


@dataclass
class FakeModule:
    """Stands in for the object that runs a module on the controller."""

    params: dict[str, Any]
    check_mode: bool
    controller: Controller
    no_log_values: set[str] = field(default_factory=set)
    public_names: set[str] = field(default_factory=set)
    environ: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def exit_json(self, **kwargs: Any) -> NoReturn:
        raise AssertionError(kwargs)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        raise AssertionError(msg, kwargs)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def debug(self, msg: str) -> None:
        """Nobody asked for more."""


class Runs(Protocol):
    """A module, or what does the work of one on the controller."""

    def run(self, module: ModuleLike, /) -> dict[str, Any]:
        """Do the work and return the result."""


@dataclass
class Controller:
    """One machine: its record, its lock, and its way to the shelf."""

    service: AccountService
    shelf: Shelf
    state_dir: Path
    points: Points = field(default_factory=Points)
    fault: Callable[[int], Fault] = lambda _number: faults.none
    """What becomes of the call of that number."""
    records: dict[str, Account] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)

    def open_store(self, config: dict[str, Any]) -> Store:
        return NoStore() if config["type"] == "none" else MemoryStore(self.shelf, self.points)

    def tell(self, line: str) -> None:
        self.told.append(line)

    def name_of(self, option: str) -> str:
        return option

    def module(self, file: ModuleFile, *, check_mode: bool = False, **options: Any) -> FakeModule:
        """The object that a module is handed; without credentials among the options jo logs in by password."""
        defaults = {name: option.get("default") for name, option in file.SPEC.argument_spec.items()}
        common = {"auth_endpoint": URL, "state_dir": str(self.state_dir), "store": {"type": "vault_file"}}
        jo = {"username": "jo", "password": PASSWORD}
        who = {} if {"username", "api_key"} & options.keys() else jo
        return FakeModule({**defaults, **common, **who, **options}, check_mode, self, environ=self.environ)

    def call(self, file: ModuleFile, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """Run a module here and return its result; its errors fly."""
        return self.run(file, self.module(file, check_mode=check_mode, **options))

    def run(self, file: Runs, module: FakeModule) -> dict[str, Any]:
        """Run a module here, in an object that the caller looks at afterwards."""
        token = _CURRENT.set(self)
        module.params["seen"] = used_of_seen(module.params.get("seen") or [])  # as the action hands it over
        try:
            return file.run(module)
        finally:
            _CURRENT.reset(token)


_CURRENT: contextvars.ContextVar[Controller] = contextvars.ContextVar("the controller that works")


def _here() -> Controller:
    return _CURRENT.get()


_STATES: dict[Callable[[Bench], None], tuple[AccountService, Shelf, dict[str, Account]]] = {}


class Bench:
    """The service, the shelf and a controller; `another` is one that shares the shelf alone."""

    def __init__(self, folder: Path) -> None:
        self.service = AccountService(Moments())
        self.shelf = Shelf()
        self.skew = 0.0
        """Seconds by which the clocks of the controllers are wrong."""
        self.network = Network(up=0.01, down=0.01)
        self._folder = folder
        self._controllers = 0
        self.here = self.another()

    def begin(self, start: Callable[[Bench], None]) -> None:
        """Begin with what a function makes of a new bench. It is called once, and its state is copied."""
        if start not in _STATES:
            start(self)
            _STATES[start] = deepcopy((self.service, self.shelf, self.here.records))
        self.service, self.shelf, records = deepcopy(_STATES[start])
        self._controllers = 0
        self.here = self.another()
        self.here.records = records

    def another(self) -> Controller:
        self._controllers += 1
        return Controller(self.service, self.shelf, self._folder / f"controller-{self._controllers}")

    def store(self, device_id: str, **fields: Any) -> dict[str, Any]:
        """Put the entry of a device that is there on the shelf."""
        owner = {"username": "jo", "user_id": "1", "auth_endpoint": URL}
        rest = {key: value for key, value in (self.shelf.content or owner).items() if key != "key_uri"}
        self.shelf.content = {**rest, **self.part(device_id), **fields}
        return self.shelf.content

    def part(self, device_id: str) -> dict[str, Any]:
        """What an entry holds of a device."""
        device = self.service.devices[device_id]
        return {"device_id": device_id, "device_name": device.name, "secret": device.secret, "step_offset": None}

    @property
    def writes(self) -> list[str]:
        """The requests of the controller that change something."""
        return [call for call in self.here.calls if not call.startswith(("GET", "POST /v2.0/tokens"))]

    def rest(self) -> None:
        """Time passes, so that no passcode has to be waited for."""
        self.service.moments.pass_by(120)


@contextlib.contextmanager
def in_memory(folder: Path) -> Iterator[Bench]:
    """A bench whose sessions have no socket and whose records no file."""
    bench = Bench(folder)

    def transport(_endpoint: str, **_options: Any) -> PointedTransport:
        return PointedTransport(bench.service, bench.network, bench.skew)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_module, "Transport", transport)
        patch.setattr(lock_module, "AccountLock", MemoryLock)
        patch.setattr(login_module, "Record", ControllersRecord)
        yield bench
