# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of enrolments and logins against a truthful service, for each window and replay rule of the contract.

What is shown: no passcode is refused, whatever the phase of the step, the network and the clocks; and where one must be
(a clock jumps, a secret is wrong, the offset is not known) no account is locked. `-s` prints the figures.
"""

from __future__ import annotations

import contextlib
import random
import statistics
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import LostAnswer, PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Access, Challenge
from ansible_collections.rackspace.identity.plugins.module_utils.login import tokens
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.second_factor import SecondFactor
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.verification import Verifier
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import simulated

WINDOWS: dict[str, simulated.Window] = {
    "strict": simulated.strict,
    "previous": simulated.previous,
    "wide": simulated.wide,
    **{f"lagging {lag} s": simulated.lagging(lag) for lag in (0.2, 1, 4, 12, 27, 29.8)},
}
REPLAYS = ("allowed", "logins", "all")
MAX_WAIT = 65.0
EPOCH = 1_790_000_000.0


@dataclass
class Figures:
    """What happened."""

    logins: int = 0
    stopped: int = 0
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    locked: int = 0

    def __str__(self) -> str:
        waited = [wait for wait in self.waits if wait]
        return (
            f"{self.logins} logins, {self.stopped} stopped by max_wait, {self.refused} refused passcodes, "
            f"{self.locked} locked; waits of a login: none in {len(self.waits) - len(waited)}, "
            f"median {statistics.median(self.waits or [0]):.1f} s, longest {max(self.waits, default=0):.1f} s"
        )


class Person:
    """One account, with its service and its network. Each method is a task of its own: a new connection and clock."""

    def __init__(
        self,
        seed: str,
        window: simulated.Window,
        replay: str,
        figures: Figures,
        *,
        longest: float = 0.3,
        moments: simulated.Moments | None = None,
    ) -> None:
        self.rng = random.Random(seed)
        self.moments = moments or simulated.Moments(now=self.rng.uniform(0, 1e6))
        self.service = simulated.SimulatedService(self.moments, window, replay, EPOCH + self.rng.uniform(0, 30))
        up, down = self.rng.uniform(0, longest), self.rng.uniform(0, longest)
        # The rule knows a way to the service by the last one: it may become longer by so much (`MARGIN`).
        self.network = simulated.Network(up, down, jitter=0.45, rng=self.rng)
        self.wall = self.service.epoch + self.rng.uniform(-3_700, 3_700)
        """The controller's clock minus the true monotonic one."""
        self.record: Record = simulated.MemoryRecord()
        self.figures = figures

    def connect(self) -> simulated.SimulatedTransport:
        return simulated.SimulatedTransport(self.service, self.network, wall=lambda: self.moments.now + self.wall)

    def enrol(self, name: str = "device", *, clock_known: bool = True) -> Factor:
        device = self.service.add_device(name, self.rng)
        otp = parse(device.secret)
        transport = self.connect()
        if clock_known:
            tokens.by_api_key(transport, "jo", "key", {})
        verified = Verifier(Client(transport, "token"), "1", name, self.record).by_secret(otp)
        assert verified.changed
        assert device.verified
        return Factor(otp=otp, step_offset=verified.step_offset)

    def enable(self, *, dead_first_session: bool = False) -> None:
        """As `settings` does it."""
        self.pass_by(0.05, 3)
        self.service.enable(dead_first_session=dead_first_session)
        with self.record.changing() as account:
            account.mfa_on_at = self.service.now

    def log_in(self, factor: Factor) -> Access:
        transport = self.connect()

        def begin() -> Access | Challenge:
            return tokens.by_password(transport, "jo", "password", {})

        def wait(seconds: float) -> None:
            waits.append(seconds)
            self.moments.sleep(seconds)

        waits: list[float] = []
        transport.sleep = wait
        challenge = begin()
        assert isinstance(challenge, Challenge)
        second = SecondFactor(
            transport,
            factor,
            self.record,
            begin=begin,
            send=lambda challenge, code: tokens.by_passcode(transport, challenge, code, {}),
            max_wait=MAX_WAIT,
            say=lambda _text: None,
        )
        self.figures.logins += 1
        try:
            return second.answer(challenge)
        finally:
            self.figures.waits.append(sum(waits))

    def log_in_or_stop(self, factor: Factor) -> PasscodeRefused | None:
        """Log in; what stopped it, where the wait would be too long or the budget is spent."""
        try:
            self.log_in(factor)
        except PasscodeRefused as error:
            if error.status is not None:
                raise
            self.figures.stopped += 1
            return error
        return None

    def forget(self) -> None:
        """Go on with another state directory, once nothing that was sent can be sent again."""
        self.record = simulated.MemoryRecord()
        self.pass_by(61, 200)

    def pass_by(self, least: float, most: float) -> None:
        self.moments.pass_by(self.rng.uniform(least, most))

    def done(self) -> None:
        self.figures.refused += self.service.refused
        self.figures.locked += self.service.is_locked or self.service.locked_answers > 0


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Generator[Figures, None, None]:
    found = Figures()
    yield found
    record_property("figures", str(found))
    print(f"\n  {request.node.name}: {found}")


@pytest.mark.parametrize("replay", REPLAYS)
@pytest.mark.parametrize("window", WINDOWS)
def test_no_passcode_is_refused_after_a_verification(window: str, replay: str, figures: Figures) -> None:
    for seed in range(80):
        longest = (0.02, 0.3, 2.0, 4.0)[seed % 4]
        person = Person(f"{window} {replay} {seed}", WINDOWS[window], replay, figures, longest=longest)
        factors = [person.enrol(clock_known=seed % 5 > 0)]
        person.enable(dead_first_session=seed % 3 == 0)
        for later in (1, 20, 60, 100_000):
            person.log_in_or_stop(factors[-1])
            person.pass_by(0.1, later)
        factors.append(person.enrol("second"))
        for factor in (*factors, factors[1]):
            person.log_in_or_stop(factor)
        person.forget()
        person.log_in_or_stop(factors[0])
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_an_unknown_offset_costs_one_passcode_at_most_and_only_where_the_service_is_strict(
    window: str, figures: Figures
) -> None:
    for seed in range(60):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        factor = Factor(otp=person.enrol().otp)
        person.enable()
        if seed % 2:
            person.forget()
        else:
            # The run that verified it was killed while the answer was on its way.
            with person.record.changing() as account:
                account.secrets = {digest: Used(used.last) for digest, used in account.secrets.items()}
        for later in (1, 20, 60):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.done()
        assert person.service.refused == (1 if window == "strict" else 0)
    assert figures.locked == 0


@pytest.mark.parametrize("jump", [-40, 40])
@pytest.mark.parametrize("window", WINDOWS)
def test_a_clock_that_jumps_costs_one_passcode_at_most(window: str, jump: int, figures: Figures) -> None:
    for seed in range(100):
        person = Person(f"{window} {jump} {seed}", WINDOWS[window], "all", figures)
        left = iter(range(person.rng.randrange(12), -1, -1))

        def jump_once(service: simulated.SimulatedService = person.service, left: Iterator[int] = left) -> None:
            if next(left, None) == 0:
                service.epoch += jump

        person.network.before = jump_once
        factor = person.enrol()
        person.enable()
        for later in (1, 20, 300):
            person.log_in_or_stop(factor)
            person.pass_by(0.1, later)
        person.network.before = None
        person.pass_by(120, 200)
        person.log_in(factor)
        person.done()
        assert person.service.refused <= 1
    assert figures.locked == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_lost_answers_of_the_second_step_neither_refuse_nor_lock(window: str, figures: Figures) -> None:
    for seed in range(60):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        factor = person.enrol()
        person.enable()

        def loses(body: Any, rng: random.Random = person.rng) -> bool:
            return "RAX-AUTH:passcodeCredentials" in body["auth"] and rng.random() < 0.4

        person.network.loses = loses
        for _login in range(6):
            try:
                person.log_in_or_stop(factor)
            except LostAnswer:
                person.pass_by(1, 60)
            person.pass_by(1, 600)
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_way_that_is_suddenly_much_longer_may_cost_a_passcode_and_never_locks(window: str, figures: Figures) -> None:
    for seed in range(60):
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures)
        person.network.jitter = 8.0
        factor = person.enrol()
        person.enable()
        for _login in range(6):
            with contextlib.suppress(PasscodeRefused):
                person.log_in(factor)
            person.pass_by(1, 600)
        person.done()
    assert figures.locked == 0
    assert figures.refused < figures.logins / 20


@pytest.mark.parametrize("kind", ["computed", "typed", "both"])
def test_a_wrong_secret_never_locks_whenever_it_is_tried_again(kind: str, figures: Figures) -> None:
    for seed in range(60):
        person = Person(f"wrong {seed}", simulated.previous, "all", figures, longest=4.0)
        right = person.enrol()
        person.enable()
        wrong = Factor(otp=parse(person.service.add_device("unverified", person.rng).secret))
        for _attempt in range(25):
            typed = Factor(passcode=f"{person.rng.randrange(10**8):08}")
            factor = {"computed": wrong, "typed": typed}.get(kind) or person.rng.choice([wrong, typed, right])
            stopped: PasscodeRefused | None = None
            try:
                stopped = person.log_in_or_stop(factor)
            except PasscodeRefused:
                person.pass_by(0, 1)
            # As soon as it is said to be safe, or a little before, or at any other time.
            if stopped and stopped.retry_after and person.rng.random() < 0.7:
                person.moments.pass_by(max(0.0, stopped.retry_after - person.rng.uniform(0, 10)))
            else:
                person.pass_by(0, person.rng.choice([1, 100, 1_900]))
        person.done()
    assert figures.locked == 0
    assert figures.refused > 60


@pytest.mark.parametrize("window", WINDOWS)
def test_three_forks_at_once_send_later_and_later_steps(window: str, figures: Figures) -> None:
    for seed in range(30):
        moments = simulated.SharedMoments(now=seed * 1_000.7)
        person = Person(f"{window} {seed}", WINDOWS[window], "all", figures, moments=moments)
        factor = person.enrol()
        person.enable()
        person.pass_by(120, 200)
        moments.run([partial(person.log_in, factor)] * 3)
        assert len(person.service.accepted) == 3
        assert person.service.accepted == sorted(set(person.service.accepted))
        person.done()
    assert (figures.refused, figures.locked) == (0, 0)
