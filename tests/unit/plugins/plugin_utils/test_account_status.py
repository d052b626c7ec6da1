# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at one account, in memory: what answers a challenge, whose entry counts, and what to do next."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.run.masking import WHOLE
from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_status
from ansible_collections.rackspace.identity.plugins.plugin_utils import account_status
from ansible_collections.rackspace.identity.plugins.plugin_utils.stored_places import StoredPlaces
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import faults, jobs, starts
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import API_KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import URL, Bench

KEY: dict[str, Any] = {"username": "jo", "api_key": API_KEY}
WRONG = {"secret": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK", "key_uri": None}
UK = {**WRONG, "auth_endpoint": "https://lon.identity.api.rackspacecloud.com", "user_id": "uk"}
EARLIER = {**WRONG, "user_id": "earlier"}


def enrolled(bench: Bench) -> dict[str, Any]:
    """The entry of an account that was enrolled a while ago."""
    jobs.enroll(bench.here)
    bench.rest()
    return dict(bench.shelf.content or {})


def look(bench: Bench, *entries: dict[str, Any], **options: Any) -> dict[str, Any]:
    places = StoredPlaces(VaultLib(None), list(entries) or None)
    action: Any = SimpleNamespace(run=lambda module: account_status.look(module, places))
    module = bench.here.module(rax_mfa_status, **{"store": None, **options})
    before = module.params.get("otp_secret")
    told = bench.here.run(action, module)
    assert module.params.get("otp_secret") == before, "what is registered has no secret"
    return told


def test_by_password_the_stored_secret_answers(bench: Bench) -> None:
    told = look(bench, enrolled(bench))
    assert (told["error"], told["mfa"]["enabled"]) == (None, True)
    assert told["next"] == ["Nothing: the account is settled."]
    assert len(bench.service.accepted) == 2, "the proof, and this one"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(UK, id="of another service"),
        pytest.param({**UK, "auth_endpoint": f"{URL}/uk"}, id="behind another path"),
        pytest.param({**UK, "auth_endpoint": "not an endpoint"}, id="of no service"),
        pytest.param({"secret": None, "key_uri": None}, id="without a secret"),
        pytest.param({"secret": "not base32!", "key_uri": None}, id="with an unusable secret"),
        pytest.param({"username": "ann"}, id="of another user"),
    ],
)
def test_what_is_not_the_secret_of_the_account_is_passed_over(bench: Bench, other: dict[str, Any]) -> None:
    entry = enrolled(bench)
    told = look(bench, {**entry, **other}, entry)
    assert (told["error"], bench.service.failures) == (None, 0)
    assert look(bench, {**entry, **other})["error"]["kind"] == "passcode_required"
    assert bench.service.failures == 0


def test_of_two_secrets_none_is_sent(bench: Bench) -> None:
    """The service counts a wrong one, and which is right is not known before the login."""
    entry = enrolled(bench)
    before = len(bench.service.accepted)
    told = look(bench, {**entry, **EARLIER}, entry)
    assert told["error"]["kind"] == "passcode_required"
    assert "No passcode was sent" in told["next"][0]
    assert "entries[0], entries[1]" in told["next"][0]
    assert "before you remove any" in told["next"][0]
    assert told["stored"] is None
    assert (bench.service.failures, len(bench.service.accepted)) == (0, before)


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


def test_the_entry_of_an_earlier_user_of_that_name_is_told_as_the_audit_tells_it(bench: Bench) -> None:
    entry = enrolled(bench)
    told = look(bench, {**entry, **EARLIER}, **KEY)
    assert (told["stored"], [finding["kind"] for finding in told["findings"]]) == (None, ["wrong_owner"])
    told = look(bench, {**entry, **EARLIER}, entry, **KEY)
    assert told["stored"]["source"] == "entries[1]"
    assert [finding["kind"] for finding in told["findings"]] == ["wrong_owner"]


def test_a_disabled_account_is_not_called_settled(bench: Bench) -> None:
    entry = enrolled(bench)
    bench.service.enabled = False
    told = look(bench, entry, **KEY)
    assert (told["findings"], told["next"]) == ([], ["Nothing: the account is disabled, and can't log in."])


IN_STORE: dict[str, Any] = {"store": {"type": "vault_file"}}


@pytest.mark.parametrize("way", [{}, KEY], ids=["by password", "by key"])
def test_a_store_is_looked_into_and_left_as_it_is(bench: Bench, way: dict[str, Any]) -> None:
    entry = enrolled(bench)
    told = look(bench, **IN_STORE, **way)
    assert (told["error"], told["next"]) == (None, ["Nothing: the account is settled."])
    assert told["stored"]["source"] == "the shelf"
    assert bench.shelf.content == entry


@pytest.mark.parametrize("way", [{}, KEY], ids=["by password", "by key"])
def test_an_entry_that_is_found_twice_is_one(bench: Bench, way: dict[str, Any]) -> None:
    """Such as a store and a file that are the same. It is the only secret: nobody is told to remove it."""
    entry = enrolled(bench)
    told = look(bench, dict(reversed(entry.items())), {**entry}, **IN_STORE, **way)
    assert (told["findings"], told["next"]) == ([], ["Nothing: the account is settled."])
    assert told["stored"]["source"] == "the shelf"


@pytest.mark.parametrize("first", [0, 1])
def test_of_an_outdated_entry_and_the_right_one_the_right_one_counts(bench: Bench, first: int) -> None:
    entry = enrolled(bench)
    both = [{**entry, **WRONG, "device_id": "gone"}, entry]
    told = look(bench, both[first], both[1 - first], **KEY)
    assert told["stored"]["source"] == f"entries[{1 - first}]"
    assert [finding["kind"] for finding in told["findings"]] == ["several_entries"]
    assert told["next"] == ["Find out which entry logs in before you remove any."]


def test_refusals_that_any_entry_notes_count(bench: Bench) -> None:
    """They are those of the account."""
    bench.shelf.content = {**enrolled(bench), "secret": WRONG["secret"], "key_uri": ""}
    look(bench, **IN_STORE)
    noted = dict(bench.shelf.content or {})
    bench.here = bench.another()
    told = look(bench, {**noted, "refused": {}}, noted)
    assert told["record"]["refused_passcodes"] == bench.service.failures > 0


def test_a_store_without_an_entry_sends_to_enroll(bench: Bench) -> None:
    assert look(bench, **IN_STORE)["next"] == ["Run rackspace.identity.enroll."]


def test_the_store_of_another_service_sends_no_passcode(bench: Bench) -> None:
    bench.shelf.content = {**enrolled(bench), **UK, "key_uri": ""}
    with pytest.raises(OptionError, match="is not that of jo"):
        look(bench, **IN_STORE)
    assert bench.service.failures == 0


def test_a_refused_passcode_is_noted_in_the_store(bench: Bench) -> None:
    bench.shelf.content = {**enrolled(bench), "secret": WRONG["secret"], "key_uri": ""}
    assert look(bench, **IN_STORE)["error"]["kind"] == "passcode_refused"
    assert len((bench.shelf.content or {})["refused"]) == bench.service.failures > 0


def test_where_the_device_is_gone_enroll_is_advised_while_mfa_is_off(bench: Bench) -> None:
    bench.begin(starts.device_gone)
    told = look(bench, **IN_STORE)
    assert [finding["kind"] for finding in told["findings"]] == ["no_mfa", "stored_device_gone"]
    assert told["next"] == [
        "Run rackspace.identity.enroll.",
        "With MFA on, run rackspace.identity.recover; with MFA off, rackspace.identity.enroll.",
    ]
    jobs.enroll(bench.here, **KEY)
    bench.rest()
    assert look(bench, **IN_STORE)["findings"] == []


def test_no_bypass_code_is_spent(bench: Bench) -> None:
    jobs.enroll(bench.here, codes=2)
    bench.rest()
    codes = list(bench.service.codes)
    told = look(bench, **IN_STORE, use="bypass_code")
    assert told["error"]["kind"] == "passcode_required"
    assert (bench.service.codes, (bench.shelf.content or {})["bypass_codes"]) == (codes, codes)


def test_a_user_whose_devices_may_not_be_read_is_told(bench: Bench) -> None:
    """Such as a federated one: its second factor is elsewhere (contract, "Who may act on whom")."""
    refusal = json.dumps({"forbidden": {"code": 403, "message": "Not Authorized"}}).encode()
    bench.here.fault = lambda number: (
        faults.before(403, refusal) if bench.here.calls[number].endswith("/devices") else faults.none
    )
    told = look(bench, **KEY)
    assert (told["user"]["name"], told["mfa"]["enabled"], told["otp_devices"]) == ("jo", False, None)
    assert (told["error"]["kind"], [finding["kind"] for finding in told["findings"]]) == (
        "forbidden",
        ["no_mfa", "unread"],
    )
    assert told["next"][0].startswith("Listing the devices is forbidden")
    assert "rackspace.identity.enroll" not in " ".join(told["next"])


def test_what_the_service_repeats_is_masked(bench: Bench) -> None:
    """The error is a part of a success here."""
    refusal = json.dumps({"forbidden": {"code": 403, "message": f"Not with {API_KEY.upper()}"}}).encode()
    bench.here.fault = lambda _number: faults.before(403, refusal)
    told = look(bench, **KEY)
    assert (told["error"]["kind"], told["error"]["service_message"]) == ("forbidden", WHOLE)
    assert API_KEY.upper() not in str(told)


def test_an_account_that_must_set_up_is_sent_to_enroll(bench: Bench) -> None:
    bench.service.must_set_up = True
    assert look(bench)["next"] == ["MFA must be set up. Run rackspace.identity.enroll."]


def test_a_locked_account_says_so(bench: Bench) -> None:
    entry = enrolled(bench)
    bench.service.failures = 3
    told = look(bench, entry, **KEY)
    assert told["mfa"]["state"] == "LOCKED"
    assert [finding["kind"] for finding in told["findings"]] == ["locked"]


def test_without_an_answer_a_clock_that_was_set_clears_no_refusals(bench: Bench) -> None:
    """The next login would go by the same count."""
    look(bench, {**enrolled(bench), **WRONG})
    bench.skew = 7_200.0
    bench.here.fault = lambda _number: faults.FAULTS["reset"]
    told = look(bench)
    assert (told["error"]["kind"], told["record"]["refused_passcodes"]) == ("connection", 2)
    assert 29 * 60 < told["record"]["safe_in"] <= 31 * 60
