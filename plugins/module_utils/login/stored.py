# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a store of entries can do. The stores themselves live on the controller. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..api.errors import Conflict

Entry = Mapping[str, Any]


class StoreChanged(Conflict):
    """The store holds another entry than the one that was to be replaced: another run was faster."""


class Store(Protocol):
    """The place of one account's entry.

    Each method raises OptionError, which names the option and the place, when the store cannot be used.
    """

    place: str
    """The store in words, for messages."""

    def check(self) -> None:
        """Make sure that a save can work, before anything is written or sent."""

    def load(self) -> dict[str, Any] | None:
        """Return the stored entry in builtin types; None when nothing is stored."""

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Store the entry in place of that one (None: of nothing).

        :raises StoreChanged: another entry stands there; nothing is written.
        """

    def remove(self, instead_of: Entry) -> None:
        """Remove that entry.

        :raises StoreChanged: another entry stands there; nothing is removed.
        """
