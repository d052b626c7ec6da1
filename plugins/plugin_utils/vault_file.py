# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of variables under Ansible Vault: read it, plan a change, write it whole. Private to the collection.

The secrets are those that `--vault-id`, `--vault-password-file` and the configuration gave the play. It never asks for
a password.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.constants import config
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, is_encrypted, match_encrypt_secret, parse_vaulttext_envelope

from ..module_utils.api.errors import OptionError
from ..module_utils.login import private_file
from .plain import plain
from .yaml_text import VaultText, edit, load

Key = tuple[str, Any]
"""What a file is encrypted with, as in the secrets of a play: the label in its header, and the secret."""
_PAIR = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
"""Two escapes in JSON that are one character, and two that are none to PyYAML."""


@dataclass(frozen=True)
class FileChange:
    """What a file must hold. The values are plain."""

    values: dict[str, Any] = field(default_factory=dict)
    absent: Sequence[str] = ()
    vault_id: str | None = None
    mode: int = 0o600
    backup: str = ""
    """What is put behind the file's name for a copy of the old content; nothing: no copy is made."""
    compare: Callable[[Callable[[str], Any]], None] = lambda _old: None
    """Gets a function for old values by name, under the lock; raises an exception to stop."""


@dataclass(frozen=True)
class FileState:
    """What a file says, and how it is kept. Without a file the mode is None, without a vault in it the key."""

    mode: int | None = None
    key: Key | None = None
    text: str = ""
    variables: dict[Any, Any] = field(default_factory=dict, compare=False)
    status: os.stat_result | None = field(default=None, compare=False)


@dataclass
class VaultFile:
    """One file. A link is followed: its target is read and replaced, and the link stays.

    :param path: absolute.
    :param vault: holds the secrets of the play.
    :param waiting: called when another process writes the file.
    :param name_of: the name of an option that the reader of a message knows.
    """

    path: str
    vault: VaultLib
    waiting: Callable[[], None] = lambda: None
    name_of: Callable[[str], str] = str

    def __post_init__(self) -> None:
        self.target = Path(os.path.realpath(self.path))
        self._ids = list(dict.fromkeys(str(vault_id) for vault_id, _secret in self.vault.secrets or ()))

    def read(self, only: str | None = None) -> dict[Any, Any] | None:
        """Return the variables in plain values, inline vault values decrypted; None when there is no file.

        :param only: the name of a variable. The others are left out, and need not be opened.
        """
        with private_file.in_words(f"{self.name_of('path')}: cannot read {self.path}"):
            state = self._state()
            chosen = [name for name in state.variables if only in (None, name)]
            found = {plain(name): self._plain(name, state) for name in chosen}
            return None if state.mode is None else found

    def apply(self, change: FileChange, *, dry: bool = False) -> tuple[FileState, FileState]:
        """Make the file hold what is wanted; return what was there, and what is there now.

        :param dry: write nothing. It fails when it would fail, as far as one can tell.
        """
        with private_file.in_words(f"{self.name_of('path')}: cannot change {self.path}"):
            have, want = self._plan(change)
            if have != want:
                private_file.check_writable(self.target)
                if not dry:
                    private_file.make_folder(self.target.parent)
                    with private_file.exclusive(self.target, self.waiting):
                        have, want = self._plan(change)  # again: now nothing else writes the file
                        self._carry_out(have, want, change.backup)
            return have, want

    def _plan(self, change: FileChange) -> tuple[FileState, FileState]:
        have = self._state()
        change.compare(lambda name: self._plain(name, have))
        new = {name: value for name, value in have.variables.items() if name not in change.absent} | change.values
        text = edit(have.text, have.variables, new)
        key = self._key(change.vault_id, have.key) if have.key or text != have.text else None
        mode = change.mode if have.status or key else None
        return have, replace(have, mode=mode, key=key, text=text, variables=new)

    def _carry_out(self, have: FileState, want: FileState, backup: str) -> None:
        if want.key and want.mode and (want.key, want.text) != (have.key, have.text):
            vault_id, secret = want.key
            content = bytes(self.vault.encrypt(want.text, secret=secret, vault_id=vault_id))
            if backup and have.status:
                private_file.create(Path(f"{self.target}{backup}"), self.target.read_bytes(), like=have.status)
            private_file.write_whole(self.target, content, want.mode, have.status)
        elif want.mode and want.mode != have.mode:
            self.target.chmod(want.mode)

    def _state(self) -> FileState:
        if not self._ids:
            raise OptionError(
                "no vault secret is loaded; run the play with --vault-id LABEL@SOURCE or --vault-password-file FILE "
                "(or set vault_identity_list or vault_password_file in ansible.cfg)"
            )
        content, status = private_file.read_whole(self.target) or (b"", None)
        mode = stat.S_IMODE(status.st_mode) if status else None
        if not content.strip():
            return FileState(mode, status=status)
        if not is_encrypted(content):
            raise OptionError(
                "it is not encrypted with Ansible Vault as a whole, and is left alone; "
                "encrypt it first (ansible-vault encrypt) or name another file"
            )
        text, key = self._opened(content)
        text = text.removeprefix("\ufeff")  # a byte order mark, which PyYAML counts or not, with libyaml
        with contextlib.suppress(ValueError, RecursionError):  # Ansible tries JSON first
            json.loads(text)
            text = _PAIR.sub(lambda pair: str(json.loads(f'"{pair[0]}"')), text)
        return FileState(mode, key, text, load(text), status)

    def _plain(self, name: Any, state: FileState) -> Any:
        """Return the value of a variable with its inline vault values decrypted; None when it is not there."""

        def revealed(text: str) -> str:
            return self._opened(text.encode())[0] if isinstance(text, VaultText) else text

        return plain(state.variables.get(name), f"its variable {name}", revealed)

    def _opened(self, content: bytes) -> tuple[str, Key]:
        """Return the plaintext of a vault file or an inline `!vault` value, and its key."""
        try:
            # The label of the header is kept, as ansible-vault edit does, and the secret that really opened it.
            _ciphertext, _version, _cipher, label = parse_vaulttext_envelope(content)
            plaintext, _id, secret = self.vault.decrypt_and_get_vault_id(content)
            return bytes(plaintext).decode(), (str(label), secret)
        except UnicodeDecodeError:
            raise OptionError("its decrypted content is not text in UTF-8") from None
        except (AnsibleError, ValueError):
            raise OptionError(
                f"none of the loaded vault secrets opens it, or it is damaged; loaded are: {', '.join(self._ids)}"
            ) from None

    def _key(self, asked: str | None, current: Key | None) -> Key:
        """Return the key to encrypt with: the one asked for, else the current one, the configured or the only one."""
        # An id may have several secrets, and the label in a file may be of another secret than the one that opens it.
        if current and (not asked or (asked, current[1]) in self.vault.secrets):
            return asked or current[0], current[1]
        wanted = asked or config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        if not wanted and len(self._ids) > 1:
            raise OptionError(
                f"several vault ids are loaded ({', '.join(self._ids)}) and the file has none yet; "
                f"say in {self.name_of('vault_id')} which one to encrypt it with"
            )
        if wanted and wanted not in self._ids:
            raise OptionError(f"no secret is loaded for the vault id {wanted}; loaded are: {', '.join(self._ids)}")
        key: Key = match_encrypt_secret(self.vault.secrets, encrypt_vault_id=wanted)
        return key
