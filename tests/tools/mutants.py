# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the code in many small ways, one at a time, and see which changes no unit test notices (mutmut).

``mutants.py [FILE ...]``, such as ``module_utils/otp/secret.py``; without one, all that pyproject.toml names. A file is
judged by the tests of its room, and by those that are named for it in ``MORE_TESTS``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from house import CACHE, COLLECTION, VENV, clean_copy, environment, say

WORK = CACHE / "copy" / "mutants"
PLUGINS = COLLECTION / "plugins"
UNIT = COLLECTION / "tests" / "unit" / "plugins"
MORE_TESTS = {
    "module_utils/otp": ("lookup", "filter/test_otpauth.py", "module_utils/login/test_second_factor.py"),
}
"""Tests of other rooms that a room is tried by, too."""
SURVIVED = "survived"


def main() -> None:
    """Copy the collection, change it, and say for each file how many changes were noticed."""
    files = sys.argv[1:] or configured()
    clean_copy("mutants")
    shutil.rmtree(WORK / "mutants", ignore_errors=True)
    (WORK / "pyproject.toml").write_text(settings(files), encoding="utf-8")
    run("run", "--max-children", "2")
    told = run("results", "--all", "true")
    for file, counts in counted(told).items():
        total = sum(counts.values())
        say(f"{file}: {total - counts[SURVIVED] - counts['no tests']} of {total} noticed ({dict(counts)})")
    say(f"To look at one: cd {WORK.relative_to(CACHE.parent)} and mutmut show NAME")


def configured() -> list[str]:
    """Return the files and folders that pyproject.toml names."""
    text = (CACHE.parent / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^only_mutate = (\[[^]]*\])", text, re.MULTILINE)
    assert listed, "pyproject.toml names no files to change"
    return [str(path).removeprefix(f"{PLUGINS}/") for path in json.loads(re.sub(r",\s*\]", "]", listed[1]))]


def settings(files: list[str]) -> str:
    """Return pyproject.toml with these files, and the tests that try them."""
    rooms = dict.fromkeys(str(Path(file).parent) for file in files)
    tests = [str(UNIT / test) for room in rooms for test in (room, *MORE_TESTS.get(room, ()))]
    text = (CACHE.parent / "pyproject.toml").read_text(encoding="utf-8")
    chosen = json.dumps([str(PLUGINS / file) for file in files])
    text = re.sub(r"^only_mutate = \[[^]]*\]", f"only_mutate = {chosen}", text, flags=re.MULTILINE)
    return text.replace("[tool.mutmut]", f"[tool.mutmut]\npytest_add_cli_args_test_selection = {json.dumps(tests)}", 1)


def run(*arguments: str) -> str:
    """Run mutmut, show what it says unless it is asked for results, and return it."""
    command = [str(VENV / "bin" / "python"), "-m", "mutmut", *arguments]
    asks = arguments[0] == "results"
    done = subprocess.run(command, cwd=WORK, env=environment(), capture_output=asks, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


def counted(told: str) -> dict[str, Counter[str]]:
    """Return for each file what became of its changes."""
    files: dict[str, Counter[str]] = {}
    for name, outcome in re.findall(r"^\s*(\S+)\.x\S+: (.+)$", told, re.MULTILINE):
        file = name.partition(".plugins.")[2].replace(".", "/")
        files.setdefault(file, Counter())[outcome.strip()] += 1
    return files


if __name__ == "__main__":
    main()
