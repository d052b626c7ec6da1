# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module loads at its start: Python compiles each file of an ordinary module anew, each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.login.entry_shape import secret_values
from ansible_collections.rackspace.identity.plugins.module_utils.run import runner, task

LATE = ("configparser", "credentials_file", "key_uri", "login.login", "pyotp", "refusals", "secret", "second_factor")
"""What a task with a token does without."""
NEVER = ("breaks", "entry_notes", "entry_shape", "mfa.entry", "settings_store", "stored")
"""What a task without a store does without, while the service answers."""
SCRIPT = """
import json, sys
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_settings
from ansible_collections.rackspace.identity.plugins.module_utils.login.session import Session
from ansible_collections.rackspace.identity.plugins.module_utils.login.voice import Voice

given = {"timeout": 1.0, "max_wait": 1.0, "validate_certs": True, **json.loads(sys.argv[1])}
with Session(given.get, keep=str, voice=Voice(str, str), environ={}) as session:
    session.client if given.get("auth_token") else session.login
print(json.dumps([name for name in sys.modules if not name.startswith("_")]))
"""


@pytest.mark.parametrize(
    ("given", "loaded"),
    [
        ({"auth_token": "t", "user_id": "u1"}, set()),
        ({"auth_token": "t", "otp_secret": "GEZDGNBVGY3TQOJQ"}, {"key_uri", "secret", "pyotp", "refusals"}),
        ({"username": "alice", "password": "p"}, {"key_uri", "login.login", "secret", "pyotp", "second_factor"}),
        ({"credentials_file": "FILE"}, set(LATE) - {"refusals"}),
    ],
    ids=["token", "token and secret", "password", "file"],
)
def test_what_is_loaded(tmp_path: Path, given: dict[str, str], loaded: set[str]) -> None:
    file = tmp_path / "credentials"
    file.write_text("[rackspace_cloud]\nusername = alice\napi_key = k\n", encoding="utf-8")
    options = json.dumps(given).replace("FILE", str(file))
    tree = next(folder.parent for folder in Path(task.__file__).parents if folder.name == "ansible_collections")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(json.loads(run.stdout))
    assert {late for late in (*LATE, *NEVER) if any(f".{name}".endswith(f".{late}") for name in names)} == loaded


@pytest.mark.parametrize("option", ["password", "api_key", "auth_token", "passcode", "code"])
def test_a_secret_option_stays_hidden_that_a_stored_dictionary_repeats(option: str) -> None:
    params = {option: "CANARY", "otp_secret": {"secret": "JBSWY3DPEHPK3PXP", "device_name": "CANARY", "username": "jo"}}
    module: Any = SimpleNamespace(params=params, no_log_values={"CANARY", "JBSWY3DPEHPK3PXP", "jo"})
    task.mask_secrets_only(module)
    assert module.no_log_values == {"CANARY", "JBSWY3DPEHPK3PXP"}


def test_what_the_next_task_needs_stays_whole() -> None:
    told: dict[str, Any] = {}

    def end(**result: Any) -> None:
        told.update(result)
        raise SystemExit

    def run(module: Any) -> dict[str, Any]:
        module.public_names.add("alice")
        return {"token": {"id": "canary"}, "user": {"name": "alice"}, "said": "canary of alice"}

    module: Any = SimpleNamespace(params={}, no_log_values={"canary", "lice"}, exit_json=end)
    with pytest.raises(SystemExit):
        runner.execute(module, run, ("token",))
    assert told.pop("invocation") == {"module_args": {}}
    assert told == {"token": {"id": "canary"}, "user": {"name": "alice"}, "said": "******** of a********"}
    assert module.no_log_values == set()


def test_what_is_told_has_the_names_of_its_reader_and_no_secret() -> None:
    told: list[str] = []
    controller = SimpleNamespace(tell=told.append, name_of=lambda option: f"mfa_otp_{option}")
    module: Any = SimpleNamespace(controller=controller, no_log_values={"canary"})
    task._telling(module)("jo: Check O(auth_endpoint). It repeats canary. Trying again in 5 s.")
    assert told == ["jo: Check mfa_otp_auth_endpoint. It repeats ********. Trying again in 5 s."]


def test_an_ordinary_module_tells_its_log() -> None:
    told: list[str] = []
    module: Any = SimpleNamespace(debug=told.append, no_log_values=set())
    task._telling(module)("Check O(auth_endpoint).")
    assert told == ["Check auth_endpoint."]


@pytest.mark.parametrize(
    ("step_offset", "is_secret"), [(-1, False), ("-1", False), (None, False), ("0canary", True)], ids=repr
)
def test_what_stands_under_a_number_is_shown_only_if_it_is_one(step_offset: Any, is_secret: bool) -> None:
    entry = {"step_offset": step_offset, "username": "ada", "last_step": 59}
    assert secret_values(entry) == ([step_offset] if is_secret else [])


def test_of_a_result_only_the_secret_is_one() -> None:
    result = {"changed": True, "user": {"name": "jane the first"}, "secret": "JBSWY3DPEHPK3PXP", "steps": ["turn_on"]}
    assert secret_values(result) == ["JBSWY3DPEHPK3PXP"]
    assert secret_values({"secret": "JBSWY3DPEHPK3PXP", "pin": "canary", "changed": "2026-01-01"})[1] == "canary"
