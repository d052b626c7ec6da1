# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for AWX: what the injectors give is what a job reads, and the execution environment can be made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.harness import ENROLLMENT, Lab, find_leaks
from integration.harness.domains import ADMIN, INVENTORIES, member
from integration.harness.jobs import ROTATION
from integration.harness.machine import BIN, ROOT
from integration.harness.stores import approle, in_openbao
from integration.test_inventory_playbooks import MakeLab
from jinja2.sandbox import ImmutableSandboxedEnvironment

AWX = ROOT / "examples" / "awx"
CONTROLLER: dict[str, Any] = yaml.safe_load((AWX / "controller.yml").read_text(encoding="utf-8"))


def injected(name: str, **inputs: str) -> dict[str, dict[str, str]]:
    """What a credential type gives a job: AWX renders each injector over the inputs, and what is not set is empty."""
    (kind,) = (one for one in CONTROLLER["controller_credential_types"] if one["name"] == name)
    fields = kind["inputs"]["fields"]
    assert set(inputs) <= {field["id"] for field in fields}
    given = {field["id"]: field["default"] for field in fields if "default" in field} | inputs
    render = ImmutableSandboxedEnvironment().from_string
    return {
        where: {name: render(template).render(**given) for name, template in templates.items()}
        for where, templates in kind["injectors"].items()
    }


@pytest.fixture(name="project")
def _project(make_lab: MakeLab) -> tuple[Lab, Path, dict[str, dict[str, str]]]:
    lab = make_lab(ADMIN, member("ada"), member("grace", on=True))
    project = lab.inputs / "project"
    shutil.copytree(AWX / "project", project)
    inputs = {"username": "admin", "api_key": lab.account("admin")["api_key"], "auth_endpoint": lab.emulator.url}
    return lab, project, injected("Rackspace Identity administrator", **inputs)


@pytest.mark.thorough
def test_jobs_enroll_and_rotate_the_accounts_of_the_inventory(
    project: tuple[Lab, Path, dict[str, dict[str, str]]],
) -> None:
    lab, folder, given = project
    with in_openbao() as kept:
        store = kept.variables("alice")["mfa_otp_hashi_vault"]
        login = {"url": store["url"], **approle(store["url"], store["token"])}
        env = {**given["env"], **injected("KV store of MFA secrets", **login)["env"]}
        for job, steps in {"enroll": ENROLLMENT, "rotate": ROTATION}.items():
            run = lab.run(
                [{"import_playbook": str(folder / f"{job}.yml")}],
                inventory=str(folder / "accounts.rax_users.yml"),
                env={**env, "ANSIBLE_INVENTORY_ENABLED": INVENTORIES},
                **given["extra_vars"],
                mfa_otp_hosts="ada",
                mfa_otp_rotate_after=0,
            )
            assert run.rc == 0, run.screen
            assert run.results["ada"]["steps"] == [step for step in steps if step != "prove_login"]
            assert run.results["ada"]["proved"] is False
            assert not find_leaks(lab, {"screen": run.screen.encode()})
    assert lab.account("ada")["mfa_enabled"]
    assert not list(lab.work.rglob("*.yml"))


def test_a_job_audits_the_domain(project: tuple[Lab, Path, dict[str, dict[str, str]]]) -> None:
    lab, folder, given = project
    (template,) = (one for one in CONTROLLER["controller_templates"] if one["playbook"] == "audit.yml")
    run = lab.run(
        [{"import_playbook": str(folder / "audit.yml")}],
        inventory=str(folder / "accounts.rax_users.yml"),
        env={**given["env"], "ANSIBLE_INVENTORY_ENABLED": INVENTORIES},
        **given["extra_vars"],
        **template["extra_vars"],
    )
    assert "mfa_audit_fail_on does not allow what was found: no_mfa, weak_policy." in " ".join(run.screen.split()), (
        run.screen
    )
    assert not find_leaks(lab, {"screen": run.screen.encode()})


def test_objects_name_one_another() -> None:
    names = {key: [one["name"] for one in objects] for key, objects in CONTROLLER.items()}
    for template in CONTROLLER["controller_templates"]:
        assert template["inventory"] in names["controller_inventories"]
        assert template["project"] in names["controller_projects"]
        assert set(template["credentials"]) <= set(names["controller_credentials"])
        assert (AWX / "project" / template["playbook"]).exists()
    for schedule in CONTROLLER["controller_schedules"]:
        assert schedule["unified_job_template"] in names["controller_templates"]
    for source in CONTROLLER["controller_inventory_sources"]:
        assert source["credential"] in names["controller_credentials"]
        assert (AWX / "project" / source["source_path"]).exists()
    for credential in CONTROLLER["controller_credentials"]:
        assert credential["credential_type"] in names["controller_credential_types"]
        assert "inputs" not in credential


def builder(lab: Lab, *args: str) -> str:
    run = subprocess.run(
        [str(BIN / "ansible-builder"), *args],
        cwd=lab.work,
        env=lab.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_execution_environment_can_be_made(lab: Lab) -> None:
    context = lab.work / "context"
    builder(lab, "create", "-f", str(AWX / "execution-environment.yml"), "-c", str(context))
    assert "rackspace.identity" in (context / "_build" / "requirements.yml").read_text(encoding="utf-8")
    assert (context / "Containerfile").exists() or (context / "Dockerfile").exists()


def test_the_collection_brings_its_libraries(lab: Lab) -> None:
    told = yaml.safe_load(builder(lab, "introspect", str(ROOT / ".cache" / "tree")))["python"]
    wanted = {
        line.partition(">=")[0] for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalpha()
    }
    assert wanted <= {str(line).partition(">=")[0] for line in told}
