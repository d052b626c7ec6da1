# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides say is done as a reader would do it: their files written, their commands typed, in order."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.harness import Lab, User
from integration.harness.domains import ADMIN, admin, member
from integration.harness.machine import BIN, COLLECTIONS
from integration.harness.snippets import ROOT, Snippet, guide

PROMPT = "--vault-id prod@prompt"
INSTALLED = "~/.ansible/collections/ansible_collections/rackspace/identity"
REAL = "https://identity.api.rackspacecloud.com"


class Reader:
    """Someone with a folder and a shell, who follows the guides. The emulator stands in for the service."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._folder = lab.work / "srv"

    def text(self, page: str, language: str, part: str) -> str:
        """The snippet of a guide in which some words stand, with the emulator in the place of the service."""
        (found,) = (one.text for one in guide(page) if one.language == language and part in one.text)
        return str(found).replace(REAL, self.lab.emulator.url).replace("/srv/mfa", str(self._folder))

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder."""
        path = self.lab.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def encrypt(self, name: str, variables: dict[str, Any]) -> None:
        """Write a file, and encrypt it as `ansible-vault encrypt --vault-id prod@...` does."""
        secret = VaultSecret(self.lab.vault_password.read_bytes().strip())
        text = VaultLib([("prod", secret)]).encrypt(json.dumps(variables), secret, "prod")
        self.write(name, bytes(text).decode())

    def read(self, name: str) -> dict[str, Any]:
        """The entry in a vault file of the folder."""
        return self.lab.entry(file=self.lab.work / name)

    def type(self, page: str, part: str, **environment: str | None) -> str:
        """Type the commands of a snippet; the password of the vault comes from a file. Returns the screen."""
        (snippet,) = (one for one in guide(page) if one.commands and part in one.text)
        return "".join(self.run(command, **environment) for command in _typed(self, snippet))

    def run(self, command: str, **environment: str | None) -> str:
        """Type one command, a minute after the one before."""
        self.lab.control.move(61)
        more = {"RAX_AUTH_ENDPOINT": self.lab.emulator.url, "ANSIBLE_VAULT_PASSWORD_FILE": None, **environment}
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=self.lab.work,
            env=self.lab.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout


def _typed(reader: Reader, snippet: Snippet) -> list[str]:
    file, folder = f"--vault-id prod@{reader.lab.vault_password}", str(reader.lab.work / "srv")
    return [command.replace(PROMPT, file).replace("/srv/mfa", folder) for command in snippet.commands]


def test_accounts_of_an_inventory(make_lab: Callable[..., Lab]) -> None:
    """Enroll many, look, rotate, recover and remove: one folder, one shell."""
    names = ("backup", "deploy", "monitoring")
    lab = make_lab(*map(User, names))
    reader = Reader(lab)
    reader.write("inventory.yml", reader.text("enroll", "yaml", "# inventory.yml"))
    reader.write("group_vars/all.yml", reader.text("enroll", "yaml", "# group_vars/all.yml"))
    for name in names:
        user = lab.account(name)
        ways = {"mfa_otp_password": user["password"], "mfa_otp_api_key": user["api_key"]}
        reader.encrypt(f"host_vars/{name}/credentials.yml", ways)

    reader.type("enroll", "rackspace.identity.enroll -i inventory.yml")
    assert all(lab.account(name)["mfa_enabled"] for name in names)
    devices = {name: reader.read(f"host_vars/{name}/mfa.yml")["device_id"] for name in names}
    assert "MFA is on" not in reader.type(
        "troubleshooting", "rackspace.identity.status -i inventory.yml --vault-id prod@prompt\n"
    )
    reader.type("rotate", f"rotate -i inventory.yml {PROMPT}\n")
    rotated = {name: reader.read(f"host_vars/{name}/mfa.yml")["device_id"] for name in names}
    assert not set(devices.values()) & set(rotated.values())
    assert "changed=0" in reader.type("rotate", "mfa_otp_rotate_after=90")
    assert {name: reader.read(f"host_vars/{name}/mfa.yml")["device_id"] for name in names} == rotated
    reader.type("recover", "rackspace.identity.recover -i inventory.yml")
    recovered = reader.read("host_vars/deploy/mfa.yml")["device_id"]
    assert recovered not in (devices["deploy"], rotated["deploy"])
    assert [device["id"] for device in lab.account("deploy")["otp_devices"]] == [recovered]
    reader.type("remove", "rackspace.identity.remove -i inventory.yml")
    assert [lab.account(name)["mfa_enabled"] for name in names] == [True, False, True]


def test_a_play_that_logs_in(make_lab: Callable[..., Lab]) -> None:
    """Enroll by the guide's play, then log in by that of the next guide."""
    lab = make_lab(User("automation"))
    reader = Reader(lab)
    reader.encrypt("credentials.yml", {"rax_password": lab.account()["password"]})
    reader.write("enroll.yml", reader.text("enroll", "yaml", "- name: Enroll a service account"))
    reader.write("work.yml", reader.text("login", "yaml", "- name: Work with the second factor"))
    reader.run(f"ansible-playbook enroll.yml --vault-id prod@{lab.vault_password}")
    assert len(reader.read("mfa.yml")["bypass_codes"]) == 10
    reader.run(f"ansible-playbook work.yml --vault-id prod@{lab.vault_password}")
    assert [entry["passcode"] for entry in lab.control.requests() if entry["passcode"]][-1] == "accepted"
    assert [entry["path"] for entry in lab.control.requests() if entry["method"] == "DELETE"] == [
        "/v2.0/tokens/{token}"
    ]


@pytest.mark.thorough
def test_a_domain(make_lab: Callable[..., Lab]) -> None:
    """List, enroll and audit it."""
    lab = make_lab(ADMIN, member("jane"), member("joe"), member("off", enabled=False))
    reader = Reader(lab)
    reader.write("accounts.rax_users.yml", reader.text("domain", "yaml", "# accounts.rax_users.yml"))
    reader.write("group_vars/rax_users.yml", reader.text("domain", "yaml", "# group_vars/rax_users.yml"))
    secrets = reader.write("secrets.json", json.dumps({"vault_admin_api_key": lab.account("admin")["api_key"]}))
    reader.write("audit.yml", yaml.safe_dump({"mfa_audit_vault_files": [str(lab.work / "srv" / "*.yml")]}))
    assert "jane" in reader.type("domain", "ansible-inventory", **admin(lab))

    (command,) = _typed(reader, next(one for one in guide("domain") if "mfa_off:!user_disabled'" in one.text))
    reader.run(f"{command} -e @{secrets} -e mfa_otp_hosts='mfa_off:!admin'", **admin(lab))
    assert [lab.account(name)["mfa_enabled"] for name in ("jane", "joe", "off")] == [True, True, False]
    reader.type("domain", "mfa_audit_report", **admin(lab))
    assert (lab.work / "mfa.html").is_file()


def test_the_emulator_by_hand_and_in_ci(make_lab: Callable[..., Lab]) -> None:
    """Both start an emulator of their own."""
    lab = make_lab()
    reader = Reader(lab)
    play = {"ansible.builtin.import_playbook": "rackspace.identity.enroll"}
    account = {"mfa_otp_username": "automation", "mfa_otp_password": "an-example"}
    reader.write("site.yml", json.dumps([{**play, "vars": account}]))
    script = reader.text("testing", "sh", "ansible-playbook site.yml")
    screen = reader.run(script, COLLECTION=str(ROOT))
    assert_changed(screen)

    start = reader.text("testing", "console", "users.json").replace("$ ", "")
    lines = [line for line in start.splitlines() if not line.startswith(("pip", "http://", "collection="))]
    enroll = [command for one in guide("testing") for command in one.commands if "RAX_MFA_STATE_DIR" in command]
    script = "\n".join(
        [
            f"collection={shlex.quote(str(ROOT))}",
            *[f"{line} --url-file url &" if "python3" in line else line for line in lines],
            "trap 'kill $!' EXIT",
            "until [ -s url ]; do kill -0 $!; sleep 0.1; done",
            *[command.replace("http://127.0.0.1:40123", "$(cat url)") for command in enroll],
        ]
    )
    assert_changed(reader.run(script, PATH=f"{BIN}:/usr/bin:/bin"))


def assert_changed(screen: str) -> None:
    assert "failed=0" in screen
    assert "changed=0" not in screen


@pytest.mark.thorough
def test_the_tests_by_pytest(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab()
    reader = Reader(lab)
    (text,) = (one.text for one in guide("testing") if "# test_enroll.py" in one.text)
    reader.write("test_enroll.py", text)
    screen = reader.run("pytest test_enroll.py", PYTHONPATH=str(ROOT / "tests"), RAX_AUTH_ENDPOINT=None)
    assert "2 passed" in screen


@pytest.mark.thorough
def test_a_copy_of_the_molecule_scenarios(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab()
    reader = Reader(lab)
    (recipe,) = (one for one in guide("testing") if "molecule -c" in one.text)
    replaced = {INSTALLED: str(ROOT), "~/.ansible/collections": str(COLLECTIONS)}
    script = "\n".join(recipe.commands)
    for said, here in replaced.items():
        script = script.replace(said, here)
    reader.run(script, RAX_AUTH_ENDPOINT=None, PATH=f"{BIN}:/usr/bin:/bin")


def test_a_task_that_goes_by_the_kind_of_its_failure(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(User("deploy"))
    reader = Reader(lab)
    tasks = yaml.safe_load(reader.text("troubleshooting", "yaml", "failed_when"))
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"rax_mfa_otp": ""}, "tasks": tasks}
    reader.write("look.yml", json.dumps([play]))
    right = reader.write("right.json", json.dumps({"deploy_password": lab.account()["password"]}))
    reader.run(f"ansible-playbook look.yml -e @{right}")
    for password in ("wrong", ""):  # a failure with a kind, and one of the options, which has none
        assert "failed=1" in reader.run(f"! ansible-playbook look.yml -e deploy_password='{password}'")
    lab.control.fault("misshapen", text=json.dumps({}), times=0)
    assert "failed=1" in reader.run(f"! ansible-playbook look.yml -e @{right}")
