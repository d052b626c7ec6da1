# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of variables under Ansible Vault: read it, plan a change, write it whole. Private to the collection."""

from __future__ import annotations

import contextlib
import datetime
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .atomic_file import exclusive, make_folder, read_whole, write_whole
from .plain_values import VaultFileError, plain, same
from .vault_secrets import Key, Vault, decrypted, decrypted_value, encrypted, has_id, key_for, require_secrets
from .yaml_edit import edit
from .yaml_values import as_data, load, revealed


@dataclass(frozen=True)
class Change:
    """What a file is to hold. The values are plain."""

    values: dict[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    same_keys: tuple[str, ...] = ()
    vault_id: str | None = None
    default_id: str | None = None
    mode: int = 0o600
    backup: bool = False


@dataclass(frozen=True)
class Content:
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
class Plan:
    """The difference between a file and a change. `key` is None when the content stays."""

    have: Content
    change: Change
    variables: dict[Any, Any]
    key: Key | None

    @property
    def new_mode(self) -> int | None:
        """The permissions that have to be set; None when they are right or there will be no file."""
        if self.have.mode is None and self.key is None:
            return None
        return None if self.have.mode == self.change.mode else self.change.mode

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.key is not None or self.new_mode is not None

    @property
    def exists(self) -> bool:
        """Whether there is a file afterwards."""
        return self.have.status is not None or self.key is not None


class VaultFile:
    """One file. A link is followed: its target is read and replaced, and the link stays.

    :param path: absolute.
    :param vault: holds the secrets of the play.
    :param waiting: called when somebody else is writing the file.
    """

    def __init__(self, path: str, vault: Vault, waiting: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self.target = Path(os.path.realpath(path))
        self._vault = vault
        self._waiting = waiting

    def read(
        self, vault_id: str | None = None, *, to_set: tuple[str, ...] = (), default_id: str | None = None
    ) -> dict[Any, Any] | None:
        """The variables in plain values, inline vault values decrypted; None when there is no file.

        :param to_set: where one of these variables is missing or empty, it fails if it could not be set.
        """
        with self._telling("read"):
            require_secrets(self._vault, vault_id)
            content = self._content()
            if not all(content.variables.get(name) for name in to_set):
                key_for(self._vault, vault_id, default_id, content.key)
                self._check_folder()
            if content.status is None:
                return None
            return {plain(name): self._plain(name, value) for name, value in content.variables.items()}

    def predict(self, change: Change) -> Plan:
        """What `apply` would do, without doing it. It fails where that would fail, as far as one can tell."""
        with self._telling("change"):
            plan = self._plan(change)
            if plan.changed:
                self._check_folder()
            return plan

    def _check_folder(self) -> None:
        folder = next(path for path in self.target.parents if path.exists())
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(None, f"there is no permission to write in the folder {folder}")

    def apply(self, change: Change, now: datetime.datetime) -> tuple[Plan, str | None]:
        """Make the file hold what is wanted. Returns what was done and the path of the backup, if one was made."""
        with self._telling("change"):
            plan = self._plan(change)
            if not plan.changed:
                return plan, None
            make_folder(self.target.parent)
            with exclusive(self.target, self._waiting):
                # Planned again, from what is there now that nobody else writes.
                plan = self._plan(change)
                return plan, self._carry_out(plan, now)

    def _carry_out(self, plan: Plan, now: datetime.datetime) -> str | None:
        backup = None
        if plan.key is not None:
            content = self._encrypted(plan)
            if plan.change.backup and plan.have.status is not None:
                # Named like the backups of core; group_vars and host_vars pass over what ends in a tilde.
                backup = f"{self.target}.{os.getpid()}.{now:%Y-%m-%d@%H:%M:%S.%f}~"
                write_whole(Path(backup), plan.have.raw, 0o600, plan.have.status, locked=self.target)
            write_whole(self.target, content, plan.change.mode, plan.have.status)
        elif plan.new_mode is not None:
            self.target.chmod(plan.new_mode)
        return backup

    def _encrypted(self, plan: Plan) -> bytes:
        if plan.key is None:
            return plan.have.raw
        return encrypted(self._vault, edit(plan.have.text, plan.have.variables, plan.variables), plan.key)

    def _plan(self, change: Change) -> Plan:
        require_secrets(self._vault, change.vault_id)
        have = self._content()
        self._refuse_to_replace_another(have, change)
        variables = {name: value for name, value in have.variables.items() if name not in change.absent}
        for name, value in change.values.items():
            variables[name] = self._carried_over(have.variables[name], value) if name in variables else as_data(value)
        other_id = (
            have.key is not None and change.vault_id is not None and not has_id(self._vault, have.key, change.vault_id)
        )
        if same(variables, have.variables) and not other_id:
            return Plan(have, change, variables, None)
        return Plan(have, change, variables, key_for(self._vault, change.vault_id, change.default_id, have.key))

    def _refuse_to_replace_another(self, have: Content, change: Change) -> None:
        """It is planned under the lock, too, so of two that began with no variable the second one is told."""
        for name, new in change.values.items() if change.same_keys else ():
            old = self._plain(name, have.variables.get(name))
            if isinstance(old, dict) and isinstance(new, dict):
                other = [key for key in change.same_keys if key in old and not same(old[key], new.get(key))]
                if other:
                    raise VaultFileError(f"its variable {name} has another {' and '.join(other)}, and is not replaced")

    def _content(self) -> Content:
        found = read_whole(self.target)
        if found is None:
            return Content()
        raw, status = found
        if not raw.strip():
            return Content(status, raw)
        text, key = decrypted(self._vault, raw)
        return Content(status, raw, text, key, load(text))

    def _carried_over(self, old: Any, new: Any) -> Any:
        """The new value, with those parts of the old one that are equal: an inline vault value stays encrypted."""
        with contextlib.suppress(VaultFileError):
            if same(plain(revealed(old, self._decrypt)), new):
                return old
        if isinstance(old, dict) and isinstance(new, dict):
            return {
                name: self._carried_over(old[name], value) if name in old else as_data(value)
                for name, value in new.items()
            }
        return as_data(new)

    def _decrypt(self, ciphertext: str) -> str:
        return decrypted_value(self._vault, ciphertext)

    def _plain(self, name: Any, value: Any) -> Any:
        try:
            return plain(revealed(value, self._decrypt))
        except VaultFileError as error:
            raise VaultFileError(f"its variable {name} can't be read: {error}") from None

    @contextlib.contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        """Say of every complaint which file it is about."""
        try:
            yield
        except VaultFileError as error:
            raise VaultFileError(f"can't {doing} {self.path}: {error}") from None
        except OSError as error:
            raise VaultFileError(f"can't {doing} {self.path}: {error.strerror}") from None
