# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `command`: the two helpers of the guide as they stand there, with stand-ins for the programs they start."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    OTHER,
    OpenAt,
    StoreContract,
    opened,
)

GUIDE = Path(__file__).resolve().parents[5] / "docs" / "docsite" / "rst" / "guide_stores.rst"
STAND_IN = """#!/usr/bin/env -S python3 -I -S
import fcntl, json, os, sys
os.chdir({folder!r})
given = sys.argv[1:]
with open("seen", "a") as seen:
    seen.write(" ".join(given) + "\\n")
lock = os.open("lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
state = json.load(open("state.json")) if os.path.exists("state.json") else {{}}

def unique():
    return os.urandom(16).hex()

def option(name):
    return given[given.index(name) + 1]

def end(answer=None):
    with open("state.json", "w") as file:
        json.dump(state, file)
    print("" if answer is None else json.dumps(answer))
    sys.exit()
"""
AWS = """
assert given[0] == "secretsmanager"
verb = given[1]
name = option("--name" if verb == "create-secret" else "--secret-id")
if "--secret-string" in given:
    assert option("--secret-string") == "file:///dev/stdin"
    text, version = sys.stdin.read(), unique()
if verb == "create-secret":
    if name in state:
        sys.exit("An error occurred (ResourceExistsException) when calling the CreateSecret operation")
    state[name] = {"versions": {version: text}, "current": version}
    end({"VersionId": version})
if name not in state:
    sys.exit("An error occurred (ResourceNotFoundException) when calling an operation")
secret = state[name]
if verb == "get-secret-value":
    end({"SecretString": secret["versions"][secret["current"]], "VersionId": secret["current"]})
if verb == "put-secret-value":
    assert option("--version-stages") == "ANSIBLE"
    secret["versions"][version] = text
    end({"VersionId": version})
assert verb == "update-secret-version-stage" and option("--version-stage") == "AWSCURRENT"
if option("--remove-from-version-id") != secret["current"]:
    sys.exit("An error occurred (InvalidParameterException)")
secret["current"] = option("--move-to-version-id")
end({})
"""
OP = """
assert option("--vault") == "Ansible"
verb = given[:2]
if verb == ["item", "list"]:
    end([{"id": key, "title": value["title"]} for key, value in state.items()])
if verb == ["document", "create"]:
    assert given[2] == "-"
    state[unique()] = {"title": option("--title"), "text": sys.stdin.read()}
    end({})
if given[2] not in state:
    sys.exit("[ERROR] isn't a document")
if verb == ["document", "get"]:
    print(state[given[2]]["text"])
    sys.exit()
if verb == ["document", "edit"]:
    assert given[3] == "-"
    state[given[2]]["text"] = sys.stdin.read()
else:
    assert verb == ["document", "delete"]
    del state[given[2]]
end({})
"""


def of_guide(name: str) -> str:
    """The program of that name, as the guide shows it."""
    found = re.search(rf":name: {name}\n\n((?:    .*\n|\n)+)", GUIDE.read_text(encoding="utf-8"))
    assert found, name
    return textwrap.dedent(found.group(1))


def program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture(name="open_at", params=["aws", "op"])
def _open_at(request: pytest.FixtureRequest, tmp_path: Path) -> OpenAt:
    for name in ("bin", "state"):
        (tmp_path / name).mkdir()
    start = STAND_IN.format(folder=str(tmp_path / "state"))
    program(tmp_path / "bin" / request.param, start + {"aws": AWS, "op": OP}[request.param])
    program(tmp_path / "helper", of_guide(f"rax-store-{request.param}"))
    environ = {"PATH": f"{tmp_path}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    config = {"type": "command", "argv": ["./helper"]}
    return lambda name: opened(tmp_path, {**config, "key": f"rackspace/{name}"}, environ)


class TestContract(StoreContract):
    place = "rackspace/ada of the program .*helper"
    races = 2


def test_no_secret_is_an_argument(open_at: OpenAt, tmp_path: Path) -> None:
    store = open_at("ada")
    store.save(ENTRY, None)
    store.save(OTHER, ENTRY)
    store.remove(OTHER)
    seen = (tmp_path / "state" / "seen").read_text()
    assert "rackspace/ada" in seen
    assert CANARY not in seen


def helper(tmp_path: Path, script: str) -> Store:
    program(tmp_path / "helper", f"#!/bin/sh\n{script}\n")
    return opened(tmp_path, {"type": "command", "argv": [str(tmp_path / "helper")], "key": "ada"})


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (f"echo {CANARY}", "ada of the program .*helper does not hold the entry of an account: it is not JSON"),
        (f"echo '[\"{CANARY}\"]'", "it is a list and must be a dictionary"),
        (f"echo {CANARY} >&2; exit 3", "helper get ended with exit code 3 for ada. Run it by hand"),
        ("exit 200", "exit code 200"),
        ("kill -9 $$", "helper get was killed by signal 9 for ada. Run it by hand"),
    ],
    ids=["no JSON", "no entry", "a failure", "nothing to compare", "a crash"],
)
def test_what_is_not_an_entry_is_refused(tmp_path: Path, script: str, complaint: str) -> None:
    with pytest.raises(OptionError, match=complaint) as caught:
        helper(tmp_path, script).load()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("printed", ["", "null", "{}"])
def test_nothing_is_stored(tmp_path: Path, printed: str) -> None:
    assert helper(tmp_path, f"echo '{printed}'").load() is None


def test_a_program_that_does_not_read_what_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="helper put ended with exit code 0 for ada, but get does not print"):
        helper(tmp_path, "exit 0").save({**ENTRY, "later": "x" * 1_000_000}, None)


@pytest.mark.parametrize(
    "script",
    [
        "cat | /missing/client put; echo saved >&2",
        f"test $1 = get && echo '{json.dumps(OTHER)}'; exit 0",
        "test $1 = get && echo 'WARNING: the token expires soon'; exit 0",
    ],
    ids=["stores nothing", "keeps the former one", "prints something else"],
)
def test_a_program_that_ends_well_and_does_nothing_is_caught(tmp_path: Path, script: str) -> None:
    with pytest.raises(OptionError, match="put ended with exit code 0 for ada, but get does not print") as caught:
        helper(tmp_path, script).save(ENTRY, OTHER)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("printed", [json.dumps(ENTRY), "WARNING"], ids=["an entry", "something else"])
def test_an_entry_that_is_still_there_was_not_removed(tmp_path: Path, printed: str) -> None:
    with pytest.raises(OptionError, match="remove ended with exit code 0 for ada"):
        helper(tmp_path, f"test $1 = get && echo '{printed}'; exit 0").remove(ENTRY)


@pytest.mark.parametrize("verb", ["put", "remove"])
def test_another_controller_that_stores_right_after_is_no_fault_of_the_program(tmp_path: Path, verb: str) -> None:
    theirs = {key: value for key, value in OTHER.items() if key != "next"}
    store = helper(tmp_path, f"test $1 = get && echo '{json.dumps(theirs)}'; exit 0")
    with pytest.raises(StoreChanged, match="Another run has changed ada of the program"):
        store.save(ENTRY, None) if verb == "put" else store.remove(ENTRY)


def test_what_another_controller_noted_on_top_is_no_failure(tmp_path: Path) -> None:
    noted = {**OTHER, "refused": ["2026-01-31T12:00:00Z a"]}
    helper(tmp_path, f"test $1 = get && echo '{json.dumps(noted)}'; exit 0").save(OTHER, ENTRY)


def test_a_note_in_place_of_what_was_saved_is_another_runs(tmp_path: Path) -> None:
    mine, theirs = ({**ENTRY, "last_step": ENTRY["last_step"] + number} for number in (1, 2))
    with pytest.raises(StoreChanged):
        helper(tmp_path, f"test $1 = get && echo '{json.dumps(theirs)}'; exit 0").save(mine, ENTRY)


SPOILT = [
    {**ENTRY, "secret": ENTRY["secret"][:4]},
    {key: value for key, value in ENTRY.items() if key != "last_step"},
    {**ENTRY, "updated": "2026-01-31"},
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=["cut", "a key is missing", "a key of its own"])
def test_a_program_that_spoils_what_it_is_given_is_no_other_run(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="get does not print what put must leave there"):
        helper(tmp_path, f"test $1 = get && echo '{json.dumps(spoilt)}'; exit 0").save(ENTRY, None)


def test_a_place_that_is_empty_may_be_the_work_of_another_run(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="If no other run works on the account, correct the program"):
        helper(tmp_path, "exit 0").save(OTHER, ENTRY)


def test_what_a_program_leaves_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    begin = time.monotonic()
    assert helper(tmp_path, f"setsid sleep 30 &\necho '{json.dumps(ENTRY)}'").load() == ENTRY
    assert time.monotonic() - begin < 10


def test_a_program_that_is_not_there_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    for name in ("missing-helper", "./script"):
        with pytest.raises(OptionError, match=r"store.argv: the program .* is not there, or cannot be executed"):
            opened(tmp_path, {"type": "command", "argv": [name], "key": "ada"}).check()


def test_a_program_that_is_none(tmp_path: Path) -> None:
    program(tmp_path / "helper", "#!/missing/interpreter\n")
    store = opened(tmp_path, {"type": "command", "argv": ["./helper"], "key": "ada"})
    with pytest.raises(OptionError, match=r"store.argv: .*helper cannot be started: No such file"):
        store.load()
