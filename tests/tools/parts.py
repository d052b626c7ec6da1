# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the tests. To add one: write a function, give it a line in ``PARTS``, and a target in the Makefile."""

from __future__ import annotations

import os
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from counts import Counts, of_junit, of_proof, of_sanity
from house import CACHE, COLLECTION, ROOT, TREE, clean_copy, environment, files_in_git, python_version
from job import TIME_LIMIT, Done, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

CORES = os.cpu_count() or 1
_SHORT_SCENARIOS = ("default", "by_hand")
"""The scenario of the role, and the one of the modules without it."""


@dataclass(frozen=True)
class Part:
    """A part: what runs, the lock it shares with parts that must not run at its side, and seconds for a program."""

    run: Callable[[Job, Sequence[str]], Counts]
    lock: str = ""
    time_limit: float = TIME_LIMIT


def pytest(job: Job, folder: str, args: Sequence[str], env: dict[str, str] | None = None) -> Counts:
    """Run pytest over a folder of tests; ``args`` are the user's."""
    done = job.run("python", "-m", "pytest", "-q", "-ra", f"--junitxml={job.junit}", *args, folder, env=env)
    counts = of_junit([job.junit]) if job.junit.exists() else Counts()
    no_tests = 5  # pytest's own word for it: not a failure of ours, the part that ran none is told as such
    return counts if done.returncode == no_tests else counts.confirmed(done.returncode)


def unit(job: Job, args: Sequence[str]) -> Counts:
    """Unit tests. Some wait for a program, so there is one worker more than cores; each takes seconds to begin."""
    return pytest(job, "tests/unit", ["-n", str(CORES + 1), "--timeout=120", *args])


def explore(job: Job, args: Sequence[str]) -> Counts:
    """The tests of bad input and bad answers once more: five times as many examples, and others each time. The
    simulations of logins: three times as many people."""
    env = environment() | {"HYPOTHESIS_EXPLORE": "5"}
    return pytest(job, "tests/unit", ["-n", str(CORES), "-k", "test_bad_ or test_any_ or test_simulation", *args], env)


def tools_test(job: Job, args: Sequence[str]) -> Counts:
    """The tests of these tools."""
    return pytest(job, "tests/tools", args)


def emulator_test(job: Job, args: Sequence[str]) -> Counts:
    """The emulator's own tests. To start workers takes a quarter of what the tests take."""
    return pytest(job, "tests/emulator", args)


def integration(job: Job, args: Sequence[str]) -> Counts:
    """Real playbooks against the emulator. Some wait for a time step, so there are two workers a core. Tests that share
    a run (`xdist_group`) go to one worker."""
    return _integration(job, 2 * CORES, ["-m", "not thorough", *args])


def thorough(job: Job, args: Sequence[str]) -> Counts:
    """The integration tests that `integration` leaves out: rarer cases, long tables, ordinary modules. More of them
    wait, so there are four workers a core."""
    return _integration(job, 4 * CORES, ["-m", "thorough", *args])


def _integration(job: Job, workers: int, args: Sequence[str]) -> Counts:
    return pytest(job, "tests/integration", ["-n", str(workers), "--dist", "loadgroup", *args])


def sanity(job: Job, _args: Sequence[str]) -> Counts:
    """``ansible-test sanity`` whole. It reads the changelog's fragments, too."""
    return _sanity(job, clean_copy("sanity"))


def sanity_short(job: Job, _args: Sequence[str]) -> Counts:
    """The same, but pylint reads the plugins alone."""
    return short_sanity(job, "sanity", python_version())


def short_sanity(job: Job, name: str, python: str, env: dict[str, str] | None = None) -> Counts:
    """Every test of sanity. Three fifths of pylint's time go into our tests, which ruff reads: it gets the plugins.

    :param name: of the copy of the tree, which keeps what ansible-test installs.
    :param python: ``major.minor`` of the interpreter that runs ansible-test.
    """
    copy = clean_copy(name)
    others = _sanity(job, copy, "--skip-test", "pylint", python=python, env=env)
    return others + _sanity(job, copy, "--test", "pylint", "plugins/", python=python, env=env)


def _sanity(job: Job, copy: Path, *args: str, python: str = "", env: dict[str, str] | None = None) -> Counts:
    """That it exits with 0 is no proof (it may skip all targets), its words are."""
    done = job.run(*ansible_test("sanity", python), *args, cwd=copy, env=env)
    return of_sanity(done.output).confirmed(done.returncode)


def units(job: Job, _args: Sequence[str]) -> Counts:
    """``ansible-test units``: unit tests once more, as Ansible's own tooling runs them. It forks for each of them:
    a second worker would only cost its start, for each of three kinds of tests."""
    copy = clean_copy("units")
    done = job.run(*ansible_test("units"), "--num-workers", "1", cwd=copy)
    return of_junit((copy / "tests" / "output" / "junit").glob("*.xml")).confirmed(done.returncode)


def units_short(job: Job, _args: Sequence[str]) -> Counts:
    """That ``ansible-test units`` can import them: it keeps what is the controller's from the tests of modules."""
    done = job.run(*ansible_test("units"), "--num-workers", "1", "--collect-only", cwd=clean_copy("units"))
    return Counts(passed=done.output.count(" tests collected ")).confirmed(done.returncode)


def ansible_test(command: str, python: str = "") -> list[str]:
    """Return the command line of ``ansible-test``; without a Python, for the one that runs us."""
    return ["ansible-test", command, "--venv", "--python", python or python_version(), "--color", "no"]


def molecule(job: Job, args: Sequence[str]) -> Counts:
    """Every scenario, or those that are named. Each is one test."""
    return _scenarios(job, [name for name in _every_scenario() if not args or name in args])


def molecule_short(job: Job, _args: Sequence[str]) -> Counts:
    """A few scenarios."""
    return _scenarios(job, _SHORT_SCENARIOS)


def molecule_rest(job: Job, _args: Sequence[str]) -> Counts:
    """The others."""
    return _scenarios(job, [name for name in _every_scenario() if name not in _SHORT_SCENARIOS])


def _every_scenario() -> list[str]:
    return sorted(file.parent.name for file in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))


def _scenarios(job: Job, names: Sequence[str]) -> Counts:
    """Play scenarios, two at a time. The return code is the only thing to trust."""

    def play(scenario: str) -> tuple[str, Done]:
        return scenario, Job(f"molecule-{scenario}").run("molecule", "test", "-s", scenario)

    counts = Counts()
    with ThreadPoolExecutor(2) as pool:
        for scenario, done in pool.map(play, names):
            job.note(f"{scenario}: {'failed' if done.returncode else 'passed'}, see molecule-{scenario}.log")
            if done.returncode:
                job.note(done.output[-3000:])
            counts += Counts.of_one(not done.returncode)
    return counts


def check(job: Job, *command: str, proof: str, env: dict[str, str] | None = None) -> Counts:
    """Run a program that is one check; ``proof`` is a pattern whose group 1 says what it looked at."""
    done = job.run(*command, env=env)
    return Counts(failed=1) if done.returncode else of_proof(done.output, proof)


def lint(job: Job, _args: Sequence[str]) -> Counts:
    """ansible-lint, and the words of the house."""
    command = ["python", "tests/tools/lint_playbooks.py", "--offline", "--profile", "production"]
    rules = check(job, *command, proof=r"in (\d+) files processed")
    return rules + check(job, "python", "tests/tools/words.py", proof=r"in (\d+) files")


def format_check(job: Job, _args: Sequence[str]) -> Counts:
    """The rules and the format of all Python."""
    rules = check(job, "ruff", "check", ".", proof=r"(All) checks passed")
    return rules + check(job, "ruff", "format", "--check", ".", proof=r"(\d+) files? already formatted")


def typecheck(job: Job, _args: Sequence[str]) -> Counts:
    """mypy. The plugins under the name by which they are imported, the tests as they see one another."""
    env = environment() | {"MYPYPATH": f"{TREE}:{ROOT / 'tests'}:{ROOT / 'tests' / 'tools'}"}
    command = ["mypy", str(TREE / COLLECTION / "plugins"), "tests", "conftest.py"]
    if sys.version_info < (3, 12):
        command.append("--allow-untyped-calls")  # the ansible-cores for older Pythons have fewer annotations
    return check(job, *command, proof=r"no issues found in (\d+) source files", env=env)


def docs(job: Job, _args: Sequence[str]) -> Counts:
    """The documentation of plugins, roles and guides, with every reference in it; and the site that is made of it."""
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."]
    done = job.run(*command)
    if done.returncode and "Unknown target name" in done.output:
        # Its random folder ended in an underscore, which makes a reference of the folder's name.
        done = job.run(*command)
    return Counts.of_one(not done.returncode) + check(
        job, "python", "tests/tools/site_of_docs.py", proof=r"(\d+) pages"
    )


def licenses(job: Job, _args: Sequence[str]) -> Counts:
    """The license of each file. In a copy: reuse takes what a test beside it writes for a file of ours."""
    copy = str(clean_copy(job.name))
    return check(job, "reuse", "--root", copy, "lint", proof=r"Files with license information: (\d+)")


def build(job: Job, _args: Sequence[str]) -> Counts:
    """Build the tarball, look into it, install it, and let Ansible list what it finds in the installed one."""
    dist, installed = CACHE / "dist", CACHE / "installed"
    copy = clean_copy(job.name, tracked_only=True)
    galaxy = ["ansible-galaxy", "collection"]
    if job.run(*galaxy, "build", "--force", "--output-path", str(dist), str(copy)).returncode:
        return Counts(failed=1)
    newest = max(dist.glob("rackspace-identity-*.tar.gz"), key=lambda file: file.stat().st_mtime)
    faults = misplaced(newest)
    for fault in faults:
        job.note(fault)
    if job.run(*galaxy, "install", "--offline", "--force", str(newest), "-p", str(installed)).returncode:
        return Counts(failed=1)
    env = environment() | {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    listed = check(job, "ansible-doc", "--list", "rackspace.identity", proof=r"(rackspace\.identity\.\w+)", env=env)
    return listed + Counts.of_one(not faults)


def misplaced(tarball: Path) -> list[str]:
    """Return what the tarball lacks, and what it holds that is no tracked file for users."""
    with tarfile.open(tarball) as content:
        names = {member.name for member in content.getmembers() if member.isfile()}
    wanted = {path for path in files_in_git() if (ROOT / path).is_file() and not is_for_developers(path)}
    made_by_galaxy = {"MANIFEST.json", "FILES.json"}
    return [
        *(f"{name} is not in the tarball" for name in sorted(wanted - names)),
        *(f"{name} is in the tarball" for name in sorted(names - wanted - made_by_galaxy)),
    ]


def is_for_developers(path: str) -> bool:
    """Whether a tracked file stays out of the tarball (`build_ignore` in galaxy.yml, and galaxy.yml itself)."""
    return path in (".gitignore", "RELEASING.md", "galaxy.yml") or path.startswith((".ci/", ".github/"))


# In the order in which they start: long ones first, those of one lock apart from one another, and those that use all
# cores by themselves at the end, so that none is idle while the last one runs.
PARTS = {
    "integration": Part(integration),
    "thorough": Part(thorough, time_limit=3600),
    "sanity": Part(sanity, lock="ansible-test"),
    "sanity-short": Part(sanity_short, lock="ansible-test"),
    "lint": Part(lint),
    "typecheck": Part(typecheck),
    "docs": Part(docs),
    "molecule": Part(molecule, lock="molecule"),
    "molecule-short": Part(molecule_short, lock="molecule"),
    "molecule-rest": Part(molecule_rest, lock="molecule"),
    "units": Part(units, lock="ansible-test"),
    "units-short": Part(units_short, lock="ansible-test"),
    "build": Part(build),
    "format-check": Part(format_check),
    "tools-test": Part(tools_test),
    "licenses": Part(licenses),
    "emulator-test": Part(emulator_test),
    "explore": Part(explore, time_limit=3600),
    "unit": Part(unit),
}

if __name__ == "__main__":
    sys.exit("A list, not a program: use check.py")
