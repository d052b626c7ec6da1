# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record: what it keeps, for how long, for whom, and that no process loses what another wrote."""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Account, Attempt, Moment, Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.otp.passcode_rule import MEMORY

ENDPOINT = "https://identity.example.com"
NOW = 1_790_000_000.0
HERE = Moment(NOW, NOW + 3_000, 5_000.0)
"""Now: this machine's clock is fifty minutes ahead of the service's."""


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "state", ENDPOINT, "jo")


def moment(age: float, *, service: float = 0, wall: float = 0, monotonic: float = 0) -> Moment:
    """So long ago, on clocks that were set by so much since."""
    return Moment(NOW - age - service, NOW + 3_000 - age - wall, 5_000.0 - age - monotonic)


def attempt(age: float, *, settled: bool = True, when: Moment | None = None) -> Attempt:
    return Attempt(0, f"attempt of {age}").taken_at(when or moment(age), settled=settled)


def refused(*ages: float) -> Account:
    return Account(attempts=[attempt(age) for age in ages])


# What an account knows


@pytest.mark.parametrize(
    ("ages", "wait"),
    [
        ((), 0),
        ((10,), 0),
        ((20, 10), MEMORY - 10),
        ((MEMORY - 1, 1), MEMORY - 1),
        # The service forgets all of them at once, so many minutes after the last: an old one still counts there.
        ((MEMORY + 100, 100), MEMORY - 100),
        ((2 * MEMORY, MEMORY - 10, 10), MEMORY - 10),
        ((MEMORY + 1, MEMORY), 0),
    ],
)
def test_two_refusals_stop_until_the_last_is_old_enough(ages: tuple[float, ...], wait: float) -> None:
    assert refused(*ages).safe_in(HERE) == pytest.approx(wait)


def test_the_memory_is_longer_than_the_longest_lock_out() -> None:
    assert MEMORY > 30 * 60


def test_an_attempt_counts_from_before_it_is_sent() -> None:
    account = refused(10)
    account.begin(HERE, "mine")
    assert account.safe_in(HERE) > 0


def test_a_withdrawn_attempt_does_not_count() -> None:
    account = refused(10)
    account.begin(HERE, "mine")
    account.withdraw("mine")
    assert account.safe_in(HERE) == 0


def test_a_success_clears_what_was_settled_before_it_was_sent() -> None:
    account = refused(20, 15)
    account.begin(HERE, "mine")
    account.begin(HERE, "another fork's")
    account.succeed("mine")
    assert [one.id for one in account.attempts] == ["another fork's"]


@pytest.mark.parametrize(("age", "kept"), [(1, True), (299, True), (301, False)])
def test_a_success_does_not_clear_what_was_on_its_way_as_long_as_that_can_count(age: float, kept: bool) -> None:
    account = Account(attempts=[attempt(age, settled=False)])
    account.begin(HERE, "mine")
    account.succeed("mine")
    assert bool(account.attempts) is kept


def test_a_success_does_not_clear_what_was_refused_after_it_was_sent() -> None:
    account = Account(attempts=[attempt(2, settled=False)])
    account.begin(HERE, "mine")
    account.settle(HERE, "attempt of 2")
    account.succeed("mine")
    assert [(one.id, one.settled) for one in account.attempts] == [("attempt of 2", True)]


def test_a_refusal_counts_from_when_it_came() -> None:
    account = Account(attempts=[attempt(400, settled=False), attempt(300)])
    account.settle(HERE, "attempt of 400")
    assert account.safe_in(HERE) == MEMORY


@pytest.mark.parametrize(
    ("shifts", "counts_as"),
    [
        ({}, 600),
        ({"service": 55}, 600),  # a minute is nothing
        ({"service": 32 * 60}, 600),
        ({"wall": 32 * 60}, 600),
        ({"service": 3e7}, 600),
        ({"service": -3e7}, 600),
        ({"service": -300}, 300),  # the service counts by its own clock
        ({"wall": -300}, 300),
        ({"wall": -3e7}, 600),
        ({"wall": 3e7}, 600),
        ({"service": 3e7, "wall": -3e7}, 600),
        ({"service": 32 * 60, "wall": 50 * 60}, 600),
        ({"monotonic": 3e4, "wall": 20}, 600),  # another machine
        ({"monotonic": -3e4}, 600),  # a restart
        ({"service": 7_200, "wall": 7_200}, 7_800),  # the machine slept, and its monotonic clock with it
    ],
)
def test_an_attempt_is_as_old_as_clocks_that_agree_say(shifts: dict[str, float], counts_as: float) -> None:
    account = Account(attempts=[attempt(610), attempt(600, when=moment(600, **shifts))])
    account.attempts = account.attempts[1:] * 2
    assert account.safe_in(HERE) == pytest.approx(max(0.0, MEMORY - counts_as))


def test_an_attempt_of_the_future_by_every_clock_counts_from_now_on_and_not_for_years() -> None:
    later = Moment(NOW + 2e9, NOW + 2e9, 3e9)
    account = Account(attempts=[Attempt(0, name).taken_at(later, settled=True) for name in "ab"])
    account.anchor(HERE)
    assert account.safe_in(HERE) == MEMORY
    assert account.safe_in(Moment(NOW + MEMORY, NOW + 3_000 + MEMORY, 5_000 + MEMORY)) == 0


def test_an_attempt_of_an_older_version_has_the_service_time_alone() -> None:
    account = Account(attempts=[Attempt(NOW - 600, "one"), Attempt(NOW - 500, "two")])
    account.anchor(HERE)
    assert account.safe_in(HERE) == MEMORY - 500


def test_a_success_that_another_one_cleared_clears_nothing() -> None:
    account = refused(20)
    account.succeed("cleared before")
    assert len(account.attempts) == 1


def test_old_attempts_are_pruned_when_a_new_one_begins() -> None:
    account = refused(MEMORY + 2, MEMORY + 1)
    account.begin(HERE, "mine")
    assert [one.id for one in account.attempts] == ["mine"]


@pytest.mark.parametrize(("on_at", "dead"), [(None, False), (-59.0, True), (-61.0, False), (40.0, True)])
def test_a_session_may_be_dead_in_the_minute_after_mfa_was_turned_on(on_at: float | None, dead: bool) -> None:
    account = Account(mfa_on_at=None if on_at is None else NOW + on_at)
    assert account.session_may_be_dead(NOW) is dead


# The file


def test_it_survives_a_round_trip(record: Record) -> None:
    with record.changing() as account:
        account.secrets["digest"] = Used(59_666_666, -1, follows_verification=True)
        account.secrets["unknown"] = Used(5)
        account.begin(HERE, "mine", "typed")
        account.mfa_on_at = NOW
    assert record.read() == Account(
        secrets={"digest": Used(59_666_666, -1, follows_verification=True), "unknown": Used(5, None)},
        attempts=[Attempt(NOW, "mine", "typed", NOW + 3_000, 5_000.0, settled=False)],
        mfa_on_at=NOW,
    )


def test_it_is_readable_by_its_owner_alone_whatever_the_umask(record: Record) -> None:
    before = os.umask(0)
    try:
        with record.changing() as account:
            account.mfa_on_at = NOW
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in [record.path.parent, *record.path.parent.iterdir()]
    }
    assert modes == {"state": 0o700, record.path.name: 0o600}


def test_it_does_not_name_the_account(record: Record) -> None:
    with record.changing() as account:
        account.mfa_on_at = NOW
    assert record.path.stem.isalnum()
    assert "jo" not in record.path.read_text(encoding="utf-8")


def test_names_in_any_case_share_one_and_endpoints_do_not(tmp_path: Path) -> None:
    def path(endpoint: str, name: str) -> Path:
        return Record(tmp_path, endpoint, name).path

    assert path(ENDPOINT, "Jo.Müller") == path(ENDPOINT, "JO.MÜLLER")
    assert len({path(ENDPOINT, "jo"), path(ENDPOINT, "joe"), path("https://lon.example.com", "jo")}) == 3


def test_nothing_is_written_if_nothing_changes(record: Record) -> None:
    with record.changing():
        pass
    assert not record.path.exists()


def test_nothing_is_written_if_the_block_raises(record: Record) -> None:
    with contextlib.suppress(RuntimeError), record.changing() as account:
        account.mfa_on_at = NOW
        raise RuntimeError
    assert record.read() == Account()


def test_of_many_secrets_those_that_were_used_last_are_kept(record: Record) -> None:
    for number in range(40):
        with record.changing() as account:
            # Each has an earlier step than those before it: a clock was wrong, or the secrets differ.
            account.use(f"digest {number}", Used(1_000 - number))
            account.use("in use", Used(7))
    assert list(record.read().secrets) == [f"digest {number}" for number in range(25, 40)] + ["in use"]


def test_a_name_with_any_character_has_a_record(tmp_path: Path) -> None:
    assert Record(tmp_path, ENDPOINT, "jo\ud800").path != Record(tmp_path, ENDPOINT, "jo").path


def test_a_typed_passcode_is_told_from_others_of_its_account_only(record: Record, tmp_path: Path) -> None:
    digest = record.typed_digest("123456")
    assert digest == record.typed_digest("123456")
    others = {record.typed_digest("123457"), Record(tmp_path, ENDPOINT, "joe").typed_digest("123456")}
    assert digest not in others
    assert "123456" not in digest


GOOD = {
    "version": 1,
    "secrets": {"digest": {"last": 1, "offset": 0, "follows_verification": False}},
    "attempts": [{"at": 1.0, "id": "mine", "typed": None, "wall": 1.0, "monotonic": 1.0, "settled": True}],
    "mfa_on_at": 1.0,
    "clock": {"lowest": 1.0, "highest": 1.0, "moment": 1.0, "wall": 1.0},
}
WRONG: dict[str, list[Any]] = {
    "last": [None, True, "1", 1.5, -1, 10**12, 10**400],
    "offset": [True, "0", 1, -2, 0.0],
    "follows_verification": [None, 1, "true"],
    "at": [None, True, "1", 1e12, -1e12, 10**400, float("nan"), float("inf"), []],
    "wall": [False, "1", float("nan"), 1e300],
    "monotonic": [False, {}, float("-inf")],
    "id": [None, 1, ["mine"]],
    "typed": [1, True],
    "settled": [None, 0, "yes"],
    "mfa_on_at": [True, "now", float("nan"), 1e13],
    "highest": [None, "1", float("inf")],
}


def spoiled(data: Any, name: str, value: Any) -> Any:
    if isinstance(data, list):
        return [spoiled(item, name, value) for item in data]
    if not isinstance(data, dict):
        return data
    return {key: value if key == name else spoiled(item, name, value) for key, item in data.items()}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_value_that_no_record_has_is_an_error(name: str, value: Any, record: Record) -> None:
    record.path.parent.mkdir()
    record.path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert record.read().attempts[0].id == "mine"
    record.path.write_text(json.dumps(spoiled(GOOD, name, value)), encoding="utf-8")
    with pytest.raises(OptionError, match="safe to remove"):
        record.read()


def _with(**changes: object) -> bytes:
    """A record that is well but for these."""
    return json.dumps({**GOOD, "secrets": {}, "attempts": [], **changes}).encode()


CORRUPT = {
    "deep": b"[" * 100_000,
    "a number that is too long": b'{"version": ' + b"1" * 5_000 + b"}",
    "clock of another shape": b'{"version": 1, "secrets": {}, "attempts": [], "mfa_on_at": null, "clock": [1]}',
    "no clock": b'{"version": 1, "secrets": {}, "attempts": [], "mfa_on_at": null}',
    "empty": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "a list": b"[]",
    "another version": b'{"version": 2, "secrets": {}, "attempts": [], "mfa_on_at": null}',
    "a key is missing": b'{"version": 1, "secrets": {}, "attempts": []}',
    "secrets of another shape": b'{"version": 1, "secrets": [], "attempts": [], "mfa_on_at": null}',
    "an attempt of another shape": b'{"version": 1, "secrets": {}, "attempts": [{"when": 1}], "mfa_on_at": null}',
    "a step that is a text": _with(secrets={"digest": {"last": "1"}}),
    "a step that is true": _with(secrets={"digest": {"last": True}}),
    "an offset that is a fraction": _with(secrets={"digest": {"last": 1, "offset": 0.5}}),
    "a time that is a text": _with(mfa_on_at="1"),
    "a time without end": _with(attempts=[{"at": math.inf, "id": "x"}]),
    "an attempt without a name": _with(attempts=[{"at": 1.0, "id": None}]),
    "a clock of texts": _with(clock={"lowest": "", "highest": 1, "moment": 1, "wall": 1}),
    "nested without end": b"[" * 100_000,
    "an attempt that is a number": b'{"version": 1, "secrets": {}, "attempts": [1], "mfa_on_at": null}',
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_corrupt_one_is_an_error_and_stays_as_it_is(content: bytes, record: Record) -> None:
    record.path.parent.mkdir()
    record.path.write_bytes(content)
    with pytest.raises(OptionError, match="safe to remove") as caught, record.changing():
        pytest.fail("it must not be used")
    assert caught.value.__suppress_context__
    assert record.path.read_bytes() == content


@pytest.mark.parametrize("what", ["folder", "parent"])
def test_a_folder_that_can_not_be_used_is_an_error_that_names_state_dir(what: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    record = Record(taken if what == "folder" else taken / "state", ENDPOINT, "jo")
    with pytest.raises(OptionError, match="state_dir"), record.changing():
        pytest.fail("it must not be used")


def test_a_folder_that_every_user_can_write_is_refused_before_anything_is_sent(record: Record) -> None:
    record.path.parent.mkdir()
    record.path.parent.chmod(0o777)
    with pytest.raises(OptionError, match=r"every user can write in it.*state_dir"):
        record.check()
    with pytest.raises(OptionError, match=r"every user can write in it.*state_dir"), record.changing():
        pytest.fail("it must not be used")
    record.path.parent.chmod(0o755)
    record.check()


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed, and root can become one")
def test_a_folder_that_can_not_be_written_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setuid(65534)
            with pytest.raises(OptionError, match=r"no permission to write in the folder.*state_dir"):
                Record(tmp_path / "state", ENDPOINT, "jo").check()
            code = 0
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def test_a_check_makes_nothing_and_finds_a_corrupt_record(record: Record) -> None:
    record.check()
    assert not record.path.parent.exists()
    record.path.parent.mkdir()
    record.path.write_bytes(b"{")
    with pytest.raises(OptionError, match="safe to remove"):
        record.check()


def test_a_planted_link_is_not_locked_through(record: Record, tmp_path: Path) -> None:
    record.path.parent.mkdir()
    record.path.with_name(f".{record.path.name}.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(OptionError, match="state_dir"), record.changing():
        pytest.fail("it must not be used")
    assert not (tmp_path / "victim").exists()


def test_a_disk_that_is_full_leaves_the_old_content(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    with record.changing() as account:
        account.mfa_on_at = NOW
    before = record.path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OptionError, match="No space left"), record.changing() as account:
        account.mfa_on_at = NOW + 1
    assert record.path.read_bytes() == before
    assert list(record.path.parent.iterdir()) == [record.path]


# More than one process


def _count_up(directory: Path, times: int) -> None:
    record = Record(directory, ENDPOINT, "jo")
    for _time in range(times):
        with record.changing() as account:
            used = account.secrets.setdefault("digest", Used(0))
            used.last += 1


def test_no_update_of_four_processes_is_lost(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_count_up, args=[tmp_path, 25]) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert Record(tmp_path, ENDPOINT, "jo").read().secrets["digest"].last == 100


def test_a_process_that_is_killed_gives_its_lock_back(record: Record) -> None:
    record.path.parent.mkdir()
    hold = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=1); time.sleep(60)"
    )
    lock = record.path.with_name(f".{record.path.name}.lock")
    holder = subprocess.Popen([sys.executable, "-c", hold, lock], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    with record.changing() as account:
        account.mfa_on_at = NOW
    assert json.loads(record.path.read_bytes())["mfa_on_at"] == NOW
