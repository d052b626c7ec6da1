# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A domain for tests: its users, an administrator, and the inventory of it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .accounts import entry_of
from .lab import Lab, User
from .machine import BIN

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ADMIN = User("admin", {"role": "user-admin", "enforcement_level": "OPTIONAL", "domain_id": "100", "id": "id-of-admin"})
INVENTORIES = "ansible.builtin.host_list,ansible.builtin.auto,ansible.builtin.yaml"


def member(name: str, *, on: bool = False, **seed: Any) -> User:
    """A user of the domain; with `on`, one who logs in with a device."""
    usual: dict[str, Any] = {"domain_id": "100", "id": f"id-of-{name}", "email": f"canary-{len(name)}@example.com"}
    if on:
        device = {"id": f"device-of-{name}", "name": "ansible", "secret": SECRET, "verified": True}
        usual |= {"devices": [device], "mfa": {"enabled": True, "factor_type": "OTP"}}
    return User(name, {**usual, **seed})


def entry(lab: Lab, name: str, **members: Any) -> dict[str, Any]:
    """What the role would have stored for a user with a device."""
    dates = {"created": "2026-01-01T00:00:00Z", "proved": "2026-01-01T00:01:00Z"}
    return entry_of(lab, name, **{**dates, "bypass_codes": ["38219475"], **members})


def admin(lab: Lab) -> dict[str, str | None]:
    """The environment in which the administrator logs in, with every inventory that tests have."""
    return {
        "RAX_USERNAME": "admin",
        "RAX_API_KEY": lab.account("admin")["api_key"],
        "RAX_AUTH_ENDPOINT": lab.emulator.url,
        "ANSIBLE_INVENTORY_ENABLED": INVENTORIES,
    }


def source(lab: Lab, name: str = "domain", **options: Any) -> Path:
    """An inventory file of the domain."""
    path = lab.inputs / f"{name}.rax_users.yml"
    path.write_text(json.dumps({"plugin": "rackspace.identity.rax_users", **options}), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Listed:
    """What ansible-inventory shows."""

    rc: int
    warnings: str
    shown: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def hostvars(self) -> dict[str, dict[str, Any]]:
        """The variables of each host."""
        found: dict[str, dict[str, Any]] = _plain(self.shown["_meta"]["hostvars"])
        return found

    @property
    def groups(self) -> dict[str, set[str]]:
        """The hosts of each group that has some."""
        return {name: set(group["hosts"]) for name, group in self.shown.items() if "hosts" in group}


def listed(lab: Lab, path: Path, *args: str, **env: str | None) -> Listed:
    """Run ansible-inventory as the administrator."""
    before = len(lab.control.requests())
    run = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", str(path), "--list", *args],
        cwd=lab.work,
        env=lab.environment(**{**admin(lab), **env}),
        capture_output=True,
        text=True,
        check=False,
    )
    shown = json.loads(run.stdout[run.stdout.index("{\n") :]) if "{\n" in run.stdout else {}
    # Warnings are folded at the width of the screen.
    return Listed(run.returncode, " ".join(run.stderr.split()), shown, lab.control.requests()[before:])


def _plain(value: Any) -> Any:
    """The value without the marks that ansible-inventory gives strings that are no templates."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return value["__ansible_unsafe"] if "__ansible_unsafe" in value else {k: _plain(v) for k, v in value.items()}
