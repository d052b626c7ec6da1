# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let plain ``pytest`` find the collection and the emulator, wherever the checkout lies.

``ansible_collections.rackspace.identity`` has to be a path on disk. A checkout has any name, so a symbolic link
in ``.cache/tree`` gives it the right one. ``ansible-test`` works in a copy that already lies in such a tree and
brings its own import hook: there nothing is added.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NAME = ("ansible_collections", "rackspace", "identity")


def link_tree() -> Path:
    """Return the folder that holds ``ansible_collections``; make the link when it is missing."""
    tree = ROOT / ".cache" / "tree"
    link = tree.joinpath(*NAME)
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # made earlier, or just now by another pytest worker
        link.symlink_to("../../../..", target_is_directory=True)
    return tree


def extend_path(folder: Path) -> None:
    """Put ``folder`` first on ``sys.path``, once."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


if ROOT.parts[-len(NAME) :] != NAME:
    extend_path(link_tree())
extend_path(ROOT / "tests")
