# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as strangers have it: installed from its tarball, or cloned and shown by the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.harness import ENROLLMENT, Lab, assert_enrolled, assert_nothing_to_do
from integration.harness.machine import BIN, ROOT


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


@pytest.fixture(name="installed")
def _installed(tmp_path: Path) -> Path:
    """A tree with the collection, built and installed as its users do."""
    copy_checkout(tmp_path / "copy")
    galaxy = [str(BIN / "ansible-galaxy"), "collection"]
    tree = tmp_path / "tree"
    env = {"HOME": str(tmp_path), "PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def run(*command: str) -> None:
        subprocess.run([*galaxy, *command], env=env, check=True, capture_output=True)

    run("build", "--output-path", str(tmp_path), str(tmp_path / "copy"))
    (tarball,) = tmp_path.glob("rackspace-identity-*.tar.gz")
    run("install", "--offline", str(tarball), "-p", str(tree))
    shutil.rmtree(tmp_path / "copy")
    return tree


def test_the_playbook_of_the_installed_tarball(make_lab: Callable[..., Lab], installed: Path) -> None:
    lab = make_lab(collections=installed)
    run = lab.enroll("", "-vv")
    assert run.result["steps"] == ENROLLMENT
    assert f"{installed}/ansible_collections/rackspace/identity/roles" in run.screen
    assert_enrolled(lab)
    assert_nothing_to_do(lab.rerun())


def demo(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the demo in a clone of its own, where nobody else's demo is."""
    copy_checkout(folder)
    tree = folder / ".cache" / "tree"
    link = tree / "ansible_collections" / "rackspace" / "identity"
    link.parent.mkdir(parents=True)
    link.symlink_to(folder, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "RAX_", "OS_"))}
    env = kept | {
        "HOME": str(folder / ".cache"),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(tree),
    }
    command = [sys.executable, "tests/demo", *args]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_the_demo_shows_what_it_says(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_demo_fails_where_no_device_is_verified(tmp_path: Path) -> None:
    done = demo(tmp_path, "--refuse-verification")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The demo failed" in done.stdout
