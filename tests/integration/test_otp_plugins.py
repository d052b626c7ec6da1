# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup and the filters in real runs of ansible: vaulted and unsafe values, files, and what failures show."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from integration.harness.machine import FILES, environment

from ansible_collections.rackspace.identity.plugins.filter.otp_qr import otp_qr

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/Rackspace:a%20b?secret={SECRET}&issuer=Rackspace"
CANARY = "CANARYCANARY01"  # no base32, for 0 and 1

pytestmark = [pytest.mark.matrix, pytest.mark.xdist_group("otp_plugins")]


def expression(text: str) -> str:
    return "{{ " + text + " }}"


class Site:
    """A folder with variables, some of them in the vault, to run tasks in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "action_plugins").symlink_to(FILES / "playing" / "action_plugins")
        (root / "password").write_text("vault canary", encoding="utf-8")
        plain = {"plain": SECRET, "uri": URI, "canary": CANARY, "entry": {"secret": SECRET, "step_offset": -1}}
        lines = [f"{name}: {json.dumps(value)}" for name, value in plain.items()]
        vaulted = self.run("ansible-vault", "encrypt_string", "--stdin-name", "vaulted", stdin=SECRET).stdout
        nested = "\n".join(f"  {line}" for line in vaulted.replace("vaulted:", "secret:").splitlines())
        lines += [vaulted, f"vaulted_entry:\n{nested}", f'unsafe: !unsafe "{SECRET}"']
        (root / "vars.yml").write_text("\n".join(lines), encoding="utf-8")

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        env = environment(self.root, ANSIBLE_VAULT_PASSWORD_FILE=str(self.root / "password"))
        return subprocess.run(command, cwd=self.root, env=env, input=stdin, capture_output=True, text=True, check=False)

    def play(self, *tasks: dict[str, Any], args: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        play = {"hosts": "localhost", "gather_facts": False, "vars_files": ["vars.yml"], "tasks": list(tasks)}
        (self.root / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        return self.run("ansible-playbook", "play.yml", *args)

    def values(self, **templates: str) -> dict[str, Any]:
        """What templates give, read back from a file: the screen is not where values are compared."""
        items = ", ".join(f"{name}={template}" for name, template in templates.items())
        done = self.play({"keep": {"into": "{{ playbook_dir }}/out", "value": expression(f"dict({items})")}})
        assert done.returncode == 0, done.stdout + done.stderr
        answer = json.loads((self.root / "out").read_text(encoding="utf-8"))
        assert isinstance(answer, dict)
        return answer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def totp(term: str, options: str = "at=59") -> str:
    return f"lookup('rackspace.identity.totp', {term}, {options})"


def test_codes_of_values_of_every_origin_and_filters(site: Site) -> None:
    values = site.values(
        plain=totp("plain"),
        vaulted=totp("vaulted"),
        vaulted_entry=totp("vaulted_entry"),
        unsafe=totp("unsafe"),
        uri=totp("uri"),
        entry=totp("entry"),
        several="query('rackspace.identity.totp', plain, vaulted, at=1111111109, digits=8)",
        details=totp("plain", "at=1111111109, details=true"),
        sha256=totp("plain", "at=59, algorithm='sha-256', digits=7, period=60, step_offset=1, min_remaining=5"),
        parts="uri | rackspace.identity.otpauth",
        terminal="uri | rackspace.identity.otp_qr",
        svg="uri | rackspace.identity.otp_qr('svg', scale=3, border=2)",
    )
    assert values == {
        **dict.fromkeys(["plain", "vaulted", "vaulted_entry", "unsafe", "uri"], "287082"),
        "entry": "755224",
        "several": ["07081804", "07081804"],
        "details": {"code": "081804", "remaining": 1, "expires": 1111111110},
        "sha256": "6254785",
        "parts": {
            "account": "a b", "algorithm": "SHA1", "digits": 6, "issuer": "Rackspace", "period": 30, "secret": SECRET
        },
        "terminal": otp_qr(URI),
        "svg": otp_qr(URI, "svg", scale=3, border=2),
    }  # fmt: skip


TOLD = {
    "a lookup": (totp("canary"), "not base32"),
    "a lookup of several": (totp("[plain, canary]"), "Term 2: The secret is not base32"),
    "a lookup of an entry": (totp("{'secret': canary}"), "not base32"),
    "a lookup of a HOTP URI": (totp("'otpauth://hotp/x?secret=' ~ canary"), "hotp"),
    "a lookup that can't wait": (totp("uri", "min_remaining=30"), "below the period"),
    "otpauth": ("canary | rackspace.identity.otpauth", "no URI"),
    "its secret": ("('otpauth://totp/x?secret=' ~ canary) | rackspace.identity.otpauth", "not base32"),
    "otp_qr": ("canary | rackspace.identity.otp_qr", "no URI"),
    "otp_qr of a format": ("uri | rackspace.identity.otp_qr('gif')", "terminal, svg, png"),
}
"""Templates that fail, and what is said of each. One play has them all."""


def test_failures_are_told_without_the_secret(site: Site) -> None:
    tasks = [
        {"name": name, "ansible.builtin.debug": {"msg": expression(template)}, "ignore_errors": True}
        for name, (template, _told) in TOLD.items()
    ]
    done = site.play(*tasks, args=("-vvvv",))
    assert done.returncode == 0, "each was ignored"
    shown = done.stdout + done.stderr
    for name, (_template, told) in TOLD.items():
        said = done.stdout.partition(f"TASK [{name}] ")[2].partition("TASK [")[0]
        assert "...ignoring" in said, said
        assert told in said
    assert CANARY not in shown
    assert SECRET not in shown
