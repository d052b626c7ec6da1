# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One account with its service, its network and its clocks, for the simulations."""

from __future__ import annotations

import contextlib
import os
import random
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import PasscodeRefused
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Access
from ansible_collections.rackspace.identity.plugins.module_utils.login import tokens
from ansible_collections.rackspace.identity.plugins.module_utils.login.login import Login
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Connection, Credentials, Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.verification import Verifier
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse, time_step
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


def people(whole: int) -> int:
    """How many are simulated: all of them where the environment asks for more (part `explore`), else a third."""
    return whole if os.environ.get("HYPOTHESIS_EXPLORE") else whole // 3


@dataclass
class Figures:
    """What happened."""

    logins: int = 0
    stopped: int = 0
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    locked: int = 0
    most_refused: int = 0
    """The most refusals within 31 minutes without a success between them."""

    def __str__(self) -> str:
        waited = [wait for wait in self.waits if wait]
        return (
            f"{self.logins} logins, {self.stopped} stopped by max_wait, {self.refused} refused passcodes, "
            f"at most {self.most_refused} within 31 minutes, "
            f"{self.locked} locked; waits of a login: none in {len(self.waits) - len(waited)}, "
            f"median {statistics.median(self.waits or [0]):.1f} s, longest {max(self.waits, default=0):.1f} s"
        )


class RecordedLogin(Login):
    """A login of the account that this record is of."""

    of_account: Record

    def record(self, _username: str) -> Record:
        return self.of_account


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

    def enroll(self, name: str = "device", *, clock_known: bool = True, login_follows: bool = True) -> Factor:
        device = self.service.add_device(name, self.rng)
        otp = parse(device.secret)
        transport = self.connect()
        if clock_known:
            tokens.by_api_key(transport, "jo", "key", {})
        verifier = Verifier(Client(transport, "token"), "1", name, self.record, login_follows=login_follows)
        verified = verifier.by_secret(otp)
        assert verified.changed
        assert device.verified
        return Factor(otp=otp, step_offset=verified.step_offset)

    def enroll_by_hand(self) -> Factor:
        """A person types a code that an app shows, now or a step ago, until one is accepted."""
        otp = parse(self.service.add_device("device", self.rng).secret)
        transport = self.connect()
        tokens.by_api_key(transport, "jo", "key", {})
        verifier = Verifier(Client(transport, "token"), "1", "device", self.record)
        while True:
            code = otp.code_at(time_step(self.service.now) - self.rng.randrange(3))
            self.pass_by(0.5, 5)
            with contextlib.suppress(PasscodeRefused):
                return Factor(otp=otp, step_offset=verifier.by_code(code, otp).step_offset)

    def enable(self, *, dead_first_session: bool = False, dead_seconds: float = 0.0) -> None:
        """As `settings` does it."""
        self.pass_by(0.05, 3)
        self.service.enable(dead_first_session=dead_first_session, dead_seconds=dead_seconds)
        with self.record.changing() as account:
            account.mfa_on_at = self.service.now

    def wrong(self) -> Factor:
        """The secret of a device that is not verified."""
        return Factor(otp=parse(self.service.add_device("unverified", self.rng).secret))

    def log_in(self, factor: Factor) -> Access:
        transport = self.connect()

        def wait(seconds: float) -> None:
            waits.append(seconds)
            self.moments.sleep(seconds)

        waits: list[float] = []
        transport.sleep = wait
        login = RecordedLogin(
            transport,
            Credentials(username="jo", password="password", factor=factor),
            Connection(transport.endpoint, True, 60.0, MAX_WAIT, Path()),
            Voice(print, print),
            chosen=None,
            sent=print,
        )
        login.of_account = self.record
        self.figures.logins += 1
        try:
            access = login()
            assert login.second_factor
            return access
        finally:
            self.figures.waits.append(sum(waits))

    def log_in_or_stop(self, factor: Factor) -> PasscodeRefused | None:
        """Log in; what stopped it, if the wait would be too long or the budget is spent."""
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
        self.figures.most_refused = max(self.figures.most_refused, self.service.most_refused)


def enrolled(
    seed: str, window: simulated.Window, figures: Figures, replay: str = "all", **how: Any
) -> tuple[Person, Factor]:
    """An account whose MFA has just been turned on, and its secret."""
    person = Person(seed, window, replay, figures, **how)
    factor = person.enroll()
    person.enable()
    return person, factor
