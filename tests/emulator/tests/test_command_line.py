# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 tests/emulator`: start, URL, stop, TLS, and the commands of the README."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from emulator import Control, Emulator
from emulator.cli import main

from .helpers import Service

FOLDER = Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent.parent
COMMAND = [sys.executable, str(FOLDER)]
ANY_ADDRESS = str(ipaddress.IPv4Address(0))


@contextmanager
def process(*options: str, cwd: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running emulator and the URL that it printed."""
    command = [*COMMAND, *options]
    running = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ""}
    )
    assert running.stdout
    try:
        yield running, running.stdout.readline().strip()
    finally:
        running.kill()
        running.communicate()


Refused = Callable[..., str]


@pytest.fixture
def refused(capfd: pytest.CaptureFixture[str]) -> Refused:
    """Tells what a start that fails says on stderr. In this process: test_port_in_use_is_told is the program's own."""

    def refused(*options: str) -> str:
        try:
            status: object = main(list(options))
        except SystemExit as ended:
            status = ended.code
        return refusal(status, *capfd.readouterr())

    return refused


def refusal(status: object, out: str, err: str) -> str:
    """What is said by a start that fails as it should."""
    assert (status, out) == (2, "")
    assert err.startswith("emulator: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_url_and_stops_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    with process("--port", "0", cwd=tmp_path) as (running, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert requests.get(f"{url}/v2.0/users", timeout=10).status_code == 401
        running.send_signal(number)
        out, err = running.communicate(timeout=10)
        assert (running.returncode, out, err) == (0, "", "")


def test_stops_while_an_answer_is_held() -> None:
    with process() as (running, url):
        control = Control(url)
        rule = control.fault("hold")
        client = subprocess.Popen(
            [sys.executable, "-c", f"import urllib.request; urllib.request.urlopen('{url}/v2.0/users')"],
            stderr=subprocess.DEVNULL,
        )
        control.wait_for_fault(rule)
        running.terminate()
        assert running.wait(10) == 0
        client.wait(10)


def test_reads_users_from_a_seed_and_writes_its_url_to_a_file(tmp_path: Path) -> None:
    seed, file = tmp_path / "seed.json", tmp_path / "url"
    seed.write_text(json.dumps([{"username": "alice", "password": "pw"}]), encoding="utf-8")
    with process("--seed", str(seed), "--url-file", str(file)) as (_unused, url):
        assert Control(url).user("alice")["password"] == "pw"
        assert file.read_text(encoding="utf-8") == f"{url}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read"),
        ("{", "is not JSON"),
        ("{}", "a seed is a list"),
        ('[{"username": "x", "devices": [{"secret": "canary!"}]}]', "is not base32"),
    ],
)
def test_wrong_seed_is_told(refused: Refused, tmp_path: Path, text: str | None, words: str) -> None:
    seed = tmp_path / "seed.json"
    if text is not None:
        seed.write_text(text, encoding="utf-8")
    said = refused("--seed", str(seed))
    assert words in said
    assert "canary" not in said


@pytest.mark.parametrize("host", [ANY_ADDRESS, "192.0.2.1", "::", "example.com"])
def test_listens_on_loopback_only(refused: Refused, host: str) -> None:
    assert "is not loopback" in refused("--host", host)


def test_listens_elsewhere_when_told() -> None:
    with process("--host", ANY_ADDRESS, "--allow-remote") as (_unused, url):
        assert url.startswith(f"http://{ANY_ADDRESS}:")


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_port_that_is_none_is_told(refused: Refused, port: str) -> None:
    assert "up to 65535" in refused(f"--port={port}")


def test_port_in_use_is_told(emulator: Emulator) -> None:
    command = [*COMMAND, "--port", emulator.url.rpartition(":")[2]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "address already in use" in refusal(done.returncode, done.stdout, done.stderr).lower()


def test_trouble_prints_its_seed() -> None:
    with process("--trouble", "random") as (running, url):
        assert isinstance(Control(url).state()["trouble"], int)
        running.terminate()
        assert re.fullmatch(r"trouble seed: \d+\n", running.communicate(timeout=10)[1])


def test_unusable_certificate_is_told(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate", encoding="utf-8")
    assert refused("--certfile", str(tmp_path / "cert.pem")).startswith("emulator: ")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority of our own."""
    return trustme.CA()


class TestTls:
    """The service by TLS, with a plain control API beside it."""

    def test_process(self, authority: trustme.CA, tmp_path: Path) -> None:
        cert, key, ca = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
        issued = authority.issue_cert("127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(cert)
        issued.private_key_pem.write_to_path(key)
        authority.cert_pem.write_to_path(ca)
        with process("--certfile", str(cert), "--keyfile", str(key)) as (running, url):
            assert url.startswith("https://127.0.0.1:")
            assert requests.get(f"{url}/v2.0/users", timeout=10, verify=str(ca)).status_code == 401
            assert running.stderr
            control = running.stderr.readline().removeprefix("control API: ").strip()
            assert len(Control(control).requests()) == 1

    def test_thread(self, authority: trustme.CA) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with Emulator(users=[{"username": "alice"}], tls=context) as emulator:
            assert emulator.url.startswith("https://")
            assert emulator.control_url.startswith("http://")
            with pytest.raises(requests.exceptions.SSLError):
                Service(emulator).by_api_key("alice")
            assert requests.get(f"{emulator.control_url}/v2.0/users", timeout=10).status_code == 404


def readme_blocks(language: str) -> list[str]:
    """The README's code blocks of a language."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


class TestReadme:
    """The README's own commands work as they stand."""

    @pytest.fixture
    def environment(self, tmp_path: Path) -> dict[str, str]:
        """`python3` is this Python."""
        (tmp_path / "bin").mkdir()
        # no link: a virtual environment is found by the path of its interpreter
        python = tmp_path / "bin" / "python3"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        return os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}

    def test_shell(self, environment: dict[str, str]) -> None:
        scripts = [block for block in readme_blocks("sh") if "--url-file" in block]
        assert scripts
        for script in scripts:
            done = run(["bash", "-euc", script], ROOT, environment)
            assert "['alice']" in done.stdout

    def test_python(self, environment: dict[str, str], tmp_path: Path) -> None:
        tests = [block for block in readme_blocks("python") if "def test_" in block]
        assert tests
        for number, text in enumerate(tests):
            (tmp_path / f"test_readme_{number}.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(tmp_path)]
        done = run(command, tmp_path, environment | {"PYTHONPATH": str(FOLDER.parent)})
        assert f"{len(tests)} passed" in done.stdout

    def test_seed(self) -> None:
        seeds = [block for block in readme_blocks("json") if block.lstrip().startswith("[")]
        assert seeds
        for text in seeds:
            with Emulator(users=json.loads(text)) as emulator:
                assert len(emulator.control.state()["users"]) == len(json.loads(text))


def run(command: list[str], cwd: Path, environment: dict[str, str]) -> Any:
    """A command that must succeed."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
