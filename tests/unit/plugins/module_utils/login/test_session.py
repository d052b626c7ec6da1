# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task's session: how it gets a token, the one new login that it may make, and whose record is used."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    InvalidAnswer,
    OptionError,
    PasscodeRequired,
    TokenRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Mfa
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings import Settings
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.settings_plan import SettingsWish, compare
from ansible_collections.rackspace.identity.plugins.module_utils.otp.secret import parse
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import (
    CHALLENGE,
    DEAD,
    LOGIN,
    MFA,
    SETUP_NEEDED,
    access,
    fault,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.task import API_KEY, PASSWORD, Make

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def challenge(service: Service) -> None:
    # In the middle of a step, so that nothing has to be waited for.
    middle = time.time() // 30 * 30 + 15
    headers = {**CHALLENGE["headers"], "Date": formatdate(middle, usegmt=True)}
    service.expect(LOGIN, **{**CHALLENGE, "headers": headers})


def sent(service: Service) -> list[Any]:
    """The members of `auth` of each login."""
    return [call.body["auth"] for call in service.calls if call.path == "/v2.0/tokens"]


def test_an_api_key_logs_in_once_and_its_token_is_kept(service: Service, task: Make) -> None:
    service.expect(LOGIN, **access("t1"))
    here = task(**API_KEY)
    assert here.session.client.token == here.session.client.token == "t1"
    assert here.kept == ["t1"]
    assert here.session.identity() == ("u1", "Jo")
    assert not here.session.login.second_factor


def test_a_password_is_proved_in_two_steps_and_the_tenant_goes_with_both(service: Service, task: Make) -> None:
    challenge(service)
    service.expect(LOGIN, **access("t1"))
    here = task(**PASSWORD, otp_secret={"secret": SECRET, "step_offset": 0}, tenant_id="t-9")
    assert here.session.client.token == "t1"
    assert here.session.login.second_factor
    step = int(time.time() // 30)
    first, second = sent(service)
    assert first == {"passwordCredentials": {"username": "jo", "password": "a-password"}, "tenantId": "t-9"}
    assert second["RAX-AUTH:passcodeCredentials"]["passcode"] in [parse(SECRET).code_at(step - n) for n in (0, 1)]
    assert second["tenantId"] == "t-9"
    assert service.calls[1].headers["X-SessionId"] == "s-1"


@pytest.mark.parametrize("change", [{"username": "nina"}, {"auth_endpoint": "https://other.example"}])
def test_the_entry_of_another_account_is_no_secret(change: dict[str, str], service: Service, task: Make) -> None:
    entry = {"secret": SECRET, "username": "jo", "auth_endpoint": f"{service.url}/v2.0", **change}
    with pytest.raises(OptionError, match=rf"O\(otp_secret\) is not that of jo.*{next(iter(change.values()))}"):
        task(**PASSWORD, otp_secret=entry)
    for spelling in ({}, {"username": "JO", "auth_endpoint": f"{service.url}/v2.0/"}):
        task(**PASSWORD, otp_secret={"secret": SECRET, **spelling})


def test_a_challenge_without_an_answer_says_what_to_pass(service: Service, task: Make) -> None:
    challenge(service)
    with pytest.raises(PasscodeRequired):
        _unused = task(**PASSWORD).session.client


def test_a_token_that_is_given_is_used_without_a_login(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u9", body={"user": {"id": "u9", "username": "nina"}})
    here = task(auth_token="given", user_id="u9")
    assert Target(here.session, here.values.get).user.name == "nina"
    assert service.calls[0].headers["X-Auth-Token"] == "given"


def test_the_owner_of_a_token_is_asked_for_if_nothing_says_it(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/tokens/given", **access("given"))
    assert task(auth_token="given").session.identity() == ("u1", "Jo")


def test_the_token_of_another_account_is_refused(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/tokens/given", **access("given"))
    with pytest.raises(OptionError, match=r"O\(auth_token\) is that of Jo, and O\(username\) is nina"):
        task(auth_token="given", username="nina").session.identity()
    service.expect("GET /v2.0/tokens/given", **access("given"))
    assert task(auth_token="given", username="JO").session.identity() == ("u1", "Jo")


@pytest.mark.parametrize("is_seen", [True, False])
def test_the_id_of_another_account_is_refused(is_seen: bool, service: Service, task: Make) -> None:
    """An administrator's token would act on that one."""
    mfa = Mfa(enabled=True, state=None, factor_type=None, enforcement_level=None)
    seen = [{"user": {"id": "u9", "name": "nina"}, "mfa": mfa.facts()}] if is_seen else []
    if not is_seen:
        service.expect("GET /v2.0/users/u9", body={"user": {"id": "u9", "username": "nina"}})
    here = task(auth_token="given", user_id="u9", username="jo")
    with pytest.raises(OptionError, match=r"O\(user_id\) is that of nina, and O\(username\) is jo"):
        _unused = Target(here.session, here.values.get, seen).mfa


def test_the_token_of_another_account_is_refused_also_if_only_its_user_tells(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/tokens/given", **access("given", name=None))
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "username": "nina"}})
    here = task(auth_token="given", username="jo")
    with pytest.raises(OptionError, match=r"O\(auth_token\) is that of nina, and O\(username\) is jo"):
        _unused = Target(here.session, here.values.get).mfa


def test_a_user_of_another_name_in_seen_is_read_from_the_service(service: Service, task: Make) -> None:
    """It may have been renamed since, and nothing that was given is wrong."""
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "username": "jo"}})
    mfa = Mfa(enabled=True, state=None, factor_type=None, enforcement_level=None)
    here = task(**API_KEY)
    target = Target(here.session, here.values.get, [{"user": {"id": "u1", "name": "nina"}, "mfa": mfa.facts()}])
    assert (target.user.name, target.mfa.enabled) == ("jo", False)


@pytest.mark.parametrize("name", ["nina", "JO"])
def test_an_id_that_the_login_told_is_no_option_of_the_task(name: str, service: Service, task: Make) -> None:
    """A service that tells another name of it is at fault."""
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "username": name}})
    here = task(**API_KEY)
    target = Target(here.session, here.values.get)
    if name == "JO":
        assert target.user.name == "JO"
        return
    with pytest.raises(InvalidAnswer, match="about another user"):
        _unused = target.user


def test_a_target_that_is_named_is_not_the_owner_of_the_token(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u9", body={"user": {"id": "u9", "username": "nina"}})
    here = task(auth_token="given", user_id="u1", username="jo", target_user_id="u9")
    assert Target(here.session, here.values.get).user.name == "nina"


def test_a_refused_token_costs_one_new_login_and_no_second(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u1", **DEAD)
    service.expect(LOGIN, **access("new"))
    service.expect("GET /v2.0/users/u1", body={"user": {"id": "u1", "username": "jo"}})
    service.expect("GET /v2.0/users/u1", **DEAD)
    here = task(auth_token="given", user_id="u1", **API_KEY)
    assert here.session.client.user("u1").id == "u1"
    assert here.kept == ["new"]
    with pytest.raises(TokenRefused) as caught:
        here.session.client.user("u1")
    assert "new" not in str(caught.value.as_failure()["error"])


def test_a_new_login_that_is_forbidden_is_made_once(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u1", **DEAD)
    service.expect(LOGIN, **fault(403, "Not Authorized"))
    with pytest.raises(Forbidden):
        task(auth_token="given", user_id="u1", **API_KEY).session.client.user("u1")


def test_a_token_that_may_not_look_itself_up_says_who_takes_it(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/tokens/given", **fault(403, "Not Authorized"))
    with pytest.raises(Forbidden, match=r"Not Authorized\. A token .* take O\(user_id\) beside O\(auth_token\)\."):
        task(auth_token="given").session.current()


def test_a_token_that_died_is_replaced_when_it_is_looked_at(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/tokens/given", **DEAD)
    service.expect(LOGIN, **access("new"))
    here = task(auth_token="given", **API_KEY)
    assert here.session.identity() == ("u1", "Jo")
    assert here.session.client.token == "new"


@pytest.mark.parametrize("factor", [{"passcode": "012345"}, {}], ids=["typed", "none"])
def test_what_only_a_code_could_look_at_is_not_looked_at_in_check_mode(factor: dict[str, str], task: Make) -> None:
    session = task(check_mode=True, use="bypass_code", **PASSWORD, **factor).session
    assert session.would_spend_a_code() == bool(factor)


def test_a_refused_token_with_nothing_beside_it_is_an_error(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u1", **DEAD)
    with pytest.raises(TokenRefused, match="Log in again") as caught:
        task(auth_token="given", user_id="u1").session.client.user("u1")
    assert caught.value.kind == "bad_credentials"


# Tokens that die

SCOPE_REFUSED = fault(403, "Setup MFA scope is not authorized for this user")
DEVICES = f"{MFA}/otp-devices"
NEW_DEVICE = {"RAX-AUTH:otpDevice": {"id": "d1", "name": "ansible", "keyUri": f"otpauth://totp/a?secret={SECRET}"}}
ONE_DEVICE = {"RAX-AUTH:otpDevice": {"id": "d1", "name": "ansible", "verified": False}}


def scopes(service: Service) -> list[str | None]:
    return [auth.get("RAX-AUTH:scope") for auth in sent(service)]


def test_a_setup_token_that_dies_when_a_device_was_added_is_replaced_by_another(service: Service, task: Make) -> None:
    service.expect(LOGIN, **SETUP_NEEDED)
    service.expect(LOGIN, **access("setup-1"))
    service.expect(f"POST {DEVICES}", 201, body=NEW_DEVICE)
    service.expect(f"GET {DEVICES}/d1", **DEAD)
    service.expect(LOGIN, **access("setup-2"))
    service.expect(f"GET {DEVICES}/d1", body=ONE_DEVICE)
    here = task(**PASSWORD)
    client = here.session.connect()
    client.add_otp_device("u1", "ansible")
    assert client.otp_device("u1", "d1").id == "d1"
    assert scopes(service) == [None, "SETUP-MFA", "SETUP-MFA"]
    assert here.session.for_setup


def test_a_setup_token_that_was_given_and_died_is_replaced_by_one_of_its_kind(service: Service, task: Make) -> None:
    service.expect(f"GET {DEVICES}/d1", **DEAD)
    service.expect(LOGIN, **SETUP_NEEDED)
    service.expect(LOGIN, **access("setup-2"))
    service.expect(f"GET {DEVICES}/d1", body=ONE_DEVICE)
    here = task(**PASSWORD, auth_token="setup-1", user_id="u1")
    assert here.session.connect().otp_device("u1", "d1").id == "d1"
    assert scopes(service) == [None, "SETUP-MFA"]


def test_where_mfa_is_on_by_then_a_dead_setup_token_is_replaced_by_a_whole_login(service: Service, task: Make) -> None:
    service.expect(LOGIN, **SETUP_NEEDED)
    service.expect(LOGIN, **access("setup-1"))
    service.expect(f"GET {DEVICES}/d1", **DEAD)
    service.expect(LOGIN, **SCOPE_REFUSED)
    challenge(service)
    service.expect(LOGIN, **access("whole"))
    service.expect(f"GET {DEVICES}/d1", body=ONE_DEVICE)
    here = task(**PASSWORD, otp_secret={"secret": SECRET, "step_offset": 0})
    assert here.session.connect().otp_device("u1", "d1").id == "d1"
    assert not here.session.for_setup
    assert here.kept == ["setup-1", "whole"]


def test_a_scope_that_was_asked_for_is_not_swapped_for_a_whole_login(service: Service, task: Make) -> None:
    service.expect(LOGIN, **SCOPE_REFUSED)
    with pytest.raises(Forbidden):
        task(for_setup=True, **PASSWORD).session.connect()
    assert scopes(service) == ["SETUP-MFA"]


def test_the_token_of_a_key_that_dies_when_mfa_is_turned_on_is_replaced(service: Service, task: Make) -> None:
    settings = f"PUT {MFA}"
    service.expect(LOGIN, **access("t1"))
    service.expect(settings, 204)
    service.expect(settings, **DEAD)
    service.expect(LOGIN, **access("t2"))
    service.expect(settings, 204)
    here = task(**API_KEY)
    wish = SettingsWish(enabled=True, factor_type="OTP", enforcement_level="REQUIRED")
    off = Mfa(enabled=False, state=None, factor_type=None, enforcement_level="DEFAULT")
    Settings(here.session, Target(here.session, here.values.get)).apply(compare(off, wish), print)
    assert [call.headers["X-Auth-Token"] for call in service.calls if call.method == "PUT"] == ["t1", "t1", "t2"]


# Whose token, and how it was made


@pytest.mark.parametrize("method", ["PASSCODE", "OTPPASSCODE"])
def test_either_name_of_the_second_factor_counts_as_one(method: str, service: Service, task: Make) -> None:
    answer = access("t1")
    answer["body"]["access"]["token"]["RAX-AUTH:authenticatedBy"] = ["PASSWORD", method]
    service.expect(LOGIN, **answer)
    here = task(**PASSWORD)
    assert here.session.client.token == "t1"
    assert here.session.login.second_factor


def test_nothing_is_done_with_the_token_of_another_user(service: Service, task: Make) -> None:
    challenge(service)
    service.expect(LOGIN, **access("t1", name="joe"))
    here = task(**PASSWORD, otp_secret={"secret": SECRET, "step_offset": 0})
    with pytest.raises(InvalidAnswer, match="another user"):
        _unused = here.session.client
    assert here.kept == []
    assert len(here.session.login.record("jo").read().attempts) == 1


def test_a_gateway_page_at_the_second_step_is_a_lost_answer_and_not_a_wrong_passcode(
    service: Service, task: Make
) -> None:
    challenge(service)
    service.expect(LOGIN, 403, body=b"<html>The account has been locked.</html>")
    challenge(service)
    service.expect(LOGIN, **access("t1"))
    here = task(**PASSWORD, otp_secret={"secret": SECRET, "step_offset": 0}, max_wait=1_000.0)
    assert here.session.client.token == "t1"
    assert here.session.login.record("jo").read().attempts == []
    assert len({auth["RAX-AUTH:passcodeCredentials"]["passcode"] for auth in sent(service)[1::2]}) == 2
