# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `pass`, with the real program and a key of its own."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store
from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import program
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    FORK,
    OTHER,
    assert_keeps_another,
    assert_lives,
    assert_one_wins,
    later_and_later,
    opened,
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("pass") and shutil.which("gpg")), reason="the program pass or gpg is not here"
)
NAME = "rax_mfa_otp/ada"


@pytest.fixture(scope="module", name="keys")
def _keys() -> Iterator[Path]:
    """A GNUPGHOME with a key without a passphrase; in a short folder, because sockets have short paths."""
    with tempfile.TemporaryDirectory(prefix="gpg") as name:
        folder = Path(name)
        folder.chmod(0o700)
        env = {**os.environ, "GNUPGHOME": name}
        for key in ("ada", "bob"):
            command = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", key, "default", "default", "never"]
            subprocess.run(command, env=env, check=True, capture_output=True)
        yield folder
        subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)


@pytest.fixture(name="environ")
def _environ(keys: Path, tmp_path: Path) -> dict[str, str]:
    environ = {**os.environ, "GNUPGHOME": str(keys), "PASSWORD_STORE_DIR": str(tmp_path / "store")}
    subprocess.run(["pass", "init", "ada"], env=environ, check=True, capture_output=True)
    return environ


@pytest.fixture(name="store")
def _store(tmp_path: Path, environ: dict[str, str]) -> Store:
    return opened(tmp_path, {"type": "pass", "name": NAME}, environ)


def files(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path / "store")) for path in (tmp_path / "store").rglob("*.*"))


def test_an_entry_lives_from_its_first_save_to_its_removal(store: Store, tmp_path: Path) -> None:
    def saved() -> None:
        assert files(tmp_path) == [".gpg-id", f"{NAME}.gpg"]
        stored = tmp_path / "store" / f"{NAME}.gpg"
        assert stat.S_IMODE(stored.stat().st_mode) == 0o600
        assert CANARY.encode() not in stored.read_bytes()

    assert_lives(store, saved)
    assert files(tmp_path) == [".gpg-id"]


@pytest.mark.parametrize("stands", [None, OTHER], ids=["nothing", "another"])
def test_another_entry_is_neither_replaced_nor_removed(store: Store, stands: dict[str, Any] | None) -> None:
    assert_keeps_another(store, stands, NAME)


def test_no_secret_is_an_argument(store: Store, tmp_path: Path, environ: dict[str, str]) -> None:
    """A program in front of pass notes what it is started with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pass").write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/seen\nexec {shutil.which("pass")} "$@"\n')
    (folder / "pass").chmod(0o755)
    watched = opened(tmp_path, {"type": "pass", "name": NAME}, {**environ, "PATH": f"{folder}:{environ['PATH']}"})
    watched.save(ENTRY, None)
    watched.remove(ENTRY)
    seen = (tmp_path / "seen").read_text()
    assert "insert --multiline --force rax_mfa_otp/.ada.new\n" in seen
    assert CANARY not in seen
    assert store.load() is None


def test_of_two_saves_at_one_time_one_wins(tmp_path: Path, environ: dict[str, str]) -> None:
    for trial in range(5):
        assert_one_wins(opened(tmp_path, {"type": "pass", "name": f"trials/{trial}"}, environ), ENTRY)


def children(parent: int) -> list[int]:
    """Every process below this one, as /proc tells."""
    found = []
    for stat_file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat_file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            pid = int(stat_file.parent.name)
            found += [pid, *children(pid)]
    return found


@pytest.mark.parametrize("whole_tree", [True, False], ids=["all of it", "the main process alone"])
def test_killed_in_the_middle_of_a_save(tmp_path: Path, store: Store, whole_tree: bool) -> None:
    store.save(OTHER, None)
    begin = time.monotonic()
    store.save(OTHER, OTHER)
    usual = time.monotonic() - begin
    seen: set[bool] = set()
    for trial in later_and_later(seen):
        have = store.load()
        want = {**ENTRY, "device_id": f"of {trial}"}
        saver = FORK.Process(target=store.save, args=(want, have))
        saver.start()
        assert saver.pid is not None
        time.sleep(usual * trial / 12)
        victims = [*children(saver.pid), saver.pid] if whole_tree else [saver.pid]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        saver.join()
        time.sleep(0 if whole_tree else usual)
        now = store.load()
        assert now in (have, want)
        seen.add(now == want)
        for path in (tmp_path / "store").rglob("*"):
            assert path.is_dir() or path.name == ".gpg-id" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert seen == {True, False}
    store.save(ENTRY, store.load())
    assert files(tmp_path) == [".gpg-id", f"{NAME}.gpg"]


def test_a_program_that_is_not_there_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    store = opened(tmp_path, {"type": "pass", "name": NAME}, {"PATH": str(tmp_path)})
    with pytest.raises(OptionError, match=r"store.type pass: the program pass is not there"):
        store.check()


def test_a_store_that_is_not_initialized_is_told(tmp_path: Path, store: Store) -> None:
    shutil.rmtree(tmp_path / "store")
    for use in (store.check, store.load, lambda: store.save(ENTRY, None)):
        with pytest.raises(OptionError, match=r"is not initialized. Run pass init KEY first"):
            use()


def test_a_key_that_cannot_encrypt_is_told_before_anything_is_sent(tmp_path: Path, store: Store) -> None:
    (tmp_path / "store" / ".gpg-id").write_text("nobody-has-this-key # really\n")
    with pytest.raises(OptionError, match="GnuPG cannot encrypt for the key"):
        store.check()


def test_an_entry_that_cannot_be_read_back_does_not_replace_the_old_one(
    tmp_path: Path, environ: dict[str, str], store: Store
) -> None:
    """The password store is encrypted for a key whose private part is elsewhere."""
    store.save(OTHER, None)
    (tmp_path / "store" / ".gpg-id").write_text("bob\n")
    listed = subprocess.run(
        ["gpg", "--batch", "--list-keys", "--with-colons", "bob"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    fingerprint = next(line.split(":")[9] for line in listed.stdout.splitlines() if line.startswith("fpr"))
    command = ["gpg", "--batch", "--yes", "--delete-secret-keys", fingerprint]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    with pytest.raises(OptionError, match="pass show failed"):
        store.save(ENTRY, OTHER)
    assert store.load() == OTHER


def test_a_folder_of_that_name_is_told(tmp_path: Path, store: Store) -> None:
    (tmp_path / "store" / NAME).mkdir(parents=True)
    with pytest.raises(OptionError, match="is a folder"):
        store.check()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (f"{CANARY}\nuser: ada\n", "it is not JSON"),
        (f'["{CANARY}"]', "it is a list and must be a dictionary"),
        (f'{{"secret": ["{CANARY}"]}}', "secret is a list and must be a string"),
    ],
)
def test_what_is_not_an_entry_is_refused(environ: dict[str, str], store: Store, content: str, complaint: str) -> None:
    command = ["pass", "insert", "--multiline", NAME]
    subprocess.run(command, env=environ, input=content, text=True, check=True, capture_output=True)
    with pytest.raises(OptionError, match=complaint) as caught:
        store.load()
    assert CANARY not in str(caught.value)


def test_a_program_that_waits_is_stopped() -> None:
    begin = time.monotonic()
    with pytest.raises(OptionError, match=r"did not end within 0.5 s"):
        program.run("store.x", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, timeout=0.5)
    assert time.monotonic() - begin < 10
