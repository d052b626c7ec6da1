# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record: what it keeps, for how long, for whom, and that no process loses what another wrote."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import Known
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Account, Attempt, Used
from ansible_collections.rackspace.identity.plugins.module_utils.login.moment import Moment
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.another_user import (
    as_root,
    is_refused,
)

ENDPOINT = "https://identity.example.com"
NOW = 1_790_000_000.0


def test_it_survives_a_round_trip(record: Record) -> None:
    with record.changing() as account:
        account.secrets["digest"] = Used(59_666_666, -1, follows_verification=True)
        account.secrets["unknown"] = Used(5)
        account.begin(Moment(NOW, NOW + 3_000, 5_000.0), "mine", "typed")
        account.mfa_on_at = NOW
        account.clock = Known(1.0, 2.0, 3.0, 4.0)
    assert record.read() == Account(
        secrets={"digest": Used(59_666_666, -1, follows_verification=True), "unknown": Used(5, None)},
        attempts=[Attempt(NOW, "mine", "typed", NOW + 3_000, 5_000.0, settled=False)],
        mfa_on_at=NOW,
        clock=Known(1.0, 2.0, 3.0, 4.0),
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

    assert Record(tmp_path, ENDPOINT, "jo").busy == path(ENDPOINT, "jo").with_suffix(".busy")
    assert path(ENDPOINT, "Jo.Müller") == path(ENDPOINT, "JO.MÜLLER")
    others = {path(ENDPOINT, "joe"), path("https://lon.example.com", "jo"), path(ENDPOINT, "jo\ud800")}
    assert len({path(ENDPOINT, "jo"), *others}) == 4


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


def test_a_typed_passcode_is_told_from_others_of_its_account_only(record: Record, tmp_path: Path) -> None:
    digest = record.typed_digest("123456")
    assert digest == record.typed_digest("123456")
    others = {record.typed_digest("123457"), Record(tmp_path, ENDPOINT, "joe").typed_digest("123456")}
    assert digest not in others
    assert "123456" not in digest


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


@as_root
def test_a_folder_that_can_not_be_written_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    record = Record(tmp_path / "state", ENDPOINT, "jo")
    assert is_refused(tmp_path, record.check, "no permission to read and write in the folder.*state_dir")


@as_root
@pytest.mark.parametrize("part", ["record", "lock"])
def test_the_record_of_another_user_is_neither_damaged_nor_one_to_remove(tmp_path: Path, part: str) -> None:
    record = Record(tmp_path, ENDPOINT, "jo")
    taken = record.path if part == "record" else record.path.with_name(f".{record.path.name}.lock")
    taken.touch(0o600)

    def change() -> None:
        with record.changing():
            pass

    work = record.read if part == "record" else change
    assert is_refused(tmp_path, work, rf"{taken.name} belongs to another user \(ID 0\)")


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


def test_the_file_of_a_lock_that_a_killed_process_left_is_no_lock(record: Record) -> None:
    record.path.parent.mkdir()
    record.path.with_name(f".{record.path.name}.lock").touch()
    with record.changing() as account:
        account.mfa_on_at = NOW
    assert record.read().mfa_on_at == NOW
