# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of variables under Ansible Vault: read it, plan a change, write it whole. Private to the collection."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, is_encrypted

from ..module_utils.api.errors import OptionError
from ..module_utils.login.private_file import check_writable, create, exclusive, make_folder, read_whole, write_whole
from ..module_utils.run.runner import named
from .plain import plain
from .vault_secrets import Key, decrypted, key_for, loaded_ids
from .yaml_text import VaultText, each_text, edit, load


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


class VaultFile:
    """One file. A link is followed: its target is read and replaced, and the link stays.

    :param path: absolute.
    :param vault: holds the secrets of the play.
    :param waiting: called when another process writes the file.
    :param name_of: the name of an option that the reader of a message knows.
    """

    def __init__(
        self,
        path: str,
        vault: VaultLib,
        waiting: Callable[[], None] = lambda: None,
        name_of: Callable[[str], str] = str,
    ) -> None:
        self.path = path
        self.target = Path(os.path.realpath(path))
        self._vault = vault
        self._waiting = waiting
        self._name_of = name_of

    def read(self) -> dict[Any, Any] | None:
        """Return the variables in plain values, inline vault values decrypted; None when there is no file."""
        with self._telling("read"):
            state = self._state()
            if state.mode is None:
                return None
            return {plain(name): self._plain(name, value) for name, value in state.variables.items()}

    def variable(self, name: str) -> Any:
        """Return one variable in plain values; None when it is not there."""
        with self._telling("read"):
            return self._plain(name, self._state().variables.get(name))

    def apply(self, change: FileChange, *, dry: bool = False) -> tuple[FileState, FileState]:
        """Make the file hold what is wanted; return what was there, and what is there now.

        :param dry: write nothing. It fails when it would fail, as far as one can tell.
        """
        with self._telling("change"):
            have, want = self._plan(change)
            if have != want:
                check_writable(self.target)
            if have != want and not dry:
                make_folder(self.target.parent)
                with exclusive(self.target, self._waiting):
                    have, want = self._plan(change)  # again: now nothing else writes the file
                    self._carry_out(have, want, change.backup)
            return have, want

    def _plan(self, change: FileChange) -> tuple[FileState, FileState]:
        have = self._state()
        change.compare(lambda name: self._plain(name, have.variables.get(name)))
        new = {name: value for name, value in have.variables.items() if name not in change.absent} | change.values
        text = edit(have.text, have.variables, new)
        key = key_for(self._vault, change.vault_id, have.key) if have.key or text != have.text else None
        mode = change.mode if have.status or key else None
        return have, replace(have, mode=mode, key=key, text=text, variables=new)

    def _carry_out(self, have: FileState, want: FileState, backup: str) -> None:
        if want.key and want.mode and (want.key, want.text) != (have.key, have.text):
            content = bytes(self._vault.encrypt(want.text, secret=want.key.secret, vault_id=want.key.vault_id))
            if backup and have.status:
                copy = self.target.with_name(self.target.name + backup)
                create(copy, self.target.read_bytes(), like=have.status)
            write_whole(self.target, content, want.mode, have.status)
        elif want.mode and want.mode != have.mode:
            self.target.chmod(want.mode)

    def _state(self) -> FileState:
        loaded_ids(self._vault)  # complains also if there is no file yet
        content, status = read_whole(self.target) or (b"", None)
        state = FileState(mode=stat.S_IMODE(status.st_mode) if status else None, status=status)
        if not content.strip():
            return state
        if not is_encrypted(content):
            raise OptionError(
                "it is not encrypted with Ansible Vault as a whole, and is left alone; "
                "encrypt it first (ansible-vault encrypt) or name another file"
            )
        text, key = decrypted(self._vault, content)
        with contextlib.suppress(ValueError):  # Ansible tries JSON first, where a pair of escapes is one character
            text = json.dumps(json.loads(text), ensure_ascii=False) if "\\u" in text else text
        return replace(state, key=key, text=text, variables=load(text))

    def _plain(self, name: Any, value: Any) -> Any:
        """Return a value with its inline vault values decrypted."""

        def revealed(text: str) -> str:
            return decrypted(self._vault, text.encode())[0] if isinstance(text, VaultText) else text

        try:
            return plain(each_text(value, revealed))
        except OptionError as error:
            raise OptionError(f"its variable {name} cannot be read: {error}") from None

    @contextlib.contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        """Say of every complaint which option and which file it is about."""
        about = f"{self._name_of('path')}: cannot {doing} {self.path}"
        try:
            yield
        except OptionError as error:
            raise OptionError(f"{about}: {named(str(error), self._name_of)}") from None
        except RecursionError:
            raise OptionError(f"{about}: a value is nested too deeply") from None
        except OSError as error:
            raise OptionError(f"{about}: {error.strerror}") from None
