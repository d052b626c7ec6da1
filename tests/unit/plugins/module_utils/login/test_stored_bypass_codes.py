# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins with stored bypass codes: each is good once, and none is spent for nothing."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    AccountLocked,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
    RateLimited,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer
from ansible_collections.rackspace.identity.plugins.module_utils.login.account import Attempt
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored_factor import live_codes
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit_entry import AuditEntry
from ansible_collections.rackspace.identity.plugins.modules import rax_auth_token, rax_otp_device
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import (
    FAULTS,
    Ask,
    Fault,
    before,
    lost,
    none,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import (
    log_in,
    meanwhile,
    spoil,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of


def test_a_code_is_taken_out_before_it_is_sent(bench: Bench) -> None:
    first, *others = entry_of(bench)["bypass_codes"]
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == others
    assert first not in bench.service.codes


def test_a_code_that_cannot_be_sent_stays_and_keeps_no_login_out(bench: Bench) -> None:
    """It is someone's slip, who may correct it."""
    codes = entry_of(bench)["bypass_codes"]
    entry_of(bench)["bypass_codes"] = ["12345", *codes]
    assert log_in(bench)["second_factor"]
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == ["12345", *codes[1:]]


def test_a_code_that_another_controller_takes_is_not_sent(bench: Bench) -> None:
    codes = list(entry_of(bench)["bypass_codes"])

    def take() -> None:
        bench.service.codes.remove(codes[0])
        entry_of(bench)["bypass_codes"] = codes[1:]

    meanwhile(bench, "before save", take)
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:]
    assert bench.service.refused_codes == 0


def test_codes_that_were_renewed_meanwhile_are_not_overwritten(bench: Bench) -> None:
    def renew() -> None:
        bench.service.codes = ["11111111", "22222222"]
        entry_of(bench)["bypass_codes"] = list(bench.service.codes)

    meanwhile(bench, "before save", renew)
    log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == ["22222222"]


@pytest.mark.parametrize("fault", ["lost", "503 after the work", "empty body", "a page"])
def test_a_code_of_which_nothing_is_known_is_followed_by_another_one(bench: Bench, fault: str) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, FAULTS[fault])
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[2:]
    assert bench.here.calls[-4:] == ["POST /v2.0/tokens"] * 4, "in a session of its own"


def _locked(_ask: Ask) -> Answer:
    told = {"forbidden": {"code": 403, "message": "The account has been locked."}}
    return Answer(403, CaseInsensitiveDict(), json.dumps(told).encode())


LIMIT = before(413, retry_after="120")


@pytest.mark.parametrize(
    ("spoiled", "error"),
    [([none, LIMIT], RateLimited), ([none, _locked], AccountLocked), ([none, lost, LIMIT], RateLimited)],
    ids=["rate limit", "locked", "rate limit for the session of another code"],
)
def test_a_code_that_the_service_did_not_look_at_goes_back(
    bench: Bench, spoiled: list[Fault], error: type[Exception]
) -> None:
    codes = entry_of(bench)["bypass_codes"]
    faults = iter(spoiled)
    bench.here.fault = lambda _number: next(faults, none)
    with pytest.raises(error):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[lost in spoiled :]
    assert log_in(bench, use="bypass_code")["second_factor"]


def test_after_the_login_of_another_user_no_other_code_is_spent(bench: Bench) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, lambda ask: (answer := ask())._replace(body=answer.body.replace(b'"jo"', b'"joe"')))
    with pytest.raises(InvalidAnswer, match="another user"):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_a_code_that_did_not_arrive_is_sent_again(bench: Bench) -> None:
    codes = entry_of(bench)["bypass_codes"]
    spoil(bench, FAULTS["reset"])
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_a_code_does_not_go_back_to_others_that_were_made_since(bench: Bench) -> None:
    spoil(bench, LIMIT)
    meanwhile(bench, "after save", lambda: entry_of(bench).update(bypass_codes=["11111111"]))
    with pytest.raises(RateLimited):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == ["11111111"]


def test_a_code_goes_back_beside_one_that_was_used_since(bench: Bench) -> None:
    codes = list(bench.service.codes)
    spoil(bench, LIMIT)
    meanwhile(bench, "after save", lambda: bench.another().call(rax_auth_token, passcode=codes[1]))
    with pytest.raises(RateLimited):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == [codes[0], *codes[2:]]


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_third_code_is_never_sent(bench: Bench, left: int) -> None:
    codes = entry_of(bench)["bypass_codes"][: 1 + left]
    bench.shelf.content = {**entry_of(bench), "bypass_codes": codes}
    spoil(bench, lost, lost)
    with pytest.raises(LostAnswer):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:]
    with pytest.raises(PasscodeRefused if left else PasscodeRequired):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == codes[2:], "what can't be sent stays"
    assert len(bench.service.codes) == 4 - min(2, 1 + left)


def test_after_a_refusal_no_other_code_is_sent(bench: Bench) -> None:
    """All codes of a set are void together: another one would be refused, too, and counts."""
    bench.service.codes = []
    with pytest.raises(PasscodeRefused):
        log_in(bench, use="bypass_code")
    assert bench.service.refused_codes == 1
    assert len(entry_of(bench)["bypass_codes"]) == 3


@pytest.mark.parametrize(
    ("file", "check_mode", "options"),
    [
        (rax_auth_token, False, {}),
        (rax_otp_device, False, {"state": "replaced"}),
        (rax_otp_device, True, {"state": "replaced"}),
    ],
    ids=["login", "replacement", "plan"],
)
@pytest.mark.parametrize("is_typed", [False, True], ids=["stored", "typed"])
def test_a_store_that_cannot_be_used_costs_no_bypass_code(
    bench: Bench, is_typed: bool, file: Any, check_mode: bool, options: dict[str, Any]
) -> None:
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    before = list(bench.service.codes)
    typed = {"passcode": before[-1]} if is_typed else {}
    with pytest.raises(OptionError, match="the disk is full"):
        bench.here.call(file, check_mode=check_mode, use="bypass_code", **options, **typed)
    assert bench.service.codes == before


def test_a_stored_code_whose_attempt_may_not_be_made_goes_back(bench: Bench) -> None:
    """Another process of this machine was refused twice after it was taken."""
    codes = entry_of(bench)["bypass_codes"]
    (account,) = bench.here.records.values()
    two = [Attempt(bench.service.now, name) for name in ("one", "two")]
    meanwhile(bench, "after save", lambda: account.attempts.extend(two))
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        log_in(bench, use="bypass_code")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes


def test_the_end_of_codes_goes_by_the_clock_of_the_service(bench: Bench) -> None:
    end = datetime.fromtimestamp(bench.service.now + 60, timezone.utc)
    bench.shelf.content = {**entry_of(bench), "bypass_codes_end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    assert log_in(bench, use="bypass_code")["second_factor"]
    bench.rest()
    with pytest.raises(PasscodeRequired, match="holds no valid bypass code"):
        log_in(bench, use="bypass_code")


@pytest.mark.parametrize(
    "fields",
    [{"bypass_codes": []}, {"bypass_codes_end": "2020-01-01T00:00:00Z"}],
    ids=["used up", "expired"],
)
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("proves", [True, False])
def test_without_a_code_that_lives_it_says_what_to_do(
    bench: Bench, proves: bool, check_mode: bool, fields: dict[str, Any]
) -> None:
    bench.shelf.content = entry = {**entry_of(bench), **fields}
    with pytest.raises(PasscodeRequired, match="the shelf holds no valid bypass code"):
        log_in(bench, use="bypass_code", check_mode=check_mode, require_second_factor=proves)
    assert (bench.service.refused_codes, entry_of(bench)) == (0, entry)
    bench.service.mfa = False
    assert log_in(bench, use="bypass_code", check_mode=check_mode)["token"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("proves", [True, False])
def test_none_is_sent_after_two_refusals_that_another_controller_noted(
    bench: Bench, proves: bool, check_mode: bool
) -> None:
    codes = list(entry_of(bench)["bypass_codes"])
    another = bench.another()
    for typed in ("11111110", "11111111"):
        with pytest.raises(PasscodeRefused):
            another.call(rax_auth_token, passcode=typed)
    with pytest.raises(PasscodeRefused, match="nothing was sent"):
        log_in(bench, use="bypass_code", check_mode=check_mode, require_second_factor=proves)
    assert (bench.service.refused_codes, entry_of(bench)["bypass_codes"]) == (2, codes)


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_a_store_and_a_passcode_there_is_no_code(bench: Bench, check_mode: bool) -> None:
    with pytest.raises(PasscodeRequired):
        log_in(bench, use="bypass_code", store=None, check_mode=check_mode)


def test_the_last_code_without_an_end_is_no_renewal(bench: Bench) -> None:
    """Else the next recovery would try a secret that may be lost."""
    code = entry_of(bench)["bypass_codes"][0]
    bench.shelf.content = {**entry_of(bench), "bypass_codes": [code], "bypass_codes_end": None}
    log_in(bench, use="bypass_code")
    with pytest.raises(PasscodeRequired):
        log_in(bench, use="bypass_code")


@pytest.mark.parametrize(
    ("end", "lives"),
    [
        *((None, True), ("", True), ("never", True)),
        *(("2031-01-01T00:00:01Z", True), ("2031-01-01T00:00:00Z", False)),
        *(("2031-01-01T01:00:00+01:00", False), ("2030-12-31T23:00:01-01:00", True)),
        *(("2031-01-02", True), ("2031-01-01", False)),
    ],
)
def test_when_codes_end(end: str | None, lives: bool) -> None:
    moment = datetime(2031, 1, 1, tzinfo=timezone.utc)
    entry = {"bypass_codes": ["123456", "12345"], "bypass_codes_end": end}
    assert live_codes(entry, moment) == (["123456"] if lives else [])
    assert AuditEntry.read(entry, "mfa.yml").live_codes(moment) == lives


def test_in_check_mode_no_code_is_spent(bench: Bench) -> None:
    before = dict(entry_of(bench))
    result = log_in(bench, use="bypass_code", check_mode=True)
    assert (result["token"], bench.shelf.content, bench.service.codes) == (None, before, before["bypass_codes"])
