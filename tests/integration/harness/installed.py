# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout as others have it: a clone, or the collection installed from its tarball."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from .machine import BIN, ROOT


def copy_checkout(copy: Path) -> None:
    """Copy what git would commit: what a clone has, and what a tarball is built from."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)


def install(folder: Path) -> Path:
    """Return a tree with the collection, built and installed as its users do; the first of several callers makes it."""
    tree = folder / "installed"
    with (folder / "installed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            copy = folder / "copy"
            copy_checkout(copy)
            _galaxy(folder, "build", "--output-path", str(folder), str(copy))
            (tarball,) = folder.glob("rackspace-identity-*.tar.gz")
            _galaxy(folder, "install", "--offline", str(tarball), "-p", str(tree))
            shutil.rmtree(copy)
    return tree


def _galaxy(home: Path, *command: str) -> None:
    env = {"HOME": str(home), "PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run([str(BIN / "ansible-galaxy"), "collection", *command], env=env, check=True, capture_output=True)
