# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a domain: its groups and variables, what a name can do to it (nothing), its cache, its requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Lab, User, find_leaks
from integration.harness.domains import ADMIN, admin, listed, member, source

PHONE = {"id": "p", "number": "+15125550100", "verified": True}
BY_SMS = {"enabled": True, "factor_type": "SMS"}
PEOPLE = (
    ADMIN,
    member("ada"),
    member("grace", on=True, enforcement_level="REQUIRED"),
    member("linus", mfa=BY_SMS, phone=PHONE),
    member("gone", enabled=False),
)
MakeLab = Callable[..., Lab]


@pytest.fixture(name="domain")
def _domain(make_lab: MakeLab) -> Lab:
    return make_lab(*PEOPLE)


@pytest.mark.matrix
def test_groups_and_variables(domain: Lab) -> None:
    """Lists of devices that come back empty by mistake are read again; users are read page by page, after one login."""
    domain.control.behave(empty_device_lists=1, page_size=2)
    found = listed(domain, source(domain, devices=True))
    assert found.rc == 0, found.warnings
    assert found.groups == {
        "rax_users": {"admin", "ada", "grace", "linus", "gone"},
        "domain_100": {"admin", "ada", "grace", "linus", "gone"},
        "mfa_on": {"grace", "linus"},
        "mfa_off": {"admin", "ada", "gone"},
        "factor_otp": {"grace"},
        "factor_sms": {"linus"},
        "level_default": {"ada", "linus", "gone"},
        "level_optional": {"admin"},
        "level_required": {"grace"},
        "user_disabled": {"gone"},
        "otp_devices_0": {"admin", "ada", "linus", "gone"},
        "otp_devices_1": {"grace"},
    }
    assert {key: value for key, value in found.hostvars["grace"].items() if key.startswith("rax_")} == {
        "rax_id": "id-of-grace",
        "rax_name": "grace",
        "rax_domain_id": "100",
        "rax_enabled": True,
        "rax_mfa_enabled": True,
        "rax_mfa_state": "ACTIVE",
        "rax_mfa_factor_type": "OTP",
        "rax_mfa_enforcement_level": "REQUIRED",
        "rax_otp_devices": [{"id": "device-of-grace", "name": "ansible", "verified": True}],
    }
    assert "canary" not in json.dumps(found.shown)
    asked = [entry["path"] for entry in found.requests if not entry["path"].endswith("/otp-devices")]
    assert asked == ["/v2.0/tokens", *["/v2.0/users"] * 3]


@pytest.mark.matrix
def test_names_that_are_templates_stay_text(make_lab: MakeLab, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    evil = f"{{{{ lookup('pipe', 'touch {ran}') }}}}"
    lab = make_lab(ADMIN, User(evil, {"domain_id": "100", "id": "e1"}))
    path = source(
        lab,
        hostname="{{ rax_name }}",
        compose={"composed": "rax_name", "again": "'x' ~ rax_name"},
        keyed_groups=[{"prefix": "named", "key": "rax_name"}],
        groups={"chosen": "rax_name is search('pipe')"},
        include_filters=["rax_name is match('.')"],
    )
    play = {
        "hosts": "rax_users",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.debug": {"msg": "{{ rax_name }}{{ composed }}{{ again }}{{ group_names }}"}}],
    }
    run = lab.run([play], inventory=str(path), env=admin(lab))
    assert run.rc == 0, run.screen
    assert not ran.exists()
    assert f"{evil}{evil}x{evil}" in run.screen
    assert "ok: [user-e1]" in run.screen


@pytest.mark.matrix
def test_names_of_groups_and_of_this_machine_are_no_host_names(make_lab: MakeLab) -> None:
    names = ["mfa_off", "localhost", "all", "domain_100", "../../../etc/passwd", "a,b"]
    users = [User(name, {"domain_id": "100", "id": f"n{number}"}) for number, name in enumerate(names)]
    lab = make_lab(ADMIN, *users)
    found = listed(lab, source(lab))
    assert found.groups["mfa_off"] == {"admin", *(f"user-n{number}" for number in range(len(names)))}
    assert {variables["rax_name"] for variables in found.hostvars.values()} == {"admin", *names}
    assert f"{len(names)} of the users have names that hosts can't have" in found.warnings


def test_devices_that_may_not_be_read_are_told(make_lab: MakeLab) -> None:
    """Those of federated users are elsewhere. What filters leave out of the inventory is not told of."""
    lab = make_lab(*PEOPLE, member("fay", federated=True))
    found = listed(lab, source(lab, devices=True))
    assert "The OTP devices of 1 of 6 users could not be read" in found.warnings
    assert found.groups["otp_devices_0"] == {"admin", "ada", "linus", "gone"}
    chosen = source(
        lab,
        devices=True,
        include_filters=["rax_mfa_enabled", "rax_name in ('ada', 'fay')"],
        exclude_filters=["rax_mfa_factor_type == 'SMS'", "rax_name == 'fay'"],
    )
    left_out = listed(lab, chosen)
    assert set(left_out.hostvars) == {"grace", "ada"}
    assert "could not be read" not in left_out.warnings


def test_devices_that_may_not_be_read_fail_an_audit_of_devices(make_lab: MakeLab) -> None:
    lab = make_lab(ADMIN, member("ada"), member("fay", federated=True))
    audits = [
        {"import_playbook": "rackspace.identity.audit", "vars": {"mfa_audit_fail_on": fails_on}}
        for fails_on in ("", "extra_device")
    ]
    run = lab.run(audits, env=admin(lab))
    first, _other, second = run.screen.partition("PLAY [Audit a domain]")[2].partition("PLAY [Audit a domain]")
    assert "The OTP devices of 1 of 3 users could not be read" in " ".join(first.split())
    assert "mfa_audit_fail_on does not allow what was found: unread. First of 1: fay. " in run.message
    assert run.message in second


@pytest.mark.matrix
def test_an_inventory_that_fails_has_no_host(domain: Lab) -> None:
    """By a filter that is no condition, by a typing mistake in one, and half way, each in a file of its own."""
    half_way: dict[str, Any] = {"strict": True, "compose": {"composed": "1 // (0 if rax_name == 'linus' else 1)"}}
    filters = [{"exclude_filters": [one]} for one in ("rax_mfa_state", "rax_nmae == 'ada'")]
    first, *others = (
        source(domain, f"failing{number}", **options) for number, options in enumerate((*filters, half_way))
    )
    found = listed(domain, first, *(word for path in others for word in ("-i", str(path))))
    for told in ("rax_mfa_state", "rax_nmae == 'ada'", "composed"):
        assert told in found.warnings
    assert "rax_users" not in found.shown
    assert not found.hostvars


def cached(lab: Lab, **options: Any) -> Path:
    return source(
        lab,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(lab.work / "cache"),
        **{"cache_timeout": 3600, **options},
    )


@pytest.mark.thorough
@pytest.mark.matrix
def test_a_cache_is_read_until_it_is_flushed(domain: Lab) -> None:
    path = cached(domain)
    assert listed(domain, path).requests
    (file,) = (domain.work / "cache").iterdir()
    before = file.stat().st_mtime_ns, file.read_bytes()
    domain.control.users([{**domain.users[1].as_seed, "mfa": BY_SMS, "phone": PHONE}])
    again = listed(domain, path)
    assert not again.requests
    assert "ada" in again.groups["mfa_off"]
    # A hit does not make it any younger.
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    play = [{"hosts": "mfa_on", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "seen"}}]}]
    for args, hosts in (((), 2), (("--flush-cache",), 3)):
        run = domain.run(play, *args, inventory=str(path), env=admin(domain))
        assert run.screen.count('"msg": "seen"') == hosts
    assert "ada" in listed(domain, path).groups["mfa_on"]


def test_a_cache_ends_by_its_own_age_whatever_its_file_says(domain: Lab) -> None:
    path = cached(domain, cache_timeout=60)
    listed(domain, path)
    (file,) = (domain.work / "cache").iterdir()
    kept = json.loads(file.read_text())
    told = kept.get("__payload__", kept)
    content = json.loads(told) if isinstance(told, str) else told
    content["read_at"] = time.time() - 61
    file.write_text(json.dumps({**kept, "__payload__": json.dumps(content)} if "__payload__" in kept else content))
    assert listed(domain, path).requests


@pytest.mark.matrix
def test_no_secret_and_no_email_is_left_or_shown(domain: Lab) -> None:
    path = cached(domain, devices=True)
    debug = [
        {
            "hosts": "rax_users",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"var": "hostvars[inventory_hostname]"}}],
        }
    ]
    run = domain.run(debug, "-vvvv", inventory=str(path), env=admin(domain))
    assert run.rc == 0, run.screen
    assert not find_leaks(domain, {"screen": run.screen.encode()})
    (file,) = (domain.work / "cache").iterdir()
    assert b"@example.com" not in file.read_bytes()
    assert "@example.com" not in run.screen


def test_a_service_that_repeats_what_it_was_sent_shows_no_secret(domain: Lab) -> None:
    """One inventory fails at its login, the next one at its list."""
    for path, times in (("/tokens$", 1), ("/users$", 0)):
        domain.control.fault("status", path=path, status=403, body="echo", times=times)
    found = listed(domain, source(domain), "-i", str(source(domain, "other")))
    asked = [(entry["path"], entry["status"]) for entry in found.requests]
    assert asked == [("/v2.0/tokens", 403), ("/v2.0/tokens", 200), ("/v2.0/users", 403)]
    assert found.warnings.count("********") >= 2
    secrets = [domain.account("admin")["api_key"], *(one["id"] for one in domain.control.state()["tokens"])]
    shown = found.warnings.replace(" ", "")  # a fold may break a secret
    assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.thorough
def test_options_may_be_templates_and_hosts_take_the_names_that_are_given(domain: Lab) -> None:
    key = "{{ lookup('ansible.builtin.env', 'MY_KEY') }}"
    path = source(domain, username="admin", api_key=key, hostvars_prefix="x_", hostname="{{ x_name }}.users")
    found = listed(domain, path, RAX_USERNAME=None, RAX_API_KEY=None, MY_KEY=domain.account("admin")["api_key"])
    assert "grace.users" in found.groups["mfa_on"]
    assert found.hostvars["grace.users"]["x_id"] == "id-of-grace"
