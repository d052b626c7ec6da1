# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One logic, two ways to run it: the same results, the same silence. Real runs of ansible, on a made-up collection.

The collection `acme.probe` (files/probe) stands in for ours, since its module does on request what none of ours
may do: crash, quote a secret in its message, return one that nobody declared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.harness.machine import COLLECTIONS, FILES, OTHER_PATH, calm, environment

PASSWORD = "canary-password"
VARIABLES = {"users_password": PASSWORD, "users_pin": "canary-pin"}
"""Secrets reach a task as variables: core itself shows what is written in a task."""
CANARIES = (PASSWORD, "canary-product", "canary-session", "canary-pin")
ORDINARY = {"vars": {"ansible_python_interpreter": OTHER_PATH}}
"""Makes a task an ordinary module."""

CASES: dict[str, dict[str, Any]] = {
    "plain": {"name": "n", "data": {"deep": ["{{ 'templated' }}", 1, 2.5, None, True]}},
    "secret": {"do": "secret", "name": "n"},
    "warning": {"do": "warn"},
    "failure": {"do": "fail"},
    "misuse": {"do": "misuse"},
    "crash": {"do": "crash"},
    "relative path": {"file": "beside/the/playbook"},
    "alias": {"label": "by its alias", "number": "17"},
    "option and alias": {"label": "a", "name": "b"},
    "going away": {"old": "still here"},
    "unknown option": {"nmae": "n"},
    "refused secret": {"pin": "{{ users_pin }}"},
    "wrong type": {"number": "many"},
    "at odds": {"number": 1, "file": "f"},
    "masked name": {"name": "<{{ users_password }}>"},
    "not a template": {"name": "{{ untrusted }}"},
}


@dataclass(frozen=True)
class Run:
    """What a run of ansible left behind."""

    rc: int
    stdout: str
    outputs: str
    """All that anyone could read: both streams, the log, the JUnit report, what a callback plugin was given."""
    callbacks: list[dict[str, Any]]
    registered: dict[str, Any]
    has_jobs: bool
    """Whether async left a file."""

    def shown(self, task: str) -> str:
        """The part of the screen that a task has."""
        return self.stdout.partition(f"TASK [{task}] ")[2].partition("TASK [")[0]

    def seen(self, task: str) -> list[dict[str, Any]]:
        """What callback plugins were given for a task: its items, then the whole."""
        return [line["result"] for line in self.callbacks if line["task"] == task and line["event"] != "diff"]


class Site:
    """A folder to run ansible in, from another one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs = 0
        calm(root)
        link = root / "tree" / "ansible_collections" / "acme" / "probe"
        link.parent.mkdir(parents=True)
        link.symlink_to(FILES / "probe", target_is_directory=True)
        (root / "action_plugins").symlink_to(FILES / "playing" / "action_plugins")
        (root / "elsewhere").mkdir()

    def play(self, tasks: list[dict[str, Any]], *args: str, env: dict[str, str] | None = None, **play: Any) -> Run:
        """Run the tasks on localhost; what they register is kept."""
        names = [task["register"] for task in tasks if "register" in task]
        registered = "{{ dict(names | zip(query('ansible.builtin.vars', *names))) }}"
        keep = {
            "name": "Keep what was registered",
            "keep": {"into": str(self.root / "registered.json"), "value": registered},
            "vars": {"names": names},
            "no_log": True,
        }
        book = {"hosts": "localhost", "gather_facts": False, "vars": VARIABLES, "tasks": [*tasks, keep], **play}
        path = self.root / "play.yml"
        path.write_text(json.dumps([book]), encoding="utf-8")
        return self.run("ansible-playbook", str(path), *args, **(env or {}))

    def run(self, *command: str, **env: str) -> Run:
        """Run a command of ansible with every output that it has."""
        self._runs += 1
        out = self.root / f"run{self._runs}"
        out.mkdir()
        given = {
            "ANSIBLE_COLLECTIONS_PATH": f"{self.root / 'tree'}:{COLLECTIONS}",
            "ANSIBLE_CALLBACKS_ENABLED": "acme.probe.spy,ansible.builtin.junit",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
            "ANSIBLE_LOG_PATH": str(out / "log"),
            "ANSIBLE_ASYNC_DIR": str(self.root / "jobs"),
            "JUNIT_OUTPUT_DIR": str(out),
            "PROBE_SPY": str(out / "spy"),
            "https_proxy": "http://proxy.example",
            **env,
        }
        env = environment(self.root, **given)
        done = subprocess.run(
            command, cwd=self.root / "elsewhere", env=env, capture_output=True, text=True, check=False
        )
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(out.iterdir())}
        registered = self.root / "registered.json"
        return Run(
            rc=done.returncode,
            stdout=done.stdout,
            outputs="\n".join([done.stdout, done.stderr, *files.values()]),
            callbacks=[json.loads(line) for line in files.get("spy", "").splitlines()],
            registered=json.loads(registered.read_text(encoding="utf-8")) if registered.exists() else {},
            has_jobs=(self.root / "jobs").exists(),
        )


def probe(register: str, options: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """A task that goes on if it fails."""
    return {
        "name": register,
        "acme.probe.probe": {"password": "{{ users_password }}", **(options or {})},
        "register": register,
        "ignore_errors": True,
        **keywords,
    }


def key(case: str, way: str) -> str:
    """The name of a case's registered variable."""
    return f"{way}_{case.replace(' ', '_')}"


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(scope="module", name="everything")
def _everything(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every case, both ways, alone and in a loop, with all the output there is."""
    tasks = [probe("job", {"do": "secret"}, **{"async": 30, "poll": 1})]
    for case, options in CASES.items():
        tasks += [probe(key(case, "here"), options), probe(key(case, "there"), options, **ORDINARY)]
    ways: dict[str, dict[str, Any]] = {"here": {}, "there": ORDINARY}
    for way, keywords in ways.items():
        tasks.append(probe(key("loop", way), {"do": "{{ item }}"}, loop=["secret", "fail", "nothing"], **keywords))
        tasks.append(probe(key("check", way), check_mode=True, **keywords))
        failing = {"do": "fail", "password": "{{ item.password }}"}
        tasks.append(probe(key("item", way), failing, loop=[{"password": "{{ users_password }}"}], **keywords))
        mistyped = {"acme.probe.probe": {"passwrod": "{{ users_password }}"}, "ignore_errors": True}
        tasks.append({"name": key("mistyped", way), **mistyped, **keywords})
    return Site(tmp_path_factory.mktemp("everything")).play(tasks, "-vvvv", "--diff")


@pytest.mark.xdist_group("everything")
@pytest.mark.matrix
@pytest.mark.parametrize("case", [*CASES, "loop", "check"])
def test_both_ways_give_the_same_result(everything: Run, case: str) -> None:
    here, there = (everything.registered[key(case, way)] for way in ("here", "there"))
    # From 2.22 on, core masks a refused value on the way to the screen, no longer in the result of its own check.
    there = json.loads(json.dumps(there).replace("canary-pin", "********"))
    assert here == there


@pytest.mark.xdist_group("everything")
@pytest.mark.matrix
def test_no_output_holds_a_secret(everything: Run) -> None:
    assert everything.rc == 0, everything.stdout
    assert [line for line in everything.outputs.splitlines() if any(canary in line for canary in CANARIES)] == []


@pytest.mark.xdist_group("everything")
@pytest.mark.matrix
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_secret_is_registered_and_hidden(everything: Run, way: str) -> None:
    assert everything.registered[key("secret", way)]["secret"] == "canary-product"
    (result,) = everything.seen(key("secret", way))
    assert "censored" in result
    assert not set(result) & {"secret", "codes", "diff", "seen", "echo"}


@pytest.mark.xdist_group("everything")
@pytest.mark.matrix
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_loop_with_one_secret_is_hidden_but_its_clean_failure_is_not(everything: Run, way: str) -> None:
    results = everything.registered[key("loop", way)]["results"]
    assert [result.get("secret") for result in results] == ["canary-product", None, None]
    *items, whole = everything.seen(key("loop", way))
    assert "censored" in whole
    assert [result["msg"] for result in items if "censored" not in result and result.get("msg")] == [
        "clean failure ********"
    ]


@pytest.mark.xdist_group("everything")
@pytest.mark.matrix
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_clean_failure_is_readable(everything: Run, way: str) -> None:
    (result,) = everything.seen(key("failure", way))
    assert result["msg"] == "clean failure ********"
    assert result["error"] == {"kind": "conflict", "status": 400, "service_message": None, "retry_after": None}


@pytest.mark.xdist_group("everything")
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_defect_is_told_by_type_and_place_only(everything: Run, way: str) -> None:
    assert everything.registered[key("crash", way)]["msg"].startswith("KeyError at probe.py:")


@pytest.mark.xdist_group("everything")
def test_the_words_are_those_of_an_ordinary_module(everything: Run) -> None:
    said = {case: everything.registered[key(case, "here")].get("msg", "") for case in CASES}
    assert said["unknown option"].startswith("Unsupported parameters for (acme.probe.probe) module: nmae. Supported")
    assert said["refused secret"] == "value of pin must be one of: one, two, got: ********"


@pytest.mark.xdist_group("everything")
def test_options_arrive_as_builtin_types_and_the_environment_as_it_is(everything: Run) -> None:
    seen = everything.registered[key("plain", "here")]["seen"]
    assert seen["data"] == {"deep": ["templated", 1, 2.5, None, True]}
    assert set(seen["types"]) <= {"str", "int", "dict", "NoneType"}
    assert seen["proxy"] == "http://proxy.example"
    assert seen["template"] == "{{ not_a_template }}"


@pytest.mark.xdist_group("everything")
def test_a_relative_path_starts_at_the_playbook(everything: Run) -> None:
    path = Path(everything.registered[key("relative path", "here")]["seen"]["file"])
    assert path.parts[-3:] == ("beside", "the", "playbook")
    assert path.parents[2].name != "elsewhere"


@pytest.mark.xdist_group("everything")
def test_no_job_is_begun_that_would_leave_a_secret(everything: Run) -> None:
    assert everything.registered["job"]["failed"] is True
    assert "Leave async" in everything.registered["job"]["msg"]
    assert not everything.has_jobs


@pytest.mark.xdist_group("everything")
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_failed_item_shows_no_password(everything: Run, way: str) -> None:
    """Nor does any other output (`test_no_output_holds_a_secret`)."""
    assert everything.registered[key("item", way)]["results"][0]["msg"] == "clean failure ********"
    assert PASSWORD not in everything.shown(key("item", way))


@pytest.mark.xdist_group("everything")
@pytest.mark.parametrize("way", ["here", "there"])
def test_a_mistyped_option_does_not_show_its_value(everything: Run, way: str) -> None:
    """Nor does any other output (`test_no_output_holds_a_secret`)."""
    shown = everything.shown(key("mistyped", way))
    assert "passwrod" in shown
    assert PASSWORD not in shown


@pytest.mark.thorough
def test_where_a_task_runs(site: Site) -> None:
    """In the worker only if the ordinary module would have the same user, machine, Python and environment."""
    foreign = site.root / "python"
    foreign.symlink_to(Path(sys.executable).resolve())
    python = "ansible_python_interpreter"
    here: dict[str, dict[str, Any]] = {
        "by_default": {},
        "own": {"vars": {python: "{{ ansible_playbook_python }}"}},
        "discovered": {"vars": {python: "auto_silent"}},
        "empty_environment": {"environment": {}},
        "delegated": {"delegate_to": "localhost"},
        "environment": {"environment": {"ANY": "thing"}},
    }
    there: dict[str, dict[str, Any]] = {
        "foreign": {"vars": {python: str(foreign)}},
        "another_path": ORDINARY,
        "become": {"become": True, "become_method": "ansible.builtin.su"},
    }
    cases = {**here, **there}
    if os.geteuid():
        del cases["become"]  # only root becomes root without a password
    run = site.play([probe(f"the_{name}", {"do": "where"}, **keywords) for name, keywords in cases.items()])
    found = {name: run.registered[f"the_{name}"].get("in_process") for name in cases}
    assert found == {name: name in here for name in cases}, run.stdout


@pytest.mark.thorough
def test_keywords_of_a_task_work_on_its_result(site: Site) -> None:
    """Both ways; what ends or never reaches the module is told, too."""
    tasks = []
    ways: dict[str, dict[str, Any]] = {"here": {}, "there": ORDINARY}
    for way, keywords in ways.items():
        until: dict[str, Any] = {"until": f"until_{way}.secret == 'never'", "retries": 1, "delay": 0}
        tasks += [
            probe(f"until_{way}", {"do": "secret"}, **until, **keywords),
            probe(f"failed_when_{way}", {"do": "fail"}, failed_when=False, changed_when=True, **keywords),
            probe(f"own_no_log_{way}", {"do": "fail"}, no_log=True, **keywords),
        ]
    remote = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    defaults = {"group/acme.probe.all": {"name": "group's"}, "acme.probe.probe": {"number": 5}}
    tasks += [
        probe("late", {"do": "sleep"}, timeout=1),
        probe("remote", {"do": "where"}, ignore_unreachable=True, vars=remote),
        probe("defaults", module_defaults=defaults),
    ]
    run = site.play(tasks)
    for way in ("here", "there"):
        assert run.registered[f"until_{way}"]["attempts"] == 1
        assert run.registered[f"failed_when_{way}"]["failed"] is False
        assert run.registered[f"failed_when_{way}"]["changed"] is True
        hidden = [*run.seen(f"until_{way}"), *run.seen(f"own_no_log_{way}")]
        assert all("censored" in result for result in hidden)
    assert not any(canary in run.outputs for canary in CANARIES)
    late = run.registered["late"]
    assert late["failed"] is True
    assert "timedout" in late or "time frame" in late["msg"]
    assert run.registered["remote"].get("unreachable") is True, run.outputs
    assert "censored" not in run.seen("remote")[0]
    assert run.registered["defaults"]["diff"]["after"] == {"name": "group's"}
    assert "int" in run.registered["defaults"]["seen"]["types"]


def test_with_an_environment_no_module_file_is_left(site: Site) -> None:
    """A play behind a proxy: the session is told of it, and nothing is written for a process of its own."""
    task, keep = probe("it", {"do": "secret"}), {"ANSIBLE_KEEP_REMOTE_FILES": "1"}
    run = site.play([task], "-vvvv", env=keep, environment={"https_proxy": "http://of.the.play"})
    assert run.rc == 0
    assert run.registered["it"]["seen"]["proxy"] == "http://of.the.play"
    files = [path for path in (site.root / ".ansible").rglob("*") if path.is_file()]
    assert [path for path in files if any(canary in path.read_text(errors="replace") for canary in CANARIES)] == []


@pytest.mark.thorough
@pytest.mark.matrix
def test_ad_hoc(site: Site) -> None:
    command = ("ansible", "localhost", "-vvvv", "-m", "acme.probe.probe", "-a")
    secret, failure = (
        site.run(*command, f"do={act} password={{{{ users_password }}}}", "-e", json.dumps(VARIABLES))
        for act in ("secret", "fail")
    )
    assert secret.rc == 0
    assert "clean failure ********" in failure.stdout
    for run in (secret, failure):
        assert not any(canary in run.outputs for canary in CANARIES)
