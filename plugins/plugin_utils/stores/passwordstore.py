# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `pass`: the standard Unix password manager, by its own program. Private to the collection.

`pass insert` writes into the file of the entry, and what kills it leaves a part of that file. So a save inserts under
a hidden name beside the entry, reads that back, which proves that the key can decrypt it, and renames it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ...module_utils.api.errors import OptionError
from ...module_utils.login.entry_shape import Entry, checked_entry
from ...module_utils.login.private_file import check_writable, exclusive, in_words, sync
from ...module_utils.login.stored import StoreChanged
from ..plain import plain, same
from .options import StoreOptions
from .program import Answer, as_json, find, run

_OPTION = "store.type pass"
_ABSENT = "is not in the password store"


class PassStore:
    """One name in the password store of the user who runs Ansible."""

    def __init__(self, options: StoreOptions, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        name = options.name("name")
        if any(part in ("", ".", "..") for part in name.split("/")):
            raise OptionError("store.name must be a name in the password store, such as rax_mfa_otp/ada.")
        self.place = f"{name} in the password store"
        self._name = name
        self._new = str(PurePosixPath(name).with_name(f".{PurePosixPath(name).name}.new"))
        self._environ = {**environ, "LC_ALL": "C.UTF-8"}
        home = Path(environ.get("HOME") or Path.home())
        self._folder = Path(environ.get("PASSWORD_STORE_DIR") or home / ".password-store")
        self._say = say

    def check(self) -> None:
        """Make sure that the program is there, its store is initialized, and its key can encrypt."""
        find(_OPTION, "pass", self._environ)
        self._refuse_folder()
        recipients = self._recipients()
        with self._refusals():
            check_writable(self._folder / "lock")
            check_writable(self._file(self._new))
        self._encrypt_nothing(recipients)

    def load(self) -> dict[str, Any] | None:
        """Return the entry; None when the password store does not have the name."""
        return checked_entry(self._read(self._name), self.place)

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Insert the entry, if the name still has `instead_of` under a lock that is good on this machine."""
        wanted = plain(entry)
        with self._unchanged(instead_of):
            self._refuse_folder()
            self._run("insert", "--multiline", "--force", self._new, text=json.dumps(wanted))
            self._read_back(self._new, wanted)
            with self._refusals():
                sync(self._file(self._new))
            self._run("mv", "--force", self._new, self._name)
            self._read_back(self._name, wanted)
            with self._refusals():
                sync(self._file(self._name).parent)

    def remove(self, instead_of: Entry) -> None:
        """Remove the name, if it still has `instead_of` under a lock that is good on this machine."""
        with self._unchanged(instead_of):
            if instead_of:
                self._run("rm", "--force", self._name)
                self._refuse_left_over()

    @contextlib.contextmanager
    def _unchanged(self, instead_of: Entry | None) -> Iterator[None]:
        self._recipients()
        lock = self._folder / hashlib.sha256(self._name.encode()).hexdigest()[:16]
        with contextlib.ExitStack() as held:
            with self._refusals():
                held.enter_context(
                    exclusive(lock, lambda: self._say(f"waiting for another process that writes {self.place}"))
                )
            if not same(self._read(self._name) or None, plain(instead_of) or None):
                raise StoreChanged.at(self.place)
            yield

    def _refuse_folder(self) -> None:
        """Refuse a name that a folder has, too: pass mv moves into it, and ends well."""
        with self._refusals():
            is_folder = (self._folder / self._name).is_dir()
        if is_folder:
            raise OptionError(
                f"store.name: {self.place} is also a folder, so pass cannot save an entry of that name. Nothing was "
                f"changed. Rename the folder (pass mv {self._name}/ NEW), or choose another name for the entry."
            )

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.gpg"

    def _read(self, name: str) -> Any:
        answer = self._answer("show", name)
        if answer.code and answer.complaint.endswith(f"{_ABSENT}."):
            self._recipients()
            return None
        self._check(answer, "show")
        return as_json(answer.output, self.place)

    def _read_back(self, name: str, wanted: dict[str, Any]) -> None:
        if not same(self._read(name), wanted):
            raise OptionError(
                f"{_OPTION}: what pass stored under {name} does not read back as it was. Look at the password "
                "store, and run this again."
            )

    def _refuse_left_over(self) -> None:
        """Refuse that the entry is still there: pass ends with exit code 0, whatever became of its `rm`."""
        with self._refusals():
            is_there = self._file(self._name).exists()
        if is_there:
            raise OptionError(
                f"{_OPTION}: pass rm did not remove {self.place}. Look at the permissions there, and run this again."
            )

    def _run(self, *argv: str, text: str = "") -> None:
        self._check(self._answer(*argv, text=text), argv[0])

    def _answer(self, *argv: str, text: str = "") -> Answer:
        return run(_OPTION, ["pass", *argv], self._environ, text)

    def _check(self, answer: Answer, command: str) -> None:
        if answer.code:
            raise OptionError(f"{_OPTION}: pass {command} failed for {self.place}: {answer.reason}")

    def _recipients(self) -> list[str]:
        """Return the keys that pass encrypts for: those of the nearest file `.gpg-id`."""
        if self._environ.get("PASSWORD_STORE_KEY"):
            return self._environ["PASSWORD_STORE_KEY"].split()
        for folder in [*self._file(self._name).parents]:
            with self._refusals(), contextlib.suppress(FileNotFoundError, NotADirectoryError):
                lines = (folder / ".gpg-id").read_text(encoding="utf-8", errors="replace").splitlines()
                return [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]
            if folder == self._folder:
                break
        raise OptionError(f"{_OPTION}: the password store {self._folder} is not initialized. Run pass init KEY first.")

    def _encrypt_nothing(self, recipients: list[str]) -> None:
        """Do what pass does to write an entry, without the entry."""
        program = "gpg2" if shutil.which("gpg2", path=self._environ.get("PATH")) else "gpg"
        options = self._environ.get("PASSWORD_STORE_GPG_OPTS", "").split()
        to = [argument for key in recipients for argument in ("--recipient", key)]
        command = [program, *options, "--batch", "--quiet", "--no-encrypt-to", "--encrypt", *to]
        answer = run(_OPTION, command, self._environ)
        if answer.code:
            raise OptionError(f"{_OPTION}: GnuPG cannot encrypt for the key of the password store: {answer.reason}")

    def _refusals(self) -> contextlib.AbstractContextManager[None]:
        """Put what the system refuses into our words."""
        return in_words(f"{_OPTION}: cannot use the password store {self._folder}")
