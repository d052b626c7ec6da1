# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second step against a service that answers by a script, over fake time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    PasscodeRefused,
    RateLimited,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Access, Challenge
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Transport
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import Factor
from ansible_collections.rackspace.identity.plugins.module_utils.login.passcodes import Notes
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.second_factor import SecondFactor
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OTP = parse(SECRET)
KNOWN = Factor(otp=OTP, step_offset=0)
N = 59_666_666
ACCESS = Access("a-token", None, (), None, "u1", "jo", None, ())
REFUSED = PasscodeRefused("no", status=401, service_message="Unable to authenticate user")


class SecondStep:
    """A second step ten seconds into step N, against a service that answers by a script; errors are raised."""

    def __init__(
        self, directory: Path, *outcomes: IdentityError, max_wait: float = 65.0, moments: Moments | None = None
    ) -> None:
        self.moments = moments or Moments()
        self.clock = ServiceClock(self.moments.monotonic, lambda: 30.0 * N + self.moments.now - 700)
        self.tell_time(30.0 * N + 10)
        self.outcomes: Iterator[IdentityError] = iter(outcomes)
        self.record = Record(directory, "https://identity.example.com", "jo")
        self.max_wait = max_wait
        self.sent: list[tuple[str, str]] = []
        self.begun = 0
        self.said: list[str] = []
        self.told: list[str] = []
        self.on_send: Callable[[], object] = lambda: None
        self.on_begin: Callable[[], object] = lambda: None
        self.notes: Notes | None = None
        self.begins: Access | None = None

    def tell_time(self, date: float) -> None:
        self.clock.observe(date, self.moments.now, self.moments.now)

    @property
    def steps(self) -> list[int]:
        """The steps of the codes that were sent, relative to N."""
        codes = {OTP.code_at(N + distance): distance for distance in range(-5, 12)}
        return [codes[code] for _session, code in self.sent]

    def answer(self, factor: Factor) -> Access:
        transport = Transport("https://identity.example.com", clock=self.clock, sleep=self.moments.sleep)
        second = SecondFactor(
            transport,
            factor,
            self.record,
            notes=self.notes,
            begin=self._begin,
            send=self._send,
            max_wait=self.max_wait,
            voice=Voice(self.said.append, self.told.append),
        )
        return second.answer(Challenge(f"session-{self.begun}"))

    def _begin(self) -> Access | Challenge:
        self.begun += 1
        self.on_begin()
        return self.begins or Challenge(f"session-{self.begun}")

    def _send(self, challenge: Challenge, code: str) -> Access:
        counted = [attempt.id for attempt in self.record.read().attempts]
        assert len(counted) == len(set(counted)) >= 1, "an attempt is noted before it is sent"
        self.sent.append((challenge.session_id, code))
        self.on_send()
        error = next(self.outcomes, None)
        if error:
            raise error
        return ACCESS

    def used(self) -> Used:
        return self.record.read().secrets[OTP.digest]


Make = Callable[..., SecondStep]
"""Makes a second step whose outcomes are given."""
ONCE_MORE = {
    "lost": LostAnswer("lost"),
    "503": Unavailable("no", status=503),
    "HTML": InvalidAnswer("no", status=200),
    "429 for long": RateLimited("no", status=429, retry_after=30),
    "no connection": ConnectionFailed("no"),
}
YEAR_2087 = 3_692_217_600.0
