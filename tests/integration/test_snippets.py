# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users copy from the pages works: Ansible takes each playbook, and what it names is there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.harness import Lab
from integration.harness.machine import BIN, ROOT
from integration.harness.snippets import PLAYBOOKS, Snippet, pages, played, snippets

SPECS = ROOT / "roles" / "mfa_otp" / "meta" / "argument_specs.yml"
AROUND = {"mfa_otp_result", "mfa_otp_hosts", "mfa_otp_summary", "mfa_otp_store_is_persistent"}
"""What is no variable of the role's specs: its result, and what the playbooks read."""
GROUP = "group/rackspace.identity.rax"
INVENTORY = "rackspace.identity.rax_users"
OURS = "rackspace.identity."


def yaml_snippets() -> list[Snippet]:
    return [snippet for page in pages() for snippet in snippets(page) if snippet.language == "yaml"]


def commands() -> list[tuple[Snippet, str]]:
    return [(snippet, command) for page in pages() for snippet in snippets(page) for command in snippet.commands]


def playbook_of(data: Any) -> list[dict[str, Any]]:
    """The YAML of a snippet as plays: plays as they are, tasks in a play; nothing when it holds variables."""
    if not isinstance(data, list):
        return []
    if all("hosts" in item or "ansible.builtin.import_playbook" in item for item in data):
        return data
    return [{"name": "Play the tasks", "hosts": "localhost", "gather_facts": False, "tasks": data}]


def test_ansible_takes_every_playbook(lab: Lab) -> None:
    files = []
    for snippet in yaml_snippets():
        plays = [play for document in snippet.documents for play in playbook_of(document)]
        if plays:
            files.append(lab.work / f"{snippet.name}.yml")
            files[-1].write_text(json.dumps(plays), encoding="utf-8")
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), "--syntax-check", "-i", "localhost,", *map(str, files)],
        cwd=lab.work,
        env=lab.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(files) > 20
    assert all(file.name in done.stdout for file in files)


@pytest.fixture(name="options", scope="module")
def _options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The options of each module and of the inventory, as users see them; `store` has the keys of a store."""
    names = [f"{OURS}{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py")]
    with Lab(tmp_path_factory.mktemp("doc") / "lab") as lab:

        def documented(kind: str, *names: str) -> dict[str, Any]:
            command = [str(BIN / "ansible-doc"), "--json", "-t", kind, *names]
            shown = subprocess.run(command, env=lab.environment(), capture_output=True, check=True)
            return {name: page["doc"]["options"] for name, page in json.loads(shown.stdout).items()}

        modules, inventories = documented("module", *names), documented("inventory", INVENTORY)
    store = modules[f"{OURS}rax_otp_device"]["store"]["suboptions"]
    return {name: _names(options) for name, options in {**modules, **inventories, "store": store}.items()}


def _names(options: dict[str, Any]) -> set[str]:
    return {name for option, told in options.items() for name in (option, *told.get("aliases", ()))}


def used(data: Any) -> Iterator[tuple[str, set[str]]]:
    """The modules, inventories and stores that a snippet names, each with the options that it gives."""
    if isinstance(data, list):
        for item in data:
            yield from used(item)
    if not isinstance(data, dict):
        return
    if str(data.get("plugin")).startswith(OURS):
        yield data["plugin"], set(data)
    for key, value in data.items():
        if key == GROUP or str(key).startswith(OURS):
            yield key, set(value or ())
        if key == "store" and isinstance(value, dict):
            yield key, set(value)
        yield from used(value)


def test_every_module_and_option_exists(options: dict[str, set[str]]) -> None:
    options = {**options, GROUP: set().union(*options.values())}
    found = [(snippet.name, *one) for snippet in yaml_snippets() for one in used(snippet.documents)]
    assert [(where, name, given - options[name]) for where, name, given in found if given - options[name]] == []
    assert {name for _where, name, _given in found} == set(options)


@pytest.mark.parametrize(
    "page", [*pages(), *sorted(PLAYBOOKS.glob("*.yml"))], ids=lambda page: f"{page.parent.name}-{page.stem}"
)
def test_every_variable_of_the_role_exists(page: Path) -> None:
    specs = yaml.safe_load(SPECS.read_text(encoding="utf-8"))["argument_specs"]
    known = {name for spec in specs.values() for name in spec["options"]} | AROUND
    audit = (PLAYBOOKS / "audit.yml").read_text(encoding="utf-8")
    mistyped = re.compile(r"\S+\s+\(did\s+you\s+mean")  # in a message
    text = mistyped.sub("", page.read_text(encoding="utf-8"))
    assert set(re.findall(r"\bmfa_otp_[a-z_]*[a-z]\b", text)) - known == set()
    assert [name for name in set(re.findall(r"\bmfa_audit_\w+", text)) if name not in audit] == []


def test_the_reference_has_every_variable_once() -> None:
    specs = yaml.safe_load(SPECS.read_text(encoding="utf-8"))["argument_specs"]
    page = (ROOT / "docs" / "docsite" / "rst" / "guide_variables.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   \* - ``(mfa_otp_\w+)``$", page, re.MULTILINE)
    known = {name for spec in specs.values() for name in spec["options"]} | {"mfa_otp_hosts", "mfa_otp_summary"}
    assert sorted(listed) == sorted(known)


def test_every_playbook_that_is_played_exists() -> None:
    found = [(snippet, name) for snippet, command in commands() for name in played(command)]
    assert len(found) > 15
    for snippet, name in found:
        if name.startswith(OURS):
            assert (PLAYBOOKS / f"{name.removeprefix(OURS)}.yml").is_file(), (snippet.name, name)
        elif not (snippet.page.parent / name).is_file():
            others = [line for line in snippet.page.read_text(encoding="utf-8").splitlines() if name in line]
            told = [line for line in others if "ansible-playbook" not in line]
            assert told, f"{snippet.name} plays {name}, and the page does not say what that is"
