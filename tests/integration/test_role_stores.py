# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the secret is kept: in the program pass, nowhere, or in a folder of task files of the user's own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.harness import ENROLMENT, Arguments, Lab, Run, User, assert_nothing_to_do, find_leaks, rows
from integration.harness.accounts import ENROLLED, bypass_codes

OWN = Path(__file__).resolve().parent / "files" / "store"
JOBS = {
    "rotate": ["create_device", "store_secret", "verify_device", "prove_login", "promote", "delete_previous"],
    "remove": ["turn_off", "delete_device", "remove_stored"],
}


class Pass:
    """The real program, with a key and a password store in the lab's short folder: sockets have short paths."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        gnupg = lab.tmp / "gnupg"
        gnupg.mkdir(mode=0o700)
        self.env = {"GNUPGHOME": str(gnupg), "PASSWORD_STORE_DIR": str(lab.tmp / "store")}

    def program(self, *command: str) -> str:
        """Run a program as the lab's user."""
        env = self._lab.environment(**self.env)
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def entry(self, name: str) -> Any:
        """What pass keeps for an account."""
        return json.loads(self.program("pass", "show", f"rax_mfa_otp/{name}"))

    def run(self, job: str, *args: str, **variables: Any) -> Run:
        """One run, of which nothing is seen and nothing is left, not even with Ansible's files kept."""
        env = {**self.env, "ANSIBLE_KEEP_REMOTE_FILES": "true"}
        before = len(self._lab.control.requests())
        process = self._lab.start(job, *args, env=env, **{**variables, "mfa_otp_store": "pass"})
        with Arguments(process.pid) as arguments:
            run = self._lab.finish(process, before)
        assert b"rax_mfa_otp/alice" in arguments.text, "the program was seen"
        assert find_leaks(self._lab, {"screen": run.screen.encode(), "arguments": arguments.text}) == set()
        return run


@pytest.fixture(name="store")
def _store(lab: Lab) -> Iterator[Pass]:
    """A password store that is set up, for the key of somebody who needs no passphrase."""
    if not (shutil.which("pass", path="/usr/bin") and shutil.which("gpg", path="/usr/bin")):
        pytest.skip("pass or gpg is not here")
    store = Pass(lab)
    store.program("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "alice", "default", "default", "never")
    store.program("pass", "init", "alice")
    yield store
    store.program("gpgconf", "--kill", "all")


def test_pass_keeps_an_account_its_whole_life(lab: Lab, store: Pass) -> None:
    given = lab.variables(mfa_otp_bypass_codes=2)
    assert store.run("enroll", "-vvvv", **given).result["steps"] == [*ENROLMENT, "keep_bypass_codes"]
    entry = store.entry("alice")
    (device,) = lab.account()["otp_devices"]
    assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"])
    assert len(entry["bypass_codes"]) == 2
    lab.control.move(61)
    assert_nothing_to_do(store.run("enroll", **given))
    for job, steps in JOBS.items():
        lab.control.move(61)
        assert store.run(job, **given).result["steps"] == steps
    assert lab.account()["otp_devices"] == []
    assert not list((lab.tmp / "store").rglob("alice.gpg"))
    assert not lab.vault.exists()


@pytest.mark.thorough
def test_pass_that_is_not_set_up_is_an_error_before_any_write(lab: Lab, store: Pass) -> None:
    shutil.rmtree(lab.tmp / "store")
    run = store.run("enroll", **lab.variables())
    assert run.rc != 0
    assert run.writes == []


@pytest.mark.thorough
def test_a_folder_of_ones_own_keeps_an_account_its_whole_life(lab: Lab) -> None:
    folder = lab.work / "own"
    folder.mkdir(mode=0o700)
    given = lab.variables(mfa_otp_store=str(OWN), own_store=str(folder))
    assert lab.run("enroll", **given).result["steps"] == ENROLMENT
    entry = json.loads((folder / "alice.json").read_text(encoding="utf-8"))
    (device,) = lab.account()["otp_devices"]
    assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"])
    lab.control.move(61)
    assert_nothing_to_do(lab.run("enroll", **given))
    for job, steps in JOBS.items():
        lab.control.move(61)
        assert lab.run(job, **given).result["steps"] == steps
    assert list(folder.iterdir()) == []
    assert not lab.vault.exists()


def test_a_folder_that_is_not_there_is_an_error_before_any_request(lab: Lab) -> None:
    run = lab.enrol(mfa_otp_store=str(lab.work / "missing"))
    assert "missing" in run.message
    assert run.requests == []


def test_nothing_is_stored_where_a_person_has_the_secret(lab: Lab) -> None:
    run = lab.enrol(mfa_otp_store="none", mfa_otp_qr="terminal")
    assert run.result["steps"] == [step for step in ENROLMENT if step != "store_secret"]
    assert not lab.vault.exists()


@pytest.mark.parametrize("job", rows(["rotate", "remove", "recover"]))
def test_the_later_life_of_an_account_that_is_not_stored(make_lab: Callable[..., Lab], job: str) -> None:
    lab = make_lab(User(seed=ENROLLED))
    (code,) = bypass_codes(lab, 1)
    run = lab.run(job, **lab.variables(mfa_otp_store="none", mfa_otp_passcode=code, mfa_otp_qr="terminal"))
    if job == "rotate":
        assert "has no secret" in run.message
        assert run.requests == []
    elif job == "remove":
        assert run.result["steps"] == ["turn_off", "delete_device"]
    else:
        assert run.result["proved"] is True
        assert len(lab.account()["otp_devices"]) == 1
