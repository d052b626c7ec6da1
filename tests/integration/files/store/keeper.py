# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program for the store `command`: one file a key, in the folder that is its first argument."""

from __future__ import annotations

import fcntl
import json
import sys
from pathlib import Path

ANOTHER_ENTRY = 200


def main() -> None:
    """Get, put or remove."""
    folder, verb, key = sys.argv[1:]
    file = Path(folder) / f"{key}.json"
    with (Path(folder) / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        if verb == "get":
            print(json.dumps(there))
            return
        given = json.load(sys.stdin)
        if given["instead_of"] != there:
            sys.exit(ANOTHER_ENTRY)
        if verb == "remove":
            file.unlink()
        else:
            file.write_text(json.dumps(given["entry"]), encoding="utf-8")


if __name__ == "__main__":
    main()
