# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw real runs on the emulator for README and guides, and the report of an audit, in ``docs/docsite/images``.

The runs are those of the README: its playbook, its commands. Run this again when what they print has changed.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml
from house import ROOT
from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(ROOT / "tests"))

from integration.harness import Lab, User
from integration.harness.accounts import lock
from integration.harness.domains import ADMIN, admin, entry, member
from integration.harness.machine import BIN
from integration.harness.terminal import AtTerminal

from emulator import totp

IMAGES = ROOT / "docs" / "docsite" / "images"
COLUMNS = 110
NAMES = ("ada", "backup", "ci", "deploy", "grace", "jane", "joe", "mary", "monitoring", "tim")
NEXT_PASSCODE = 61
"""Seconds to move the service's clock on between two runs, so that neither waits for a passcode."""
CODE_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{ font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own format loads a font from another host; an image must not."""
_MOVES = re.compile(r"\x1b(?!\[[0-9;]*m)(\[[0-9;?]*[A-Za-z]?)?|[\x00-\x09\x0b-\x1a\x7f]")
"""What a terminal is told that has no color in it."""


class Photographer:
    """Runs Ansible at a terminal, as a user of the README does, and keeps what the terminal showed."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        account = {"mfa_otp_password": lab.account()["password"]}
        (lab.work / "credentials.yml").write_text(yaml.safe_dump(account), encoding="utf-8")
        (lab.work / "enroll.yml").write_text(playbook_of_the_readme(), encoding="utf-8")

    def run(self, command: str, phone: Callable[[], str] | None = None) -> str:
        """Run a command line; return it with its output, colors included.

        :param phone: what a person types when the code of the app is asked for.
        """
        self._lab.control.move(NEXT_PASSCODE)
        environment = self._lab.environment(
            ANSIBLE_CALLBACK_RESULT_FORMAT="yaml",
            ANSIBLE_DISPLAY_SKIPPED_HOSTS="false",
            ANSIBLE_FORCE_COLOR="1",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_NOCOLOR=None,
            COLUMNS=str(COLUMNS),
            NO_COLOR=None,
            TERM="xterm-256color",
        )
        program, *words = shlex.split(command.replace("$PWD", str(self._lab.work)))
        emulator = ["-e", f"mfa_otp_auth_endpoint={self._lab.emulator.url}"]
        with AtTerminal([str(BIN / program), *words, *emulator], self._lab.work, environment) as terminal:
            if phone:
                terminal.wait_for("then enter:")
                terminal.type(phone() + "\r")
            status = terminal.end()
        if status:
            raise SystemExit(f"{command} ended with {status}:\n{terminal.screen}")
        return f"\x1b[1m$ {command}\x1b[0m\n{without_includes(_MOVES.sub('', terminal.screen)).strip()}\n"

    def code(self) -> str:
        """The code that the app of the lab's person shows."""
        (device,) = self._lab.account()["otp_devices"]
        return totp.code_at(totp.decode_secret(device["secret"]), totp.step_of(self._lab.control.now()) - 1)


def playbook_of_the_readme() -> str:
    """Return the playbook under "A first playbook"."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```yaml\n(- name: Enroll a service account\n.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return f"---\n{found}"


def without_includes(screen: str) -> str:
    """Leave out the tasks that only name a file of further tasks, and the stars that fill a line."""
    tasks = [task for task in screen.split("\n\n") if "included: " not in task]
    return re.sub(r"\*{4,}", "***", "\n\n".join(tasks))


def draw(name: str, screen: str) -> None:
    """Write a screen as an image."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(screen), soft_wrap=False)
    image = console.export_svg(title=name.replace("_", " "), code_format=CODE_FORMAT, unique_id=name)
    (IMAGES / f"{name}.svg").write_text(image, encoding="utf-8")


def audit(folder: Path) -> None:
    """Have a browser take a picture of the report of a real audit."""
    people = [member(name, on=number % 3 > 0) for number, name in enumerate(NAMES)]
    locked = member("lena", on=True, enforcement_level="REQUIRED")
    with Lab(folder, ADMIN, locked, *people) as lab:
        lock(lab, "lena")
        stored = [entry(lab, name) for name in NAMES[1::3]]
        report = lab.work / "mfa.html"
        run = lab.run("audit", env=admin(lab), mfa_audit_entries=stored, mfa_audit_report=[str(report)])
        if run.rc:
            raise SystemExit(run.screen)
        browser = ["chromium", "--headless", "--disable-gpu", "--hide-scrollbars", "--window-size=1100,900"]
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        picture = f"--screenshot={IMAGES / 'audit.png'}"
        environment = {**os.environ, "HOME": str(lab.home)}
        subprocess.run([*browser, *sandbox, picture, report.as_uri()], check=True, env=environment)


def main() -> None:
    """Draw all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, Lab(Path(folder) / "a", User("automation")) as lab:
        service = Photographer(lab)
        draw("enroll", service.run("ansible-playbook enroll.yml"))
        draw("enroll_again", service.run("ansible-playbook enroll.yml"))
        rotate = "ansible-playbook rackspace.identity.rotate -e @credentials.yml -e mfa_otp_username=automation"
        draw("rotate", service.run(f"{rotate} -e \"mfa_otp_vault_file='$PWD/mfa.yml'\""))
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, Lab(Path(folder) / "a", User("automation")) as lab:
        person = Photographer(lab)
        command = "ansible-playbook enroll.yml -e mfa_otp_qr=terminal -e mfa_otp_verify=prompt"
        draw("person", person.run(command, phone=person.code))
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        audit(Path(folder) / "a")


if __name__ == "__main__":
    main()
