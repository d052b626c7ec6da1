# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vault files with known secrets, for the tests of the vault plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.rackspace.identity.plugins.plugin_utils.vault_file import FileChange, VaultFile

CANARY = "canary-7f3a"
PROD, DEV = ("prod", VaultSecret(b"password of prod")), ("dev", VaultSecret(b"password of dev"))


def vault_of(*secrets: tuple[str, VaultSecret]) -> VaultLib:
    return VaultLib(list(secrets))


def write(path: Path, text: str, identity: tuple[str, VaultSecret] = PROD) -> None:
    path.write_bytes(vault_of(identity).encrypt(text, secret=identity[1], vault_id=identity[0]))
    path.chmod(0o600)


def text_of(path: Path, *secrets: tuple[str, VaultSecret]) -> str:
    return bytes(vault_of(*(secrets or (PROD, DEV))).decrypt(path.read_bytes())).decode()


def label_of(path: Path) -> str:
    return path.read_bytes().split(b"\n")[0].split(b";", 3)[-1].decode()


def change(path: Path, *secrets: tuple[str, VaultSecret], **wanted: Any) -> bool:
    """Change the file; returns whether that was needed."""
    have, want = VaultFile(str(path), vault_of(*(secrets or (PROD,)))).apply(FileChange(**wanted))
    return have != want
