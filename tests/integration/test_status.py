# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at one account by the playbook: settled, refused, by an administrator.

More is in memory (`test_account_status.py`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Lab, Run, find_leaks
from integration.harness.domains import ADMIN, SECRET, admin, entry, member
from integration.test_inventory_playbooks import MakeLab


@pytest.fixture(name="domain")
def _domain(make_lab: MakeLab) -> Lab:
    return make_lab(ADMIN, member("ada"), member("grace", on=True))


def status(lab: Lab, name: str = "grace", by: str = "api_key", **more: Any) -> tuple[Run, dict[str, Any]]:
    """Run the playbook; also what it says."""
    run = lab.run("status", env={"PWD": "/of/another/shell"}, **{**lab.variables(name, by=by), **more})
    assert run.rc == 0, run.screen
    shown = run.screen.rpartition("TASK [Say what was seen]")[2]
    start = re.search(r"^ok: \[\w+\] => ", shown, re.MULTILINE)
    assert start, run.screen
    told: dict[str, Any] = json.JSONDecoder().raw_decode(shown, start.end())[0]["msg"]
    assert not find_leaks(lab, {"screen": run.screen.encode()})
    assert not run.writes
    return run, told


@pytest.mark.matrix
def test_a_settled_account(domain: Lab) -> None:
    domain.store(entry(domain, "grace", bypass_codes_end="2099-01-01T00:00:00Z"))
    run, told = status(domain, mfa_otp_vault_file=domain.vault.name)
    assert told["account"] == "grace"
    assert told["mfa"] == {"enabled": True, "state": "ACTIVE", "factor_type": "OTP", "enforcement_level": "DEFAULT"}
    assert told["otp_devices"] == [{"id": "device-of-grace", "name": "ansible", "verified": True}]
    assert (told["stored"]["bypass_codes"], told["stored"]["bypass_codes_end"]) == (1, "2099-01-01T00:00:00Z")
    assert told["stored"]["age_days"] > 0
    path = told["record"].pop("path")
    assert Path(path).parent == domain.home / ".local" / "state" / "rackspace.identity"
    assert told["record"] == {"refused_passcodes": 0, "safe_in": 0, "safe_at": None}
    assert told["next"] == ["Nothing: the account is settled."]
    assert run.passcodes == []


@pytest.mark.matrix
def test_refused_passcodes_are_told_with_the_time_to_wait(domain: Lab) -> None:
    domain.store(entry(domain, "grace", secret="MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"))
    status(domain, by="password", mfa_otp_max_wait=10)
    domain.control.move(31)
    run, told = status(domain, by="password")
    assert told["error"]["kind"] in ("passcode_refused", "account_locked")
    assert told["record"]["refused_passcodes"] == 2
    assert 60 < told["record"]["safe_in"] <= 31 * 60
    assert told["record"]["safe_at"].endswith("Z")
    assert SECRET not in run.screen


@pytest.mark.thorough
def test_an_administrator_looks_at_another_user(domain: Lab) -> None:
    unproved = entry(domain, "grace")
    del unproved["proved"]
    domain.store(unproved)
    run, told = status(domain, "admin", mfa_otp_target_user="grace")
    assert told["account"] == "grace"
    assert told["findings"] == ["MFA is on, and no two-factor login with the stored secret was proved."]
    assert told["next"] == ["Run rackspace.identity.enroll again, with the account's password."]
    assert run.passcodes == []


@pytest.mark.thorough
def test_the_environment_of_a_play_reaches_what_always_runs_on_the_controller(domain: Lab) -> None:
    given = {name: value for name, value in admin(domain).items() if name.startswith("RAX_")}
    tasks = [
        {"name": "audit", "rackspace.identity.rax_mfa_audit": {}, "register": "audit"},
        {"name": "status", "rackspace.identity.rax_mfa_status": {"target_user": "ada"}, "register": "status"},
        {
            "name": "by proxy",
            "rackspace.identity.rax_mfa_audit": {"timeout": 1},
            "environment": {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""},
            "register": "by_proxy",
            "ignore_errors": True,
        },
        {
            "assert": {
                "that": [
                    "audit.summary.users == 3",
                    "status.user.name == 'ada'",
                    "by_proxy.error.kind == 'connection' and 'proxy' in by_proxy.msg",
                ]
            }
        },
    ]
    run = domain.run([{"hosts": "localhost", "gather_facts": False, "environment": given, "tasks": tasks}])
    assert run.rc == 0, run.screen
    assert not find_leaks(domain, {"screen": run.screen.encode()})
