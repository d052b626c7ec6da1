# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `command`: a helper program that knows `get`, `put` and `remove` with a key. Private to the collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ...module_utils.api.errors import OptionError
from ...module_utils.login.entry_shape import KEYS, Entry, checked_entry, next_of
from ...module_utils.login.stored import StoreChanged, only_notes_differ
from ..plain import differing, plain, same
from .options import StoreOptions
from .program import as_json, find, run

ANOTHER_ENTRY = 200
"""The exit code that says: another entry stands there, and nothing was changed."""
_OPTION = "store.argv"


class CommandStore:
    """One key of a helper program.

    What the program writes to its standard error is never shown: a helper that traces itself shows secrets there.
    """

    def __init__(self, options: StoreOptions, loader: DataLoader, environ: Mapping[str, str]) -> None:
        program, *arguments = options.texts("argv")
        if "/" in program:  # a relative path starts at the playbook's folder
            program = str.__str__(loader.path_dwim(program))
        self._argv = [program, *arguments]
        self._key = options.name("key")
        self._environ = environ
        self.place = f"{self._key} of the program {program}"

    def check(self) -> None:
        """Make sure that the program is there. Whether it can write, only it knows."""
        find(_OPTION, self._argv[0], self._environ)

    def load(self) -> dict[str, Any] | None:
        """Return what `get KEY` prints; None when that is nothing, `null` or `{}`."""
        return checked_entry(as_json(self._run("get"), self.place), self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Hand both to `put KEY`, which compares and writes, and read back what it wrote."""
        wanted, former = plain(entry), plain(instead_of) or None
        self._run("put", {"entry": wanted, "instead_of": former})
        self._read_back("put", wanted, former)

    def remove(self, instead_of: Entry) -> None:
        """Hand it to `remove KEY`, which compares and removes, and look that it is gone."""
        former = plain(instead_of)
        self._run("remove", {"instead_of": former})
        self._read_back("remove", None, former)

    def _read_back(self, verb: str, wanted: dict[str, Any] | None, former: dict[str, Any] | None) -> None:
        """Look at what stands there now.

        A pipe in a shell ends with the exit code of its last program, whatever became of the one that stores.

        :raises StoreChanged: an entry without what was saved: another run was as fast as that, on another machine.
        """
        found = self._found()
        if same(found, wanted) or (found and wanted and _is_noted_on(found, former or {}, wanted)):
            return
        if found and not same(found, former) and not (wanted and _is_spoilt(found, wanted)):
            raise StoreChanged.at(self.place)
        raise OptionError(
            f"{_OPTION}: {self._argv[0]} {verb} ended with exit code 0 for {self._key}, but get does not print what "
            f"{verb} must leave there. If no other run works on the account, correct the program. Run this again."
        )

    def _found(self) -> dict[str, Any] | None:
        """Return the entry that `get` prints; None when that is none, and something that is no entry is nothing.

        :raises OptionError: it failed.
        """
        output = self._run("get")
        try:
            return checked_entry(as_json(output, self.place), self.place)
        except OptionError:  # after a write, that is not what it says of a place to read
            return {}

    def _run(self, verb: str, given: dict[str, Any] | None = None) -> bytes:
        text = json.dumps(given) if given is not None else ""
        answer = run(_OPTION, [*self._argv, verb, self._key], self._environ, text)
        if answer.code == ANOTHER_ENTRY and given is not None:
            raise StoreChanged.at(self.place)
        if answer.code:
            raise OptionError(
                f"{_OPTION}: {self._argv[0]} {verb} {answer.ending} for {self._key}. Run it by hand to see why; what "
                "it says is not shown here, because it may hold a secret."
            )
        return answer.output


def _is_noted_on(found: Entry, former: Entry, wanted: Entry) -> bool:
    """Is it what was saved, on which another run has made notes since?"""
    saved = {*differing({**former}, {**wanted})}
    return not saved & {*differing({**found}, {**wanted})} and only_notes_differ(found, wanted)


def _is_spoilt(found: Entry, wanted: Entry) -> bool:
    """Is it ours, as the program spoilt it? No run adds keys, changes the secret of a device or drops its last step."""
    there, ours = _devices(found), _devices(wanted)
    return any(key not in KEYS and item != wanted.get(key) for key, item in found.items()) or any(
        ours[one].get("secret") != there[one].get("secret") or ("last_step" in ours[one]) > ("last_step" in there[one])
        for one in {*there} & {*ours}
    )


def _devices(entry: Entry) -> dict[str, Entry]:
    parts = (entry, next_of(entry))
    return {part["device_id"]: part for part in parts if part.get("device_id")}
