# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit against the emulator: module and playbook, reports, and that no secret is anywhere."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.harness import Lab, Run, find_leaks
from integration.harness.domains import ADMIN, SECRET, admin, entry, member

MakeLab = Callable[..., Lab]
BY_SMS: dict[str, Any] = {
    "mfa": {"enabled": True, "factor_type": "SMS"},
    "phone": {"id": "p", "number": "+15125550100", "verified": True},
}
PEOPLE = (ADMIN, member("ada"), member("grace", on=True), member("linus", on=True), member("sms", **BY_SMS))


@pytest.fixture(name="domain")
def _domain(make_lab: MakeLab) -> Lab:
    return make_lab(*PEOPLE)


def stored(lab: Lab, name: str, **members: Any) -> Path:
    """A vault file with the entry of a user, beside a variable that is none."""
    path = lab.work / f"mfa-{name}.yml"
    variables = {"other": "text", "rax_mfa_otp": entry(lab, name, **members)}
    path.write_bytes(lab.vault_lib().encrypt(json.dumps(variables)))
    return path


def audit(lab: Lab, *args: str, fails_on: Sequence[Any] = (), **variables: Any) -> Run:
    """Audit, or audit once for each of these `mfa_audit_fail_on`, in one run."""
    usual = {"mfa_audit_vault_files": ["mfa-*.yml"], "mfa_audit_report": ["audit.json"]}
    env = admin(lab) | {"PWD": "/of/another/shell"}
    job = [{"import_playbook": "rackspace.identity.audit", "vars": {"mfa_audit_fail_on": kinds}} for kinds in fails_on]
    return lab.run(job or "audit", *args, env=env, **{**usual, **variables})


def report(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((lab.work / "audit.json").read_text(encoding="utf-8"))
    return found


def kinds(lab: Lab) -> set[tuple[str, str]]:
    return {(finding["subject"], finding["kind"]) for finding in report(lab)["findings"]}


@pytest.mark.matrix
def test_findings_and_reports(domain: Lab) -> None:
    """Lists of devices that come back empty by mistake are read again. What the service may leave out is no finding."""
    domain.control.behave(empty_device_lists=1, missing_factor_type=True, missing_domain_level=True)
    stored(domain, "grace")
    stored(domain, "linus", proved=None, previous="device-of-old")
    run = audit(domain, mfa_audit_report=["audit.json", "audit.csv", str(domain.work / "audit.html")])
    assert run.rc == 0, run.screen
    assert kinds(domain) == {
        ("admin", "no_mfa"),
        ("ada", "no_mfa"),
        ("linus", "incomplete"),
        ("domain 100", "weak_policy"),
    }
    with (domain.work / "audit.csv").open(encoding="utf-8", newline="") as file:
        assert [row["account"] for row in csv.DictReader(file)] == [
            "ada",
            "admin",
            "grace",
            "linus",
            "sms",
            "domain 100",
        ]
    for file_name in ("audit.json", "audit.csv", "audit.html"):
        assert (domain.work / file_name).stat().st_mode & 0o777 == 0o600
    assert not run.writes
    assert run.passcodes == []
    assert run.changed_tasks == 0


@pytest.mark.matrix
def test_no_secret_is_shown_or_left(domain: Lab) -> None:
    stored(domain, "grace")
    given = [entry(domain, "linus", next={"device_id": "d9", "secret": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"})]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "rackspace.identity.rax_mfa_audit": {
                    "vault_files": [f"{domain.work}/mfa-*.yml"],
                    "entries": "{{ given }}",
                    "report": [f"{domain.work}/audit.{ending}" for ending in ("json", "csv", "html")],
                },
                "register": "audit",
            },
            {"ansible.builtin.debug": {"var": "audit"}},
            {
                "rackspace.identity.rax_mfa_status": {"target_user": "linus", "entries": "{{ given }}"},
                "register": "status",
            },
            {"ansible.builtin.debug": {"var": "status"}},
        ],
    }
    log = str(domain.work / "log")
    run = domain.run([play], "-vvvv", env=admin(domain) | {"ANSIBLE_LOG_PATH": log}, given=given)
    assert run.rc == 0, run.screen
    assert not find_leaks(domain, {"screen": run.screen.encode()})
    assert "38219475" not in run.screen
    assert "MFRGGZDFMZTWQ2LK" not in run.screen + Path(log).read_text(encoding="utf-8")
    assert SECRET not in Path(log).read_text(encoding="utf-8")
    assert '"subject": "linus"' in run.screen  # names are no secrets


@pytest.mark.thorough
@pytest.mark.parametrize("fails_on", ["high", "any"])
def test_what_must_not_be_fails_the_run(domain: Lab, fails_on: str) -> None:
    stored(domain, "grace")
    run = audit(domain, mfa_audit_fail_on=fails_on)
    assert run.rc != 0, run.screen
    assert report(domain)["summary"]["users"] == 5, "the reports are written first"


@pytest.mark.matrix
def test_what_must_not_be_is_counted_once_and_the_most_severe_is_named(domain: Lab) -> None:
    """Nobody is locked, so an audit that fails on that alone ends well, and another one follows."""
    stored(domain, "grace")
    run = audit(domain, fails_on=[["locked"], "locked,not_stored,no_mfa,high"])
    findings = report(domain)["findings"]
    assert report(domain)["summary"]["users"] == 5, "the reports are written first"
    those = [one for one in findings if one["kind"] == "not_stored" or one["severity"] == "high"]
    assert {one["kind"] for one in those} > {"not_stored"}
    assert f"First of {len(those)}: {those[0]['subject']}. " in run.message
    assert logins(run) == 2


def logins(run: Run) -> int:
    """How many audits asked the service for anything."""
    return sum(request["path"] == "/v2.0/tokens" for request in run.requests)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("fail_no", "any", "mfa_audit_fail_no"),
        ("fail_on", "locked, HIGH", "mfa_audit_fail_on has HIGH, and can have"),
        ("expect", {"max_age": 90}, "mfa_audit_expect.max_age"),
        ("fail_on", "{{ nosuch }}", "'nosuch' is undefined"),
        pytest.param("username", "{{ nosuch }}", "'nosuch' is undefined", marks=pytest.mark.thorough),
        pytest.param("group", "{{ nosuch }}", "'nosuch' is undefined", marks=pytest.mark.thorough),
    ],
)
def test_what_is_mistyped_does_not_let_a_domain_pass(domain: Lab, variable: str, value: Any, told: str) -> None:
    run = audit(domain, **{f"mfa_audit_{variable}": value})
    assert told in run.message
    assert run.requests == []


@pytest.mark.matrix
def test_a_pattern_without_a_file_does_not_let_a_domain_pass(domain: Lab) -> None:
    """Without an entry no enrollment is incomplete. A first audit, which is to fail on nothing, goes on."""
    run = audit(domain, fails_on=[[], "incomplete"])
    assert f"mfa_audit_vault_files: there is no file {domain.work}/mfa-*.yml." in run.message
    assert f"Thereisnofile{domain.work}/mfa-*.yml." in "".join(run.screen.split())  # a warning breaks at a hyphen, too
    assert logins(run) == 1


@pytest.mark.thorough
def test_a_value_that_was_cut_off_at_a_space_is_not_used(domain: Lab) -> None:
    run = audit(domain, "-e", "mfa_audit_report=of the domain.html")
    assert "ends at its first space" in run.message
    assert run.requests == []
    assert not (domain.work / "of").exists()


@pytest.mark.thorough
def test_one_file_needs_no_list(domain: Lab) -> None:
    stored(domain, "grace")
    run = audit(domain, mfa_audit_report="audit.json,audit.csv", mfa_audit_vault_files="mfa-*.yml")
    assert run.rc == 0, run.screen
    assert (domain.work / "audit.csv").exists()
    assert ("grace", "not_stored") not in kinds(domain)


BAD = {
    "a missing file": ({"vault_files": ["missing.yml"]}, "there is no file"),
    "a plain file": ({"vault_files": ["plain*.yml"]}, "not encrypted"),
    "a report of no kind": ({"report": ["audit.pdf"]}, "must end with"),
    "a report nowhere": ({"report": ["nowhere/audit.csv"]}, "does not exist"),
    "no entries": ({"entries": ["text"]}, "list of dictionaries"),
    "no threads": ({"threads": 0}, "threads must be between 1 and 32."),
}


@pytest.mark.thorough
def test_what_can_not_be_used_is_told_before_a_request(domain: Lab) -> None:
    (domain.inputs / "plain.yml").write_text("a: 1\n", encoding="utf-8")
    tasks = [
        {"name": name, "rackspace.identity.rax_mfa_audit": options, "ignore_errors": True}
        for name, (options, _says) in BAD.items()
    ]
    run = domain.run([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], env=admin(domain))
    assert not run.requests
    for (_options, says), failure in zip(BAD.values(), run.failures, strict=True):
        assert says in failure["msg"]


@pytest.mark.thorough
def test_it_runs_on_the_controller_whatever_the_play_says(domain: Lab) -> None:
    """In check mode, which writes no report, and without devices, of which none is read."""
    stored(domain, "grace")
    report = domain.work / "audit.json"
    options = {"vault_files": [f"{domain.work}/mfa-grace.yml"], "devices": False, "report": [str(report)]}
    play = {
        "hosts": "far.example.com",
        "gather_facts": False,
        "become": True,
        "tasks": [{"rackspace.identity.rax_mfa_audit": options, "register": "a"}],
    }
    run = domain.run([play], "-v", "--check", inventory="far.example.com,", env=admin(domain))
    assert run.rc == 0, run.screen
    assert '"otp_devices": null' in run.screen
    assert not [request for request in run.requests if "otp-devices" in request["path"]]
    assert not report.exists()
