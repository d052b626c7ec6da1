# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `pass`, with the real program and a key of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    OTHER,
    OpenAt,
    StoreContract,
    assert_kills_do_no_harm,
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


@pytest.fixture(name="open_at")
def _open_at(tmp_path: Path, environ: dict[str, str]) -> OpenAt:
    return lambda name: opened(tmp_path, {"type": "pass", "name": f"rax_mfa_otp/{name}"}, environ)


@pytest.fixture(name="store")
def _store(open_at: OpenAt) -> Store:
    return open_at("ada")


class TestContract(StoreContract):
    place = NAME


def files(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path / "store")) for path in (tmp_path / "store").rglob("*.*"))


def in_front(tmp_path: Path, environ: dict[str, str], script: str) -> dict[str, str]:
    """An environment with a program in front of pass, which runs the script first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pass").write_text(f'#!/bin/sh\n{script}\nexec {shutil.which("pass")} "$@"\n')
    (folder / "pass").chmod(0o755)
    return {**environ, "PATH": f"{folder}:{environ['PATH']}"}


def test_no_secret_is_an_argument(store: Store, tmp_path: Path, environ: dict[str, str]) -> None:
    watched = opened(
        tmp_path, {"type": "pass", "name": NAME}, in_front(tmp_path, environ, f'echo "$@" >>{tmp_path}/seen')
    )
    watched.save(ENTRY, None)
    watched.remove(ENTRY)
    seen = (tmp_path / "seen").read_text()
    assert "insert --multiline --force rax_mfa_otp/.ada.new\n" in seen
    assert CANARY not in seen
    assert store.load() is None
    assert files(tmp_path) == [".gpg-id"]


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
def test_killed_in_the_middle_of_a_save(tmp_path: Path, open_at: OpenAt, store: Store, whole_tree: bool) -> None:
    def kill(saver: int) -> None:
        for pid in [*children(saver), saver] if whole_tree else [saver]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def look() -> None:
        for path in (tmp_path / "store").rglob("*.gpg"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert CANARY.encode() not in path.read_bytes()

    assert_kills_do_no_harm(open_at, kill, look, rest=0 if whole_tree else 1)
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


def test_a_folder_of_that_name_is_told_and_swallows_no_save(
    tmp_path: Path, environ: dict[str, str], store: Store
) -> None:
    """Someone puts an entry of their own below the name, and then does what the message says."""
    store.save(OTHER, None)
    (tmp_path / "store" / NAME).mkdir()
    for use in (store.check, lambda: store.save(ENTRY, OTHER)):
        with pytest.raises(OptionError, match=f"{NAME} in .* is also a folder.*pass mv {NAME}/ NEW"):
            use()
    assert store.load() == OTHER
    subprocess.run(["pass", "mv", f"{NAME}/", "NEW"], env=environ, check=True, capture_output=True)
    store.check()
    store.save(ENTRY, OTHER)
    assert store.load() == ENTRY


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ('test "$1" = mv && exit 0', f"stored under {NAME} does not read back"),
        (f'test "$1" = mv && mkdir "$PASSWORD_STORE_DIR/{NAME}"', f"stored under {NAME} does not read back"),
        ('test "$1" = mv && kill -9 $$', "pass mv failed for .*: it was killed by signal 9"),
    ],
    ids=["does nothing", "moves it into a folder that was just made", "is killed"],
)
def test_a_save_that_is_not_there_in_the_end_is_an_error(
    tmp_path: Path, environ: dict[str, str], store: Store, script: str, complaint: str
) -> None:
    store.save(OTHER, None)
    with pytest.raises(OptionError, match=complaint):
        opened(tmp_path, {"type": "pass", "name": NAME}, in_front(tmp_path, environ, script)).save(ENTRY, OTHER)
    assert store.load() == OTHER


def test_a_removal_that_was_not_done_is_an_error(tmp_path: Path, environ: dict[str, str], store: Store) -> None:
    """In a folder where only the owner of a file may remove it, pass says that, and ends with exit code 0."""
    store.save(OTHER, None)
    refuses = in_front(tmp_path, environ, 'test "$1" = rm && exit 0')
    with pytest.raises(OptionError, match=f"pass rm did not remove {NAME} in the password store"):
        opened(tmp_path, {"type": "pass", "name": NAME}, refuses).remove(OTHER)
    assert store.load() == OTHER


def test_what_is_not_an_entry_is_refused(environ: dict[str, str], store: Store) -> None:
    command = ["pass", "insert", "--multiline", NAME]
    subprocess.run(command, env=environ, input=f'["{CANARY}"]', text=True, check=True, capture_output=True)
    with pytest.raises(OptionError, match=f"{NAME}.* it is a list and must be a dictionary") as caught:
        store.load()
    assert CANARY not in str(caught.value)
