# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine that runs of Ansible start from: where things are, and what a run sees of its environment."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "tests" / "integration" / "files"
BIN = Path(sys.executable).parent
OTHER_PATH = f"{BIN}/../{BIN.name}/{Path(sys.executable).name}"
"""The same Python by another path counts as another one, so it makes a task an ordinary module."""
COLLECTIONS = ROOT / ".cache" / "tree"


def calm(home: Path) -> None:
    """Have core look for results less often than each millisecond: that takes a tenth of a core, also while all that a
    run does is wait."""
    (home / ".ansible.cfg").write_text("[defaults]\ninternal_poll_interval = 0.01\n", encoding="utf-8")


def environment(home: Path, **more: str | None) -> dict[str, str]:
    """What a run sees of the machine, with other values, or without a variable (None). Nothing of the caller's."""
    usual = {
        "HOME": str(home),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    return {name: value for name, value in {**usual, **more}.items() if value is not None}
