# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `vault_file`: what is saved, what is compared, and what is told before anything is written."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    OpenAt,
    StoreContract,
    opened,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import PROD, text_of, write


@pytest.fixture(name="open_at")
def _open_at(tmp_path: Path) -> OpenAt:
    return lambda name: opened(tmp_path, {"path": f"{name}.yml"})


class TestContract(StoreContract):
    place = r"the variable rax_mfa_otp in .*ada\.yml"


def test_the_file_is_encrypted_and_for_its_owner_alone(tmp_path: Path, open_at: OpenAt) -> None:
    open_at("ada").save(ENTRY, None)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CANARY not in path.read_text()
    assert yaml.safe_load(text_of(path)) == {"rax_mfa_otp": ENTRY}


@pytest.mark.parametrize("empty", ["rax_mfa_otp:\n", "rax_mfa_otp: {}\n"])
def test_what_is_empty_counts_as_nothing(tmp_path: Path, open_at: OpenAt, empty: str) -> None:
    write(tmp_path / "ada.yml", f"before: 1\n{empty}# end\n")
    store = open_at("ada")
    assert store.load() is None
    store.save(ENTRY, None)
    assert store.load() == ENTRY


@pytest.mark.parametrize(
    ("config", "secrets", "complaint"),
    [
        pytest.param({"path": "new/mfa.yml"}, [], "--vault-id LABEL@SOURCE", id="no vault secret"),
        pytest.param({"path": "new/mfa.yml", "vault_id": "stage"}, [PROD], "id stage; loaded are: prod", id="no such"),
        pytest.param({"path": "aliased.yml"}, [PROD], "ansible-vault edit", id="an alias"),
    ],
)
def test_what_cannot_be_saved_is_told_before_anything_is_sent(
    tmp_path: Path, config: dict[str, Any], secrets: list[Any], complaint: str
) -> None:
    write(tmp_path / "aliased.yml", "rax_mfa_otp: &x {}\nother: *x\n")
    store = opened(tmp_path, config, secrets=secrets)
    for use in (store.check, lambda: store.save(ENTRY, None)):
        with pytest.raises(OptionError, match=rf"store\.path: .*{complaint}"):
            use()
    assert [file.name for file in tmp_path.iterdir()] == ["aliased.yml"]


@pytest.mark.parametrize("name", ["m" * 251, "m" * 300])
def test_a_name_that_is_too_long_is_told_before_anything_is_sent(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=r"too long"):
        opened(tmp_path, {"path": name}).check()
    opened(tmp_path, {"path": name[:240]}).check()


def test_a_value_that_is_not_an_entry_is_refused(tmp_path: Path, open_at: OpenAt) -> None:
    write(tmp_path / "ada.yml", f"rax_mfa_otp: {CANARY}\n")
    with pytest.raises(OptionError, match=r"rax_mfa_otp in .*: it is a string and must be a dictionary") as caught:
        open_at("ada").load()
    assert CANARY not in str(caught.value)
