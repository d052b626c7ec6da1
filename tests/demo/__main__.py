# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python tests/demo``: enroll three accounts on the emulator with real playbook runs, and prove it.

It ends by reading the emulator's own state, and fails when that does not bear out what was said.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".cache" / "demo"
sys.path.insert(0, str(HERE.parent))

from integration.harness.terminal import AtTerminal

from emulator import Control, Emulator, totp

AUDITOR = "auditor"
SECRET_OF_LINUS = "NBSWY3DPEB3W64TMMQQGC3TEEBWWC3TZ"
MINUTE = 61
"""Seconds to move the service's clock on between two logins: a passcode is good for one login."""
ASKS = "then enter:"


class DemoFailed(RuntimeError):
    """Something is not as the demo says."""


def main() -> int:
    """Run the demo; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument(
        "--refuse-verification",
        action="store_true",
        help="let the emulator refuse every verification: the demo must fail",
    )
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "results").mkdir(parents=True, mode=0o700)
    try:
        with Emulator(users=users()) as emulator:
            if arguments.refuse_verification:
                emulator.control.fault("status", method="POST", path="/verify$", status=400, times=0)
            tell(emulator.url, emulator.control)
    except DemoFailed as failure:
        print(f"\nThe demo failed: {failure}")
        return 1
    return 0


def users() -> list[dict[str, Any]]:
    """Three accounts of one domain; the third was enrolled some time ago."""
    people: list[dict[str, Any]] = [
        {"username": name, "password": secrets.token_urlsafe(12), "id": f"id-of-{name}", "domain_id": "demo"}
        for name in ("ada", "grace", "linus")
    ]
    device = {"id": "device-of-linus", "name": "ansible", "secret": SECRET_OF_LINUS, "verified": True}
    people[2] |= {"devices": [device], "mfa": {"enabled": True, "factor_type": "OTP"}}
    auditor = {"username": AUDITOR, "api_key": secrets.token_urlsafe(24), "role": "user-admin", "domain_id": "demo"}
    return [*people, auditor]


def tell(url: str, control: Control) -> None:
    """The story: a first run, a second one that changes nothing, a login, and what the service says itself."""
    inventory(url, control)
    chapter("The emulator stands in for the service", f"It listens at {url}, on this machine only.")
    chapter(
        "The first run",
        "ansible-playbook rackspace.identity.demo\n"
        "ada is a service account, grace a person with a phone, and linus has it all already.\n"
        "The demo plays grace: it takes the key of the QR code for its phone, and types the code that is asked for.",
    )
    first = play("rackspace.identity.demo", phone=lambda: code_of("grace", control))
    for name in ("ada", "grace", "linus"):
        account(name)
    control.move(MINUTE)
    chapter("The second run", "The same command again. Nothing is left to do, so nothing changes.")
    control.clear_requests()
    second = play("rackspace.identity.demo")
    written = [
        entry["path"] for entry in control.requests() if entry["method"] != "GET" and "/multi-factor" in entry["path"]
    ]
    control.move(MINUTE)
    chapter("A later play", "It logs in with the password and a passcode of the stored secret.")
    play(str(HERE / "login.yml"))
    for name in ("ada", "grace", "linus"):
        print(f"  {name}: the service gave a token for {' and '.join(sorted(result(name + '.login')))}")
    check(first, second, written, control)
    audit(url, control)
    print(ENDING.format(folder=FOLDER.relative_to(ROOT)))


def inventory(url: str, control: Control) -> None:
    """Write the inventory, and the vault's password, for the eyes of this user only."""
    hosts: dict[str, Any] = {}
    for name in ("ada", "grace", "linus"):
        hosts[name] = {
            "mfa_otp_username": name,
            "mfa_otp_password": control.user(name)["password"],
            "mfa_otp_vault_file": str(FOLDER / "vault" / f"{name}.yml"),
        }
    hosts["grace"] |= {"mfa_otp_qr": "terminal", "mfa_otp_verify": "prompt"}
    hosts["linus"]["demo_stored"] = {
        "username": "linus",
        "user_id": "id-of-linus",
        "auth_endpoint": url,
        "device_id": "device-of-linus",
        "device_name": "ansible",
        "secret": SECRET_OF_LINUS,
    }
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "mfa_otp_auth_endpoint": url,
        "demo_results": str(FOLDER / "results"),
    }
    write("inventory.json", json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    write("vault-password", secrets.token_urlsafe(24))


def write(name: str, text: str) -> None:
    """Write a file that only its owner reads."""
    path = FOLDER / name
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def code_of(name: str, control: Control) -> str:
    """The code that the phone of an account showed a moment ago: a person is slow, and the service takes it still.

    After the code of the current step the proof would have to wait for an unused one, up to a minute.
    """
    device = control.user(name)["otp_devices"][0]
    return totp.code_at(totp.decode_secret(device["secret"]), totp.step_of(control.now()) - 1)


def play(playbook: str, *args: str, phone: Callable[[], str] | None = None, **env: str) -> str:
    """Run a playbook for real at a terminal and show what it changed; returns all that it printed.

    :param phone: the code to type when the run asks for one; None if it is not to ask.
    """
    vault = f"demo@{FOLDER / 'vault-password'}"
    command = ["ansible-playbook", playbook, "-i", str(FOLDER / "inventory.json"), "--vault-id", vault, *args]
    settings = {
        "ANSIBLE_DISPLAY_OK_HOSTS": "false",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "RAX_MFA_STATE_DIR": str(FOLDER / "state"),
    }
    with AtTerminal(command, ROOT, os.environ | settings | env) as terminal:
        if phone:
            terminal.wait_for(ASKS)
            terminal.type(phone() + "\r")
        status = terminal.end()
    output = terminal.screen.replace("\r", "")
    print(textwrap.indent(without_includes(output).strip(), "  | ", bool))
    if status:
        raise DemoFailed(f"{playbook} ended with status {status}.")
    return output


def without_includes(output: str) -> str:
    """Leave out the tasks that only name a file of further tasks."""
    tasks = output.split("\n\n")
    return "\n\n".join(task for task in tasks if "\nincluded: " not in task)


def result(name: str) -> Any:
    """What a run kept in the folder of results."""
    return json.loads((FOLDER / "results" / f"{name}.json").read_text(encoding="utf-8"))


def account(name: str) -> None:
    """Say what was done for an account, and where its secret lies."""
    said = result(name)
    vault = FOLDER / "vault" / f"{name}.yml"
    header = vault.read_text(encoding="utf-8").splitlines()[0]
    print(f"\n  {name}: {', '.join(said['steps']) or 'nothing to do'}")
    print(f"    MFA is {'on' if said['mfa']['enabled'] else 'off'}, factor {said['mfa']['factor_type']}")
    print(f"    two-step login proved: {'yes' if said['proved'] else 'no'}")
    print(f"    the secret lies in {vault.relative_to(ROOT)}, encrypted ({header})")


def check(first: str, second: str, written: list[str], control: Control) -> None:
    """Hold what was said against the service's own state. Raises DemoFailed at the first thing that is not so."""
    chapter("What the service says", "Read from the emulator, not from the playbooks.")
    for name in ("ada", "grace", "linus"):
        user = control.user(name)
        verified = [device for device in user["otp_devices"] if device["verified"]]
        expect(user["mfa_enabled"] and user["factor_type"] == "OTP", f"{name}: MFA is on, with factor OTP")
        expect(len(user["otp_devices"]) == len(verified) == 1, f"{name}: one device, and it is verified")
        expect({"PASSWORD", "OTPPASSCODE"} == set(result(f"{name}.login")), f"{name}: logged in with two factors")
        expect(all(entry["secret"] not in first + second for entry in verified), f"{name}: no secret was printed")
    expect("changed=0" in second and not written, "the second run changed nothing and sent no write")


def audit(url: str, control: Control) -> None:
    """Let an administrator audit the domain, and say where the reports are."""
    chapter("The audit", "ansible-playbook rackspace.identity.audit\nThe domain's administrator looks at all of it.")
    reports = [str(FOLDER / name) for name in ("audit.html", "audit.csv", "audit.json")]
    wish = {"mfa_audit_vault_files": [str(FOLDER / "vault" / "*.yml")], "mfa_audit_report": reports}
    write("audit-variables.json", json.dumps(wish))
    login = {"RAX_USERNAME": AUDITOR, "RAX_API_KEY": control.user(AUDITOR)["api_key"], "RAX_AUTH_ENDPOINT": url}
    play("rackspace.identity.audit", "-e", f"@{FOLDER / 'audit-variables.json'}", **login)
    found = json.loads((FOLDER / "audit.json").read_text(encoding="utf-8"))
    for finding in found["findings"]:
        print(f"  {finding['subject']}: {finding['title']}. {finding['next']}")
    print(f"\n  The report is in {(FOLDER / 'audit.html').relative_to(ROOT)}: open it in a browser.")
    without = {finding["subject"] for finding in found["findings"] if finding["kind"] in ("no_mfa", "not_stored")}
    expect(without == {AUDITOR}, "the audit finds the accounts enrolled, and their secrets stored")


def expect(holds: bool, what: str) -> None:
    """Say that something holds, or fail."""
    if not holds:
        raise DemoFailed(f"not so: {what}")
    print(f"  yes  {what}")


def chapter(title: str, text: str) -> None:
    """A heading and a few words."""
    print(f"\n{title}\n{'-' * len(title)}\n{text}\n", flush=True)


ENDING = """
Do the same with the real service
---------------------------------
1. make build, ansible-galaxy collection install the tarball, and pip install -r requirements.txt
2. An inventory with, for each account: mfa_otp_username, mfa_otp_password (from a vault) and mfa_otp_vault_file.
3. ansible-playbook rackspace.identity.enroll -i inventory.yml --vault-id prod@prompt
   (mfa_otp_auth_endpoint is us unless you say uk)

What this demo left lies in {folder}.
"""

if __name__ == "__main__":
    sys.exit(main())
