# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A truthful service, a network and time itself, as models: no socket, no sleep, no shared code with the plugins.

The model is written from the contract alone ("Authentication", "OTP devices", "Clocks and networks"): one user with
OTP devices, whose clock, window of accepted steps and replay rule are chosen by the test.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

from requests.structures import CaseInsensitiveDict

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import LostAnswer
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Account
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record

Window = Callable[[float], set[int]]
Told = tuple[int, dict[str, str], Any]
"""An answer: its status, its headers and its body."""
STEP = 30
LOCK_SECONDS = 30 * 60
SESSION_SECONDS = 5 * 60


def at_step(seconds: float) -> int:
    return int(seconds // STEP)


def strict(now: float) -> set[int]:
    return {at_step(now)}


def previous(now: float) -> set[int]:
    return {at_step(now), at_step(now) - 1}


def wide(now: float) -> set[int]:
    return {at_step(now) - 1, at_step(now), at_step(now) + 1}


def lagging(seconds: float) -> Window:
    """{previous, the one before} for the first so many seconds of each step: the clock that checks codes is behind."""
    return lambda now: previous(now - seconds)


@functools.cache
def _key_of(secret: str) -> bytes:
    return base64.b32decode(secret)


def code_of(secret: str, step: int) -> str:
    """RFC 4226, section 5.3, for the step of RFC 6238."""
    digest = hmac.digest(_key_of(secret), step.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


@dataclass
class Moments:
    """Time that passes only when someone waits. `now` is true and monotonic; it began when the machine did."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """A wait of the client's own."""
        self.slept.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class SharedMoments(Moments):
    """Time for several actors: each runs until it waits, then the one that wakes first goes on."""

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self._wakes: dict[threading.Thread, float] = {}
        self._may_go: dict[threading.Thread, threading.Semaphore] = {}

    def pass_by(self, seconds: float) -> None:
        me = threading.current_thread()
        if me not in self._wakes:
            super().pass_by(seconds)
            return
        self._wakes[me] = self.now + seconds
        self._pass_on()
        self._may_go[me].acquire()

    def run(self, actors: Sequence[Callable[[], object]]) -> None:
        """Run them side by side, until all have ended."""
        threads = [threading.Thread(target=self._live, args=[actor]) for actor in actors]
        self._wakes = dict.fromkeys(threads, self.now)
        self._may_go = {thread: threading.Semaphore(0) for thread in threads}
        for thread in threads:
            thread.start()
        self._pass_on()
        for thread in threads:
            thread.join()

    def _live(self, actor: Callable[[], object]) -> None:
        me = threading.current_thread()
        self._may_go[me].acquire()
        try:
            actor()
        finally:
            del self._wakes[me]
            self._pass_on()

    def _pass_on(self) -> None:
        if self._wakes:
            first = min(self._wakes, key=self._wakes.__getitem__)
            self.now = self._wakes[first]
            self._may_go[first].release()


@dataclass
class SimulatedDevice:
    secret: str
    verified: bool = False
    used: dict[int, str] = field(default_factory=dict)
    name: str = "n"


class SimulatedService:
    """One user at the service.

    :param epoch: the service's clock minus the true monotonic one.
    :param replay: `allowed`, `logins` (refused after a login), or `all` (refused after a verification, too).
    """

    def __init__(self, moments: Moments, window: Window, replay: str, epoch: float) -> None:
        self.moments = moments
        self.window = window
        self.replay = replay
        self.epoch = epoch
        self.devices: dict[str, SimulatedDevice] = {}
        self.mfa = False
        self.dead_first_session = False
        self.dead_until = 0.0
        self.dead_answers = 0
        self.failures = 0
        self.last_failure = 0.0
        self.most_refused = 0
        self._refused_at: list[float] = []
        self.refused = 0
        self.accepted: list[int] = []
        self.locked_answers = 0
        self._sessions: dict[str, tuple[float, bool]] = {}

    @property
    def now(self) -> float:
        return self.moments.now + self.epoch

    def add_device(self, name: str, rng: random.Random) -> SimulatedDevice:
        self.devices[name] = SimulatedDevice(base64.b32encode(rng.randbytes(20)).decode())
        return self.devices[name]

    def enable(self, *, dead_first_session: bool = False, dead_seconds: float = 0.0) -> None:
        self.mfa = True
        self.dead_until = self.moments.now + dead_seconds
        self.dead_first_session = dead_first_session

    @property
    def is_locked(self) -> bool:
        # By the true clock, whatever is done to the one that answers tell of.
        if self.moments.now >= self.last_failure + LOCK_SECONDS:
            self.failures = 0
        return self.failures >= 3

    def answer(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Told:
        if path == "/v2.0/tokens":
            if "RAX-AUTH:passcodeCredentials" in body["auth"]:
                return self._second_step(headers["X-SessionId"], body["auth"]["RAX-AUTH:passcodeCredentials"])
            return self._first_step(by_password="passwordCredentials" in body["auth"])
        device_id = path.partition("/otp-devices/")[2].partition("/")[0]
        device = self.devices[device_id]
        if method == "GET":
            return 200, {}, {"RAX-AUTH:otpDevice": {"id": device_id, "name": "n", "verified": device.verified}}
        return self._verify(device, body["RAX-AUTH:verificationCode"]["code"])

    def _first_step(self, *, by_password: bool) -> Told:
        if not self.mfa or not by_password:
            return 200, {}, _access()
        if self.is_locked:
            return _unauthorized("Unable to authenticate user: The account has been locked due to too many attempts.")
        session = f"session-{len(self._sessions)}"
        is_dead = self.dead_first_session or self.moments.now < self.dead_until
        self._sessions[session] = (self.moments.now + SESSION_SECONDS, is_dead)
        self.dead_first_session = False
        status, _none, body = _unauthorized("Additional authentication credentials required.")
        return status, {"WWW-Authenticate": f"OS-MF sessionId='{session}', factor='OTPPASSCODE'"}, body

    def _second_step(self, session: str, credentials: Any) -> Told:
        ends, dead = self._sessions.get(session, (0.0, True))
        if dead or self.moments.now >= ends:
            self.dead_answers += 1
            return _unauthorized("Unable to authenticate user with credentials provided.")
        if self.is_locked:
            self.locked_answers += 1
            return fault(403, "forbidden", "The account has been locked.")
        for device in self.devices.values():
            if device.verified and (step := self._spend(device, credentials["passcode"], "login")) is not None:
                self.failures = 0
                self._refused_at.clear()
                self.accepted.append(step)
                return 200, {}, _access()
        self.refused += 1
        self.failures += 1
        self.last_failure = self.moments.now
        self._refused_at.append(self.last_failure)
        self.most_refused = max(self.most_refused, sum(self.last_failure - at < 31 * 60 for at in self._refused_at))
        return _unauthorized("Unable to authenticate user with credentials provided.")

    def _verify(self, device: SimulatedDevice, code: str) -> Told:
        if device.verified:
            return refused("The specified device has already been verified")
        if self._spend(device, code, "verification") is None:
            return refused("The provided pin is either invalid or expired.")
        device.verified = True
        return 204, {}, None

    def _spend(self, device: SimulatedDevice, code: str, purpose: str) -> int | None:
        for step in self.window(self.now):
            spent_for = device.used.get(step)
            replayed = spent_for is not None and (
                self.replay == "all" or (self.replay == "logins" and spent_for == "login")
            )
            if code_of(device.secret, step) == code and not replayed:
                device.used[step] = purpose
                return step
        return None


@dataclass
class Network:
    """Seconds that a request and its answer take; `jitter` comes on top, up to so much.

    :param before: is called before each request leaves: clocks jump there.
    :param arrived: is told the method and the body of each request that arrives.
    :param loses: says of the body of a request whether its answer is lost on its way.
    :param lies: says by how many seconds the `Date` of an answer is wrong.
    """

    up: float = 0.05
    down: float = 0.05
    jitter: float = 0.0
    rng: random.Random = field(default_factory=random.Random)
    before: Callable[[], None] | None = None
    arrived: Callable[[str, Any], None] | None = None
    loses: Callable[[Any], bool] | None = None
    lies: Callable[[], float] | None = None

    def delay(self, base: float) -> float:
        return base + self.rng.uniform(0, self.jitter)


class SimulatedTransport(Transport):
    """The real one above the socket: its repeats and its clock; the socket is the model."""

    def __init__(
        self, service: SimulatedService, network: Network, skew: float = 0.0, wall: Callable[[], float] | None = None
    ) -> None:
        moments, epoch = service.moments, service.epoch
        clock = ServiceClock(moments.monotonic, wall or (lambda: moments.now + epoch + skew))
        super().__init__("https://identity.example.com", verify=False, clock=clock, sleep=moments.sleep)
        self.service = service
        self.network = network

    def _once(
        self,
        method: str,
        url: str,
        json: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        _deadline: float,
    ) -> Answer:
        moments = self.service.moments
        if self.network.before:
            self.network.before()
        sent = moments.now
        moments.pass_by(self.network.delay(self.network.up))
        if self.network.arrived:
            self.network.arrived(method, json)
        status, extra, body = self.service.answer(method, url.removeprefix(self.endpoint), json, headers)
        date = float(int(self.service.now + (self.network.lies() if self.network.lies else 0)))
        moments.pass_by(self.network.delay(self.network.down))
        if self.network.loses and self.network.loses(json):
            raise LostAnswer("The answer was lost.")
        told = CaseInsensitiveDict({"Date": formatdate(date, usegmt=True), **extra})
        self.clock.read(told, sent, moments.now)
        return Answer(status, told, b"" if body is None else _encoded(body))


class MemoryRecord(Record):
    """A record without a file: thousands of enrollments would wait for the disk."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*(of or (Path("nowhere"), "https://identity.example.com", "jo")))
        self.account = Account()

    def check(self) -> None:
        """There is no folder that could not be used."""

    def read(self) -> Account:
        return self.account

    def typed_digest(self, passcode: str) -> str:
        return f"digest of {passcode}"

    @contextmanager
    def changing(self) -> Iterator[Account]:
        yield self.read()


def _encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


def _access() -> dict[str, Any]:
    return {"access": {"token": {"id": "token"}, "user": {"id": "1", "name": "jo"}}}


def fault(status: int, name: str, message: str) -> Told:
    return status, {}, {name: {"code": status, "message": message}}


def refused(message: str) -> Told:
    return fault(400, "badRequest", message)


def _unauthorized(message: str) -> Told:
    return fault(401, "unauthorized", message)
