# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README and guides say is done as a reader would do it, by the installed collection: their files written, their
commands typed, in order. And the form of the pages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pyotp
import pytest
import yaml
from integration.harness import User
from integration.harness.domains import ADMIN, admin, member
from integration.harness.machine import ROOT
from integration.harness.reader import PROMPT, Reader
from integration.harness.snippets import guide, pages, readme, snippets
from integration.harness.terminal import AtTerminal

MakeReader = Callable[..., Reader]
GUIDES = ROOT / "docs" / "docsite" / "rst"
_LINK = re.compile(r"\]\((?!http)([^)#]+)\)")
_OF_AN_EXAMPLE = re.compile(r"# (examples/\S+)\n(.*)", re.DOTALL)
_LICENSE = re.compile(r"\A(#!.*\n)?(# .*\n){3}(---\n)?")


def test_the_first_playbook(make_reader: MakeReader) -> None:
    password = "@0 #{y: it's"
    reader, page = make_reader(User("automation", {"password": password})), readme(".")
    written = reader.text(page, "yaml", "PASSWORD").replace("PASSWORD", password.replace("'", "''"))
    reader.edit(written)
    reader.type(page, "ansible-vault create")
    reader.write("enroll.yml", reader.text(page, "yaml", "name: rackspace.identity.mfa_otp"))
    check, enroll = reader.text(page, "sh", "ansible-playbook enroll.yml").splitlines()
    reader.run(check)
    assert not reader.lab.account()["otp_devices"]
    reader.run(enroll)
    assert (reader.lab.account()["mfa_enabled"], reader.lab.account()["factor_type"]) == (True, "OTP")

    assert "changed=0" in reader.type(page, "ansible-playbook rackspace.identity.enroll")
    reader.write("login.yml", reader.text(page, "yaml", "rackspace.identity.rax_auth_token"))
    screen = reader.run("ansible-playbook login.yml")
    last = [entry["passcode"] for entry in reader.lab.control.requests() if entry["passcode"]][-1]
    assert last == "accepted", screen


@pytest.mark.thorough
def test_accounts_of_an_inventory(make_reader: MakeReader) -> None:
    """Enroll many, look, rotate by hand and at night, recover and remove: one folder, one shell."""
    names = ("backup", "deploy", "monitoring")
    password = {"password": "an-example"}
    reader = make_reader(*(User(name, password) for name in names))
    lab = reader.lab
    reader.copy("fleet")
    reader.copy("nightly")
    reader.edit({"mfa_otp_password": password["password"]})
    reader.type(readme("examples/fleet"), "ansible-vault create")
    both = {"mfa_otp_password": password["password"], "mfa_otp_api_key": lab.account("deploy")["api_key"]}
    reader.encrypt("host_vars/deploy/credentials.yml", both)

    reader.type(readme("examples/fleet"), "rackspace.identity.enroll")
    assert all(lab.account(name)["mfa_enabled"] for name in names)
    entries = {name: reader.read(f"mfa/{name}.yml") for name in names}
    assert "MFA is on" not in reader.type(
        guide("troubleshooting"), "rackspace.identity.status -i inventory.yml --vault-id prod@prompt\n"
    )
    assert "changed=0" in reader.type(guide("enroll"), "--forks 20")

    (line,) = (line for line in (ROOT / "examples/nightly/crontab").read_text().splitlines() if line[0].isdigit())
    nightly = line.split(None, 5)[5]
    reader.encrypt("mfa/backup.yml", {"rax_mfa_otp": {**entries["backup"], "created": "2020-01-01T00:00:00Z"}})
    reader.write("nightly.yml", reader.text(guide("rotate"), "yaml", "# examples/nightly/nightly.yml"))
    reader.run(nightly)
    summary = json.loads((lab.work / "nightly.json").read_text())
    assert {one["host"]: one["outcome"] for one in summary["accounts"]} == {
        "backup": "changed",
        "deploy": "settled",
        "monitoring": "settled",
    }
    reader.type(readme("examples/nightly"), "jq -r")
    reader.type(guide("rotate"), f"rotate -i inventory.yml {PROMPT}\n")
    rotated = {name: reader.read(f"mfa/{name}.yml")["device_id"] for name in names}
    assert not {entry["device_id"] for entry in entries.values()} & set(rotated.values())
    reader.type(guide("recover"), "rackspace.identity.recover -i inventory.yml")
    recovered = reader.read("mfa/deploy.yml")["device_id"]
    assert [device["id"] for device in lab.account("deploy")["otp_devices"]] == [recovered] != [rotated["deploy"]]
    reader.type(guide("remove"), "rackspace.identity.remove -i inventory.yml")
    assert [lab.account(name)["mfa_enabled"] for name in names] == [True, False, True]


@pytest.mark.thorough
def test_a_play_that_logs_in(make_reader: MakeReader) -> None:
    """Enroll by the guide's play, then log in by that of the next guide."""
    reader = make_reader(User("automation"))
    lab = reader.lab
    reader.encrypt("credentials.yml", {"mfa_otp_password": lab.account()["password"]})
    reader.write("enroll.yml", reader.text(guide("enroll"), "yaml", "- name: Enroll a service account"))
    reader.write("work.yml", reader.text(guide("login"), "yaml", "- name: Work with the second factor"))
    reader.run(f"ansible-playbook enroll.yml {PROMPT}")
    assert len(reader.read("mfa.yml")["bypass_codes"]) == 10
    reader.run(f"ansible-playbook work.yml {PROMPT}")
    assert [entry["passcode"] for entry in lab.control.requests() if entry["passcode"]][-1] == "accepted"
    assert [entry["path"] for entry in lab.control.requests() if entry["method"] == "DELETE"] == [
        "/v2.0/tokens/{token}"
    ]


@pytest.mark.thorough
def test_accounts_that_were_enrolled_by_hand(make_reader: MakeReader) -> None:
    """Log in by hand, adopt, log in with one task, replace the secret; and an account whose secret is in an app."""
    seed = {"devices": [{"name": "NewOTPDevice", "verified": True}], "mfa": {"enabled": True}}
    reader, page = make_reader(User("automation", seed)), guide("adopt")
    lab = reader.lab
    (by_hand,) = lab.account()["otp_devices"]
    password = {"mfa_otp_password": lab.account()["password"]}
    reader.edit({**password, "mfa_otp_secret": by_hand["secret"]})
    reader.type(page, "ansible-vault create")

    def plays(part: str) -> None:
        tasks = yaml.safe_load(reader.text(page, "yaml", part))
        play = reader.write("play.yml", json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        reader.run(f"ansible-playbook {play} -e @by_hand.yml {PROMPT}")

    lab.control.move(time.time() - lab.control.now() - 61)  # the lookup goes by this machine's clock
    plays("- name: Log in by hand")
    reader.write("adopt.yml", reader.text(page, "yaml", "- name: Adopt an account"))
    reader.type(page, "ansible-playbook adopt.yml")
    assert reader.read("mfa.yml")["device_id"] == by_hand["id"]
    plays("- name: Log in\n")
    reader.encrypt("by_hand.yml", password)
    reader.type(page, "rackspace.identity.rotate")
    (rotated,) = lab.account()["otp_devices"]
    assert reader.read("mfa.yml")["device_id"] == rotated["id"] != by_hand["id"]

    (lab.work / "mfa.yml").unlink()
    reader.encrypt("credentials.yml", password)
    (command,) = next(one.commands for one in page if "012345" in one.text)
    code = pyotp.TOTP(rotated["secret"]).at(lab.control.now() + 61)
    reader.run(command.replace("012345", code))
    assert {device["name"] for device in lab.account()["otp_devices"]} == {"NewOTPDevice", "ansible"}


@pytest.mark.thorough
def test_a_person(make_reader: MakeReader) -> None:
    """The administrator runs the example at a terminal, and Jane types the code of her app."""
    reader, page = make_reader(ADMIN, member("jane")), readme("examples/person")
    lab = reader.lab
    reader.copy("person")
    reader.edit({"mfa_otp_api_key": lab.account("admin")["api_key"]})
    reader.type(page, "ansible-vault create")
    command = reader.text(page, "sh", "enroll-jane.yml").split()
    environment = lab.environment(RAX_AUTH_ENDPOINT=lab.emulator.url, ANSIBLE_VAULT_PASSWORD_FILE=None, TERM="xterm")
    with AtTerminal(command, lab.work, environment) as terminal:
        terminal.wait_for("then enter:")
        (device,) = lab.account("jane")["otp_devices"]
        terminal.type(pyotp.TOTP(device["secret"]).at(lab.control.now()) + "\r")
        assert terminal.end() == 0, terminal.screen
    assert (device["name"], lab.account("jane")["mfa_enabled"]) == ("phone", True)


@pytest.mark.thorough
def test_a_domain(make_reader: MakeReader) -> None:
    """List, enroll and audit it, by the example and by the guide."""
    reader = make_reader(ADMIN, member("jane"), member("joe"), member("off", enabled=False))
    lab, page = reader.lab, readme("examples/administrator")
    reader.copy("administrator")
    assert "jane" in reader.type(page, "ansible-inventory", **admin(lab))
    reader.type(page, "enroll.yml")
    assert [lab.account(name)["mfa_enabled"] for name in ("admin", "jane", "joe", "off")] == [True, True, True, False]
    summary = json.loads((lab.work / "enroll.json").read_text())
    assert {one["outcome"] for one in summary["accounts"]} == {"changed"}
    reader.type(page, "rackspace.identity.audit")
    assert "jane" in (lab.work / "mfa.csv").read_text()

    variables = {"mfa_otp_username": "admin", "mfa_otp_api_key": lab.account("admin")["api_key"]}
    reader.encrypt("group_vars/all.yml", variables)
    reader.type(guide("domain"), "--forks 20")
    reader.type(guide("domain"), "jq -r")
    (lab.work / "mfa.html").unlink()
    reader.type(guide("domain"), "mfa_audit_report")
    assert (lab.work / "mfa.html").is_file()


@pytest.mark.thorough
def test_the_emulator_by_hand_and_in_ci(make_reader: MakeReader) -> None:
    """Both start an emulator of their own."""
    reader = make_reader()
    reader.copy("ci")
    assert_changed(reader.type(readme("examples/ci"), "./test.sh", RAX_AUTH_ENDPOINT=None))

    start = reader.text(guide("testing"), "console", "users.json").replace("$ ", "")
    lines = [line for line in start.splitlines() if not line.startswith(("pip", "http://"))]
    enroll = [command for one in guide("testing") for command in one.commands if "RAX_MFA_STATE_DIR" in command]
    script = "\n".join(
        [
            *[f"{line} --url-file url &" if "python3" in line else line for line in lines],
            "trap 'kill $!' EXIT",
            "until [ -s url ]; do kill -0 $!; sleep 0.1; done",
            *[command.replace("http://127.0.0.1:40123", "$(cat url)") for command in enroll],
        ]
    )
    assert_changed(reader.run(script))


def assert_changed(screen: str) -> None:
    assert "failed=0" in screen
    assert "changed=0" not in screen


@pytest.mark.thorough
def test_the_tests_by_pytest(make_reader: MakeReader) -> None:
    reader = make_reader()
    reader.write("test_enroll.py", reader.text(guide("testing"), "python", "# test_enroll.py"))
    screen = reader.type(guide("testing"), "pytest test_enroll.py", RAX_AUTH_ENDPOINT=None)
    assert "2 passed" in screen


@pytest.mark.thorough
def test_a_copy_of_the_molecule_scenarios(make_reader: MakeReader) -> None:
    reader = make_reader()
    (recipe,) = (one for one in guide("testing") if "molecule -c" in one.text)
    reader.run("\n".join(recipe.commands), RAX_AUTH_ENDPOINT=None)


@pytest.mark.thorough
def test_a_task_that_goes_by_the_kind_of_its_failure(make_reader: MakeReader) -> None:
    reader = make_reader(User("deploy"))
    tasks = yaml.safe_load(reader.text(guide("troubleshooting"), "yaml", "failed_when"))
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"rax_mfa_otp": ""}, "tasks": tasks}
    reader.write("look.yml", json.dumps([play]))
    right = reader.write("right.json", json.dumps({"deploy_password": reader.lab.account()["password"]}))
    reader.run(f"ansible-playbook look.yml -e @{right}")
    for password in ("wrong", ""):  # a failure with a kind, and one of the options, which has none
        assert "failed=1" in reader.run(f"! ansible-playbook look.yml -e deploy_password='{password}'")
    reader.lab.control.fault("misshapen", text=json.dumps({}), times=0)
    assert "failed=1" in reader.run(f"! ansible-playbook look.yml -e @{right}")


# --- the form of the pages -------------------------------------------------------------------------------------------


def test_what_a_guide_shows_of_an_example_is_its_file() -> None:
    shown = [match.groups() for page in pages() for one in snippets(page) if (match := _OF_AN_EXAMPLE.match(one.text))]
    assert len(shown) > 5
    for path, text in shown:
        assert text.strip() == _LICENSE.sub("", (ROOT / path).read_text(encoding="utf-8")).strip(), path


def test_every_link_of_a_readme_leads_to_a_file() -> None:
    links = [(page, link) for page in pages() if page.suffix == ".md" for link in _LINK.findall(page.read_text())]
    assert len(links) > 20
    assert [(page, link) for page, link in links if not (page.parent / link).exists()] == []


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
