# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator and a user's machine: a HOME, a vault password, a vault file, and ansible-playbook in between."""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import requests
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from emulator import Emulator

from .machine import BIN, COLLECTIONS, FILES, ROOT, calm, environment
from .processes import kill
from .run import Run

if TYPE_CHECKING:
    from .stores import Store

TIME_LIMIT = 240.0
"""Seconds that a run may take: three waits for a time step on a busy machine are far below."""
PERIOD = 30
_PHASE = 4.0
"""Where in a time step the emulator's clock starts, so that a short run ends in the step in which it began."""
CONTROLS: dict[str, str | None] = {"PYTHONPATH": str(ROOT / "tests")}
"""Where the action `control` of files/playing has its client from."""
_RESULTS = "ansible_play_hosts | map('extract', hostvars) | map(attribute='mfa_otp_result', default={})"
KEEP = [
    {
        "name": "Keep",
        "hosts": "all",
        "gather_facts": False,
        "strategy": "linear",
        "tasks": [
            {
                "name": "Keep the results",
                "ansible.builtin.debug": {"msg": f"{{{{ dict(ansible_play_hosts | zip({_RESULTS})) }}}}"},
                "run_once": True,
            }
        ],
    }
]
"""A playbook after the others: facts last to the end of a run. One host tells those of all."""


@dataclass(frozen=True)
class User:
    """An account to enroll. The emulator makes up its secrets."""

    name: str = "alice"
    seed: dict[str, Any] = field(default_factory=dict)

    @property
    def as_seed(self) -> dict[str, Any]:
        """The user as the emulator takes it."""
        return {"username": self.name, **self.seed}


class Lab:
    """A context manager. All that a run may leave behind lies under `root` and in `tmp`.

    :param kept_in: another store than the vault file.
    """

    def __init__(
        self,
        root: Path,
        *users: User,
        kept_in: Store | None = None,
        behavior: dict[str, Any] | None = None,
        tls: ssl.SSLContext | None = None,
        collections: Path = COLLECTIONS,
    ) -> None:
        self.root = root
        self.home, self.work, self.inputs = (root / name for name in ("home", "work", "inputs"))
        for folder in (self.home, self.work, self.inputs):
            folder.mkdir(parents=True, mode=0o700)
        calm(self.home)
        # Not below root: Ansible puts a socket there, and the path of a socket has at most 108 bytes.
        self._tmp = tempfile.TemporaryDirectory(prefix="lab-")
        self.tmp = Path(self._tmp.name)
        self.vault = self.work / "vault.yml"
        self.vault_password = self.inputs / "vault-password"
        self.vault_password.write_text("the vault's password\n", encoding="utf-8")
        self.kept_in = kept_in
        self.key = root.name
        """What the other store knows the account by."""
        self.users = users or (User(),)
        self.emulator = Emulator([user.as_seed for user in self.users], behavior, tls=tls)
        self.collections = collections
        self.outlived: list[int] = []
        """Processes whose main process was killed. Core's workers never end then: their results are not taken."""
        self._given = 0
        self._screens: dict[int, Path] = {}

    def __enter__(self) -> Lab:
        self.emulator.start()
        self.control = self.emulator.control
        self.to_phase(_PHASE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in self.outlived:
            kill(pid)
        self.emulator.stop()
        self._tmp.cleanup()

    def to_phase(self, seconds: float) -> None:
        """Move the emulator's clock on to so many seconds after the beginning of a time step."""
        self.control.move((seconds - self.control.now()) % PERIOD)

    def account(self, name: str = "") -> dict[str, Any]:
        """A user as the emulator has it now, secrets included; without a name, the first one."""
        return self.control.user(name or self.users[0].name)

    def variables(self, name: str = "", *, by: str = "password", **more: Any) -> dict[str, Any]:
        """The role's variables for a user, who manages by `password`, `api_key`, `both`, or by `token`."""
        user = self.account(name)
        ways = {"password": ["password"], "api_key": ["api_key"], "both": ["password", "api_key"], "token": []}[by]
        credentials = {f"mfa_otp_{way}": user[way] for way in ways}
        if by == "token":
            credentials["mfa_otp_auth_token"] = self.token(user)
        store = self.kept_in.variables(self.key) if self.kept_in else {"mfa_otp_vault_file": str(self.vault)}
        return {
            "mfa_otp_username": user["username"],
            "mfa_otp_auth_endpoint": self.emulator.url,
            **store,
            **credentials,
            **more,
        }

    def token(self, user: Mapping[str, Any]) -> str:
        """A token of a user, by API key."""
        credentials = {"username": user["username"], "apiKey": user["api_key"]}
        body = {"auth": {"RAX-KSKEY:apiKeyCredentials": credentials}}
        return str(
            requests.post(f"{self.emulator.url}/v2.0/tokens", json=body, timeout=10).json()["access"]["token"]["id"]
        )

    @property
    def kept(self) -> bytes:
        """The vault file as it is; empty if there is none."""
        return self.vault.read_bytes() if self.vault.exists() else b""

    def vault_lib(self, vault_id: str = "default") -> VaultLib:
        """Ansible's own library, with the password of the machine."""
        return VaultLib([(vault_id, VaultSecret(self.vault_password.read_bytes().strip()))])

    def entry(self, variable: str = "rax_mfa_otp", file: Path | None = None) -> dict[str, Any]:
        """What is kept for an account, a vault file read by Ansible's own library; empty if there is nothing."""
        if self.kept_in:
            return self.kept_in.read(self.key)
        path = file or self.vault
        if not path.exists():
            return {}
        found = yaml.safe_load(self.vault_lib().decrypt(path.read_bytes())).get(variable, {})
        assert isinstance(found, dict)
        return found

    def store(self, entry: dict[str, Any], variable: str = "rax_mfa_otp", file: Path | None = None) -> None:
        """Put an entry into the store, as an earlier run would have done."""
        if self.kept_in:
            self.kept_in.write(self.key, entry)
            return
        path = file or self.vault
        path.write_bytes(self.vault_lib().encrypt(json.dumps({variable: entry})))
        path.chmod(0o600)

    def environment(self, **more: str | None) -> dict[str, str]:
        """What a run sees of the machine, with other values, or without a variable (None). Nothing of the caller's."""
        usual: dict[str, str | None] = {
            "TMPDIR": str(self.tmp),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self.vault_password),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            # What inventories are here. Loading all that core could read costs 5 % of a run.
            "ANSIBLE_INVENTORY_ENABLED": "ansible.builtin.host_list,ansible.builtin.yaml",
            **(self.kept_in.env if self.kept_in else {}),
        }
        return environment(self.home, **{**usual, **more})

    def given(self, name: str, content: Any) -> Path:
        """A file for a run, readable by its owner alone. JSON is YAML, so it may be a playbook, too."""
        self._given += 1  # a file of its own each time: an earlier run may still be reading
        path = self.inputs / f"{self._given}-{name}"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def start(
        self,
        job: str | list[dict[str, Any]] = "enroll",
        *args: str,
        inventory: str | dict[str, Any] = "account,",
        env: Mapping[str, str | None] | None = None,
        **variables: Any,
    ) -> subprocess.Popen[str]:
        """Start ansible-playbook, in a session of its own.

        :param job: a playbook of the collection by its name, or plays.
        :param inventory: a list of hosts with a comma, or an inventory as data.
        :param variables: extra variables. They go by a file: arguments can be read by everyone.
        """
        playbook = f"rackspace.identity.{job}" if isinstance(job, str) else str(self.given("play.yml", job))
        hosts = inventory if isinstance(inventory, str) else str(self.given("inventory.yml", inventory))
        given = f"@{self.given('variables.yml', variables)}"
        command = ["ansible-playbook", playbook, str(self.given("keep.yml", KEEP)), "-i", hosts, "-e", given, *args]
        # Files, and no pipes: they are not read while a test looks at the emulator.
        path = self.inputs / f"{self._given}-screen"
        with path.open("w", encoding="utf-8") as screen:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                cwd=self.work,
                env=self.environment(**(env or {})),
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._screens[process.pid] = path
        return process

    def run(self, job: str | list[dict[str, Any]] = "enroll", *args: str, **options: Any) -> Run:
        """Run ansible-playbook to its end (parameters of `start`)."""
        before = len(self.control.requests())
        process = self.start(job, *args, **options)
        return self.finish(process, before)

    def finish(self, process: subprocess.Popen[str], before: int = 0) -> Run:
        """Wait for a run. Only requests after the first `before` are its own."""
        rc = process.wait(TIME_LIMIT)
        screen = self._screens.pop(process.pid).read_text(encoding="utf-8")
        return Run(rc, screen, self.control.requests()[before:])

    def a_minute_later(self) -> dict[str, Any]:
        """A play that moves the emulator's clock, between others of a run that has `CONTROLS` in its environment."""
        with contextlib.suppress(FileExistsError):
            (self.inputs / "action_plugins").symlink_to(FILES / "playing" / "action_plugins")
        move = {"control": {"url": self.emulator.url, "do": [["move", {"seconds": 61}]]}}
        return {"hosts": "all", "gather_facts": False, "tasks": [move]}

    def enroll(self, name: str = "", *args: str, by: str = "password", **more: Any) -> Run:
        """Run the playbook `enroll` for a user."""
        return self.run("enroll", *args, **self.variables(name, by=by, **more))


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait for something outside, and look less and less often. A test that waits in vain fails with `what`."""
    deadline, pause = time.monotonic() + seconds, 0.01
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(pause)
        pause = min(pause * 1.2, 0.2)
