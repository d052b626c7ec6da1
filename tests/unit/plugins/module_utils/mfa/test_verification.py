# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification of a device: which codes go out, what is done if an answer is lost, and what the record keeps."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.client import Client
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.budget import Budget
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.verification import Verified, Verifier
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import Otp, parse
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import simulated

N = 59_666_666


class Bench:
    """A device of a simulated service, ten seconds into step N, whose clock is known unless a test says otherwise."""

    def __init__(
        self,
        directory: Path,
        window: simulated.Window = simulated.previous,
        *,
        known: bool = True,
        skew: float = 3_000.0,
    ) -> None:
        self.moments = simulated.Moments(now=1_000.0)
        self.service = simulated.SimulatedService(self.moments, window, "all", 30.0 * N + 10 - self.moments.now)
        self.device = self.service.add_device("d", random.Random(7))
        self.otp = parse(self.device.secret)
        self.network = simulated.Network(0.1, 0.1)
        self.transport = simulated.SimulatedTransport(self.service, self.network, skew)
        if known:
            self.transport.clock.observe(float(int(self.service.now)), self.moments.now, self.moments.now)
        self.record = Record(directory / "state", "https://identity.example.com", "jo")
        self.verifier = self.another_verifier(was_unverified=True)
        self.requests: list[tuple[str, int | None]] = []
        self.network.arrived = self._arrived

    def _arrived(self, method: str, body: Any) -> None:
        steps = {self.otp.code_at(N + distance): distance for distance in range(-150, 150)}
        self.requests.append((method, steps.get(body["RAX-AUTH:verificationCode"]["code"]) if body else None))

    def another_verifier(self, *, was_unverified: bool = False, login_follows: bool = True) -> Verifier:
        client = Client(self.transport, "token")
        return Verifier(client, "u1", "d", self.record, was_unverified=was_unverified, login_follows=login_follows)

    def used(self) -> Used:
        return self.record.read().secrets[self.otp.digest]

    def break_before(self, *errors: BaseException | None) -> None:
        """Let requests break before they arrive, one after another."""
        left = iter(errors)

        def before() -> None:
            error = next(left, None)
            if error:
                raise error

        self.network.before = before

    def lose(self, *answers: bool) -> None:
        """Lose answers after the work was done, one after another."""
        left = iter(answers)
        self.network.loses = lambda _body: next(left, False)


Make = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Make:
    def make(*args: Any, **options: Any) -> Bench:
        return Bench(tmp_path, *args, **options)

    return make


# By secret


@pytest.mark.parametrize("skew", [-300_000.0, 300_000.0])
@pytest.mark.parametrize("known", [True, False])
def test_a_machine_whose_clock_is_days_off_sends_the_right_code_first(skew: float, known: bool, bench: Make) -> None:
    here = bench(skew=skew, known=known)
    assert here.verifier.by_secret(here.otp).step_offset == -1
    assert [step for method, step in here.requests if method == "POST"] == [-2, -1]


@pytest.mark.parametrize(
    ("window", "steps", "offset"),
    [
        (simulated.strict, [-2, -1, 0], 0),
        (simulated.previous, [-2, -1], -1),
        (simulated.wide, [-2, -1], -1),
        (simulated.lagging(5), [-2, -1], -1),
        (simulated.lagging(20), [-2], -1),
    ],
    ids=["strict", "previous", "wide", "lagging and over", "lagging"],
)
def test_codes_go_out_oldest_first_until_one_is_accepted(
    window: simulated.Window, steps: list[int], offset: int, bench: Make
) -> None:
    here = bench(window)
    assert here.verifier.by_secret(here.otp)[:2] == (True, offset)
    assert here.requests == [("POST", step) for step in steps]
    assert here.used() == Used(N + steps[-1], offset, follows_verification=True)
    assert here.moments.slept == []


@pytest.mark.parametrize(
    ("window", "steps", "used"),
    [
        (simulated.strict, [-1, 0], Used(N, 0, follows_verification=True)),
        (simulated.previous, [-1], Used(N - 1, -1)),
        (simulated.wide, [-1], Used(N - 1, -1)),
        (simulated.lagging(20), [-1], Used(N - 1, -1)),
    ],
    ids=["strict", "previous", "wide", "lagging"],
)
def test_for_a_user_who_does_not_log_in_after_it_the_first_code_is_one_that_most_services_accept(
    window: simulated.Window, steps: list[int], used: Used, bench: Make
) -> None:
    here = bench(window)
    assert here.another_verifier(login_follows=False).by_secret(here.otp).changed
    assert here.requests == [("POST", step) for step in steps]
    assert here.used() == used


def test_a_step_that_begins_meanwhile_is_tried_too(bench: Make) -> None:
    here = bench(simulated.strict)
    here.network.up = here.network.down = 4.0
    assert here.verifier.by_secret(here.otp)[:2] == (True, 0)
    assert here.requests == [("POST", step) for step in (-2, -1, 0, 1)]


@pytest.mark.parametrize("skew", [-3_700.0, -45.0, 0.0, 45.0, 3_700.0])
def test_where_no_answer_has_told_the_time_the_device_is_read_first(skew: float, bench: Make) -> None:
    here = bench(known=False, skew=skew)
    assert here.verifier.by_secret(here.otp)[:2] == (True, -1)
    assert here.requests == [("GET", None), ("POST", -2), ("POST", -1)]


def test_the_time_that_the_creation_was_told_is_gone_on_with(bench: Make) -> None:
    creation, here = bench(), bench(known=False)
    with here.record.changing() as account:
        account.clock = creation.transport.clock.knowledge()
    assert here.verifier.by_secret(here.otp)[:2] == (True, -1)
    assert here.requests == [("POST", -2), ("POST", -1)]


def test_where_no_answer_has_told_the_time_a_verified_device_is_seen_at_once(bench: Make) -> None:
    here = bench(known=False)
    here.device.verified = True
    assert here.verifier.by_secret(here.otp) == Verified(changed=False)
    assert here.requests == [("GET", None)]


def test_a_device_that_was_verified_before_keeps_what_is_known(bench: Make) -> None:
    here = bench()
    here.device.verified = True
    with here.record.changing() as account:
        account.secrets[here.otp.digest] = Used(N + 1, 0)
    assert here.verifier.by_secret(here.otp) == Verified(changed=False)
    assert here.requests == [("POST", -2)]
    assert here.used() == Used(N + 1, 0)


APART = r"The answers of the service tell .*:10 UTC, and the clock of this machine .* UTC\. If the first is wrong, .*"


@pytest.mark.parametrize(
    ("skew", "is_stored", "words"),
    [
        (0.0, False, "account. Probably it is the secret of another device. Pass the right one"),
        (0.0, True, "account. Probably the store has the secret of another device. Restore the entry"),
        (-80_000.0, False, APART + "Pass the right one"),
        (80_000.0, True, APART + "Restore the entry"),
        (300_000.0, True, APART + "Restore the entry"),
    ],
    ids=["given", "stored", "given, and clocks apart", "stored, and clocks apart", "stored, and days apart"],
)
def test_another_secret_is_refused_after_four_codes(skew: float, is_stored: bool, words: str, bench: Make) -> None:
    here = bench(skew=skew)
    with pytest.raises(PasscodeRefused, match=words) as caught:
        here.verifier.by_secret(Otp(secret="MZXW6YTBOI"), is_stored=is_stored)
    assert len(here.requests) == 4
    assert (caught.value.status, here.device.verified) == (None, False)
    assert here.record.read().attempts == [], "failed verifications do not lock"


def test_a_record_that_can_not_be_used_stops_before_anything_is_sent(bench: Make) -> None:
    here = bench()
    here.record.path.parent.write_text("a file in its place", encoding="utf-8")
    with pytest.raises(OptionError, match="state_dir"):
        here.verifier.by_secret(here.otp)
    assert here.requests == []


def test_a_code_is_noted_before_it_is_sent(bench: Make) -> None:
    here = bench()

    def killed(_body: Any) -> bool:
        raise KeyboardInterrupt

    here.network.loses = killed
    with pytest.raises(KeyboardInterrupt):
        here.verifier.by_secret(here.otp)
    assert here.used() == Used(N - 2, None)


def test_after_a_lost_answer_the_device_tells_that_it_was_verified(bench: Make) -> None:
    here = bench()
    here.lose(False, True)
    assert here.verifier.by_secret(here.otp)[:2] == (True, -1)
    assert here.requests == [("POST", -2), ("POST", -1), ("GET", None)]
    assert here.used() == Used(N - 1, -1, follows_verification=True)


@pytest.mark.parametrize(
    "error",
    [LostAnswer("reset"), Unavailable("no", status=503), InvalidAnswer("a page", status=404)],
    ids=["reset", "503", "a page of a gateway"],
)
def test_a_code_that_did_not_arrive_is_sent_again(error: Exception, bench: Make) -> None:
    here = bench()
    here.break_before(None, error)
    assert here.verifier.by_secret(here.otp)[:2] == (True, -1)
    assert here.requests == [("POST", -2), ("GET", None), ("POST", -1)]


@pytest.mark.parametrize("way", ["secret", "code"])
@pytest.mark.parametrize("otp", [None, Otp(secret="MZXW6YTBOI")], ids=["its secret", "that of another device"])
def test_after_a_lost_answer_nothing_is_told_of_a_device_that_may_have_been_verified_before(
    way: str, otp: Otp | None, bench: Make
) -> None:
    here = bench()
    here.device.verified = True
    with here.record.changing() as account:
        account.secrets[here.otp.digest] = Used(N + 1, 0)
    here.break_before(Unavailable("no", status=503))
    verifier, given = here.another_verifier(was_unverified=False), otp or here.otp
    told = verifier.by_secret(given) if way == "secret" else verifier.by_code(given.code_at(N), given)
    assert told == Verified(changed=False)
    assert here.used() == Used(N + 1, 0)


@pytest.mark.parametrize("first", ["refused", "did not arrive"])
def test_after_a_lost_answer_a_device_tells_of_the_code_once_an_answer_has_shown_it_unverified(
    first: str, bench: Make
) -> None:
    here = bench(simulated.previous if first == "refused" else simulated.lagging(20))
    if first == "did not arrive":
        here.break_before(LostAnswer("reset"))
    here.lose(False, True)  # the first one arrives, of the refusal or the read
    assert here.another_verifier(was_unverified=False).by_secret(here.otp)[:2] == (True, -1)


def test_a_code_that_did_not_arrive_while_its_step_passed_tells_the_right_offset(bench: Make) -> None:
    here = bench(simulated.lagging(1))
    here.network.up = 6.0
    here.break_before(None, LostAnswer("reset"))
    here.moments.pass_by(10)
    assert here.verifier.by_secret(here.otp).step_offset == -1


def test_the_second_loss_of_a_code_goes_up(bench: Make) -> None:
    here = bench()
    here.break_before(LostAnswer("reset"), None, LostAnswer("reset"))
    with pytest.raises(LostAnswer):
        here.verifier.by_secret(here.otp)
    assert here.requests == [("GET", None), ("GET", None)]


def test_without_a_connection_nothing_is_sent_again_here(bench: Make) -> None:
    here = bench()
    here.break_before(*[ConnectionFailed("no connection")] * 50)
    with pytest.raises(ConnectionFailed):
        here.verifier.by_secret(here.otp)
    assert here.requests == []
    assert sum(here.moments.slept) < 60


@pytest.mark.parametrize("jump", [-40.0, 40.0])
@pytest.mark.parametrize("window", [simulated.strict, simulated.previous, simulated.lagging(5)])
def test_codes_that_were_refused_before_the_clock_jumped_are_tried_again(
    window: simulated.Window, jump: float, bench: Make
) -> None:
    for nth in range(4):
        here = bench(window)
        here.network.before = _jumping(here.service, jump, nth)
        here.verifier.by_secret(here.otp)
        assert here.device.verified


def _jumping(service: simulated.SimulatedService, jump: float, nth: int) -> Callable[[], None]:
    left = iter(range(nth, -1, -1))

    def before() -> None:
        if next(left, None) == 0:
            service.epoch += jump

    return before


def test_a_clock_that_jumps_at_every_answer_comes_to_an_end(bench: Make) -> None:
    here = bench(lambda _now: set())
    jumps: Iterator[float] = iter([40.0, -40.0] * 50)

    def before() -> None:
        here.service.epoch += next(jumps)

    here.network.before = before
    with pytest.raises(PasscodeRefused):
        here.verifier.by_secret(here.otp)
    assert len(here.requests) == 12


# By a code that a person typed


@pytest.mark.parametrize(
    ("distance", "used"),
    [(-2, Used(N - 2, -1, follows_verification=True)), (-1, Used(N - 1, -1)), (0, Used(N, None))],
    ids=["two steps before", "the step before", "the current step, which tells nothing of others"],
)
def test_a_typed_code_is_sent_once_and_its_step_is_kept(distance: int, used: Used, bench: Make) -> None:
    here = bench(simulated.lagging(20) if distance < -1 else simulated.previous)
    verified = here.verifier.by_code(here.otp.code_at(N + distance), here.otp)
    assert (verified.changed, verified.step_offset, verified.step) == (True, used.offset, used.last)
    assert here.requests == [("POST", distance)]
    assert here.used() == used


def test_a_typed_code_whose_answer_comes_in_the_next_step_tells_no_wrong_offset(bench: Make) -> None:
    here = bench(simulated.strict)
    here.network.down = 25.0
    assert here.verifier.by_code(here.otp.code_at(N), here.otp).step_offset is None


def test_of_a_typed_code_without_a_secret_no_step_is_known_and_it_is_not_sent_again(bench: Make) -> None:
    here = bench()
    code = here.otp.code_at(N)
    assert here.verifier.by_code(code)[:2] == (True, None)
    assert here.record.read().secrets == {}
    assert not Budget(here.record, here.transport.clock).may_send(code)


def test_a_typed_code_is_not_sent_when_it_can_not_be_noted(bench: Make) -> None:
    here = bench()
    here.record.path.parent.mkdir(parents=True, exist_ok=True)
    here.record.path.write_text("spoiled", encoding="utf-8")
    with pytest.raises(OptionError, match="record of used passcodes"):
        here.verifier.by_code(here.otp.code_at(N))
    assert here.requests == []


def test_a_wrong_typed_code_is_refused_and_not_repeated(bench: Make) -> None:
    here = bench()
    with pytest.raises(PasscodeRefused, match="wrong, or too old") as caught:
        here.verifier.by_code("000000", here.otp)
    assert (len(here.requests), "000000" in str(caught.value)) == (1, False)


def test_a_typed_code_for_a_verified_device_changes_nothing(bench: Make) -> None:
    here = bench()
    here.device.verified = True
    assert here.verifier.by_code(here.otp.code_at(N), here.otp) == Verified(changed=False)


def test_a_typed_code_whose_answer_was_lost_is_looked_up(bench: Make) -> None:
    here = bench()
    here.lose(True)
    assert here.verifier.by_code(here.otp.code_at(N), here.otp).changed
    assert here.requests == [("POST", 0), ("GET", None)]


def test_a_typed_code_that_did_not_arrive_is_an_error_and_not_sent_again(bench: Make) -> None:
    here = bench()
    here.break_before(LostAnswer("reset"))
    with pytest.raises(LostAnswer):
        here.verifier.by_code(here.otp.code_at(N), here.otp)
    assert here.requests == [("GET", None)]
