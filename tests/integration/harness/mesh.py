# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controller and the nodes that work for it, as AWX has them: real receptors, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .lab import Lab, wait_until
from .machine import BIN
from .processes import kill_tree

CONTROLLER = "controller"
WORK = "ansible-runner"
RECEPTOR, RECEPTORCTL = "/usr/bin/receptor", "/usr/bin/receptorctl"


@dataclass(frozen=True)
class Node:
    """A receptor. All that it has lies in its folder."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def units(self) -> list[str]:
        """The folders of work that it still has."""
        return [path.name for path in (self.folder / "data").glob("*/*") if path.is_dir()]

    @property
    def left(self) -> list[str]:
        """What jobs left in its folder for temporary files."""
        return [path.name for path in (self.folder / "tmp").iterdir()]


class Mesh:
    """The controller, and nodes that connect to it."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self._socket = nodes[CONTROLLER].folder / "socket"

    def submit(self, node: str, stream: bytes, lab: Lab) -> subprocess.Popen[bytes]:
        """Send a job to a node. What it answers is the output of this process, and then nothing of it is kept."""
        given = lab.inputs / f"stream-for-{node}"
        given.write_bytes(stream)
        command = [RECEPTORCTL, "--socket", str(self._socket), "work", "submit", WORK, "--node", node]
        with given.open("rb") as payload:
            return subprocess.Popen(
                [*command, "--payload", "-", "--follow", "--rm"],
                stdin=payload,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def kill(self, node: str) -> None:
        """Kill a node, with all that it runs."""
        kill_tree(self.nodes[node].process.pid)
        self.nodes[node].process.wait()

    def reached(self) -> set[str]:
        """The nodes that the controller has a way to; itself, once it answers."""
        try:
            return {CONTROLLER, *(_asked(self._socket, "status")["RoutingTable"] or {})}
        except OSError:
            return set()


@contextlib.contextmanager
def mesh_of(lab: Lab, *workers: str, **env: str) -> Iterator[Mesh]:
    """Start the controller and workers; the test is skipped where the program is not here.

    :param env: what jobs see beside what runs of the lab see.
    """
    if not all(map(shutil.which, (RECEPTOR, RECEPTORCTL))):
        pytest.skip("the program receptor is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listens = [{"tcp-listener": {"bindaddr": "127.0.0.1", "port": port}}]
    runner = {"worktype": WORK, "command": str(BIN / "ansible-runner"), "params": "worker"}
    works = [{"tcp-peer": {"address": f"127.0.0.1:{port}"}}, {"work-command": runner}]
    nodes: dict[str, Node] = {}
    try:
        nodes[CONTROLLER] = _started(lab, CONTROLLER, listens, env)
        mesh = Mesh(nodes)
        wait_until(lambda: bool(mesh.reached()), "the controller answers")  # who calls too early calls again much later
        nodes.update({name: _started(lab, name, works, env) for name in workers})
        wait_until(lambda: set(nodes) <= mesh.reached(), "the nodes are reached")
        yield mesh
    finally:
        for node in nodes.values():
            kill_tree(node.process.pid)
            node.process.wait()


def _started(lab: Lab, name: str, config: Sequence[dict[str, Any]], env: Mapping[str, str]) -> Node:
    folder = lab.tmp / name  # a short path, since a socket is there
    for part in ("home", "tmp", "data"):
        (folder / part).mkdir(parents=True)
    own = [
        {"node": {"id": name, "datadir": str(folder / "data")}},
        {"log-level": {"level": "warning"}},
        {"control-service": {"service": "control", "filename": str(folder / "socket")}},
    ]
    file = lab.given(f"{name}.yml", [*own, *config])
    environment = lab.environment(HOME=str(folder / "home"), TMPDIR=str(folder / "tmp"), **env)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([RECEPTOR, "-c", str(file)], env=environment, stdout=log, stderr=log)
    return Node(name, folder, process)


def _asked(path: Path, command: str) -> Any:
    """Ask the control service."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        with connection.makefile("rw", encoding="utf-8") as talk:
            talk.readline()  # who it is
            talk.write(f"{command}\n")
            talk.flush()
            return json.loads(talk.readline())
