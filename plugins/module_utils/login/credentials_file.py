# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The INI file that Rackspace's tools share. Private to the collection."""

from __future__ import annotations

import configparser
import stat
from pathlib import Path

from ..api.errors import OptionError

_SECTION = "rackspace_cloud"
_MOST_BYTES = 1 << 16
_KEYS = ("username", "password", "api_key")


def read(path: Path) -> dict[str, str | None]:
    """Name, password and API key, as far as they are in it. Raises OptionError if it can't be read."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_content(path))
        section = parser[_SECTION]
    except OptionError:
        raise
    except OSError as error:
        raise OptionError(f"O(credentials_file): {path} can't be read: {error.strerror}.") from None
    except (configparser.Error, KeyError, ValueError):
        # The parser's own words quote lines of the file.
        raise OptionError(f"O(credentials_file): {path} is no INI file with a section [{_SECTION}].") from None
    return {name: section.get(name) for name in _KEYS}


def _content(path: Path) -> str:
    """The text of a file. What is no regular file may block, or never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OptionError(f"O(credentials_file): {path} is not a regular file.")
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OptionError(f"O(credentials_file): {path} is larger than {_MOST_BYTES >> 10} KiB.")
    return content.decode()
