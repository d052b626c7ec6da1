# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of variables under Ansible Vault: read it, plan a change, write it whole. Private to the collection."""

from __future__ import annotations

import contextlib
import datetime
import functools
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib

from ..module_utils.api.errors import OptionError
from ..module_utils.login.private_file import check_writable, exclusive, make_folder, read_whole, write_whole
from .plain import plain, same
from .vault_secrets import Key, decrypted, decrypted_value, has_id, key_for, require_secrets
from .yaml_edit import edit
from .yaml_values import as_data, load, rendered, revealed, unchanged


@dataclass(frozen=True)
class FileChange:
    """What a file must hold. The values are plain."""

    values: dict[str, Any] = field(default_factory=dict)
    absent: Sequence[str] = ()
    same_keys: Sequence[str] = ()
    vault_id: str | None = None
    default_id: str | None = None
    mode: int = 0o600
    backup: bool = False
    compare: Callable[[Callable[[str], Any]], None] = lambda _old: None
    """Gets a function for old values by name, under the lock; raises an exception to stop."""


@dataclass(frozen=True)
class FileContent:
    """A file as it is: its text and key (None: there is no vault in it yet), and what the text says."""

    status: os.stat_result | None = None
    raw: bytes = b""
    text: str = ""
    key: Key | None = None
    variables: dict[Any, Any] = field(default_factory=dict)

    @property
    def mode(self) -> int | None:
        """The permissions; None when there is no file."""
        return None if self.status is None else stat.S_IMODE(self.status.st_mode)


@dataclass(frozen=True)
class FilePlan:
    """The difference between a file and a change."""

    have: FileContent
    variables: dict[Any, Any]
    text: str
    key: Key | None
    """What to encrypt the text with; None when the content stays."""
    exists: bool
    """Whether there is a file afterwards."""
    new_mode: int | None
    """The permissions that must be set; None when they are right or there will not be a file."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.key is not None or self.new_mode is not None


class VaultFile:
    """One file. A link is followed: its target is read and replaced, and the link stays.

    :param path: absolute.
    :param vault: holds the secrets of the play.
    :param waiting: called when another process writes the file.
    """

    def __init__(self, path: str, vault: VaultLib, waiting: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self.target = Path(os.path.realpath(path))
        self._vault = vault
        self._decrypt = functools.partial(decrypted_value, vault)
        self._waiting = waiting

    def read(
        self, vault_id: str | None = None, *, to_set: Sequence[str] = (), default_id: str | None = None
    ) -> dict[Any, Any] | None:
        """Return the variables in plain values, inline vault values decrypted; None when there is no file.

        :param to_set: when one of these variables is missing or empty, it fails if it could not be set.
        """
        with self._telling("read"):
            require_secrets(self._vault, vault_id)
            content = self._content()
            if not all(content.variables.get(name) for name in to_set):
                key_for(self._vault, vault_id, default_id, content.key)
                check_writable(self.target)
            if content.status is None:
                return None
            return {plain(name): self._plain(name, value) for name, value in content.variables.items()}

    def variable(self, name: str) -> Any:
        """Return one variable in plain values; None when it is not there."""
        with self._telling("read"):
            require_secrets(self._vault, None)
            return self._plain(name, self._content().variables.get(name))

    def predict(self, change: FileChange) -> FilePlan:
        """Return what `apply` would do, without doing it. It fails when that would fail, as far as one can tell."""
        with self._telling("change"):
            plan = self._plan(change)
            if plan.changed:
                check_writable(self.target)
            return plan

    def apply(self, change: FileChange, now: datetime.datetime) -> tuple[FilePlan, str | None]:
        """Make the file hold what is wanted. Return what was done and the path of the backup, if one was made."""
        with self._telling("change"):
            plan = self._plan(change)
            if not plan.changed:
                return plan, None
            check_writable(self.target)
            make_folder(self.target.parent)
            with exclusive(self.target, self._waiting):
                # Planned again, from what is there now that nothing else writes.
                plan = self._plan(change)
                return plan, self._carry_out(plan, change, now)

    def _carry_out(self, plan: FilePlan, change: FileChange, now: datetime.datetime) -> str | None:
        backup, have = None, plan.have
        if plan.key is not None:
            content = bytes(self._vault.encrypt(plan.text, secret=plan.key.secret, vault_id=plan.key.vault_id))
            if change.backup and have.status is not None:
                # Named like the backups of core; group_vars and host_vars pass over what ends in a tilde.
                backup = f"{self.target}.{os.getpid()}.{now:%Y-%m-%d@%H:%M:%S.%f}~"
                write_whole(Path(backup), have.raw, 0o600, have.status, locked=self.target)
            write_whole(self.target, content, change.mode, have.status)
        elif plan.new_mode is not None:
            self.target.chmod(plan.new_mode)
        return backup

    def _plan(self, change: FileChange) -> FilePlan:
        require_secrets(self._vault, change.vault_id)
        have = self._content()
        change.compare(lambda name: self._plain(name, have.variables.get(name)))
        self._refuse_to_replace_another(have, change)
        variables = {name: value for name, value in have.variables.items() if name not in change.absent}
        for name, value in change.values.items():
            variables[name] = self._carried_over(have.variables[name], value) if name in variables else as_data(value)
        key, text = None, have.text
        if not unchanged(have.variables, variables) or not has_id(self._vault, have.key, change.vault_id):
            key = key_for(self._vault, change.vault_id, change.default_id, have.key)
            text = edit(have.text, have.variables, variables)
        exists = have.status is not None or key is not None
        return FilePlan(
            have, variables, text, key, exists, change.mode if exists and have.mode != change.mode else None
        )

    def _refuse_to_replace_another(self, have: FileContent, change: FileChange) -> None:
        """It is planned under the lock, too, so of two that began with no variable the second one is told."""
        for name, new in change.values.items() if change.same_keys else ():
            old = self._plain(name, have.variables.get(name))
            if isinstance(old, dict) and isinstance(new, dict):
                other = [key for key in change.same_keys if key in old and not same(old[key], new.get(key))]
                if other:
                    raise OptionError(f"its variable {name} has another {' and '.join(other)}, and is not replaced")

    def _content(self) -> FileContent:
        found = read_whole(self.target)
        if found is None:
            return FileContent()
        raw, status = found
        if not raw.strip():
            return FileContent(status, raw)
        text, key = decrypted(self._vault, raw)
        return FileContent(status, raw, text, key, load(text))

    def _carried_over(self, old: Any, new: Any) -> Any:
        """Return the new value, with those parts of the old one that are equal: inline vault values stay encrypted.

        A template is never equal to data of the same text.
        """
        with contextlib.suppress(OptionError):
            if same(plain(revealed(old, self._decrypt)), new) and not rendered(old):
                return old
        if isinstance(old, dict) and isinstance(new, dict):
            return {
                name: self._carried_over(old[name], value) if name in old else as_data(value)
                for name, value in new.items()
            }
        return as_data(new)

    def _plain(self, name: Any, value: Any) -> Any:
        try:
            return plain(revealed(value, self._decrypt))
        except OptionError as error:
            raise OptionError(f"its variable {name} cannot be read: {error}") from None

    @contextlib.contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        """Say of every complaint which file it is about."""
        try:
            yield
        except OptionError as error:
            raise OptionError(f"cannot {doing} {self.path}: {error}") from None
        except OSError as error:
            raise OptionError(f"cannot {doing} {self.path}: {error.strerror}") from None
