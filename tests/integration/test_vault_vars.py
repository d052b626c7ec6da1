# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`vault_vars` in real runs of ansible: what is written reads back everywhere, and no value is ever seen."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.harness import rows
from integration.harness.machine import COLLECTIONS, FILES, calm, environment

from ansible_collections.rackspace.identity.plugins.plugin_utils.stores import open_store

CANARY = "canary-7f3a"
OLD = "canary-0b1d"
ASIDE = "canary-55e2"
CANARIES = (CANARY, OLD, ASIDE)
VAULT_ID = ("--vault-id", "prod@prod")
VALUES = {
    "rax_mfa_otp": {
        "secret": CANARY,
        "step_offset": -1,
        "bypass_codes": ["012345", "yes"],
        "next": None,
        "proved": True,
    },
    "lines": f"one\n  two: {CANARY}\n\n",
    "uri": f"otpauth://totp/R:a%20b?secret={CANARY}&issuer=R" + "#" * 2000,
    "looks_like_a_template": "{{ lookup('pipe', 'echo rendered') }} {% raw %}",
    "like_other_types": ["yes", "1:30", "012", "1e3", "~", "", "2026-01-31", "0x1f", "!vault x", "a: b", "#", "-1"],
    "numbers": [0, -1, 2**70, 1.5],
    "unicode_text": "Zoë 中文 🔑\u2028\x85",
    "empty": [{}, [], ""],
}

pytestmark = pytest.mark.matrix


def expression(text: str) -> str:
    return "{{ " + text + " }}"


@dataclass(frozen=True)
class Run:
    """What a run left behind: its return code, its screen, and all that anyone could read."""

    rc: int
    screen: str
    everything: str


class Site:
    """A folder with a vault password and a playbook."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.vault = root / "vault.yml"
        calm(root)
        (root / "action_plugins").symlink_to(FILES / "playing" / "action_plugins")
        (root / "prod").write_text("password of prod\n", encoding="utf-8")
        (root / "values.json").write_text(json.dumps(VALUES), encoding="utf-8")

    def run(self, *command: str) -> Run:
        env = environment(self.root, ANSIBLE_LOG_PATH=str(self.root / "log"), ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
        (self.root / "log").unlink(missing_ok=True)
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        log = (self.root / "log").read_text(encoding="utf-8") if (self.root / "log").exists() else ""
        return Run(done.returncode, done.stdout, done.stdout + done.stderr + log)

    def play(self, *tasks: dict[str, Any], args: tuple[str, ...] = ()) -> Run:
        return self.plays({"hosts": "localhost", "tasks": list(tasks)}, args=args)

    def plays(self, play: dict[str, Any], *, args: tuple[str, ...] = ()) -> Run:
        (self.root / "play.yml").write_text(json.dumps([{"gather_facts": False, **play}]), encoding="utf-8")
        return self.run("ansible-playbook", "play.yml", *VAULT_ID, *args)

    def keep(self, text: str, name: str = "vault.yml") -> None:
        """Make a vault file, as ansible-vault does."""
        secret = VaultSecret(b"password of prod")
        (self.root / name).write_bytes(VaultLib().encrypt(text, secret=secret, vault_id="prod"))
        (self.root / name).chmod(0o600)

    def view(self) -> str:
        """The text of the vault file, by ansible-vault."""
        done = self.run("ansible-vault", "view", *VAULT_ID, str(self.vault))
        assert done.rc == 0, done.everything
        return done.screen

    def out(self, name: str = "out") -> Any:
        return json.loads((self.root / name).read_text(encoding="utf-8"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def vault_vars(register: str = "done", **options: Any) -> dict[str, Any]:
    return {"rackspace.identity.vault_vars": {"path": "vault.yml", **options}, "register": register}


def save(template: str, name: str = "out") -> dict[str, Any]:
    """A task that puts what a template gives into a file: the screen is not where values are compared."""
    return {"keep": {"into": f"{{{{ playbook_dir }}}}/{name}", "value": expression(template)}, "no_log": True}


GIVEN = expression("lookup('file', 'values.json') | from_json")


@pytest.mark.thorough
def test_what_is_set_reads_back_as_it_was_by_every_reader(site: Site) -> None:
    names = ", ".join(f"{name!r}: {name}" for name in VALUES)
    written = site.play(
        vault_vars(values=GIVEN),
        vault_vars("again", values=GIVEN),
        vault_vars("stored"),
        save("stored.vars"),
        save("[done.changed, again.changed, stored.changed, stored.exists]", "results"),
        {"ansible.builtin.include_vars": "vault.yml"},
        save("{" + names + "}", "included"),
    )
    assert written.rc == 0, written.everything
    assert site.out("results") == [True, False, False, True]
    assert site.out() == VALUES
    assert site.out("included") == VALUES
    assert stat.S_IMODE(site.vault.stat().st_mode) == 0o600

    loaded = site.plays({"hosts": "localhost", "vars_files": ["vault.yml"], "tasks": [save("{" + names + "}")]})
    assert loaded.rc == 0, loaded.everything
    assert site.out() == VALUES
    assert site.view().startswith(f"rax_mfa_otp:\n  secret: {CANARY}\n")


def commands(marker: Path) -> dict[str, str]:
    """Texts that run a command when they are templates, one for each way to make one."""
    command = f"lookup('pipe', 'touch {marker}; echo rendered')"
    return {
        "marks": "{{ " + command + " }}",
        "statement": "{% set x = " + command + " %}x",
        "header": f"#jinja2:variable_start_string:'[%', variable_end_string:'%]'\n[% {command} %]",
        "header of blocks": f"#jinja2: block_start_string:'<:', block_end_string:':>'\n<: set x = {command} :>x",
        "{{ " + command + " }}": "a key",
        f"#jinja2:variable_start_string:'[%'\n[% {command} }}}}": "a key with a header",
    }


@pytest.mark.parametrize("way", rows(["store", "vault_vars", "file of an earlier version"]))
def test_what_comes_from_the_service_never_becomes_a_template(site: Site, way: str) -> None:
    marker = site.root / "ran"
    entry = {"username": "ada", "secret": CANARY, "later": commands(marker), "device_name": commands(marker)["header"]}
    (site.root / "entry.json").write_text(json.dumps(entry), encoding="utf-8")
    if way == "vault_vars":
        given = expression("lookup('file', 'entry.json') | from_json")
        done = site.play(vault_vars(values={"rax_mfa_otp": given}))
        assert done.rc == 0, done.everything
    else:
        if way != "store":
            # Not tagged, because it was not known to be a template.
            site.keep(json.dumps({"rax_mfa_otp": {**entry, "later": {}}}))
        loader: Any = DataLoader()
        loader.set_basedir(str(site.root))
        loader.set_vault_secrets([("prod", VaultSecret(b"password of prod"))])
        store = open_store({"path": "vault.yml"}, loader, print, {})
        store.save(entry, store.load())
        assert store.load() == entry
    (site.root / "ran").unlink(missing_ok=True)
    loaded = site.plays(
        {
            "hosts": "localhost",
            "vars_files": ["vault.yml"],
            "tasks": [
                save("rax_mfa_otp"),
                {"ansible.builtin.include_vars": "vault.yml"},
                {"ansible.builtin.set_fact": {"copied": expression("rax_mfa_otp")}, "no_log": True},
                save("copied", "copied"),
            ],
        }
    )
    assert loaded.rc == 0, loaded.everything
    assert not marker.exists(), "a command of the service was run"
    assert site.out() == site.out("copied") == entry


@pytest.mark.thorough
def test_values_that_ansible_marks_are_stored_plain(site: Site) -> None:
    site.keep(f"inner: {CANARY}\n")
    inline = site.run("ansible-vault", "encrypt_string", *VAULT_ID, "--name", "inline", CANARY)
    (site.root / "vars.yml").write_text(f"unsafe: !unsafe '{{{{ x }}}}'\n{inline.screen}\n", encoding="utf-8")
    done = site.plays(
        {
            "hosts": "localhost",
            "vars_files": ["vars.yml", "vault.yml"],
            "tasks": [
                vault_vars(values={"a": expression("inline"), "b": [expression("unsafe")], "c": expression("inner")}),
                vault_vars("stored"),
                save("stored.vars"),
            ],
        }
    )
    assert done.rc == 0, done.everything
    assert site.out() == {"inner": CANARY, "a": CANARY, "b": ["{{ x }}"], "c": CANARY}
    assert site.view() == f"inner: {CANARY}\na: {CANARY}\nb:\n- !unsafe '{{{{ x }}}}'\nc: {CANARY}\n"


@pytest.mark.thorough
def test_check_mode_and_a_second_run(site: Site) -> None:
    site.keep("# of a\na: 0\n\n# of b\nb: x\n")
    change = {"values": {"a": 1}}
    done = site.play(
        {**vault_vars("checked", **change), "check_mode": True},
        vault_vars("stored"),
        vault_vars("one", **change),
        {**vault_vars("two", **change), "check_mode": True},
        vault_vars("three", **change),
        save("[checked, one, two, three, stored]"),
    )
    assert done.rc == 0, done.everything
    *results, stored = site.out()
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert stored["vars"] == {"a": 0, "b": "x"}
    checked, one = results[:2]
    assert checked["diff"] == one["diff"]
    assert one["path"] == str(site.vault)
    assert all(result["exists"] for result in results)
    assert site.view() == "# of a\na: 1\n\n# of b\nb: x\n"


SECRET_LOOP = {"loop": [expression("'canary-' ~ '7f3a'")]}


TOLD: dict[str, tuple[dict[str, Any], str | None]] = {
    "read": (vault_vars(), None),
    "read in a loop": ({**vault_vars(path="{{ item }}"), "loop": ["vault.yml"]}, None),
    "set": (vault_vars(values=GIVEN, backup=True), None),
    "set in a loop": ({**vault_vars(values={"a": "{{ item }}"}), **SECRET_LOOP}, None),
    "failed in a loop": ({**vault_vars(values={"a": "{{ item }}"}, path="l"), **SECRET_LOOP}, ""),
    "misuse in a loop": ({**vault_vars(values="{{ item }}"), **SECRET_LOOP}, ""),
    "unknown id": (vault_vars(values=GIVEN, vault_id="x"), "the vault id x; loaded are: prod"),
    "plain file": (vault_vars(values=GIVEN, path="plain.yml"), "not encrypted with Ansible Vault"),
    "not YAML": (vault_vars(path="bad.yml"), "not YAML that Ansible can read (line 2"),
    "not YAML to change": (vault_vars(path="bad.yml", values=GIVEN), "(line 2"),
    "twice": (vault_vars(path="twice.yml"), "a variable is there twice (line 2"),
    "unknown option": (vault_vars(value=GIVEN), "module: value."),
    "values of another type": (
        vault_vars(values=expression("[(lookup('file', 'values.json') | from_json).lines]")),
        "values must be a dictionary",
    ),
    "no name": (
        vault_vars(values={"a-b": expression("(lookup('file', 'values.json') | from_json).lines")}),
        "These keys of values are not names of variables: a-b.",
    ),
    "mode": (vault_vars(values=GIVEN, mode="rw"), "mode must be an octal number"),
    "changed": (vault_vars(path="more.yml", values=dict.fromkeys(["other", "new"], GIVEN), absent=["gone"]), None),
}
"""Tasks, and what each of them says that fails. One play runs them all: an end of Ansible is no part of the matter."""


def test_no_value_is_seen_and_a_failure_says_why(site: Site) -> None:
    site.keep(f"a: {OLD}\nb: {ASIDE}\n")
    site.keep(f"a: 1\n{OLD}: b: {OLD}\n", "bad.yml")
    site.keep(f"{OLD}: {OLD}\n{OLD}: 2\n", "twice.yml")
    site.keep(f"gone: {OLD}\nkept: {ASIDE}\nother: {OLD}\n", "more.yml")
    (site.root / "plain.yml").write_text(f"a: {ASIDE}\n", encoding="utf-8")
    (site.root / "l").symlink_to("l")
    tasks = [{"name": name, **task, "ignore_errors": True} for name, (task, _told) in TOLD.items()]
    done = site.play(*tasks, args=("-vvvv", "--diff"))
    assert done.rc == 0, done.everything
    for name, (_task, told) in TOLD.items():
        said = done.screen.partition(f"TASK [{name}] ")[2].partition("TASK [")[0]
        assert said
        assert ("...ignoring" in said) is (told is not None), said
        assert " ".join((told or "").split()) in " ".join(said.split())
    _before, _name, changed = done.screen.partition("TASK [changed] ")
    for line in ("-gone: (old value)", "-other: (old value)", "+other: (new value)", "+new: (new value)"):
        assert line in changed.splitlines()
    assert "kept" not in changed, "only what is changed is named"
    for canary in CANARIES:
        assert canary not in done.everything
    for file in site.root.glob("*vault.yml*"):
        assert CANARY.encode() not in file.read_bytes()


@pytest.mark.thorough
def test_the_search_finds_a_leak(site: Site) -> None:
    site.keep(f"a: {OLD}\n")
    done = site.play(vault_vars("stored"), {"ansible.builtin.debug": {"var": "stored.vars"}})
    assert OLD in done.screen
    assert OLD in done.everything.replace(done.screen, "")


@pytest.mark.thorough
def test_registered_results_of_a_loop_are_whole(site: Site) -> None:
    site.keep(f"a: {OLD}\n")
    done = site.play(
        {**vault_vars("all", path="{{ item }}"), "loop": ["vault.yml", "none.yml"]},
        save("all.results | map(attribute='vars')"),
    )
    assert done.rc == 0, done.everything
    assert site.out() == [{"a": OLD}, {}]
    assert OLD not in done.everything


def test_forks_writing_one_file_lose_nothing_and_no_host_is_contacted(site: Site) -> None:
    # Addresses of documentation (RFC 5737): anyone who connects there fails.
    hosts = "\n".join(f"h{number} ansible_host=192.0.2.{number} ansible_connection=ssh" for number in range(1, 9))
    (site.root / "hosts").write_text(hosts + "\n", encoding="utf-8")
    task = vault_vars(values=expression("{inventory_hostname: inventory_hostname ~ '-value'}"))
    done = site.plays(
        {"hosts": "all", "become": True, "become_user": "nobody", "tasks": [task]},
        args=("--inventory", "hosts", "--forks", "8"),
    )
    assert done.rc == 0, done.everything
    assert sorted(site.view().splitlines()) == [f"h{number}: h{number}-value" for number in range(1, 9)]
    assert not list(site.root.glob(".vault.yml*"))


def test_documentation_is_found(site: Site) -> None:
    done = site.run("ansible-doc", "rackspace.identity.vault_vars", "--json")
    options = json.loads(done.screen)["rackspace.identity.vault_vars"]["doc"]["options"]
    assert set(options) == {"path", "values", "absent", "same_keys", "to_set", "vault_id", "mode", "backup"}


def test_module_refuses_to_run_on_a_host(site: Site) -> None:
    (site.root / "args").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"path": "x", "values": {"a": CANARY}}}))
    module = "ansible_collections.rackspace.identity.plugins.modules.vault_vars"
    code = f"import sys; sys.path.insert(0, {str(COLLECTIONS)!r}); from {module} import main; main()"
    done = site.run(sys.executable, "-c", code, "args")
    result = json.loads(done.screen)
    assert result["failed"]
    assert "works on the controller only" in result["msg"]
    # What starts with an underscore is core's own, between the module and the controller (2.22 tells it what to mask).
    assert CANARY not in str({name: value for name, value in result.items() if not name.startswith("_")})
