# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie, and the environment that every tool gets. Standard library only: the setup imports it, too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
VENV = CACHE / "venv"
HOME = CACHE / "home"
TREE = CACHE / "tree"
LOGS = CACHE / "logs"
COLLECTION = Path("ansible_collections", "rackspace", "identity")

# Settings of the caller's shell that would change what a test sees.
FOREIGN = ("ANSIBLE_", "MOLECULE_", "OS_", "PYTEST_", "PYTHON", "RAX_", "RUFF_", "XDG_", "VIRTUAL_ENV", "FORCE_COLOR")
# Not the caller's PATH: pyenv's shims are fatal to ansible-test.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment(venv: Path = VENV) -> dict[str, str]:
    """Return the variables for a tool of ``venv``: the caller's, without what disturbs, with a HOME of our own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), "127.0.0.1", "localhost"]))
    return kept | {
        "HOME": str(HOME),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{venv / 'bin'}:{SYSTEM_PATH}",
        "ANSIBLE_COLLECTIONS_PATH": str(TREE),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE / "hypothesis"),
        "NO_COLOR": "1",
        "NODE_PATH": str(CACHE / "npm" / "node_modules"),
    }


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)


def link_tree() -> None:
    """Make the checkout importable as ``ansible_collections.rackspace.identity`` (see the root ``conftest.py``)."""
    link = TREE / COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../../..", target_is_directory=True)


def clean_copy(name: str, *, tracked_only: bool = False) -> Path:
    """Copy what git would commit to a collection tree of its own, and return the copy.

    :param tracked_only: leave out what is new and not in git: a password file may lie in a checkout.

    ansible-test refuses a symbolic link, and takes a copy inside the checkout for ignored (and passes without
    a single test) unless the copy is a repository itself. Its virtual environment and pylint's memory, which git
    ignores, go over from the copy before: to make them anew takes longer than most of its tests.
    """
    copy = CACHE / "copy" / name / COLLECTION
    output = copy / "tests" / "output"
    kept = CACHE / "copy" / name / "kept"
    if (output / ".tmp").exists():
        shutil.rmtree(kept, ignore_errors=True)
        (output / ".tmp").rename(kept)
    if copy.exists():
        shutil.rmtree(copy)
    for path in files_in_git() if tracked_only else files_in_git("--others", "--exclude-standard"):
        source, target = ROOT / path, copy / path
        if source.is_file():  # a file may be deleted and not yet committed
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    output.mkdir(parents=True)
    if kept.exists():
        kept.rename(output / ".tmp")
    subprocess.run(["git", "init", "-q", str(copy)], env=environment(), check=True)
    return copy


def files_in_git(*more: str) -> list[str]:
    """Return the paths that git knows, relative to the checkout."""
    command = ["git", "ls-files", "-z", "--cached", *more]
    listed = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)
    return [path for path in listed.stdout.decode().split("\0") if path]


def python_version(python: Path = Path(sys.executable)) -> str:
    """Return ``major.minor`` of an interpreter, or an empty string when it does not run."""
    asked = "import ensurepip, ssl, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", asked], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
