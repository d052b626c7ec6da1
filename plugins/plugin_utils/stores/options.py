# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `store`, checked without ever showing a value of it. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...module_utils.api.errors import OptionError
from ...module_utils.run.store_spec import STORE_KEYS
from ..plain import is_name, plain


class StoreOptions:
    """The keys of one store. Keys that are None count as not given, as in options of modules.

    :raises OptionError: an unknown type, an unknown key, one that is missing, a value of another type.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        if not isinstance(config, Mapping):
            raise OptionError(f"store must be a dictionary with the key type, one of {', '.join(STORE_KEYS)}.")
        self._given = {str(key): plain(value, f"store.{key}") for key, value in config.items() if value is not None}
        self.type = str(self._given.pop("type", "vault_file"))
        if self.type not in STORE_KEYS:
            raise OptionError(f"store.type must be one of {', '.join(STORE_KEYS)}.")
        known = STORE_KEYS[self.type]
        for key in self._given:
            if key not in known:
                raise OptionError(
                    f"store.{key} is not a key of the store {self.type}, which has {', '.join(known) or 'none'}."
                )

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string that must be there.

        :raises OptionError: it is missing or empty, or not a string.
        """
        value = self.optional_text(key) or default
        if not value:
            raise OptionError(f"store.{key} is missing or empty; the store {self.type} needs it.")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a string; None when it is missing or empty.

        :raises OptionError: it is not a string.
        """
        value = self._given.get(key)
        if value is not None and not isinstance(value, str):
            raise OptionError(f"store.{key} must be a string.")
        if value and any(character < " " or character == "\x7f" for character in value):
            raise OptionError(f"store.{key} must not have line breaks or other control characters.")
        return value or None

    def name(self, key: str) -> str:
        """Return a string that is an argument of a program: it must not look like an option of it."""
        value = self.text(key)
        if value.startswith("-"):
            raise OptionError(f"store.{key} must not begin with a dash.")
        return value

    def variable(self, key: str, default: str) -> str:
        """Return a name that Ansible takes for a variable."""
        value = self.text(key, default)
        if not is_name(value):
            raise OptionError(f"store.{key} must be the name of a variable: letters, digits and _, not a digit first.")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of strings that must be there, and not empty."""
        value = self._given.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            raise OptionError(f"store.{key} must be a list of strings, and not empty.")
        return value
