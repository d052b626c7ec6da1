# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `vault_file`: what is saved, what is compared, and what is told before anything is written."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    OTHER,
    VAULT_SECRETS,
    assert_lives,
    opened,
    winners,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import look, put, states_left


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "mfa.yml"


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    return opened(tmp_path, {"type": "vault_file", "path": "mfa.yml"})


def keep(path: Path, text: str) -> None:
    path.write_bytes(VaultLib(VAULT_SECRETS).encrypt(text, secret=VAULT_SECRETS[0][1], vault_id="prod"))


def text_of(path: Path) -> str:
    return bytes(VaultLib(VAULT_SECRETS).decrypt(path.read_bytes())).decode()


def test_an_entry_lives_from_its_first_save_to_its_removal(store: Store, path: Path) -> None:
    def saved() -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert CANARY.encode() not in path.read_bytes()

    assert store.load() is None
    assert not path.exists()
    assert_lives(store, saved)
    assert list(path.parent.iterdir()) == [path]


def test_other_variables_their_order_and_comments_survive(store: Store, path: Path) -> None:
    before, after = "# top\nb: yes  # kept\n\n", "# of c\nc: 'x'\n"
    keep(path, f"{before}rax_mfa_otp: {{}}\n{after}")
    store.save(ENTRY, None)
    assert text_of(path).startswith(before)
    assert text_of(path).endswith(after)
    store.remove(ENTRY)
    assert text_of(path) == before + after


@pytest.mark.parametrize("stands", [None, ENTRY, OTHER], ids=["nothing", "mine", "another"])
@pytest.mark.parametrize("instead_of", [None, ENTRY], ids=["nothing", "mine"])
def test_a_save_replaces_what_it_names_and_nothing_else(
    store: Store, stands: dict[str, Any] | None, instead_of: dict[str, Any] | None
) -> None:
    if stands:
        store.save(stands, None)
    if stands == instead_of:
        store.save({"username": "new"}, instead_of)
        assert store.load() == {"username": "new"}
        return
    with pytest.raises(StoreChanged, match=r"variable rax_mfa_otp in .*mfa.yml") as caught:
        store.save({"username": "new"}, instead_of)
    assert CANARY not in str(caught.value)
    assert store.load() == stands


@pytest.mark.parametrize("stands", [None, OTHER], ids=["nothing", "another"])
def test_a_removal_removes_what_it_names_and_nothing_else(store: Store, stands: dict[str, Any] | None) -> None:
    if stands:
        store.save(stands, None)
    with pytest.raises(StoreChanged):
        store.remove(ENTRY)
    assert store.load() == stands


@pytest.mark.parametrize("empty", ["", "rax_mfa_otp:\n", "rax_mfa_otp: {}\n", "rax_mfa_otp: ''\n"])
def test_what_is_empty_counts_as_nothing(store: Store, path: Path, empty: str) -> None:
    keep(path, f"{empty}# end\n")
    store.save(ENTRY, None)
    assert store.load() == ENTRY


def test_of_two_saves_at_one_time_one_wins(tmp_path: Path) -> None:
    for trial in range(6):
        store = opened(tmp_path, {"path": f"{trial}.yml"})
        won = winners(store, ENTRY, None)
        assert len(won) == 1
        assert (store.load() or {})["device_id"] == f"of {won[0]}"
    assert {file.suffix for file in tmp_path.iterdir()} == {".yml"}


@pytest.mark.parametrize("stands", [None, OTHER], ids=["new", "replaced"])
def test_killed_at_any_line_of_a_save(tmp_path: Path, stands: dict[str, Any] | None) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    store = opened(whole, {"path": "mfa.yml"})
    if stands:
        store.save(stands, None)
    states, seen = states_left(whole, lambda: store.save(ENTRY, stands)), []
    for number, state in enumerate([*states, look(whole)]):
        folder = tmp_path / str(number)
        put(folder, state)
        store = opened(folder, {"path": "mfa.yml"})
        seen.append(store.load())
        for content, mode in state.values():
            assert mode == 0o600
            assert CANARY.encode() not in content
        # What is left does no harm.
        store.save({"username": "later"}, store.load())
        assert [file.name for file in folder.iterdir()] == ["mfa.yml"]
    assert len(states) > 4
    assert all(entry in (stands, ENTRY) for entry in seen)
    assert (seen[0], seen[-1]) == (stands, ENTRY)


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few pages."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_old_entry_and_nothing_else(small_disk: Path) -> None:
    store = opened(small_disk, {"path": "mfa.yml"})
    store.save(ENTRY, None)
    (small_disk / "filler").write_bytes(b"x" * 4096)
    with pytest.raises(OptionError, match=r"store.path: cannot change .*mfa.yml: No space left on device"):
        store.save({**OTHER, "later": "x" * 4096}, ENTRY)
    assert store.load() == ENTRY
    assert sorted(file.name for file in small_disk.iterdir()) == ["filler", "mfa.yml"]


def as_nobody(work: Callable[[], None]) -> None:
    """Do it in a child without the rights of root."""
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        return
    code = 1
    try:
        if os.geteuid() == 0:
            os.setuid(65534)
        work()
        code = 0
    finally:
        os._exit(code)


def test_a_folder_that_is_read_only_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o755)
    tmp_path.chmod(0o555)

    def check() -> None:
        store = opened(tmp_path, {"path": "mfa.yml"})
        with pytest.raises(OptionError, match=r"store.path: .*no permission to write in the folder"):
            store.check()
        with pytest.raises(OptionError, match=r"store.path: .*ermission"):
            store.save(ENTRY, None)

    as_nobody(check)
    tmp_path.chmod(0o700)


def test_no_vault_secret_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    store = opened(tmp_path, {"path": "new/mfa.yml"}, secrets=[])
    for use in (store.check, store.load, lambda: store.save(ENTRY, None)):
        with pytest.raises(OptionError, match=r"store.path: .*--vault-id LABEL@SOURCE"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_vault_id_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    store = opened(tmp_path, {"path": "mfa.yml", "vault_id": "stage"})
    with pytest.raises(OptionError, match=r"vault id stage; loaded are: prod"):
        store.check()


@pytest.mark.parametrize("name", ["m" * 251, "m" * 300])
def test_a_name_that_is_too_long_is_told_before_anything_is_sent(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=r"too long"):
        opened(tmp_path, {"path": name}).check()
    opened(tmp_path, {"path": name[:240]}).check()


def test_a_file_that_cannot_be_edited_is_told_before_anything_is_sent(store: Store, path: Path) -> None:
    keep(path, "rax_mfa_otp: &x {}\nother: *x\n")
    with pytest.raises(OptionError, match="ansible-vault edit"):
        store.check()


def test_a_value_that_is_not_an_entry_is_refused(store: Store, path: Path) -> None:
    keep(path, f"rax_mfa_otp: {CANARY}\n")
    with pytest.raises(OptionError, match=r"rax_mfa_otp in .*: it is a string and must be a dictionary") as caught:
        store.load()
    assert CANARY not in str(caught.value)
