# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of an audit as files: JSON, CSV and HTML. They hold no secret. Private to the collection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ...module_utils.api.errors import OptionError
from ...module_utils.login.paths import usable_path
from ...module_utils.login.private_file import exclusive, in_words, write_whole
from ...module_utils.mfa.audit import Audit
from . import csv_table, html_page

_KINDS: dict[str, Callable[[Audit], str]] = {
    ".json": lambda audit: json.dumps(audit._asdict(), indent=1) + "\n",
    ".csv": csv_table.render,
    ".html": html_page.render,
}


class Reports:
    """Files to write.

    :raises OptionError: a file has another ending, or its folder does not exist.
    """

    def __init__(self, paths: list[str]) -> None:
        self._paths = [Path.cwd() / usable_path("report", path) for path in paths]
        for path in self._paths:
            if path.suffix.lower() not in _KINDS:
                raise OptionError(f"O(report): {path} must end with {', '.join(_KINDS)}: the ending says what it is.")
            if not path.parent.is_dir():
                raise OptionError(f"O(report): the folder {path.parent} does not exist. Create it first.")

    def write(self, audit: Audit) -> list[str]:
        """Write each file as a whole, for its owner alone; return their paths.

        :raises OptionError: the system refuses.
        """
        for path in self._paths:
            content = _KINDS[path.suffix.lower()](audit).encode("utf-8", "replace")
            with in_words(f"O(report): can't write {path}"), exclusive(path):
                write_whole(path, content)
        return [str(path) for path in self._paths]
