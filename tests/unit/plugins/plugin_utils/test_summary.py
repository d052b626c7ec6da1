# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of a play: which outcome a host has, and what the screen and the file say."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.plugin_utils.summary import Account, Summary, accounts_of

PLAY = "the ID of the play"
OF_PLAY = {"for_role": {"play": PLAY, "check_mode": False}}
REFUSED = {
    "failed": True,
    "msg": "The password is wrong.",
    "error": {"kind": "bad_credentials", "status": 401},
    **OF_PLAY,
}


def result(*steps: str, plan: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {"changed": bool(steps or plan), "steps": list(steps), "plan": list(plan)}
    return {"mfa_otp_result": told, "_mfa_otp_proof": OF_PLAY}


def earlier(facts: dict[str, Any]) -> dict[str, Any]:
    """What an earlier play left."""
    return {name: {**value, "for_role": {"play": "another", "check_mode": True}} for name, value in facts.items()}


FACTS: dict[str, dict[str, Any]] = {
    "ada": result("create_device", "turn_on"),
    "bob": result(),
    "cid": {"_mfa_otp_store": {"type": "none"}, "_mfa_otp_login": {"failed": False}, "_mfa_otp_device": REFUSED},
    "dan": {"mfa_otp_username": "dan"},
    "eve": result(plan=("turn_on",)),
}


def outcomes(
    *hosts: str,
    failed: tuple[str, ...] = ("cid",),
    any_is_fatal: bool = False,
    **facts: dict[str, Any],
) -> dict[str, str]:
    known = {**FACTS, **facts}
    alive = set(hosts) - set(failed)
    accounts = accounts_of(hosts, alive, known.__getitem__, PLAY, any_is_fatal=any_is_fatal)
    assert [account.host for account in accounts] == list(hosts)
    return {account.host: account.outcome for account in accounts}


def test_each_outcome() -> None:
    assert outcomes("ada", "bob", "cid", "dan", "eve") == {
        "ada": "changed",
        "bob": "settled",
        "cid": "failed",
        "dan": "not_reached",
        "eve": "changed",
    }


def test_what_an_earlier_play_left_does_not_count() -> None:
    assert outcomes("ada", "cid", "bob", failed=(), ada=earlier(FACTS["ada"]), cid=earlier(FACTS["cid"])) == {
        "ada": "not_reached",
        "cid": "not_reached",
        "bob": "settled",
    }


def test_a_failure_that_keeps_a_host_out_of_later_plays_is_told_by_each_of_them() -> None:
    account = Account.of("cid", earlier(FACTS["cid"]), PLAY, is_alive=False)
    assert (account.outcome, account.msg) == ("failed", "The password is wrong.")


@pytest.mark.parametrize("is_alive", [True, False], ids=["rescued", "failed"])
def test_a_failure_of_core_tells_no_play_and_is_one(is_alive: bool) -> None:
    timed_out = {**FACTS["ada"], "mfa_otp_result": {}, "_mfa_otp_device": {"failed": True, "msg": "Timed out."}}
    account = Account.of("ada", timed_out, PLAY, is_alive=is_alive)
    assert (account.outcome, account.msg) == ("failed", "Timed out.")


def test_a_host_that_failed_has_failed_whatever_it_did_before() -> None:
    assert outcomes("ada", failed=("ada",)) == {"ada": "failed"}


def test_a_failure_that_was_rescued_or_ignored_is_one() -> None:
    assert outcomes("cid", failed=()) == {"cid": "failed"}


def test_so_is_one_after_which_the_role_went_on_to_its_end() -> None:
    assert outcomes("cid", failed=(), cid={**FACTS["cid"], **result()}) == {"cid": "failed"}


def test_a_failure_that_a_later_success_made_good_is_none() -> None:
    forgotten: dict[str, Any] = {name: {} for name in FACTS["cid"]}
    assert outcomes("cid", failed=(), cid={**forgotten, **result("turn_on")}) == {"cid": "changed"}


def of_host(host: str, facts: dict[str, Any]) -> dict[str, Any]:
    """What each host has after the role ran with run_once."""
    return {name: {**value, "for_role": {**OF_PLAY["for_role"], "host": host}} for name, value in facts.items()}


def test_with_run_once_the_result_is_that_of_one_host() -> None:
    facts = of_host("ada", FACTS["ada"])
    assert outcomes("ada", "bob", failed=(), ada=facts, bob=facts) == {"ada": "changed", "bob": "not_reached"}


def test_with_run_once_a_failure_of_core_is_that_of_one_host() -> None:
    """A task of core, such as the one that waits for a code, tells no host."""
    copies = {**of_host("ada", {"_mfa_otp_login": OF_PLAY}), "_mfa_otp_expected": {"failed": True, "msg": "A code."}}
    assert outcomes("ada", "bob", failed=("ada", "bob"), ada=copies, bob=copies) == {
        "ada": "failed",
        "bob": "not_reached",
    }


def test_with_run_once_the_failure_is_that_of_one_host_and_stops_the_others() -> None:
    facts = of_host("cid", FACTS["cid"])
    told = outcomes("cid", "bob", failed=("cid", "bob"), cid=facts, bob=facts)
    assert told == {"cid": "failed", "bob": "not_reached"}
    assert "the failure of another account" in str(Account.of("bob", facts, PLAY, is_alive=False).msg)


@pytest.mark.parametrize(("any_is_fatal", "outcome"), [(True, "not_reached"), (False, "failed")])
def test_with_any_errors_fatal_a_failure_stops_the_others(any_is_fatal: bool, outcome: str) -> None:
    """Core then counts them as failed. A result of an earlier play stops none."""
    told = outcomes("cid", "dan", failed=("cid", "dan"), any_is_fatal=any_is_fatal)
    assert told == {"cid": "failed", "dan": outcome}
    cid = earlier(FACTS["cid"])
    assert outcomes("cid", "dan", failed=("cid", "dan"), any_is_fatal=any_is_fatal, cid=cid)["dan"] == "failed"


@pytest.mark.parametrize("left", [{}, {"mfa_otp_result": {}}, {"mfa_otp_result": None}])
def test_a_host_without_a_result_is_not_reached(left: dict[str, Any]) -> None:
    assert outcomes("fay", fay=left) == {"fay": "not_reached"}


def test_a_failure_is_told_in_the_words_of_its_task() -> None:
    account = Account.of("cid", FACTS["cid"], PLAY, is_alive=False)
    assert account.as_data() == {
        "host": "cid",
        "outcome": "failed",
        "msg": "The password is wrong.",
        "error": {"kind": "bad_credentials", "status": 401},
    }


@pytest.mark.parametrize("facts", [{}, {"other": REFUSED}, {"_mfa_otp_x": "failed"}, {"_mfa_otp_x": {"failed": "?"}}])
def test_a_failure_elsewhere_refers_to_the_output(facts: dict[str, Any]) -> None:
    account = Account.of("cid", facts, PLAY, is_alive=False)
    assert account.msg == "see its error in the output of the run."
    assert account.error is None


def summary(*accounts: Account, check_mode: bool = False) -> Summary:
    return Summary(accounts, "enroll", check_mode)


def test_the_screen_says_how_many_and_why() -> None:
    told = summary(
        Account("ada", "changed", ("turn_on",)),
        Account("bob", "settled"),
        Account("cid", "failed", msg="Why."),
        Account("dan", "not_reached"),
        Account("eve", "not_reached", msg="was stopped."),
    )
    assert told.lines() == [
        "5 accounts: 1 changed, 1 settled, 1 failed, 2 not reached.",
        "ada: turn_on",
        "cid failed: Why.",
        "eve was stopped.",
    ]


def test_check_mode_says_what_would_be() -> None:
    told = summary(Account("ada", "changed", ("turn_on",)), check_mode=True)
    assert told.lines()[0] == "1 account: 1 would change."
    assert told.as_data()["check_mode"] is True


def told_by(*modes: bool, own: bool) -> bool:
    """The check mode that a summary tells, of an account whose tasks ran in these."""
    for_role = [{"for_role": {"play": PLAY, "check_mode": mode}} for mode in modes]
    facts = {f"_mfa_otp_{number}": one for number, one in enumerate(for_role)}
    return summary(Account.of("ada", facts, PLAY, is_alive=True), check_mode=own).check_mode


@pytest.mark.parametrize("own", [True, False])
def test_check_mode_is_that_of_the_roles_tasks(own: bool) -> None:
    assert told_by(True, True, own=own)
    assert not told_by(False, False, own=own)
    assert not told_by(False, True, own=own), "one only asked what would be"
    assert told_by(own=own) is own, "no task tells"


def test_a_long_list_ends_on_the_screen_and_not_in_the_file() -> None:
    told = summary(*(Account(f"user{number}", "failed", msg="Why.") for number in range(30)))
    assert len(told.lines()) == 1 + 20 + 1
    assert told.lines()[-1].startswith("... and 10 more.")
    assert len(told.as_data()["accounts"]) == 30


def test_a_play_that_has_not_begun_has_no_accounts() -> None:
    data = summary().as_data()
    assert data["accounts"] == []
    assert set(data["counts"].values()) == {0}
