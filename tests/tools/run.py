# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one command in the environment of the tools: ``run.py COMMAND [ARGUMENT ...]``."""

from __future__ import annotations

import os
import sys

from house import ROOT, VENV, environment


def main() -> None:
    """Become the command, in the root of the checkout."""
    command = sys.argv[1:]
    os.chdir(ROOT)
    if not (VENV / "bin" / "python").exists():
        sys.exit("Not set up: make setup")
    os.execvpe(command[0], command, environment())


if __name__ == "__main__":
    main()
