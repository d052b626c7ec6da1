# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong on the controller: stores, libraries, variables. `test_troubleshooting.py` runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.rackspace.identity.plugins.module_utils.api import transport
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.account_lock import AccountLock
from ansible_collections.rackspace.identity.plugins.module_utils.login.options import read_secret
from ansible_collections.rackspace.identity.plugins.module_utils.otp import secret
from ansible_collections.rackspace.identity.plugins.plugin_utils import qr
from ansible_collections.rackspace.identity.plugins.plugin_utils.role import RoleVariables
from ansible_collections.rackspace.identity.plugins.plugin_utils.role_rules import problem
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import opened
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.troubles_of_accounts import held
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.vault_helpers import PROD

STAGE = ("stage", VaultSecret(b"password of stage"))


def use(folder: Path, config: dict[str, Any], *secrets: tuple[str, VaultSecret]) -> None:
    """Read a store and make sure that a save can work; no program is on the path."""
    store = opened(folder, config, {"PATH": str(folder), "HOME": str(folder)}, secrets=secrets)
    store.load()
    store.check()


def used(config: dict[str, Any], *secrets: tuple[str, VaultSecret], content: bytes = b"") -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        if content:
            (folder / "mfa.yml").write_bytes(content)
        use(folder, config, *secrets)

    return run


def closed_folder(folder: Path) -> None:
    (folder / "a-file").touch()
    path = folder / "a-file" / "lock"
    AccountLock(path, "jo", max_wait=1, tell=lambda _line: None).acquire()


def without(module: Any, name: str, value: Any, needs_it: Callable[[], object]) -> Callable[[Path], None]:
    def run(_folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, value)
            needs_it()

    return run


def without_hvac(folder: Path) -> None:
    config = {"type": "hashi_vault", "url": "https://vault.example.com", "path": "rackspace/jo", "token": "t"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "hvac", None)
        use(folder, config)


def in_role(**variables: Any) -> Callable[[Path], None]:
    def run(_folder: Path) -> None:
        given = {
            "username": "jo",
            "password": "p",
            "vault_file": "/srv/mfa/mfa.yml",
            "store": "vault_file",
            "verify": "secret",
            "qr": "none",
            "bypass_codes": 0,
        }
        own = {**given, **variables}
        named = {name if name.startswith("_") else f"mfa_otp_{name}": value for name, value in own.items()}
        raise OptionError(problem(RoleVariables(named, lambda value: value)) or "")

    return run


FILE = {"path": "mfa.yml"}
ENCRYPTED = VaultLib([STAGE]).encrypt("a: 1\n", secret=STAGE[1], vault_id="stage")

OF_PLACES: dict[str, Callable[[Path], None]] = {
    "another-run": held,
    "no-vault-password": used(FILE),
    "another-vault-password": used(FILE, PROD, content=ENCRYPTED),
    "several-vault-ids": used(FILE, PROD, STAGE),
    "unknown-vault-id": used({**FILE, "vault_id": "stage"}, PROD),
    "not-encrypted": used(FILE, PROD, content=b"a: 1\n"),
    "unknown-store": used({"type": "vault-file", **FILE}),
    "key-of-another-store": used({"type": "pass", **FILE}),
    "program-missing": used({"type": "pass", "name": "rax_mfa_otp/jo"}),
    "state-dir": closed_folder,
    "requests-missing": without(
        transport, "REQUESTS_MISSING", True, lambda: transport.Transport("https://identity.example.com")
    ),
    "pyotp-missing": without(secret, "HAS_PYOTP", False, lambda: read_secret("otp_secret", "JBSWY3DPEHPK3PXP")),
    "segno-missing": without(qr, "HAS_SEGNO", False, lambda: qr.terminal("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP")),
    "hvac-missing": without_hvac,
    "value-with-a-space": in_role(_raw_params="folder/mfa.yml"),
    "variable-mistyped": in_role(valt_file="/srv/mfa/mfa.yml"),
    "target-empty": in_role(target_user=""),
    "not-text": in_role(target_user=0o123),
    "no-password": in_role(password=""),
    "no-vault-file": in_role(vault_file=""),
    "nobody-keeps-the-secret": in_role(store="none"),
}
