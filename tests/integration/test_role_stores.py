# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the secret is kept: in the program pass, in a real OpenBao, by a program of one's own, or nowhere.

Each store keeps an account its whole life. What a store does by itself is tested in tests/unit.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import yaml
from integration.harness import (
    ENROLLMENT,
    Arguments,
    Lab,
    Run,
    User,
    assert_nothing_to_do,
    find_leaks,
    rows,
    wait_until,
    without_notes,
)
from integration.harness.accounts import ENROLLED, bypass_codes
from integration.harness.machine import BIN, FILES
from integration.harness.snippets import guide

JOBS = {
    "rotate": ["create_device", "store_secret", "verify_device", "prove_login", "promote", "delete_previous"],
    "remove": ["turn_off", "delete_device", "remove_stored"],
}
TOKEN = "canary-root-token"


@dataclass(frozen=True)
class Kept:
    """A store as the role is told of it, and a look into it from outside."""

    lab: Lab
    variables: dict[str, Any]
    look: Callable[[], Any]
    env: dict[str, str] = field(default_factory=dict)

    def run(self, job: str, *args: str, **variables: Any) -> Run:
        """One run, of which nothing is seen and nothing is left, not even with Ansible's files kept."""
        env = {**self.env, "ANSIBLE_KEEP_REMOTE_FILES": "true"}
        before = len(self.lab.control.requests())
        process = self.lab.start(job, *args, env=env, **{**variables, **self.variables})
        with Arguments(process.pid) as arguments:
            run = self.lab.finish(process, before)
        assert b"ansible-playbook" in arguments.text
        leaks = find_leaks(self.lab, {"screen": run.screen.encode(), "arguments": arguments.text})
        assert {leak for leak in leaks if not leak.place.startswith("work/kept/")} == set()
        return run


@contextlib.contextmanager
def in_pass(lab: Lab) -> Iterator[Kept]:
    """The real program, with a key that has no passphrase; in a short folder, since sockets have short paths."""
    if not (shutil.which("pass", path="/usr/bin") and shutil.which("gpg", path="/usr/bin")):
        pytest.skip("pass or gpg is not here")
    gnupg = lab.tmp / "gnupg"
    gnupg.mkdir(mode=0o700)
    env = {"GNUPGHOME": str(gnupg), "PASSWORD_STORE_DIR": str(lab.tmp / "store")}

    def program(*command: str) -> str:
        done = subprocess.run(
            command,
            env=lab.environment(**env),
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout

    def look() -> Any:
        there = (lab.tmp / "store" / "mfa" / "alice.gpg").exists()
        return json.loads(program("pass", "show", "mfa/alice")) if there else None

    program("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "alice", "default", "default", "never")
    program("pass", "init", "alice")
    try:
        yield Kept(lab, {"mfa_otp_store": "pass", "mfa_otp_pass_name": "mfa/alice"}, look, env)
    finally:
        program("gpgconf", "--kill", "all")


@contextlib.contextmanager
def by_a_program(lab: Lab) -> Iterator[Kept]:
    """A program of one's own."""
    folder = lab.work / "kept"
    folder.mkdir(mode=0o700)
    file = folder / "alice.json"
    argv = [sys.executable, str(FILES / "store" / "keeper.py"), str(folder)]

    def look() -> Any:
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    yield Kept(lab, {"mfa_otp_store": "command", "mfa_otp_store_command": argv}, look)


@contextlib.contextmanager
def in_openbao(lab: Lab) -> Iterator[Kept]:
    """A real server in its development mode."""
    program = shutil.which("bao", path=f"{BIN}:/usr/local/bin:/usr/bin")
    if not program:
        pytest.skip("the program bao (OpenBao) is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    url = f"http://{address}/v1/secret"

    def asked(path: str) -> Any:
        answer = requests.get(f"{url}/{path}", headers={"X-Vault-Token": TOKEN}, timeout=10)
        return answer.json()["data"] if answer.ok else None

    def is_ready() -> bool:
        with contextlib.suppress(requests.RequestException):
            return bool(asked("config"))
        return False

    def look() -> Any:
        there = asked("data/mfa/alice")
        return there and there["data"]

    command = [program, "server", "-dev", f"-dev-listen-address={address}", f"-dev-root-token-id={TOKEN}"]
    with subprocess.Popen(
        [*command, "-dev-no-store-token"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        wait_until(is_ready, "OpenBao is ready")
        given = {"url": f"http://{address}", "path": "mfa/alice", "token": TOKEN}
        yield Kept(lab, {"mfa_otp_store": "hashi_vault", "mfa_otp_hashi_vault": given}, look)
        server.terminate()


def approle(url: str, root: str) -> dict[str, str]:
    """Have OpenBao know a role that may do what the guide to the stores says; return its login."""
    policy = next(one.text for one in guide("stores") if "secret/data/rackspace" in one.text)

    def post(path: str, **data: Any) -> Any:
        answer = requests.post(f"{url}/v1/{path}", json=data, headers={"X-Vault-Token": root}, timeout=10)
        answer.raise_for_status()
        return answer.json()["data"] if answer.content else None

    post("sys/policies/acl/mfa", policy=policy)
    post("sys/auth/approle", type="approle")
    post("auth/approle/role/mfa", token_policies=["mfa"])
    post("auth/approle/role/mfa/role-id", role_id="role-of-mfa")
    return {"role_id": "role-of-mfa", "secret_id": post("auth/approle/role/mfa/secret-id")["secret_id"]}


STORES = {"hashi_vault": in_openbao, "pass": in_pass, "command": by_a_program}


@pytest.mark.parametrize("store", rows(STORES, quick=2))
def test_a_store_keeps_an_account_its_whole_life(
    lab: Lab, store: Callable[[Lab], contextlib.AbstractContextManager[Kept]]
) -> None:
    with store(lab) as kept:
        given = lab.variables(mfa_otp_bypass_codes=2)
        assert kept.run("enroll", "-vvvv", **given).result["steps"] == [*ENROLLMENT, "keep_bypass_codes"]
        entry = kept.look()
        (device,) = lab.account()["otp_devices"]
        assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"])
        assert len(entry["bypass_codes"]) == 2
        lab.control.move(61)
        assert_nothing_to_do(kept.run("enroll", **given))
        assert without_notes(kept.look()) == without_notes(entry)
        for job, steps in JOBS.items():
            lab.control.move(61)
            assert kept.run(job, **given).result["steps"] == steps
        assert lab.account()["otp_devices"] == []
        assert not kept.look()
        assert not lab.vault.exists()


@pytest.mark.thorough
def test_each_store_of_the_guide_keeps_a_device(lab: Lab) -> None:
    with in_pass(lab) as kept, in_openbao(lab) as server, by_a_program(lab) as program:
        (lab.work / "kept" / "rackspace").mkdir()
        engine = server.variables["mfa_otp_hashi_vault"]
        login = approle(engine["url"], engine["token"])
        stand_ins = {
            "https://vault.example.com:8200": engine["url"],
            "[/usr/local/bin/rax-store-aws]": json.dumps(program.variables["mfa_otp_store_command"]),
        }
        stores = [one.text for one in guide("stores") if one.text.startswith("store:")]
        for written, here in stand_ins.items():
            stores = [text.replace(written, here) for text in stores]
        shared = {"username": "alice", "password": lab.account()["password"], "auth_endpoint": lab.emulator.url}
        tasks = [
            {"rackspace.identity.rax_otp_device": {"name": str(number), "state": "verified", **shared, **store}}
            for number, store in enumerate(map(yaml.safe_load, stores))
        ]
        run = lab.run(
            [{"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}],
            "--vault-id",
            f"production@{lab.vault_password}",
            env=kept.env,
            **{f"vault_{name}": value for name, value in login.items()},
        )
    assert len(tasks) == len(STORES) + 1  # and the vault file
    assert (run.rc, run.changed_tasks) == (0, len(tasks)), run.screen
    assert all(device["verified"] for device in lab.account()["otp_devices"])


@pytest.mark.thorough
def test_pass_that_is_not_set_up_is_an_error_before_any_write(lab: Lab) -> None:
    with in_pass(lab) as kept:
        shutil.rmtree(lab.tmp / "store")
        run = kept.run("enroll", **lab.variables())
        assert run.rc != 0
        assert run.writes == []


def test_a_program_that_is_not_there_is_an_error_before_any_write(lab: Lab) -> None:
    run = lab.enroll(mfa_otp_store="command", mfa_otp_store_command=["/nowhere/keeper"])
    assert "mfa_otp_store_command" in run.message
    assert run.writes == []


def test_nothing_is_stored_if_a_person_has_the_secret(lab: Lab) -> None:
    run = lab.enroll(mfa_otp_store="none", mfa_otp_qr="terminal", mfa_otp_verify="code")
    assert "waits for its code" in run.message
    assert not lab.vault.exists()
    (device,) = lab.account()["otp_devices"]
    assert not device["verified"]
    assert device["secret"] not in run.screen.replace(" ", "")


@pytest.mark.parametrize("job", rows(["remove", "rotate", "recover"]))
def test_the_later_life_of_an_account_that_is_not_stored(make_lab: Callable[..., Lab], job: str) -> None:
    lab = make_lab(User(seed=ENROLLED))
    (code,) = bypass_codes(lab, 1)
    run = lab.run(
        job, **lab.variables(mfa_otp_store="none", mfa_otp_passcode=code, mfa_otp_qr="terminal", mfa_otp_verify="code")
    )
    if job == "rotate":
        assert "holds no secret" in run.message
        assert run.writes == []
    elif job == "remove":
        assert run.result["steps"] == ["turn_off", "delete_device"]
    else:
        assert "waits for its code" in run.message
        assert len(lab.account()["otp_devices"]) == 2
