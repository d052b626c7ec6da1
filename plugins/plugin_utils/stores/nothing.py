# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `none`: a person keeps the secret. Private to the collection."""

from __future__ import annotations

from typing import Any

from ...module_utils.login.stored import Entry


class NoStore:
    """Holds nothing and keeps nothing."""

    place = "the store none"

    def check(self) -> None:
        """Nothing can go wrong."""

    def load(self) -> dict[str, Any] | None:
        """Return nothing."""
        return None

    def save(self, entry: Entry, instead_of: Entry | None) -> None:
        """Keep nothing."""

    def remove(self, instead_of: Entry) -> None:
        """Remove nothing."""
