# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The INI file that Rackspace's tools share. Private to the collection."""

from __future__ import annotations

import configparser
from pathlib import Path

from ..api.errors import OptionError

_SECTION = "rackspace_cloud"
_KEYS = ("username", "password", "api_key")


def read(path: Path) -> dict[str, str | None]:
    """Name, password and API key, as far as they are in it. Raises OptionError where it can't be read."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
        section = parser[_SECTION]
    except OSError as error:
        raise OptionError(f"credentials_file: {path} can't be read: {error.strerror}.") from None
    except (configparser.Error, KeyError, ValueError):
        # The parser's own words quote lines of the file.
        raise OptionError(f"credentials_file: {path} is no INI file with a section [{_SECTION}].") from None
    return {name: section.get(name) for name in _KEYS}
