# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EXAMPLES of the plugins are played as they stand: in one run at a terminal, each story with its own emulator."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.harness import Lab
from integration.harness.domains import INVENTORIES, SECRET
from integration.harness.machine import BIN, ROOT
from integration.harness.plays import api_key, password, user
from integration.harness.snippets import snippets
from integration.harness.stores import in_pass
from integration.harness.terminal import AtTerminal

from emulator import Emulator

URI = f"otpauth://totp/Rackspace:phone?secret={SECRET}&issuer=Rackspace"
NOW = f"{{{{ lookup('rackspace.identity.totp', '{SECRET}') }}}}"
USERS = "lookup('ansible.builtin.url', url ~ '/_emulator/users', split_lines=false) | from_json"
BY_SMS = f"{{{{ ({USERS} | selectattr('username', 'eq', 'jane') | first).phone.code }}}}"
DEVICE = {"id": "id-of-phone", "name": "phone", "secret": SECRET}
OTHER = {"id": "0c6a8bd0a1f94f0f9b7c3a4f7e2d1c5b", "name": "other", "verified": True}
VERIFIED = {"devices": [{**DEVICE, "verified": True}]}
ON = {**VERIFIED, "mfa": {"enabled": True}}
ENTRY = {
    "rax_mfa_otp": {"username": "automation", "user_id": "id-of-automation", "device_name": "phone", "secret": SECRET}
}
PORTAL = {"portal_key_uri": URI, "portal_otp_secret": SECRET, "portal_password": "an-example"}


@dataclass(frozen=True)
class Story:
    """Some of the examples of a plugin, in their order.

    :param users: more of what the emulator knows of jane and of the service account.
    :param variables: what the play has beside the usual ones.
    """

    plugin: str
    tasks: slice = field(default_factory=lambda: slice(None))
    users: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def examples(self) -> list[dict[str, Any]]:
        """The tasks."""
        (found,) = snippets(ROOT / "plugins" / f"{self.plugin}.py")
        return [task for document in found.documents for task in document][self.tasks]


STORIES = (
    Story("modules/rax_auth_token", users=ON, variables={**ENTRY, "jane_code": NOW}),
    Story("modules/rax_bypass_codes", slice(0, 1), ON),
    Story("modules/rax_bypass_codes", slice(1, None), ON),
    Story("modules/rax_mfa_audit"),
    Story("modules/rax_mfa_domain"),
    Story("modules/rax_mfa_domain_info"),
    Story("modules/rax_mfa_info"),
    Story("modules/rax_mfa_settings", users=VERIFIED),
    Story("modules/rax_mfa_status"),
    Story("modules/rax_mfa_summary"),
    Story("modules/rax_mobile_phone", variables={"typed_code": BY_SMS}),
    Story("modules/rax_otp_device", slice(0, 2)),
    Story("modules/rax_otp_device", slice(2, 6)),
    Story("modules/rax_otp_device", slice(6, None), {"devices": [DEVICE, OTHER]}, {"typed_code": NOW}),
    Story("modules/rax_otp_device_info", users={"devices": [DEVICE]}),
    Story("modules/rax_otp_prompt", variables={"vault_rax_api_key": api_key("jane")}),
    Story("modules/rax_otp_qr", variables=ENTRY),
    Story("modules/vault_vars", variables={"device": {"secret": SECRET}}),
    Story("lookup/totp", variables={**PORTAL, **ENTRY}),
    Story("filter/otp_qr", variables=PORTAL),
    Story("filter/otpauth", variables=PORTAL),
)


DOMAIN = {"domain_id": "123456"}
ADMIN = user("admin", role="user-admin", enforcement_level="OPTIONAL", **DOMAIN)
NEWCOMER = user("newcomer", domain_enforcement_level="REQUIRED", domain_id="200")
SECRETS = {
    "vault_rax_password": password("automation"),
    "vault_rax_api_key": api_key("automation"),
    "vault_rax_admin_api_key": api_key("admin"),
    "vault_newcomer_password": password("newcomer"),
    "jane_password": password("jane"),
    "jane_api_key": api_key("jane"),
    "mfa_otp_username": "automation",
    "mfa_otp_password": password("automation"),
    "mfa_otp_vault_file": "{{ playbook_dir }}/mfa.yml",
}


class Theater:
    """Emulators, and a folder for each story."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self.lab = lab
        self._stack = stack
        self.emulators: dict[str, Emulator] = {}

    def stage(self, number: int, story: Story) -> str:
        """Make the emulator and the playbook of a story; return the path of the playbook."""
        folder = self.lab.work / f"{number}-{Path(story.plugin).name}"
        for name in ("mfa", "reports"):
            (folder / name).mkdir(parents=True)
        mine = [user(name, **{**story.users, **DOMAIN}) for name in ("automation", "jane")]
        emulator = self._stack.enter_context(
            Emulator(users=[user("admin", role="user-admin", enforcement_level="OPTIONAL", **DOMAIN), *mine, NEWCOMER])
        )
        emulator.control.fault("misshapen", path="^/login$", times=0)
        self.emulators[story.plugin] = emulator
        for name, content in {"mfa.yml": self._entry(story, emulator.url), "mfa/jane.yml": {}}.items():
            secret = VaultSecret(self.lab.vault_password.read_bytes().strip())
            (folder / name).write_bytes(VaultLib([("production", secret)]).encrypt(json.dumps(content), secret))
        login = {"rackspace.identity.rax_auth_token": {"username": "admin", "api_key": api_key("admin")}}
        play = {
            "name": folder.name,
            "hosts": "localhost",
            "gather_facts": False,
            "environment": {"RAX_AUTH_ENDPOINT": emulator.url},
            "vars": {"url": emulator.url, **SECRETS, **story.variables},
            "tasks": [{"name": "Log in before", **login, "register": "login"}, *story.examples],
        }
        text = json.dumps([play])
        stand_ins = {"https://portal.example.com": emulator.url, '"uk"': json.dumps(emulator.url), "/srv": str(folder)}
        for written, here in stand_ins.items():
            text = text.replace(written, here)
        (folder / "play.yml").write_text(text, encoding="utf-8")
        return str(folder / "play.yml")

    @staticmethod
    def _entry(story: Story, url: str) -> dict[str, Any]:
        return {"rax_mfa_otp": {**ENTRY["rax_mfa_otp"], "auth_endpoint": url}} if "mfa" in story.users else {}


@pytest.mark.thorough
def test_the_examples_of_plugins(lab: Lab) -> None:
    with ExitStack() as stack:
        theater, kept = Theater(lab, stack), stack.enter_context(in_pass())
        environment = lab.environment(**kept.env, ANSIBLE_VAULT_PASSWORD_FILE=None, TERM="xterm")
        kept.run("pass", "insert", "--multiline", "rackspace/jane", text=json.dumps(ENTRY["rax_mfa_otp"]))
        (lab.home / "mfa").mkdir()
        playbooks = [theater.stage(number, story) for number, story in enumerate(STORIES)]
        vault = ["--vault-id", f"production@{lab.vault_password}"]
        with AtTerminal([str(BIN / "ansible-playbook"), *playbooks, *vault], lab.work, environment) as terminal:
            terminal.wait_for("then enter:")
            (device,) = theater.emulators["modules/rax_otp_prompt"].control.user("jane")["otp_devices"]
            terminal.type(pyotp.TOTP(device["secret"]).now() + "\r")
            terminal.wait_for("press enter")
            terminal.type("\r")
            assert terminal.end() == 0, terminal.screen
    for story in STORIES:
        assert all(f"TASK [{task.get('name')}]" in terminal.screen for task in story.examples if "block" not in task)
    (picture,) = lab.work.rglob("portal.png")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.thorough
def test_the_examples_of_the_inventory(lab: Lab) -> None:
    (found,) = snippets(ROOT / "plugins" / "inventory" / "rax_users.py")
    key = {"RAX_USERNAME": "admin", "RAX_API_KEY": api_key("admin"), "ADMIN_API_KEY": api_key("admin")}
    with Emulator(users=[user("admin", role="user-admin"), user("svc-backup"), user("jane")]) as emulator:
        given = {**key, "RAX_AUTH_ENDPOINT": emulator.url, "ANSIBLE_INVENTORY_ENABLED": INVENTORIES}
        (whole,) = found.documents
        enough = {"plugin": whole["plugin"]}
        for options, hosts in ((enough, {"admin", "svc-backup", "jane"}), (whole, {"svc-backup"})):
            path = lab.work / "accounts.rax_users.yml"
            path.write_text(yaml.safe_dump(options), encoding="utf-8")
            command = [str(BIN / "ansible-inventory"), "-i", str(path), "--list"]
            shown = subprocess.run(command, env=lab.environment(**given), capture_output=True, text=True, check=True)
            assert set(json.loads(shown.stdout)["_meta"]["hostvars"]) == hosts
