# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as strangers have it: installed from its tarball, or cloned and shown by the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.harness import ENROLLMENT, Lab, assert_enrolled, assert_nothing_to_do
from integration.harness.installed import copy_checkout
from integration.harness.machine import BIN


def test_the_playbook_of_the_installed_tarball(make_lab: Callable[..., Lab], installed: Path) -> None:
    lab = make_lab(collections=installed)
    run = lab.enroll("", "-vv")
    assert run.result["steps"] == ENROLLMENT
    assert f"{installed}/ansible_collections/rackspace/identity/roles" in run.screen
    assert_enrolled(lab)
    lab.control.move(61)
    assert_nothing_to_do(lab.enroll())


def demo(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the demo in a clone of its own, where no other demo is."""
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


@pytest.mark.thorough
def test_the_demo_fails_if_no_device_is_verified(tmp_path: Path) -> None:
    done = demo(tmp_path, "--refuse-verification")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The demo failed" in done.stdout
