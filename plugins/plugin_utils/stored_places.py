# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions that look at stored entries: they read them in the controller, by the play's own vault.

Private to the collection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib

from ..module_utils.api.errors import OptionError
from ..module_utils.login.paths import usable_path
from ..module_utils.mfa.audit_entry import is_entry
from ..module_utils.run.masking import in_builtin_types
from .in_process import ControllerAction
from .vault_file import VaultFile

Place = tuple[str, Mapping[str, Any]]
"""Where an entry is stored, in words, and the entry."""


def each_once(places: Iterable[Place]) -> list[Place]:
    """Return the places without those whose entry an earlier one has, such as a store and a file that are the same."""
    found: dict[str, list[Place]] = {}
    for place in places:
        key = str([place[1].get(name) for name in ("device_id", "user_id", "username")])
        alike = found.setdefault(key, [])  # of thousands not each is compared with all
        if all(place[1] != entry for _source, entry in alike):
            alike.append(place)
    return [place for alike in found.values() for place in alike]


_WILDCARDS = re.compile(r"[*?[]")


class StoredPlaces:
    """The entries that `vault_files` and `entries` give. They hold secrets.

    :param vault: holds the secrets of the play.
    :param given: the option `entries` as the task gives it; None when it is not set.
    :param must_match: is a pattern without a file an error?
    """

    def __init__(self, vault: VaultLib, given: Any, *, must_match: bool = False) -> None:
        self._vault = vault
        self._given = given
        self._must_match = must_match

    def read(self, patterns: list[str] | None, warn: Callable[[str], None]) -> list[Place] | None:
        """Return the entries, equal ones once; None when neither option is set.

        :param warn: told of a pattern without a file.
        :raises OptionError: a file is missing or can't be read, or `entries` is no list of dictionaries.
        """
        if patterns is None and self._given is None:
            return None
        files = self._files(patterns or [], warn)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # to derive a key takes long, and needs no lock of Python
            found = list(pool.map(self._entries_of, files))
        return each_once([*self._from_option(), *(place for places in found for place in places)])

    def _from_option(self) -> list[Place]:
        if self._given is None:
            return []
        if not isinstance(self._given, list) or not all(isinstance(entry, dict) for entry in self._given):
            raise OptionError("O(entries) must be a list of dictionaries, as the role stores them.")
        return [(f"entries[{number}]", entry) for number, entry in enumerate(self._given)]

    def _files(self, patterns: list[str], warn: Callable[[str], None]) -> list[str]:
        """Return the files that match, each once, whatever links lead to it. A name without a wildcard must exist."""
        found: dict[Path, str] = {}
        for pattern in patterns:
            path = Path.cwd() / usable_path("vault_files", pattern)
            may_be_none = _WILDCARDS.search(pattern) is not None
            matches = [path] if path.is_file() else sorted(_matching(path)) if may_be_none else []
            if not matches and (self._must_match or not may_be_none):
                raise OptionError(f"O(vault_files): there is no file {path}. Correct the name, or leave it out.")
            if not matches:
                warn(f"There is no file {path}. Correct it if entries are stored: their accounts count as not stored.")
            for match in matches:
                found.setdefault(match.resolve(), str(match))
        return list(found.values())

    def _entries_of(self, path: str) -> list[Place]:
        variables = VaultFile(path, self._vault, name_of="O(vault_files)".format).read() or {}
        return [(f"{path}: {name}", value) for name, value in variables.items() if is_entry(value)]


def _matching(pattern: Path) -> Iterator[Path]:
    root = Path(pattern.anchor)
    found = root.glob(str(pattern.relative_to(root)))
    return (path for path in found if path.is_file() and not _is_passed_over(path, pattern))


def _is_passed_over(path: Path, pattern: Path) -> bool:
    """Hidden names, such as those of locks, and backup copies match only a pattern that is made for them."""
    is_hidden = any(part.startswith(".") for part in path.parts if part not in pattern.parts)
    is_backup = path.name.endswith("~")
    return (is_hidden and not pattern.name.startswith(".")) or (is_backup and not pattern.name.endswith("~"))


class StoreReadingAction(ControllerAction):
    """Takes the option `entries` before it is validated."""

    _withheld = "entries"
    _must_match = False

    def _run(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = in_builtin_types(self._options.get("entries"))
        self._places = StoredPlaces(self._loader._vault, given, must_match=self._must_match)
        return super()._run(variables)
