# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the secret is kept: in the program pass, in a real OpenBao, by a program of one's own, or nowhere.

Each store keeps an account its whole life. What a store does by itself is tested in tests/unit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.harness import (
    ENROLLMENT,
    Arguments,
    Lab,
    Run,
    User,
    assert_nothing_to_do,
    find_leaks,
    rows,
    without_notes,
)
from integration.harness.accounts import ENROLLED, bypass_codes
from integration.harness.jobs import REMOVAL, ROTATION
from integration.harness.snippets import guide
from integration.harness.stores import STORES, MakeStore, approle, by_a_program, in_openbao, in_pass

JOBS = {"rotate": ROTATION, "remove": REMOVAL}


def run_unseen(lab: Lab, job: str, *args: str, **variables: Any) -> Run:
    """One run, of which nothing is seen and nothing is left, not even with Ansible's files kept."""
    before = len(lab.control.requests())
    process = lab.start(job, *args, env={"ANSIBLE_KEEP_REMOTE_FILES": "true"}, **variables)
    with Arguments(process.pid) as arguments:
        run = lab.finish(process, before)
    assert b"ansible-playbook" in arguments.text
    assert find_leaks(lab, {"screen": run.screen.encode(), "arguments": arguments.text}) == set()
    return run


@pytest.mark.parametrize("kept_in", rows(STORES))
def test_a_store_keeps_an_account_its_whole_life(make_lab: Callable[..., Lab], kept_in: MakeStore) -> None:
    with kept_in() as store:
        lab = make_lab(kept_in=store)
        given = lab.variables(mfa_otp_bypass_codes=2)
        assert run_unseen(lab, "enroll", "-vvvv", **given).result["steps"] == [*ENROLLMENT, "keep_bypass_codes"]
        entry = lab.entry()
        (device,) = lab.account()["otp_devices"]
        assert (entry["device_id"], entry["secret"]) == (device["id"], device["secret"])
        assert len(entry["bypass_codes"]) == 2
        lab.control.move(61)
        assert_nothing_to_do(run_unseen(lab, "enroll", **given))
        assert without_notes(lab.entry()) == without_notes(entry)
        for job, steps in JOBS.items():
            lab.control.move(61)
            assert run_unseen(lab, job, **given).result["steps"] == steps
        assert lab.account()["otp_devices"] == []
        assert not lab.entry()
        assert not lab.vault.exists()


@pytest.mark.thorough
def test_each_store_of_the_guide_keeps_a_device(make_lab: Callable[..., Lab]) -> None:
    with in_pass() as store, in_openbao() as server, by_a_program() as program:
        lab = make_lab(kept_in=store)
        engine = server.variables("alice")["mfa_otp_hashi_vault"]
        login = approle(engine["url"], engine["token"])
        argv = program.variables("alice")["mfa_otp_store_command"]
        stand_ins = {
            "https://vault.example.com:8200": engine["url"],
            "[/usr/local/bin/rax-store-aws]": json.dumps(argv),
        }
        (Path(argv[-1]) / "rackspace").mkdir()
        stores = [one.text for one in guide("stores") if one.text.startswith("store:")]
        for written, here in stand_ins.items():
            stores = [text.replace(written, here) for text in stores]
        shared = {"username": "alice", "password": lab.account()["password"], "auth_endpoint": lab.emulator.url}
        tasks = [
            {"rackspace.identity.rax_otp_device": {"name": str(number), "state": "verified", **shared, **given}}
            for number, given in enumerate(map(yaml.safe_load, stores))
        ]
        run = lab.run(
            [{"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}],
            "--vault-id",
            f"production@{lab.vault_password}",
            **{f"vault_{name}": value for name, value in login.items()},
        )
    assert len(tasks) == len(STORES) + 1  # and the vault file
    assert (run.rc, run.changed_tasks) == (0, len(tasks)), run.screen
    assert all(device["verified"] for device in lab.account()["otp_devices"])


@pytest.mark.thorough
@pytest.mark.parametrize("job", ["remove", "recover"])
def test_the_later_life_of_an_account_that_is_not_stored(make_lab: Callable[..., Lab], job: str) -> None:
    lab = make_lab(User(seed=ENROLLED))
    (code,) = bypass_codes(lab, 1)
    by_file = {"mfa_otp_verify": "code", "mfa_otp_qr": "png", "mfa_otp_qr_path": str(lab.work / "code.png")}
    run = lab.run(job, **lab.variables(mfa_otp_store="none", mfa_otp_passcode=code, **by_file))
    if job == "remove":
        assert run.result["steps"] == ["turn_off", "delete_device"]
    else:
        assert "waits for its code" in run.message
        assert len(lab.account()["otp_devices"]) == 2
