# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vault files with known secrets, for the tests of the vault plugins."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.rackspace.identity.plugins.module_utils.login import private_file
from ansible_collections.rackspace.identity.plugins.plugin_utils import vault_file
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


def look(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What is in the folder: the content and the mode of each file."""
    return {file.name: (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) for file in folder.iterdir()}


def states_left(folder: Path, work: Callable[[], object]) -> list[dict[str, tuple[bytes, int]]]:
    """Do the work; return what a kill before each line of our files would have left in the folder, each state once.

    A killed process leaves what it had handed to the system, which is what can be seen of it at that moment.
    """
    states = []

    def trace(frame: Any, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in (private_file.__file__, vault_file.__file__):
            return None
        if look(folder) not in states:
            states.append(look(folder))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return states


def put(folder: Path, state: dict[str, tuple[bytes, int]]) -> None:
    """Make a folder with these files."""
    folder.mkdir()
    for name, (content, mode) in state.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(mode)
