# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is hidden of a task: of its result, its arguments, its items and its errors."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure

from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import PART, WHOLE
from ansible_collections.rackspace.identity.plugins.plugin_utils.role import ROLE
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.acting import Action, action


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize(("key", "hidden"), [("secret", True), ("token", True), ("public", False), ("crash", False)])
def test_what_is_hidden(tmp_path: Path, key: str, hidden: bool, asked: bool) -> None:
    it = action(tmp_path, args={"key": key}, no_log=asked)
    result = it.run(task_vars={})
    assert it._task.no_log is (hidden or asked)
    assert result.get("_ansible_no_log", False) is hidden


def test_a_module_without_secrets_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Action.module, "HOLDS_SECRETS", ())
    it = action(tmp_path, args={"key": "secret"})
    assert "_ansible_no_log" not in it.run(task_vars={})
    assert it._task.no_log is False


@pytest.mark.parametrize(
    ("answer", "hidden"),
    [
        ({"secret": "s"}, True),
        ({"secret": None}, False),
        ({"failed": True, "msg": "no"}, False),
        ({"failed": True, "module_stdout": "{'secret': garbled"}, True),
    ],
    ids=["secret", "none this time", "clean failure", "no answer to read"],
)
def test_what_is_hidden_of_an_ordinary_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], hidden: bool
) -> None:
    monkeypatch.setattr(Action, "answer", answer)
    it = action(tmp_path, transport="ssh")
    result = it.run(task_vars={})
    assert it._task.no_log is hidden
    assert result.get("_ansible_no_log", False) is hidden


def test_no_job_is_begun_that_would_leave_a_secret(tmp_path: Path) -> None:
    it = action(tmp_path, async_val=10)
    result = it.run(task_vars={})
    assert result["failed"] is True
    assert "Leave async" in result["msg"]
    assert not it._task.no_log, "it can be read"


def test_a_module_without_secrets_may_be_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Action.module, "HOLDS_SECRETS", ())
    assert action(tmp_path, async_val=10).run(task_vars={})["ordinary"] is True


def test_no_job_is_begun_that_could_not_reach_its_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Action.module, "HOLDS_SECRETS", ())
    result = action(tmp_path, async_val=10, args={"store": {"type": "vault_file"}}).run(task_vars={})
    assert (result["failed"], result["changed"], "ordinary" in result) == (True, False, False)
    assert result["msg"].startswith("async is not possible with store: ")


def test_the_environment_of_a_task_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_PROCESS", "1")
    monkeypatch.setenv("https_proxy", "http://of.the.process")
    environment = [{"https_proxy": "http://of.the.play", "RAX_USERNAME": "jo"}, None, {"https_proxy": 5}]
    environ = action(tmp_path, args={"key": "environ"}, environment=environment).run(task_vars={})["environ"]
    assert (environ["OF_THE_PROCESS"], environ["RAX_USERNAME"], environ["https_proxy"]) == ("1", "jo", "5")
    assert os.environ["https_proxy"] == "http://of.the.process"


@pytest.mark.parametrize("variable", ["RAX_PASSWORD", "RAX_API_KEY", "OS_PASSWORD"])
def test_no_password_goes_to_another_process_by_its_environment(tmp_path: Path, variable: str) -> None:
    """Core writes `environment` into the command line of the ordinary module."""
    it = action(tmp_path, transport="ssh", environment=[{variable: "CANARY"}])
    result = it.run(task_vars={})
    assert result["failed"] is True
    assert "ordinary" not in result
    assert variable in result["msg"]
    assert "O(" not in result["msg"], "there is no one to turn it into a name"
    assert "CANARY" not in str(result)
    empty = action(tmp_path, transport="ssh", environment=[{variable: ""}, {"RAX_USERNAME": "jo"}])
    assert empty.run(task_vars={})["ordinary"] is True


@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_of_results_that_were_seen_a_module_is_given_what_it_uses(tmp_path: Path, transport: str) -> None:
    """An ordinary module logs its options."""
    seen = [{"token": {"id": "CANARY"}, "steps": []}, {"secret": "CANARY", "device": {"id": "d1"}, "proved": True}]
    result = action(tmp_path, transport=transport, args={"key": "given", "seen": seen}).run(task_vars={})
    assert result["given"]["seen"] == [{"steps": []}, {"device": {"id": "d1"}, "proved": True}]


def test_an_environment_that_is_no_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="dictionary"):
        action(tmp_path, environment=["text"]).run(task_vars={})


ITEMS: dict[str, tuple[Any, dict[str, Any], bool]] = {
    "a name": ("jo", {"password": "p4ss"}, False),
    "the secret": ("p4ss", {"password": "p4ss"}, True),
    "a dictionary with it": ({"name": "jo", "deep": [{"password": "p4ss"}]}, {"password": "p4ss"}, True),
    "a stored entry": ({"entry": {"secret": "s3cret"}}, {"entry": {"secret": "s3cret"}}, True),
    "another secret": ({"password": "other"}, {"password": "p4ss"}, False),
    "the secret of a suboption": ({"t": "t0ken"}, {"store": {"path": "a", "token": "t0ken"}}, True),
    "no secret of a suboption": ({"path": "a"}, {"store": {"path": "a", "token": "t0ken"}}, False),
    "suboptions as text": ("path=a token=t0ken", {"store": "path=a token=t0ken"}, True),
    "a result with a token": ({"token": {"id": "t0ken"}}, {"seen": [{"token": {"id": "t0ken"}}]}, True),
    "a result with a secret": ({"secret": "s3cret"}, {"seen": [{"secret": "s3cret"}, {"token": None}]}, True),
    "a result with codes": ({"codes": ["12345678"]}, {"seen": [{"codes": ["12345678"]}]}, True),
    "a result without a secret": ({"user": {"name": "jo"}}, {"seen": [{"user": {"name": "jo"}, "token": None}]}, False),
}


@pytest.mark.parametrize("key", ["public", "crash"])
@pytest.mark.parametrize("case", ITEMS)
def test_an_item_that_holds_a_secret_is_not_shown(tmp_path: Path, case: str, key: str) -> None:
    item, options, hidden = ITEMS[case]
    it = action(tmp_path, args={"key": key, **options}, loop="{{ some }}")
    result = it.run(task_vars={"ansible_loop_var": "one", "one": item})
    assert (it._task.no_log, result.get("_ansible_no_log", False)) == (hidden, hidden)


@pytest.mark.parametrize(
    ("variable", "hidden"),
    [
        ("RAX_API_KEY", True),
        ("OS_PASSWORD", True),
        ("VAULT_SECRET_ID", True),
        ("AWS_TOKEN", True),
        ("RAX_USERNAME", False),
    ],
)
def test_an_item_that_holds_a_secret_of_the_environment_is_not_shown(
    tmp_path: Path, variable: str, hidden: bool
) -> None:
    it = action(tmp_path, loop="{{ some }}", environment=[{variable: "v4lue"}])
    result = it.run(task_vars={"ansible_loop_var": "item", "item": {"k": "v4lue"}})
    assert (it._task.no_log, result.get("_ansible_no_log", False)) == (hidden, hidden)


def test_a_task_that_is_included_in_a_loop_shows_no_item(tmp_path: Path) -> None:
    """Its result is shown as that of any task: when it fails, what went wrong has to be there."""
    it = action(tmp_path, args={"key": "public", "password": "p4ss"})
    result = it.run(task_vars={"ansible_loop_var": "one", "one": "p4ss"})
    assert (it._task.no_log, result.get("_ansible_no_log", False)) == (False, False)


def test_the_value_of_a_mistyped_option_is_not_shown(tmp_path: Path) -> None:
    result = action(tmp_path, args={"passwrod": "p4ss"}).run(task_vars={"ansible_inject_invocation": True})
    assert result["failed"] is True
    assert "passwrod" in result["msg"]
    assert "p4ss" not in str(result)


SHOWN_ARGUMENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"key": "public", "password": "p4ss"}, {"key": "public", "password": WHOLE}),
    ({"entry": {"secret": "p4ss"}}, {"entry": WHOLE}),
    ({"store": {"path": "a", "token": "p4ss"}}, {"store": {"path": "a", "token": WHOLE}}),
    ({"store": "path=a token=p4ss"}, {"store": WHOLE}),
    ({"seen": [{"token": {"id": "p4ss"}}]}, {"seen": WHOLE}),
    ({"passwrod": "p4ss"}, {}),
    ({"key": "of p4ss", "password": "p4ss"}, {"key": f"of {PART}", "password": WHOLE}),
]


@pytest.mark.parametrize(("given", "shown"), SHOWN_ARGUMENTS)
@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_a_task_of_the_role_has_no_secret_in_its_arguments_when_it_is_over(
    tmp_path: Path, transport: str, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Every callback has these, and a `rescue` in `ansible_failed_task`."""
    it = action(tmp_path, args=given, transport=transport, _role=SimpleNamespace(get_name=lambda: ROLE))
    it.run(task_vars={})
    assert it._task.args == shown


def test_a_task_of_a_playbook_of_ours_has_none_either_and_one_of_a_user_is_retried_with_them(tmp_path: Path) -> None:
    given = {"key": "public", "password": "p4ss"}
    ours, of_user = action(tmp_path, args=given), action(tmp_path, args=given)
    ours.run(task_vars={"_mfa_names": {"password": "mfa_audit_password"}})
    of_user.run(task_vars={})
    assert (ours._task.args, of_user._task.args) == ({"key": "public", "password": WHOLE}, given)


def test_a_result_of_the_role_tells_whose_it_is(tmp_path: Path) -> None:
    """With run_once, core gives it to all hosts."""
    it = action(tmp_path, check_mode=True, _role=SimpleNamespace(get_name=lambda: ROLE))
    told = it.run(task_vars={"inventory_hostname": "ada"})["for_role"]
    assert (told["host"], told["play"], told["check_mode"]) == ("ada", "p", True)


class TaskTimeout(BaseException):
    """As that of core, which is no `Exception`."""


ERRORS = [AnsibleConnectionFailure("no route"), TaskTimeout("after 4 s"), RuntimeError("anything")]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("reason", [{"no_log": True}, {"loop": "{{ some }}"}], ids=["no_log", "a secret item"])
def test_an_error_shows_nothing_of_a_task_that_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: dict[str, Any], error: Exception
) -> None:
    monkeypatch.setattr(Action.module, "HOLDS_SECRETS", ())
    monkeypatch.setattr(Action, "failure", error)
    it = action(tmp_path, transport="ssh", args={"password": "p4ss"}, **reason)
    with pytest.raises(type(error)):
        it.run(task_vars={"ansible_loop_var": "one", "one": "p4ss"})
    assert it._task.no_log is True


@pytest.mark.parametrize(("error", "hidden"), [*zip(ERRORS, (False, False, True), strict=True)])
def test_words_of_core_are_readable_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, hidden: bool
) -> None:
    monkeypatch.setattr(Action, "failure", error)
    it = action(tmp_path, transport="ssh")
    with pytest.raises(type(error)):
        it.run(task_vars={})
    assert it._task.no_log is hidden
