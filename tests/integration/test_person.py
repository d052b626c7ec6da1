# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enrolling people: real runs at a pseudo-terminal, where a helper reads the screen and plays the phone."""

from __future__ import annotations

import io
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from integration.harness import Lab, User, assert_enrolled, rows
from integration.harness.accounts import bypass_codes, enrolled_lab
from integration.harness.jobs import assert_replaced
from integration.harness.machine import BIN
from integration.harness.terminal import AtTerminal

ANSIBLE = BIN / "ansible-playbook"
QUESTION = r"The code that the app shows now for the OTP device ansible of (\w+) \(6 digits, [^)]*\), then enter:"
CTRL_C = "\x03"
HALF_BLOCKS = {" ": (1, 1), "▀": (0, 1), "▄": (1, 0), "█": (0, 0)}


class People:
    """Runs playbooks for the users of a lab, each one a host, and answers for their phones."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.log = lab.root / "log"
        self.codes: list[str] = []

    def enroll(self, *args: str, **more: Any) -> AtTerminal:
        """Start the playbook `enroll` (parameters of `run`)."""
        return self.run("enroll", *args, **more)

    def run(self, job: str, *args: str, env: dict[str, str] | None = None, **more: Any) -> AtTerminal:
        """Start a playbook; `more` are variables of the role."""
        hosts = {
            user.name: {
                "mfa_otp_variable": f"mfa_of_{user.name}",
                # A login after a code of the current step waits for the next one: one test does, the others do not.
                **self.lab.variables(user.name, **{"mfa_otp_verify": "prompt", "mfa_otp_prove_login": False, **more}),
                **({"mfa_otp_qr_path": str(self.page(user.name))} if more.get("mfa_otp_qr") in ("png", "html") else {}),
            }
            for user in self.lab.users
        }
        inventory = self.lab.given("people.yml", {"all": {"hosts": hosts}})
        environment = self.lab.environment(
            ANSIBLE_LOG_PATH=str(self.log),
            RAX_MFA_STATE_DIR=str(self.lab.root / "state"),
            TERM="xterm",
            **(env or {}),
        )
        command = [str(ANSIBLE), f"rackspace.identity.{job}", "-i", str(inventory), *args]
        return AtTerminal(command, self.lab.work, environment)

    def page(self, name: str) -> Path:
        """The file that a person's QR code is written to."""
        return self.lab.work / f"{name}.code"

    def device(self, name: str) -> dict[str, Any]:
        """The device that the person's app would have taken over."""
        (device,) = self.lab.account(name)["otp_devices"]
        return dict(device)

    def code(self, name: str, steps_ago: int = 0) -> str:
        """What the person's app shows now, or showed so many time steps ago."""
        code = pyotp.TOTP(self.device(name)["secret"]).at(self.lab.control.now() - 30 * steps_ago)
        self.codes.append(code)
        return str(code)

    def verifications(self) -> list[int]:
        """The answers to the codes that were sent."""
        return [entry["status"] for entry in self.lab.control.requests() if entry["path"].endswith("/verify")]


@pytest.fixture(name="people")
def _people(make_lab: Callable[..., Lab]) -> People:
    """One person: alice."""
    return People(make_lab(User("alice")))


@pytest.fixture(name="two")
def _two(make_lab: Callable[..., Lab]) -> People:
    """Two of them: alice and bob."""
    return People(make_lab(User("alice"), User("bob")))


def on_screen(screen: str) -> Iterator[str]:
    """What a phone reads from each QR code on the screen."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip("\r") for line in screen.split("\n")]
    block: list[str] = []
    for line in [*lines, ""]:
        if line and set(line) <= set(HALF_BLOCKS):
            block.append(line)
        elif block:
            yield scan(picture(block))
            block = []


def picture(block: list[str]) -> bytes:
    """The lines of half blocks as a picture (PGM), white if the terminal's ink is."""
    rows = [[HALF_BLOCKS[character][half] for character in line] for line in block for half in (0, 1)]
    out = io.BytesIO(b"")
    scale = 4
    out.write(f"P5 {len(rows[0]) * scale} {len(rows) * scale} 255\n".encode())
    for row in rows:
        out.write(b"".join((b"\x00" if dark else b"\xff") * scale for dark in row) * scale)
    return out.getvalue()


def scan(image: bytes) -> str:
    """Read a QR code as a phone does."""
    done = subprocess.run(["zbarimg", "--raw", "-q", "-"], input=image, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().removesuffix("\n")


needs_zbarimg = pytest.mark.skipif(not shutil.which("zbarimg"), reason="no zbarimg here")


@needs_zbarimg
@pytest.mark.matrix
def test_person_scans_the_terminal_and_types_the_code(people: People) -> None:
    with people.enroll("-vvvv", mfa_otp_qr="terminal", mfa_otp_prove_login=True) as terminal:
        terminal.wait_for(QUESTION)
        (uri,) = on_screen(terminal.screen)
        assert pyotp.parse_uri(uri).secret == people.device("alice")["secret"]
        # A slow person, and a service that takes the code of the step before: then the proof need not wait.
        terminal.type(people.code("alice", steps_ago=1) + "\r")
        assert terminal.end() == 0, terminal.screen
    assert_enrolled(people.lab, variable="mfa_of_alice")
    assert people.verifications() == [204]
    assert_unseen(people, terminal.screen)


def assert_unseen(people: People, screen: str) -> None:
    """Neither the secret nor a code nor a QR code is where it could be read later."""
    log = people.log.read_text(encoding="utf-8")
    for name in (user.name for user in people.lab.users):
        secret = people.device(name)["secret"]
        assert secret not in screen
        assert secret not in log
    for code in people.codes:
        assert not re.search(rf"(?<!\d){code}(?!\d)", screen)
        assert not re.search(rf"(?<!\d){code}(?!\d)", log)
    assert "█" not in log
    left = [path for folder in (people.lab.home, people.lab.work, people.lab.tmp) for path in folder.rglob("*")]
    texts = [path.read_bytes() for path in left if path.is_file()]
    assert not any(people.device(user.name)["secret"].encode() in text for user in people.lab.users for text in texts)


@pytest.mark.thorough
@pytest.mark.matrix
def test_two_people_are_asked_one_after_the_other(two: People) -> None:
    asked = []
    with two.enroll("-f", "2", env={"ANSIBLE_STRATEGY": "free"}, mfa_otp_qr="terminal") as terminal:
        for _turn in range(2):
            name = terminal.wait_for(QUESTION)[1]
            asked.append(name)
            if shutil.which("zbarimg"):
                last = list(on_screen(terminal.screen))[-1]
                assert pyotp.parse_uri(last).secret == two.device(name)["secret"]
            terminal.type(two.code(name) + "\r")
        assert terminal.end() == 0, terminal.screen
    assert sorted(asked) == ["alice", "bob"]
    for name in asked:
        assert_enrolled(two.lab, name, f"mfa_of_{name}")
    assert two.verifications() == [204, 204]
    assert_unseen(two, terminal.screen)


@pytest.mark.thorough
def test_administrator_enrolls_someone(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("admin", {"role": "user-admin", "domain_id": "d"}), User("jane", {"domain_id": "d"}))
    people = People(lab)
    variables = lab.variables("admin", by="api_key", mfa_otp_target_user="jane", mfa_otp_store="none")
    with people.enroll("-l", "admin", mfa_otp_qr="terminal", **variables) as terminal:
        assert terminal.wait_for(QUESTION)[1] == "jane"
        terminal.type(people.code("jane") + "\r")
        assert terminal.end() == 0, terminal.screen
    assert lab.account("jane")["mfa_enabled"]
    assert not lab.account("admin")["mfa_enabled"]


@pytest.mark.thorough
def test_too_many_wrong_codes_and_the_next_run(people: People) -> None:
    with people.enroll(mfa_otp_qr="html") as terminal:
        for attempt in range(5):
            terminal.wait_for(QUESTION)
            assert people.page("alice").exists()
            terminal.type(f"{(int(people.code('alice')) + 1 + attempt) % 10**6:06}\r")
        terminal.wait_for('"kind": "passcode_refused"')
        terminal.wait_for("None of 5 answers was a code that the service took")
        assert terminal.end() == 2, terminal.screen
    assert not people.device("alice")["verified"]
    assert not people.lab.account("alice")["locked"]
    assert not people.page("alice").exists()
    device = people.device("alice")
    with people.enroll(mfa_otp_qr="html") as terminal:
        terminal.wait_for("The QR code to scan is in .*alice.code")
        terminal.wait_for(QUESTION)
        terminal.type(people.code("alice") + "\r")
        assert terminal.end() == 0, terminal.screen
    assert people.device("alice")["id"] == device["id"]
    assert_enrolled(people.lab, variable="mfa_of_alice")
    assert not people.page("alice").exists()


@pytest.mark.thorough
@pytest.mark.matrix
def test_ctrl_c_skips_one_person(two: People) -> None:
    with two.enroll("-f", "2", mfa_otp_qr="png") as terminal:
        skipped = terminal.wait_for(QUESTION)[1]
        terminal.type(CTRL_C)
        other = terminal.wait_for(QUESTION)[1]
        terminal.type(two.code(other) + "\r")
        assert terminal.end() == 2, terminal.screen
    assert "The question for the code was interrupted." in terminal.screen
    assert skipped != other
    assert_enrolled(two.lab, other, f"mfa_of_{other}")
    assert not two.device(skipped)["verified"]
    assert not any(two.page(name).exists() for name in (skipped, other))


@pytest.mark.matrix
@pytest.mark.parametrize("end", rows([AtTerminal.close, AtTerminal.kill]))
def test_a_question_ends_with_its_run(people: People, end: Callable[[AtTerminal], int]) -> None:
    """The worker that asks would hold the account for ever: its answer comes from the main process, which is gone."""
    with people.enroll(mfa_otp_qr="html") as terminal:
        terminal.wait_for(QUESTION)
        assert end(terminal) < 0
        with people.enroll("-e", "mfa_otp_max_wait=10", mfa_otp_qr="html") as again:
            again.wait_for(QUESTION)
            again.type(people.code("alice") + "\r")
            assert again.end() == 0, again.screen
    assert_enrolled(people.lab, variable="mfa_of_alice")
    assert not people.page("alice").exists()


@pytest.mark.thorough
@pytest.mark.matrix
@pytest.mark.parametrize("where", rows(["no terminal", "output elsewhere", "runner"]))
def test_without_a_person_it_is_an_error(people: People, where: str) -> None:
    runner = {"AWX_ISOLATED_DATA_DIR": "/nowhere"} if where == "runner" else {}
    terminal = people.enroll(env=runner, mfa_otp_qr="terminal")
    if where == "no terminal":
        terminal.command = ["sh", "-c", 'exec "$@" </dev/null', "sh", *terminal.command]
    elif where == "output elsewhere":
        terminal.command = ["sh", "-c", '"$@" | cat; exit 2', "sh", *terminal.command]
    with terminal:
        assert terminal.end() == 2, terminal.screen
    assert "Nobody can be asked for the code" in terminal.screen
    assert "mfa_otp_verify: code" in terminal.screen
    assert '"kind": "passcode_required"' in terminal.screen
    assert "█" not in terminal.screen
    assert people.lab.account("alice")["otp_devices"] == [], "it is said before a device is made"


@needs_zbarimg
def test_code_is_brought_by_the_next_run(people: People) -> None:
    with people.enroll(mfa_otp_verify="code", mfa_otp_qr="png") as terminal:
        assert terminal.end() == 2
    assert re.search(r"waits for its code\. The QR code to scan is in \S+alice\.code\. Run this again", terminal.screen)
    page = people.page("alice")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert pyotp.parse_uri(scan(page.read_bytes())).secret == people.device("alice")["secret"]
    with people.enroll(mfa_otp_verify="code", mfa_otp_qr="png", mfa_otp_code=people.code("alice")) as terminal:
        assert terminal.end() == 0, terminal.screen
    assert_enrolled(people.lab, variable="mfa_of_alice")
    assert not page.exists()


@pytest.mark.thorough
def test_secret_stays_with_the_person(people: People) -> None:
    """Check mode, which asks no one, plans what the person then does."""
    given = {"mfa_otp_store": "none", "mfa_otp_qr": "html"}
    alone = {**given, "mfa_otp_verify": "prompt", "mfa_otp_qr_path": str(people.page("alice"))}
    checked = people.lab.run("enroll", "--check", **{**people.lab.variables(), **alone})
    assert checked.result["plan"] == ["create_device", "verify_device", "turn_on"]
    assert checked.writes == []
    with people.enroll("-v", **given) as terminal:
        terminal.wait_for(QUESTION)
        terminal.type(people.code("alice") + "\r")
        assert terminal.end() == 0, terminal.screen
    assert '"steps": ["create_device", "verify_device", "turn_on"]' in terminal.screen
    user = people.lab.account("alice")
    assert user["mfa_enabled"]
    assert not people.lab.vault.exists()
    assert_unseen(people, terminal.screen)


@pytest.mark.thorough
def test_secret_stays_with_the_person_who_brings_the_code(people: People) -> None:
    without_store = {"mfa_otp_store": "none", "mfa_otp_verify": "code", "mfa_otp_qr": "html"}
    with people.enroll(**without_store) as terminal:
        assert terminal.end() == 2, terminal.screen
    assert re.search(r"of alice is there.+to scan is in \S+alice\.code\. Run this again", terminal.screen)
    device, page = people.device("alice"), people.page("alice").read_bytes()
    with people.enroll(**without_store) as terminal:
        terminal.wait_for(r"mfa_otp_qr_path: \S+: it is there already")
        assert terminal.end() == 2, terminal.screen
    assert (people.device("alice"), people.page("alice").read_bytes()) == (device, page)
    with people.enroll(**without_store, mfa_otp_code=people.code("alice")) as terminal:
        assert terminal.end() == 0, terminal.screen
    assert people.lab.account("alice")["mfa_enabled"]
    assert people.verifications() == [204]
    assert not people.page("alice").exists()


@pytest.mark.thorough
def test_a_recovery_whose_secret_stays_with_the_person(make_lab: Callable[..., Lab]) -> None:
    """The code tells that the unverified device is the person's: it takes the lost one's place."""
    lab = enrolled_lab(make_lab)
    (lost,) = lab.account()["otp_devices"]
    codes, page = bypass_codes(lab, 2), lab.work / "qr.html"
    given = {**lab.variables(), "mfa_otp_store": "none", "mfa_otp_verify": "code", "mfa_otp_qr": "html"}
    given |= {"mfa_otp_qr_path": str(page)}
    assert "Run this again with mfa_otp_code" in lab.run("recover", **given, mfa_otp_passcode=codes[0]).message
    assert page.exists()
    (new,) = (device for device in lab.account()["otp_devices"] if device["id"] != lost["id"])
    code = pyotp.TOTP(new["secret"]).at(lab.control.now())
    run = lab.run("recover", **given, mfa_otp_passcode=codes[1], mfa_otp_code=code)
    assert run.rc == 0, run.screen
    assert [(device["id"], device["verified"]) for device in lab.account()["otp_devices"]] == [(new["id"], True)]
    assert not page.exists()


@pytest.mark.thorough
def test_two_people_with_one_file_are_not_mixed_up(two: People) -> None:
    with two.enroll("-f", "2", "-e", f"mfa_otp_qr_path={two.page('both')}", mfa_otp_qr="html") as terminal:
        name = terminal.wait_for(QUESTION)[1]
        assert two.device(name)["secret"][:4] + " " in two.page("both").read_text(encoding="utf-8")
        terminal.type(two.code(name) + "\r")
        assert terminal.end() == 2, terminal.screen
    assert_enrolled(two.lab, name, f"mfa_of_{name}")
    assert not two.page("both").exists()


@pytest.mark.thorough
def test_a_person_scans_the_device_of_a_rotation(make_lab: Callable[..., Lab]) -> None:
    lab = enrolled_lab(make_lab)
    old = lab.entry()
    people = People(lab)
    with people.run("rotate", mfa_otp_variable="rax_mfa_otp", mfa_otp_qr="terminal") as terminal:
        terminal.wait_for(QUESTION)
        (new,) = (device for device in lab.account()["otp_devices"] if device["id"] != old["device_id"])
        terminal.type(pyotp.TOTP(new["secret"]).at(lab.control.now()) + "\r")
        assert terminal.end() == 0, terminal.screen
    assert_replaced(lab, old)


@pytest.mark.thorough
def test_machine_that_shows_the_code_too(people: People) -> None:
    with people.enroll(mfa_otp_verify="secret", mfa_otp_qr="terminal") as terminal:
        assert terminal.end() == 0, terminal.screen
    assert terminal.screen.count("Scan this code with the authenticator app") == 1
    assert_enrolled(people.lab, variable="mfa_of_alice")


@pytest.mark.thorough
def test_check_mode_asks_no_person(people: People) -> None:
    with people.enroll("--check", mfa_otp_qr="html") as terminal:
        assert terminal.end() == 0, terminal.screen
    assert people.verifications() == []
    assert not people.page("alice").exists()


def test_a_rotation_makes_no_device_for_a_code_that_comes_before_it(make_lab: Callable[..., Lab]) -> None:
    """It takes two runs, and the one with the code removes the file of the other."""
    lab = enrolled_lab(make_lab)
    old, page = lab.entry(), lab.work / "qr.html"
    given = {**lab.variables(by="both"), "mfa_otp_verify": "code", "mfa_otp_qr": "html", "mfa_otp_qr_path": str(page)}
    run = lab.run("rotate", **given, mfa_otp_code="123456")
    assert "leave the code out" in " ".join(run.message.split())
    assert (run.writes, lab.entry(), page.exists()) == ([], old, False)
    assert "Run this again with mfa_otp_code" in lab.run("rotate", **given).message
    assert page.exists()
    code = pyotp.TOTP(lab.entry()["next"]["secret"]).at(lab.control.now())
    assert lab.run("rotate", **given, mfa_otp_code=code).rc == 0
    assert_replaced(lab, old)
    assert not page.exists()
