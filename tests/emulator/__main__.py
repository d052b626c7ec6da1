# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 tests/emulator`: run the package by its folder."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):
    # Run by path, the folder itself leads the search: its files are no top-level modules, its parent has the package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
