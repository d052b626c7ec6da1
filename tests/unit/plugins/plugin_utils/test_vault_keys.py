# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the loaded vault ids a file is encrypted with."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import (
    DEV,
    PROD,
    change,
    label_of,
    text_of,
    write,
)


def test_no_secret_is_told_before_anything_is_touched(path: Path) -> None:
    file = VaultFile(str(path.parent / "new" / "vault.yml"), VaultLib(None))
    for use in (file.read, lambda: file.apply(FileChange(values={"a": 1}))):
        with pytest.raises(OptionError, match="--vault-id LABEL@SOURCE or --vault-password-file"):
            use()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("vault_id", "complaint"),
    [
        ("stage", r"vault id stage; loaded are: prod, dev$"),
        (None, r"several vault ids are loaded \(prod, dev\).*vault_id"),
    ],
    ids=["unknown", "none of several asked for"],
)
def test_a_new_file_needs_one_that_is_loaded(path: Path, vault_id: str | None, complaint: str) -> None:
    with pytest.raises(OptionError, match=complaint):
        change(path, PROD, DEV, values={"a": 1}, vault_id=vault_id)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("has", "vault_id", "label", "opens"),
    [
        pytest.param(None, None, "dev", DEV, id="the configured one for a new file"),
        pytest.param(None, "prod", "prod", PROD, id="asked for"),
        pytest.param(PROD, None, "prod", PROD, id="the one that the file has"),
        pytest.param(("renamed", DEV[1]), None, "renamed", DEV, id="the secret that opened it, with its label"),
    ],
)
def test_which_one_is_taken(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has: tuple[str, VaultSecret] | None,
    vault_id: str | None,
    label: str,
    opens: tuple[str, VaultSecret],
) -> None:
    monkeypatch.setenv("ANSIBLE_VAULT_ENCRYPT_IDENTITY", "dev")
    if has:
        write(path, "a: 1\n", has)
    change(path, PROD, DEV, values={"a": 2}, vault_id=vault_id)
    assert label_of(path) == label
    assert text_of(path, opens) == "a: 2\n"


@pytest.mark.parametrize("label", ["dev", "prod"])
def test_another_one_asked_for_is_a_change(path: Path, label: str) -> None:
    """Whatever the label in the file says: what counts is the secret that opens it."""
    write(path, "# top\na: 1\n", (label, DEV[1]))
    assert change(path, PROD, DEV, vault_id="prod")
    assert label_of(path) == "prod"
    assert text_of(path, PROD) == "# top\na: 1\n"
    assert not change(path, PROD, DEV, vault_id="prod")


def test_second_secret_of_one_id_is_kept(path: Path) -> None:
    first, second = ("default", VaultSecret(b"one")), ("default", VaultSecret(b"two"))
    write(path, "a: 1\n", second)
    assert not change(path, first, second, values={"a": 1}, vault_id="default")
    change(path, first, second, values={"a": 2})
    assert text_of(path, second) == "a: 2\n"
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
