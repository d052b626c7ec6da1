# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fleet in slices on several nodes, as AWX sends them: real receptors, `ansible-runner transmit`, `worker` and
`process`, and a real OpenBao.

The nodes share the store, and nothing else: each has a HOME of its own, with its own record of used passcodes. Their
vault password is a file on the node. The passwords of the accounts and the token of the store travel encrypted.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Arguments, Lab, User, find_leaks, refused_passcodes
from integration.harness.accounts import device_of
from integration.harness.checks import refused_by_account
from integration.harness.killing import wait_for_hold
from integration.harness.machine import BIN
from integration.harness.mesh import Mesh, mesh_of
from integration.harness.stores import in_openbao

NODES = ("node-a", "node-b")
NAMES = tuple(f"user{number:02}" for number in range(12))
SLICES = (NAMES[::2], NAMES[1::2])
"""As AWX slices an inventory."""
EACH = len(SLICES[0])
MOST_REFUSED = 1
pytestmark = pytest.mark.thorough


@dataclass(frozen=True)
class Job:
    """A slice that came back."""

    rc: int
    stdout: str


@dataclass
class Fleet:
    """A lab, its mesh, and the jobs that went there.

    :param arguments: what could be seen of the processes of the nodes.
    :param streams: what went there and came back.
    """

    lab: Lab
    mesh: Mesh
    arguments: Sequence[Arguments]
    streams: dict[str, bytes] = field(default_factory=dict)

    def send(self, node: str, names: Sequence[str], **variables: Any) -> tuple[Path, subprocess.Popen[bytes]]:
        """Send a slice to a node; the folder of the job, and the process that gets what comes back."""
        folder = self.lab.work / f"job-{len(list(self.lab.work.glob('job-*')))}"
        write_job(self.lab, folder / "sent", names, variables)
        (folder / "back").mkdir()
        there = self._runner(b"", "transmit", str(folder / "sent"), "-p", "rackspace.identity.enroll")
        self.streams[f"to {node}, {folder.name}"] = there
        return folder, self.mesh.submit(node, there, self.lab)

    def receive(self, folder: Path, process: subprocess.Popen[bytes]) -> Job:
        """Take what comes back."""
        answer, noise = process.communicate(timeout=240)
        assert answer, noise
        self._runner(answer, "process", str(folder / "back"))
        (rc,) = (folder / "back").rglob("rc")  # what the parts of the chain end with says little
        self.streams |= {f"back, {folder.name}": answer, f"noise, {folder.name}": noise}
        return Job(int(rc.read_text()), rc.with_name("stdout").read_text(encoding="utf-8"))

    def run(self, slices: Mapping[str, Sequence[str]], **variables: Any) -> list[Job]:
        """Send slices to nodes at the same time, and wait for all."""
        return [self.receive(*sent) for sent in [self.send(*one, **variables) for one in slices.items()]]

    def _runner(self, stdin: bytes, *arguments: str) -> bytes:
        """Run a part of the chain on the controller to its end."""
        command = [str(BIN / "ansible-runner"), *arguments]
        done = subprocess.run(command, env=self.lab.environment(), input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def assert_nothing_leaked(self) -> None:
        """No secret in the streams, the arguments, the artifacts, or on the disk of a node.

        What the streams have packed is what the two folders of the job hold, which are searched as they are.
        """
        seen = b"\n".join(arguments.text for arguments in self.arguments)
        assert b"ansible-playbook" in seen
        assert find_leaks(self.lab, {**self.streams, "arguments": seen}) == set()

    def assert_nothing_is_left(self) -> None:
        """Neither a job nor a part of one is still on a node or on the controller."""
        for node in self.mesh.nodes.values():
            assert (node.units, node.left) == ([], []), node.name

    def assert_enrolled(self, names: Sequence[str] = NAMES) -> dict[str, str]:
        """MFA is on, with one device each, whose secret is in the store; the secrets."""
        for name in names:
            account, entry = self.lab.account(name), self.entry(name)
            (device,) = account["otp_devices"]
            assert device["verified"]
            assert (account["mfa_enabled"], account["locked"]) == (True, False)
            assert (entry["username"], entry["device_id"], entry["secret"]) == (name, device["id"], device["secret"])
            assert len(entry["bypass_codes"]) == 2
            assert {"next", "previous", "orphans"} & entry.keys() == set()
        return {name: self.entry(name)["secret"] for name in names}

    def entry(self, name: str) -> dict[str, Any]:
        """What is stored of an account."""
        assert self.lab.kept_in
        return self.lab.kept_in.read(name)


def write_job(lab: Lab, folder: Path, names: Sequence[str], variables: Mapping[str, Any]) -> None:
    """Write what AWX makes of a job: an inventory with its variables, the secret ones encrypted."""
    assert lab.kept_in
    vault = lab.vault_lib()
    store = lab.kept_in.variables("{{ inventory_hostname }}")
    secrets = {
        **{f"host_vars/{name}.yml": {"mfa_otp_password": lab.account(name)["password"]} for name in names},
        "group_vars/all.yml": {"store_token": store["mfa_otp_hashi_vault"].pop("token")},
    }
    store["mfa_otp_hashi_vault"]["token"] = "{{ store_token }}"
    everyone = {
        "mfa_otp_username": "{{ inventory_hostname }}",
        "mfa_otp_auth_endpoint": lab.emulator.url,
        "mfa_otp_bypass_codes": 2,
        **store,
        **variables,
    }
    (folder / "project").mkdir(parents=True)
    for name, content in secrets.items():
        file = folder / "inventory" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(vault.encrypt(json.dumps(content)))
    (folder / "inventory" / "hosts.yml").write_text(
        json.dumps({"all": {"hosts": dict.fromkeys(names), "vars": everyone}}), encoding="utf-8"
    )


@pytest.fixture(name="fleet")
def _fleet(make_lab: Callable[..., Lab]) -> Iterator[Fleet]:
    with contextlib.ExitStack() as stack:
        lab = make_lab(*map(User, NAMES), kept_in=stack.enter_context(in_openbao()))
        mesh = stack.enter_context(mesh_of(lab, *NODES, ANSIBLE_FORKS=str(EACH), ANSIBLE_STRATEGY="free"))
        processes = [node.process.pid for node in mesh.nodes.values()]
        yield Fleet(lab, mesh, [stack.enter_context(Arguments(pid, pause=0.1)) for pid in processes])


def test_slices_on_two_nodes_enroll_a_fleet_and_crossed_slices_change_nothing(fleet: Fleet) -> None:
    for job in fleet.run(dict(zip(NODES, SLICES, strict=True))):
        assert job.rc == 0, job.stdout
        assert f"{EACH} accounts: {EACH} changed." in job.stdout
    secrets = fleet.assert_enrolled()
    # The other node knows from the store alone which passcodes were sent.
    for job in fleet.run(dict(zip(reversed(NODES), SLICES, strict=True))):
        assert job.rc == 0, job.stdout
        assert f"{EACH} accounts: {EACH} settled." in job.stdout
    assert fleet.assert_enrolled() == secrets
    assert refused_passcodes(fleet.lab) == 0
    fleet.assert_nothing_leaked()
    fleet.assert_nothing_is_left()


def test_a_node_is_killed_in_the_middle_and_the_other_one_ends_its_accounts(fleet: Fleet) -> None:
    """Its accounts are killed at several requests, once before the work and once after it."""
    lab = fleet.lab
    rules = [
        lab.control.fault("hold", path=f"/users/{lab.account(name)['id']}/", nth=2 + number // 2 * 2, when=when)
        for number, (name, when) in enumerate(zip(SLICES[0], ["before", "after"] * (EACH // 2), strict=True))
    ]
    _folder, lost = fleet.send(NODES[0], SLICES[0])
    other = fleet.send(NODES[1], SLICES[1])
    for rule in rules:
        wait_for_hold(lab, rule, lost)
    fleet.mesh.kill(NODES[0])
    lost.kill()
    lost.communicate()
    lab.control.clear_faults()
    assert fleet.receive(*other).rc == 0
    half_done = [
        name for name in SLICES[0] if lab.account(name)["otp_devices"] and not lab.account(name)["mfa_enabled"]
    ]
    assert half_done, "nobody was in the middle"
    stored = {name: entry["device_id"] for name in SLICES[0] if (entry := fleet.entry(name))}
    (job,) = fleet.run({NODES[1]: SLICES[0]})
    assert job.rc == 0, job.stdout
    fleet.assert_enrolled()
    # What was stored is what is in use: nothing was made anew for it.
    assert {name: fleet.entry(name)["device_id"] for name in stored} == stored
    assert stored, "nothing was stored yet"
    for name, device_id in stored.items():
        assert device_of(lab, device_id, name)
    # The last step that the killed node used may be known to nobody.
    assert max(refused_by_account(lab).values(), default=0) <= MOST_REFUSED
    fleet.assert_nothing_leaked()


def test_what_would_go_with_the_job_is_refused_before_anything_is_created(fleet: Fleet) -> None:
    job_folder = "{{ lookup('ansible.builtin.env', 'AWX_ISOLATED_DATA_DIR') }}"
    for given in (
        {"mfa_otp_store": "vault_file", "mfa_otp_vault_file": f"{job_folder}/project/mfa.yml"},
        {"mfa_otp_state_dir": f"{job_folder}/state"},
    ):
        (job,) = fleet.run({NODES[0]: NAMES[:1]}, **given)
        assert job.rc != 0
        assert "lies in the folder of this job" in " ".join(job.stdout.split())
    assert not [request for request in fleet.lab.control.requests() if request["path"] != "/v2.0/tokens"]
    assert fleet.lab.account(NAMES[0])["otp_devices"] == []
    fleet.assert_nothing_leaked()
