# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at one account, in memory: what answers a challenge, whose entry counts, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib

from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_status
from ansible_collections.rackspace.identity.plugins.plugin_utils.account_status import AccountStatus
from ansible_collections.rackspace.identity.plugins.plugin_utils.stored_places import StoredPlaces
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import jobs
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import API_KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, in_memory

KEY = {"username": "jo", "api_key": API_KEY}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with in_memory(tmp_path) as bench:
        yield bench


def enrolled(bench: Bench) -> dict[str, Any]:
    """The entry of an account that was enrolled a while ago."""
    jobs.enroll(bench.here)
    bench.rest()
    return dict(bench.shelf.content or {})


def look(bench: Bench, *entries: dict[str, Any], **options: Any) -> dict[str, Any]:
    module = bench.here.module(rax_mfa_status, store=None, **options)
    before = module.params.get("otp_secret")
    told = bench.here.run(AccountStatus(StoredPlaces(VaultLib(None), list(entries))), module)
    assert module.params.get("otp_secret") == before, "what is registered has no secret"
    return told


def test_by_password_the_stored_secret_answers(bench: Bench) -> None:
    told = look(bench, enrolled(bench))
    assert (told["error"], told["mfa"]["enabled"]) == (None, True)
    assert told["next"] == ["Nothing: the account is settled."]
    assert len(bench.service.accepted) == 2, "the proof, and this one"


def test_by_password_without_a_stored_secret_it_says_why_not(bench: Bench) -> None:
    another = {**enrolled(bench), "username": "ann", "user_id": "2"}
    for entries in ([], [another]):
        told = look(bench, *entries)
        assert (told["error"]["kind"], told["mfa"], told["stored"]) == ("passcode_required", None, None)
        assert "passcode" in told["next"][0]


def test_the_entry_of_another_account_is_not_taken(bench: Bench) -> None:
    told = look(bench, {**enrolled(bench), "username": "ann", "user_id": "2"}, **KEY)
    assert told["stored"] is None
    assert "no store that was read has a secret" in told["findings"][0]["detail"]


def test_an_account_that_must_set_up_is_sent_to_enroll(bench: Bench) -> None:
    bench.service.must_set_up = True
    assert look(bench)["next"] == ["MFA must be set up. Run rackspace.identity.enroll."]


def test_a_locked_account_says_so(bench: Bench) -> None:
    entry = enrolled(bench)
    bench.service.failures = 3
    told = look(bench, entry, **KEY)
    assert told["mfa"]["state"] == "LOCKED"
    assert [finding["kind"] for finding in told["findings"]] == ["locked"]
