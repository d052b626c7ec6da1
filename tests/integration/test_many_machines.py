# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fleet in slices on several nodes, as AWX sends them: `ansible-runner transmit`, `worker` and `process`.

The nodes share a store, and nothing else: each has a HOME of its own, with its own record of used passcodes. Their
vault password is a file on the node. The passwords of the accounts travel encrypted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.harness import Arguments, Lab, Run, User, find_leaks
from integration.harness.machine import BIN, FILES

MakeLab = Callable[..., Lab]
NAMES = ("ada", "bob", "cid", "dan")
SLICES = (NAMES[:2], NAMES[2:])
KEPT = "work/kept/"
"""Where the store lies: outside of every node."""


@dataclass(frozen=True)
class Job:
    """A slice that came back: everything that a controller and a node have of it."""

    rc: int
    stdout: str
    streams: dict[str, bytes]
    left: int

    def leaks(self, lab: Lab) -> set[str]:
        """Secrets in the streams, the arguments, the artifacts, or on the disk of a node.

        What the streams have packed is what the two folders of the job hold, which are searched as they are.
        """
        found = find_leaks(lab, self.streams)
        return {f"{leak.kind} in {leak.place}" for leak in found if not leak.place.startswith(KEPT)}


def run_slice(lab: Lab, node: str, names: Sequence[str], **variables: Any) -> Job:
    """Send a slice to a node, and take what comes back."""
    number = len(list(lab.work.glob("job-*")))
    sent, back = lab.work / f"job-{number}" / "sent", lab.work / f"job-{number}" / "back"
    write_job(lab, sent, names, variables)
    back.mkdir()
    home = lab.tmp / node
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    environment = lab.environment(HOME=str(home), TMPDIR=str(home / "tmp"))
    runner = str(BIN / "ansible-runner")
    there = piped([runner, "transmit", str(sent), "-p", "rackspace.identity.enroll"], lab.environment(), b"")
    with subprocess.Popen(
        [runner, "worker"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as worker:
        with Arguments(worker.pid) as arguments:
            answer, noise = worker.communicate(there, timeout=240)
        assert b"ansible-playbook" in arguments.text, noise
    piped([runner, "process", str(back)], lab.environment(), answer)
    (rc,) = back.rglob("rc")  # `process` ends well whatever the play did
    streams = {"to the node": there, "from the node": answer, "noise": noise, "arguments": arguments.text}
    stdout = rc.with_name("stdout").read_text(encoding="utf-8")
    return Job(int(rc.read_text()), stdout, streams, len(list((home / "tmp").iterdir())))


def piped(command: list[str], environment: dict[str, str], stdin: bytes) -> bytes:
    """Run a part of the chain to its end."""
    done = subprocess.run(command, env=environment, input=stdin, capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def write_job(lab: Lab, folder: Path, names: Sequence[str], variables: dict[str, Any]) -> None:
    """Write what AWX makes of a job: an inventory with its variables, the secret ones encrypted."""
    accounts = {name: lab.account(name) for name in names}
    vault = VaultLib([("default", VaultSecret(lab.vault_password.read_bytes().strip()))])
    passwords = {name: {"mfa_otp_password": user["password"]} for name, user in accounts.items()}
    everyone = {
        "mfa_otp_username": "{{ inventory_hostname }}",
        "mfa_otp_auth_endpoint": lab.emulator.url,
        "mfa_otp_bypass_codes": 2,
        "mfa_otp_store": "command",
        "mfa_otp_store_command": [sys.executable, str(FILES / "store" / "keeper.py"), str(store(lab))],
        **variables,
    }
    (folder / "project").mkdir(parents=True)
    for name, content in passwords.items():
        file = folder / "inventory" / "host_vars" / f"{name}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(vault.encrypt(json.dumps(content)))
    (folder / "inventory" / "hosts.yml").write_text(
        json.dumps({"all": {"hosts": dict.fromkeys(names), "vars": everyone}}), encoding="utf-8"
    )


def store(lab: Lab) -> Path:
    """The folder of the shared store."""
    folder = lab.work / "kept"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def assert_all_are_enrolled(lab: Lab) -> None:
    """MFA is on, with one device each, whose secret is in the store."""
    for name in NAMES:
        account, entry = lab.account(name), json.loads((store(lab) / f"{name}.json").read_text(encoding="utf-8"))
        (device,) = account["otp_devices"]
        assert device["verified"]
        assert (account["mfa_enabled"], account["locked"]) == (True, False)
        assert (entry["username"], entry["device_id"], entry["secret"]) == (name, device["id"], device["secret"])
        assert len(entry["bypass_codes"]) == 2


@pytest.fixture(name="fleet")
def _fleet(make_lab: MakeLab) -> Lab:
    return make_lab(*map(User, NAMES))


@pytest.mark.thorough
def test_slices_on_two_nodes_enroll_a_fleet_and_crossed_slices_change_nothing(fleet: Lab) -> None:
    for node, names in zip(("node-a", "node-b"), SLICES, strict=True):
        job = run_slice(fleet, node, names)
        assert job.rc == 0, job.stdout
        assert "2 accounts: 2 changed." in job.stdout
        assert job.leaks(fleet) == set()
        assert job.left == 0
    assert_all_are_enrolled(fleet)
    before = {file.name: json.loads(file.read_text())["secret"] for file in store(fleet).glob("*.json")}
    # The other node knows from the store alone which passcodes were sent.
    for node, names in zip(("node-b", "node-a"), SLICES, strict=True):
        job = run_slice(fleet, node, names)
        assert job.rc == 0, job.stdout
        assert "2 accounts: 2 settled." in job.stdout
        assert job.leaks(fleet) == set()
    assert_all_are_enrolled(fleet)
    assert {file.name: json.loads(file.read_text())["secret"] for file in store(fleet).glob("*.json")} == before
    assert Run(0, "", fleet.control.requests()).refused_passcodes == 0


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["store", "record"])
def test_what_would_go_with_the_job_is_refused_before_anything_is_created(fleet: Lab, place: str) -> None:
    job_folder = "{{ lookup('ansible.builtin.env', 'AWX_ISOLATED_DATA_DIR') }}"
    given = {
        "store": {"mfa_otp_store": "vault_file", "mfa_otp_vault_file": f"{job_folder}/project/mfa.yml"},
        "record": {"mfa_otp_state_dir": f"{job_folder}/state"},
    }[place]
    job = run_slice(fleet, "node-a", NAMES[:1], **given)
    assert job.rc != 0
    assert "lies in the folder of this job" in " ".join(job.stdout.split())
    assert Run(0, "", fleet.control.requests()).writes == []
    assert fleet.account("ada")["otp_devices"] == []
    assert job.leaks(fleet) == set()
