# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the accounts of labs may be kept beside a vault file: the real program pass, a real OpenBao, a program."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from .lab import wait_until
from .machine import BIN, FILES, environment
from .snippets import guide

TOKEN = "canary-root-token"


class Store(ABC):
    """A store as the role is told of it, and a look into it from outside. Each account has a key of its own.

    :param env: what runs need in their environment.
    :param secrets: what no run may show or leave, beside those of the service.
    """

    def __init__(self, env: Mapping[str, str] | None = None, secrets: tuple[str, ...] = ()) -> None:
        self.env = dict(env or {})
        self.secrets = secrets

    @abstractmethod
    def variables(self, key: str) -> dict[str, Any]:
        """The role's variables."""

    @abstractmethod
    def read(self, key: str) -> dict[str, Any]:
        """The entry; empty where there is none."""

    @abstractmethod
    def write(self, key: str, entry: dict[str, Any]) -> None:
        """Keep an entry, as an earlier run would have done."""

    @abstractmethod
    def mark(self, key: str) -> str:
        """What the callback `hold_saves` knows a save by: a URL, or an argument of the program."""


class InPass(Store):
    """The real program, with a key that has no passphrase."""

    def __init__(self, folder: Path) -> None:
        gnupg, self._home = folder / "gnupg", folder / "home"
        gnupg.mkdir(mode=0o700)
        self._home.mkdir()
        self._folder = folder / "store"
        super().__init__({"GNUPGHOME": str(gnupg), "PASSWORD_STORE_DIR": str(self._folder)})
        self.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "alice", "default", "default", "never")
        self.run("pass", "init", "alice")

    def run(self, *command: str, text: str = "") -> str:
        """Run pass or a program of GnuPG."""
        env = environment(self._home, **self.env)
        return subprocess.run(command, env=env, input=text, capture_output=True, text=True, check=True).stdout

    def variables(self, key: str) -> dict[str, Any]:
        return {"mfa_otp_store": "pass", "mfa_otp_pass_name": self.mark(key)}

    def read(self, key: str) -> dict[str, Any]:
        there = (self._folder / f"{self.mark(key)}.gpg").exists()
        return _entry(self.run("pass", "show", self.mark(key)) if there else "")

    def write(self, key: str, entry: dict[str, Any]) -> None:
        self.run("pass", "insert", "--multiline", self.mark(key), text=json.dumps(entry))

    def mark(self, key: str) -> str:
        return f"mfa/{key}"


class ByAProgram(Store):
    """A program of one's own, with a folder for each key."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def variables(self, key: str) -> dict[str, Any]:
        argv = [sys.executable, str(FILES / "store" / "keeper.py"), self.mark(key)]
        return {"mfa_otp_store": "command", "mfa_otp_store_command": argv}

    def read(self, key: str) -> dict[str, Any]:
        files = list(Path(self.mark(key)).glob("*.json"))
        return _entry(files[0].read_text(encoding="utf-8") if files else "")

    def write(self, key: str, entry: dict[str, Any]) -> None:
        (Path(self.mark(key)) / f"{entry['username']}.json").write_text(json.dumps(entry), encoding="utf-8")

    def mark(self, key: str) -> str:
        folder = self._folder / key
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder)


class InOpenBao(Store):
    """A real server in its development mode, with a KV engine of version 2."""

    def __init__(self, address: str) -> None:
        super().__init__(secrets=(TOKEN,))
        self._address = address

    def is_ready(self) -> bool:
        """Whether the engine is there."""
        with contextlib.suppress(requests.RequestException):
            return self._asked("GET", f"http://{self._address}/v1/secret/config").ok
        return False

    def variables(self, key: str) -> dict[str, Any]:
        given = {"url": f"http://{self._address}", "path": f"mfa/{key}", "token": TOKEN}
        return {"mfa_otp_store": "hashi_vault", "mfa_otp_hashi_vault": given}

    def read(self, key: str) -> dict[str, Any]:
        answer = self._asked("GET", self.mark(key))
        return answer.json()["data"]["data"] or {} if answer.ok else {}

    def write(self, key: str, entry: dict[str, Any]) -> None:
        self._asked("POST", self.mark(key), {"data": entry}).raise_for_status()

    def mark(self, key: str) -> str:
        return f"http://{self._address}/v1/secret/data/mfa/{key}"

    def _asked(self, method: str, url: str, body: Any = None) -> requests.Response:
        return requests.request(method, url, json=body, headers={"X-Vault-Token": TOKEN}, timeout=10)


def _entry(text: str) -> dict[str, Any]:
    entry = json.loads(text) if text else {}
    assert isinstance(entry, dict)
    return entry


@contextlib.contextmanager
def in_pass() -> Iterator[InPass]:
    """Skips the test where the programs are not here."""
    if not (shutil.which("pass", path="/usr/bin") and shutil.which("gpg", path="/usr/bin")):
        pytest.skip("pass or gpg is not here")
    with _folder() as folder:
        store = InPass(folder)
        try:
            yield store
        finally:
            store.run("gpgconf", "--kill", "all")


@contextlib.contextmanager
def by_a_program() -> Iterator[ByAProgram]:
    """The program is one of the tests."""
    with _folder() as folder:
        yield ByAProgram(folder)


@contextlib.contextmanager
def in_openbao() -> Iterator[InOpenBao]:
    """Skips the test where the program is not here."""
    program = shutil.which("bao", path=f"{BIN}:/usr/local/bin:/usr/bin")
    if not program:
        pytest.skip("the program bao (OpenBao) is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program, "server", "-dev", f"-dev-listen-address={address}", f"-dev-root-token-id={TOKEN}"]
    with subprocess.Popen(
        [*command, "-dev-no-store-token"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            store = InOpenBao(address)
            wait_until(store.is_ready, "OpenBao is ready")
            yield store
        finally:
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


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A short path, since GnuPG puts a socket there."""
    with tempfile.TemporaryDirectory(prefix="store-") as folder:
        yield Path(folder)


MakeStore = Callable[[], contextlib.AbstractContextManager[Store]]
STORES: dict[str, MakeStore] = {
    "hashi_vault": in_openbao,
    "pass": in_pass,
    "command": by_a_program,
}
