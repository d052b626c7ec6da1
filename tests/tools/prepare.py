# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up ``.cache/``: a virtual environment with the pinned tools, a HOME for them, and pip for ``ansible-test``.

Does nothing when nothing changed. Standard library only; run by ``setup.sh`` with the Python that the venv is made of.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from house import CACHE, HOME, ROOT, VENV, link_tree, python_version, say

REQUIREMENTS = ROOT / "tests" / "requirements.txt"
STAMP = CACHE / "ready"

# ansible-test gets pip for its own environments with a script from a host that many machines cannot reach. It uses a
# script that lies in its cache instead. This one installs from a wheel beside it, which came from the package registry.
GET_PIP = """\
import glob, os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, glob.glob(os.path.join(here, "pip-{version}-*.whl"))[0])
unknown = ("--no-setuptools", "--no-wheel")
sys.argv[1:] = ["install", "--ignore-installed"] + [a for a in sys.argv[1:] if a not in unknown]
from pip._internal.cli.main import main
sys.exit(main())
"""


def main() -> None:
    """Bring ``.cache/`` up to date, one process at a time."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        link_tree()
        state = wanted_state()
        if not usable():
            make_venv()
        elif STAMP.exists() and STAMP.read_text() == state:
            return
        install_requirements()
        HOME.mkdir(mode=0o700, exist_ok=True)
        # a CI often runs as another user than the one who owns the checkout, and git then refuses to list it
        (HOME / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
        share_pip_settings()
        prime_ansible_test(VENV)
        STAMP.write_text(state)


def wanted_state() -> str:
    """Return what the environment depends on; another value means: install again."""
    digest = hashlib.sha256()
    for file in (REQUIREMENTS, Path(__file__)):
        digest.update(file.read_bytes())
    return f"{ROOT}\n{digest.hexdigest()}\n"


def usable() -> bool:
    """Tell whether the venv runs, and was made in this very folder (its scripts hold absolute paths)."""
    script = VENV / "bin" / "pip"
    return bool(python_version(VENV / "bin" / "python")) and script.exists() and str(VENV) in script.read_text()


def make_venv() -> None:
    """Make the venv anew with the running Python."""
    say(f"Setting up .cache/venv with Python {sys.version.split()[0]} ({sys.executable})")
    for made in (VENV, CACHE / "copy"):  # the environments of ansible-test are made of the same Python
        shutil.rmtree(made, ignore_errors=True)
    (CACHE / "programs-tried").unlink(missing_ok=True)  # some were installed into the venv
    # a plain venv also when the running Python is itself one of virtualenv's
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install_requirements() -> None:
    """Install the pinned tools. With the user's own HOME: that is where settings of pip may live."""
    say("Installing the tools (tests/requirements.txt)")
    pip("install", "--quiet", "--requirement", str(REQUIREMENTS))


def pip(*args: str) -> None:
    """Run the venv's pip; leave the reason on the screen and end when it fails."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", *args]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("pip failed: see above. The setup starts where it stopped when it is run again.")


def share_pip_settings() -> None:
    """Give the tools' HOME the user's settings of pip (``ansible-test`` hands no PIP_* variables on)."""
    settings = configparser.RawConfigParser()
    home = Path.home()
    settings.read(
        [home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf", os.environ.get("PIP_CONFIG_FILE", "")]
    )
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name.removeprefix("PIP_").lower().replace("_", "-"), value)
    file = HOME / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # an address in it may hold a password
    with file.open("w") as stream:
        settings.write(stream)


def prime_ansible_test(venv: Path) -> None:
    """Put pip, in the version that the ``ansible-test`` of a venv wants, where it looks first."""
    found = list(venv.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"))
    versions = re.findall(r"pip(?:_version)?='?\"?(\d+(?:\.\d+)+)", found[0].read_text()) if found else []
    if not versions:
        return
    version = max(versions, key=lambda text: [int(part) for part in text.split(".")])  # others are for older Pythons
    folder = HOME / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / f"get_pip_{version.replace('.', '_')}.py"
    if not script.exists():
        pip("download", "--quiet", "--no-deps", "--dest", str(folder), f"pip=={version}")
        script.write_text(GET_PIP.format(version=version))


if __name__ == "__main__":
    main()
