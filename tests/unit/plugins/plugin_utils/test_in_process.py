# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a task runs; whole runs are in tests/integration/test_in_process.py."""

from __future__ import annotations

import ast
import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.run import runner
from ansible_collections.rackspace.identity.plugins.plugin_utils import in_process
from ansible_collections.rackspace.identity.plugins.plugin_utils.in_process import ControllerAction
from ansible_collections.rackspace.identity.tests.unit.plugins.in_worker import instance_of
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.acting import Action, action
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import FORK

MODULE_UTILS = Path(runner.__file__).parents[1]


def loaded_late() -> set[str]:
    """The files of module_utils that functions of others import, by their names there."""
    found = set()
    for file in MODULE_UTILS.rglob("*.py"):
        room = file.parent.relative_to(MODULE_UTILS).parts
        functions = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
        for node in (inner for function in functions for inner in ast.walk(function)):
            if isinstance(node, ast.ImportFrom) and node.level:
                above = room[: len(room) + 1 - node.level]
                found.add(".".join((*above, *str(node.module).split("."))))
    return found


def test_what_modules_load_late_is_loaded_once_for_all_workers() -> None:
    """Each worker would compile it again."""
    late = loaded_late()
    assert {"login.login", "login.account_lock"} <= late
    rooms = runner.__name__.removesuffix("run.runner")
    code = f"import json, sys, {in_process.__name__}; print(json.dumps(list(sys.modules)))"
    tree = next(folder.parent for folder in MODULE_UTILS.parents if folder.name == "ansible_collections")
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {f"{rooms}{name}" for name in late}.difference(json.loads(run.stdout))


def test_what_an_action_has_loaded_is_not_looked_through_for_garbage() -> None:
    """By each worker, and by core at its end."""
    gc.unfreeze()
    loaded: list[list[str]] = [[]]
    type("ActionModule", (in_process.IdentityAction,), {})
    assert gc.get_freeze_count() > 0
    assert not any(one is loaded for one in gc.get_objects())


@pytest.mark.parametrize(
    "keywords",
    [{}, {"environment": None}, {"delegate_to": "here"}],
    ids=["plain", "no environment", "delegated"],
)
def test_a_purely_local_task_runs_here(tmp_path: Path, keywords: dict[str, Any]) -> None:
    result = action(tmp_path, **keywords).run(task_vars={"ansible_delegated_vars": {"here": {}}})
    assert result["cwd"] == str(tmp_path)


@pytest.mark.parametrize(
    "keywords",
    [{"transport": "ssh"}, {"become": object()}],
    ids=["remote", "become"],
)
def test_any_other_task_runs_as_a_module(tmp_path: Path, keywords: dict[str, Any]) -> None:
    assert action(tmp_path, **keywords).run(task_vars={})["ordinary"] is True


@pytest.mark.parametrize("keywords", [{}, {"transport": "ssh"}, {"become": object()}], ids=["here", "remote", "become"])
def test_what_is_not_text_is_refused_before_it_runs_anywhere(tmp_path: Path, keywords: dict[str, Any]) -> None:
    result = action(tmp_path, args={"key": 0o123}, **keywords).run(task_vars={"_mfa_names": {"key": "my_key"}})
    assert result["failed"]
    assert result["msg"].startswith("my_key is not text")
    assert "ordinary" not in result


@pytest.mark.parametrize(
    "keywords",
    [{"transport": "ssh"}, {"become": object()}, {"delegate_to": "far"}],
    ids=["remote", "become", "another interpreter"],
)
def test_a_task_with_a_store_runs_here_whatever_the_host(tmp_path: Path, keywords: dict[str, Any]) -> None:
    """The store is the controller's, and the secret goes nowhere else."""
    far = {"ansible_delegated_vars": {"far": {"ansible_python_interpreter": "/no/python"}}}
    result = action(tmp_path, args={"store": {"path": "vault.yml"}}, **keywords).run(task_vars=far)
    assert result["cwd"] == str(tmp_path)


def test_the_interpreter_decides(tmp_path: Path) -> None:
    own = Path(sys.executable)
    namesake, elsewhere = own.parent / own.resolve().name, tmp_path / "python"
    elsewhere.symlink_to(own)
    cases = {"auto": True, "auto_silent": True, "": True, str(own): True, str(elsewhere): False, "/no/python": False}
    if namesake.exists():
        cases[str(namesake)] = True
    for python, here in cases.items():
        asked_for = {"ansible_python_interpreter": python}
        by_variable = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "ansible_playbook_python": python}
        delegated = {"ansible_python_interpreter": "/another", "ansible_delegated_vars": {"other": asked_for}}
        assert ("cwd" in action(tmp_path).run(task_vars=asked_for)) is here, python
        assert ("cwd" in action(tmp_path, delegate_to="other").run(task_vars=delegated)) is here, python
        if python.startswith("/"):
            assert ("cwd" in action(tmp_path).run(task_vars=by_variable)) is here, python


class OnController(Action, ControllerAction):
    """The same in the controller, whatever the task."""


def test_relative_paths_of_our_playbooks_start_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "ansible_collections" / "rackspace" / "identity" / "playbooks"
    here = tmp_path / "here"
    for folder in (ours, here):
        folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("PWD", "/of/another/shell")
    assert instance_of(OnController, ours).run(task_vars={})["cwd"] == str(here)
    assert instance_of(OnController, tmp_path).run(task_vars={})["cwd"] == str(tmp_path)


@pytest.mark.parametrize("is_ours", [False, True], ids=["playbook of the user", "our playbook"])
@pytest.mark.parametrize("mode", [0o311, 0o644, 0o000], ids=["unreadable", "no way in", "closed"])
def test_it_works_where_the_user_stands_in_a_folder_without_a_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, is_ours: bool
) -> None:
    """As `uri` does: such as in the folder of the user who ran sudo."""
    playbook = Path("/x/ansible_collections/rackspace/identity/playbooks" if is_ours else "/")
    there = str(tmp_path if is_ours else playbook)

    def work() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        for _item in range(2):
            assert instance_of(OnController, playbook).run(task_vars={})["cwd"] == there

    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(mode)
    worker = FORK.Process(target=work)
    worker.start()
    worker.join(20)
    tmp_path.chmod(0o755)
    assert worker.exitcode == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"key": "bad"}, "my_key is bad: see my_store.path."),
        ({"store": 3}, "argument 'my_store' must be a dictionary."),
        ({"store": {"pth": "x"}}, "Unsupported parameters for (acme.probe.it) module: my_store.pth. Supported"),
    ],
)
def test_in_a_playbook_of_ours_errors_name_its_variables(tmp_path: Path, args: dict[str, Any], told: str) -> None:
    names = {"key": "my_key", "store": "my_store"}
    assert action(tmp_path, args=args).run(task_vars={"_mfa_names": names})["msg"].startswith(told)
    assert "my_" not in action(tmp_path, args=args).run(task_vars={})["msg"]


def test_the_worker_is_back_in_its_folder_afterwards(tmp_path: Path) -> None:
    before = Path.cwd()
    action(tmp_path, args={"key": "crash"}).run(task_vars={})
    assert Path.cwd() == before
