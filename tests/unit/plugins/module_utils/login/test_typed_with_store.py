# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins with a passcode or a bypass code that a person typed, beside a store: it is sent once, and at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    BadCredentials,
    LostAnswer,
    OptionError,
    PasscodeRefused,
    PasscodeRequired,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored_factor import are_cleared
from ansible_collections.rackspace.identity.plugins.modules import (
    rax_auth_token,
    rax_bypass_codes,
    rax_mfa_info,
    rax_mfa_settings,
    rax_otp_device,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import KEY
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Bench, MemoryLock
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.faults import after, lost
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.controllers import (
    log_in,
    meanwhile,
    spoil,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.starts import entry_of


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_stored_code_that_a_person_typed_is_taken_out(bench: Bench, check_mode: bool) -> None:
    """Another controller would send it, and it would count as one that is left."""
    bench.shelf.content = {**entry_of(bench), "bypass_codes_end": None}
    codes = list(bench.service.codes)
    for number, code in enumerate(codes, 1):
        log_in(bench, passcode=code, check_mode=check_mode)
        assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[number:]
    assert not are_cleared(entry_of(bench))
    assert bench.here.call(rax_bypass_codes, count=1, check_mode=True, **KEY)["changed"]


@pytest.mark.parametrize("was_refused", [True, False], ids=["refused", "accepted"])
def test_a_stored_code_that_a_person_typed_before_is_not_taken(bench: Bench, was_refused: bool) -> None:
    """Nobody would send it, and after a refusal it may still be good: the login session can have been dead."""
    first, second, *others = entry_of(bench)["bypass_codes"]
    if was_refused:
        bench.service.codes.remove(first)
        with pytest.raises(PasscodeRefused):
            log_in(bench, passcode=first)
    else:
        log_in(bench, passcode=first)
    refused = bench.service.refused_codes
    assert log_in(bench, use="bypass_code")["second_factor"]
    assert entry_of(bench)["bypass_codes"] == [first, *others][not was_refused :]
    assert second not in bench.service.codes
    assert bench.service.refused_codes == refused


def test_a_typed_code_whose_login_ends_at_the_tenant_is_taken_out(bench: Bench) -> None:
    codes = list(bench.service.codes)
    spoil(bench, after(401, b'{"unauthorized": {"code": 401, "message": "Tenant with Name/Id: \'9\' is not valid"}}'))
    with pytest.raises(BadCredentials, match="passcode was accepted"):
        log_in(bench, passcode=codes[0], tenant_id="9")
    assert entry_of(bench)["bypass_codes"] == bench.service.codes == codes[1:]


def test_a_code_that_a_person_typed_is_followed_by_none(bench: Bench) -> None:
    code, *others = entry_of(bench)["bypass_codes"]
    spoil(bench, lost)
    with pytest.raises(LostAnswer):
        log_in(bench, use="bypass_code", passcode=code)
    assert set(others) < set(entry_of(bench)["bypass_codes"])


def test_a_typed_passcode_is_not_sent_again_when_the_token_of_its_login_is_refused(bench: Bench) -> None:
    meanwhile(bench, "before GET /v2.0/users/1", bench.service.tokens.clear)
    with pytest.raises(PasscodeRequired, match=r"The token was refused.*accepted before"):
        bench.here.call(rax_mfa_info, passcode=bench.service.codes[0])
    assert (len(bench.service.codes), bench.service.refused_codes) == (3, 0)


def test_nor_is_it_by_the_next_task(bench: Bench) -> None:
    code = bench.service.codes[0]
    token = log_in(bench, passcode=code)["token"]["id"]
    with pytest.raises(PasscodeRequired, match="accepted before"):
        log_in(bench, passcode=code)
    bench.here.call(rax_mfa_info, passcode=code, auth_token=token, user_id="1")
    bench.service.tokens.clear()
    with pytest.raises(PasscodeRequired, match=r"The token was refused.*accepted before"):
        bench.here.call(rax_mfa_info, passcode=code, auth_token=token, user_id="1")
    assert bench.service.refused_codes == 0


def test_a_typed_passcode_waits_for_no_other_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryLock, "acquire", lambda _lock: pytest.fail("it would be too old afterwards"))
    assert log_in(bench, passcode=bench.service.codes[-1])["second_factor"]


@pytest.mark.parametrize(
    ("file", "options"),
    [(rax_auth_token, {"use": "bypass_code"}), (rax_otp_device, {"state": "replaced"})],
    ids=["recovery", "replacement"],
)
@pytest.mark.parametrize("digits", [6, 7, 8])
def test_a_passcode_that_was_typed_before_a_wait_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, digits: int, file: Any, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(MemoryLock, "acquire", lambda _lock: True)
    before = bench.service.refused_codes
    with pytest.raises(PasscodeRequired if digits < 8 else PasscodeRefused) as caught:
        bench.here.call(file, passcode="0" * digits, **options)
    assert bench.service.refused_codes - before == (digits == 8)
    assert ("Run this again with a new one" in str(caught.value)) is (digits < 8)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_login_by_a_typed_passcode_needs_no_store_that_can_be_written(bench: Bench, check_mode: bool) -> None:
    """The same for a plan, which saves nothing."""
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    file = rax_otp_device if check_mode else rax_auth_token
    options = {"state": "verified"} if check_mode else {}
    bench.here.call(file, passcode=bench.service.codes[-1], check_mode=check_mode, **options)
    assert len(bench.service.codes) == 3


@pytest.mark.parametrize(
    ("file", "options"),
    [
        (rax_bypass_codes, {"count": 10}),
        (rax_otp_device, {"name": "another", "state": "present"}),
        (rax_otp_device, {"state": "verified"}),
        (rax_mfa_settings, {"enabled": False}),
        (rax_auth_token, {"scope": "auto"}),
    ],
    ids=["codes", "device", "verified", "settings", "login of a job"],
)
def test_a_store_that_cannot_be_used_costs_no_typed_code_of_a_task_that_may_save(
    bench: Bench, file: Any, options: dict[str, Any]
) -> None:
    bench.shelf.unusable, bench.shelf.is_known = OptionError("store: the disk is full"), True
    before = list(bench.service.codes)
    with pytest.raises(OptionError, match="the disk is full"):
        bench.here.call(file, passcode=before[-1], **options)
    assert (bench.service.codes, bench.service.mfa) == (before, True)


@pytest.mark.parametrize("entry", [{"secret": 5}, {"username": "ada"}], ids=["broken", "another account's"])
@pytest.mark.parametrize(
    ("file", "options"),
    [(rax_auth_token, {}), (rax_bypass_codes, {"count": 2}), (rax_otp_device, {"state": "verified"})],
    ids=["login", "codes", "device"],
)
def test_no_typed_bypass_code_is_spent_with_a_store_that_is_of_no_use(
    bench: Bench, entry: dict[str, Any], file: Any, options: dict[str, Any]
) -> None:
    bench.shelf.content, before = entry, list(bench.service.codes)
    with pytest.raises(OptionError):
        bench.here.call(file, passcode=before[-1], **options)
    assert (bench.service.codes, bench.shelf.content) == (before, entry)
