# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the code in many small ways, one at a time, and see which changes no unit test notices (mutmut).

``mutants.py [FILE ...]``, such as ``module_utils/otp/secret.py``; without one, all that pyproject.toml names. A file is
judged by the tests of its room, and by those that are named for it in ``MORE_TESTS``: those that reach the changed
function, the fastest first, up to the first that fails. What survives is in ``.cache/logs/mutants.diff``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from house import CACHE, COLLECTION, LOGS, VENV, clean_copy, environment, say

WORK = CACHE / "copy" / "mutants"
PLUGINS = COLLECTION / "plugins"
UNIT = COLLECTION / "tests" / "unit" / "plugins"
MORE_TESTS = {
    "module_utils/api": (
        "module_utils/login/test_session.py",
        "module_utils/login/test_target.py",
        "module_utils/login/test_tokens.py",
        "module_utils/mfa/test_phones.py",
    ),
    "module_utils/login": (
        "module_utils/mfa/test_adoption.py",
        "module_utils/mfa/test_removal.py",
        "module_utils/mfa/test_stored_codes.py",
        "module_utils/mfa/test_stored_creation.py",
        "module_utils/mfa/test_code_of_person.py",
        "module_utils/mfa/test_stored_device.py",
        "module_utils/mfa/test_stored_proof.py",
        "module_utils/run/test_seen_and_kept.py",
    ),
    "module_utils/otp": ("lookup", "filter/test_otpauth.py", "module_utils/login/test_passcodes.py"),
}
"""Tests of other rooms that a room is tried by, too."""
SLOW_TESTS = (
    "module_utils/login/test_simulation.py",
    "module_utils/login/test_simulation_clocks.py",
    "module_utils/mfa/test_killed_runs.py",
    "module_utils/mfa/test_two_runs.py",
)
"""Tests that reach nearly every line, and take seconds each: a survivor would go through all of them."""
UNNOTICED = ("survived", "no tests")
UNTRIED = "not checked"


def main() -> None:
    """Copy the collection, change it, and say for each file how many changes were noticed."""
    options = arguments()
    clean_copy("mutants")
    shutil.rmtree(WORK / "mutants", ignore_errors=True)
    (WORK / "pyproject.toml").write_text(settings(options.files or configured(), slow=options.slow), encoding="utf-8")
    os.chdir(WORK)
    run("run", "--max-children", "2", *(sample(options) if options.sample else ()))
    unnoticed = []
    for file, outcomes in outcomes_by_file(run("results", "--all", "true")).items():
        left = [name for name, outcome in outcomes.items() if outcome in UNNOTICED]
        say(f"{file}: {len(outcomes) - len(left)} of {len(outcomes)} noticed")
        unnoticed += left
    LOGS.mkdir(exist_ok=True)
    (LOGS / "mutants.diff").write_text("\n\n".join(map(difference, unnoticed)), encoding="utf-8")
    say("Those that were not: .cache/logs/mutants.diff")


def arguments() -> argparse.Namespace:
    """Return what the caller asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="such as module_utils/otp/secret.py or module_utils/otp/*.py"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="try only N changes of each file")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="take the sample of an earlier run")
    parser.add_argument("--slow", action="store_true", help="judge by the tests that take seconds each, too")
    return parser.parse_args()


def sample(options: argparse.Namespace) -> list[str]:
    """Return the names of as many changes of each file as were asked for."""
    say(f"A sample of {options.sample} changes of each file: --seed {options.seed}")
    chance = random.Random(options.seed)
    change = importlib.import_module("mutmut.mutation.file_mutation").mutate_file_contents
    name_of = importlib.import_module("mutmut.utils.format_utils").get_mutant_name
    chosen: list[str] = []
    for path in sorted(path for file in options.files or configured() for path in PLUGINS.glob(file)):
        found = [name_of(path, name) for name in change(str(path), path.read_text(encoding="utf-8")).mutant_names]
        chosen += chance.sample(found, min(options.sample, len(found)))
    return chosen


def difference(name: str) -> str:
    """Return the name of a change, and what it changes."""
    shown = importlib.import_module("mutmut.mutation.diff_apply").get_diff_for_mutant(name)
    return f"# {name}\n{shown}"


def configured() -> list[str]:
    """Return the files and folders that pyproject.toml names."""
    text = (CACHE.parent / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^only_mutate = (\[[^]]*\])", text, re.MULTILINE)
    assert listed, "pyproject.toml names no files to change"
    return [str(path).removeprefix(f"{PLUGINS}/") for path in json.loads(re.sub(r",\s*\]", "]", listed[1]))]


def settings(files: list[str], *, slow: bool) -> str:
    """Return pyproject.toml with these files, and the tests that try them."""
    rooms = dict.fromkeys(str(Path(file).parent) for file in files)
    tests = [str(UNIT / test) for room in rooms for test in (room, *MORE_TESTS.get(room, ()))]
    text = (CACHE.parent / "pyproject.toml").read_text(encoding="utf-8")
    chosen = json.dumps([str(PLUGINS / file) for file in files])
    text = re.sub(r"^only_mutate = \[[^]]*\]", f"only_mutate = {chosen}", text, flags=re.MULTILINE)
    left_out = [] if slow else [f"--ignore={UNIT / test}" for test in SLOW_TESTS]
    lines = [
        "[tool.mutmut]",
        f"pytest_add_cli_args_test_selection = {json.dumps(tests)}",
        f"pytest_add_cli_args = {json.dumps(left_out)}",
    ]
    return text.replace("[tool.mutmut]", "\n".join(lines), 1)


def run(*arguments: str) -> str:
    """Run mutmut, show what it says unless it is asked for results, and return it."""
    command = [str(VENV / "bin" / "python"), "-m", "mutmut", *arguments]
    asks = arguments[0] == "results"
    done = subprocess.run(command, cwd=WORK, env=environment(), capture_output=asks, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


def outcomes_by_file(told: str) -> dict[str, dict[str, str]]:
    """Return for each file what became of each change that was tried."""
    files: dict[str, dict[str, str]] = defaultdict(dict)
    for name, outcome in re.findall(r"^\s*(\S+\.x\S+): (.+)$", told, re.MULTILINE):
        if outcome.strip() != UNTRIED:
            file = name.partition(".plugins.")[2].rpartition(".x")[0].replace(".", "/")
            files[file][name] = outcome.strip()
    return files


if __name__ == "__main__":
    main()
