# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run unit tests, sanity and the marked integration tests with the other ansible-cores: ``matrix.py [CORE ...]``.

Each core gets a venv of its own in ``.cache/matrix``, made of the first Python of its list that this machine has.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from check import report, run_all
from counts import Counts
from house import CACHE, ROOT, environment, python_version, say
from parts import Part, pytest, short_sanity
from prepare import prime_ansible_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from job import Job

# The oldest supported core first; the main one, with all tests, is in tests/requirements.txt.
CORES = {
    "2.16.19": ("3.10", "3.11", "3.12"),
    "2.17.14": ("3.10", "3.11", "3.12"),
    "2.18.19": ("3.11", "3.12", "3.13"),
    "2.19.14": ("3.11", "3.12", "3.13"),
    "2.20.10": ("3.12", "3.13", "3.14"),
    "2.22.0rc1": ("3.13", "3.14"),
}
REQUIREMENTS = ROOT / "tests" / "requirements-matrix.txt"


def main() -> None:
    """Run every core that has an interpreter here; say which have none."""
    wanted = sys.argv[1:] or list(CORES)
    have = interpreters()
    parts = {}
    for core in wanted:
        python = next((have[version] for version in CORES[core] if version in have), None)
        if python:
            parts[f"ansible-core {core}"] = Part(partial(run_core, core=core, python=python), time_limit=3600)
        else:
            say(f"skipped ansible-core {core}: no Python {' or '.join(CORES[core])} here")
    sys.exit(report(run_all(parts, ())) if parts else 0)


def interpreters() -> dict[str, Path]:
    """Return a working interpreter for each Python version. A name on PATH is no proof: each is run."""
    found: dict[str, Path] = {}
    for python in candidates():
        version = python_version(python)
        if version:
            found.setdefault(version, python)
    return found


def candidates() -> Iterator[Path]:
    """Yield interpreters that may exist: those of the system, those on PATH, those of pyenv."""
    names = [f"python3.{minor}" for minor in range(10, 15)] + ["python3"]
    for path in ("/usr/local/bin:/usr/bin", None):
        yield from (Path(where) for name in names if (where := shutil.which(name, path=path)))
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
        listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout
        yield from (Path(root, "versions", version, "bin", "python") for version in reversed(listed.split()))


def run_core(job: Job, _args: Sequence[str], *, core: str, python: Path) -> Counts:
    """Make or keep the core's venv, and run the tests with it."""
    venv = CACHE / "matrix" / core
    stamp, state = venv / "ready", f"{ROOT} {python} {core}\n{REQUIREMENTS.read_text()}"
    if not stamp.exists() or stamp.read_text() != state:
        if not install(job, venv, core, python):
            return Counts(failed=1)
        stamp.write_text(state)
    prime_ansible_test(venv)
    env = environment(venv)
    take_from_registries(venv)
    counts = short_sanity(job, f"sanity-{core}", python_version(python), env)
    counts += pytest(job, "tests/unit", ["-n", "1"], env)
    return counts + pytest(job, "tests/integration", ["-m", "matrix"], env)


def take_from_registries(venv: Path) -> None:
    """Have pylint's sanity install each package by its name: a release candidate may name an archive at a code host."""
    (listed,) = venv.glob("lib/python*/site-packages/ansible_test/_data/requirements/sanity.pylint.txt")
    listed.write_text(re.sub(r"(?m)^(\w+) @ .*$", r"\1", listed.read_text()))


def install(job: Job, venv: Path, core: str, python: Path) -> bool:
    """Make the venv anew; return whether that succeeded. The user's own HOME: settings of pip may live there."""
    env = environment(venv) | {"HOME": str(Path.home())}
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    made = job.run(str(python), "-m", "venv", "--clear", str(venv), env=env)
    if made.returncode:
        return False
    return job.run(*pip, f"ansible-core=={core}", "--requirement", str(REQUIREMENTS), env=env).returncode == 0


if __name__ == "__main__":
    main()
