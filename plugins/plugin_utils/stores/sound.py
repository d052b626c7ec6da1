# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `Store` promises of errors, kept for every store. Private to the collection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ...module_utils.api.errors import IdentityError, OptionError
from ...module_utils.login.entry_shape import Entry
from ...module_utils.login.stored import Store
from ...module_utils.run.runner import words_of_defect


class SoundStore:
    """A store that raises OptionError and StoreChanged alone, whatever a library or the system raises in it.

    Those who take back what could not be saved, a device or the last bypass code, wait for these.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.place = store.place

    def check(self) -> None:
        """Make sure that a save can work."""
        with self._foreseen():
            self._store.check()

    def load(self) -> dict[str, Any] | None:
        """Return the stored entry."""
        with self._foreseen():
            return self._store.load()

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Store the entry in place of that one."""
        with self._foreseen():
            self._store.save(entry, instead_of)

    def remove(self, instead_of: Entry) -> None:
        """Remove that entry."""
        with self._foreseen():
            self._store.remove(instead_of)

    @contextlib.contextmanager
    def _foreseen(self) -> Iterator[None]:
        try:
            yield
        except (IdentityError, OptionError):
            raise
        except Exception as error:
            raise OptionError(f"O(store): cannot use {self.place}: {words_of_defect(error)}") from None
