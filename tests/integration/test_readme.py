# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README as a newcomer follows it, its files and commands as they stand there; and the form of the guides."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml
from integration.harness import Lab, User
from integration.harness.snippets import guide, snippets

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
GUIDES = ROOT / "docs" / "docsite" / "rst"
_LINK = re.compile(r"\]\((?!http)([^)#]+)\)")


class Newcomer:
    """Someone with a folder, a shell and the text of the README."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.blocks = list(snippets(README))

    def text(self, language: str, part: str) -> str:
        """The block of the README in which some words stand."""
        (found,) = (block.text for block in self.blocks if block.language == language and part in block.text)
        return found

    def write(self, name: str, part: str) -> None:
        """Write a file of the README into the folder."""
        (self.lab.work / name).write_text("---\n" + self.text("yaml", part), encoding="utf-8")

    def type(self, commands: str) -> str:
        """Run commands in the folder; the emulator stands in for the service, and a copy for the editor."""
        typed = commands.replace("ansible-playbook ", f"ansible-playbook -e mfa_otp_auth_endpoint={self._url} ")
        typed = typed.replace("ansible-vault create", "ansible-vault create --skip-tty-check")
        self.lab.control.move(61)
        done = subprocess.run(
            ["/bin/sh", "-ec", typed],
            cwd=self.lab.work,
            env=self.lab.environment(
                ANSIBLE_VAULT_PASSWORD_FILE=str(self.lab.work / "vault-password"),
                EDITOR=f"cp {self.lab.inputs / 'credentials.yml'}",
                RAX_AUTH_ENDPOINT=self._url,
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def _url(self) -> str:
        return self.lab.emulator.url


def test_what_the_readme_says_works_as_it_stands_there(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("automation"))
    password = lab.account()["password"]
    (lab.inputs / "credentials.yml").write_text(f"mfa_otp_password: {password}\n", encoding="utf-8")
    newcomer = Newcomer(lab)

    newcomer.type(newcomer.text("sh", "ansible-vault create"))
    newcomer.write("enroll.yml", "name: rackspace.identity.mfa_otp")
    check, enroll = newcomer.text("sh", "ansible-playbook enroll.yml").splitlines()
    newcomer.type(check)
    assert not lab.account()["otp_devices"]
    newcomer.type(enroll)
    assert (lab.account()["mfa_enabled"], lab.account()["factor_type"]) == (True, "OTP")

    again = newcomer.type(newcomer.text("sh", "ansible-playbook rackspace.identity.enroll"))
    assert "changed=0" in again, again
    newcomer.write("login.yml", "rackspace.identity.rax_auth_token")
    screen = newcomer.type("ansible-playbook login.yml")
    last = [entry["passcode"] for entry in lab.control.requests() if entry["passcode"]][-1]
    assert last == "accepted", screen


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = _LINK.findall(README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


def test_every_guide_is_listed() -> None:
    listed = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))
    names = [name for section in listed["sections"] for name in section["toctree"]]
    assert sorted(names) == sorted(page.stem for page in GUIDES.glob("*.rst"))


def test_the_guide_by_hand_has_the_tasks_that_molecule_plays() -> None:
    scenario = ROOT / "extensions" / "molecule" / "by_hand"
    plays = [play for name in ("converge", "verify") for play in yaml.safe_load((scenario / f"{name}.yml").read_text())]
    played = [task for play in plays for task in play.get("tasks", [])]
    examples = [document for snippet in guide("by_hand") for document in snippet.documents]
    shown = [task for example in examples for task in example if isinstance(task, dict)]
    assert len(shown) == 9
    assert [task for task in shown if task not in played] == []
