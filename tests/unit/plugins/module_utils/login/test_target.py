# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a task acts on: never on another user than the one that was asked for, and each is read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Forbidden,
    InvalidAnswer,
    OptionError,
    TokenRefused,
)
from ansible_collections.rackspace.identity.plugins.module_utils.login.record import Record
from ansible_collections.rackspace.identity.plugins.module_utils.login.target import Target
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.answers import DEAD, LOGIN, access, fault
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Service
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.login.task import API_KEY, PASSWORD, Make


@pytest.mark.parametrize("option", ["target_user", "target_user_id"])
@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_a_target_that_is_given_and_empty_is_refused_before_anything_is_sent(
    option: str, value: str, task: Make
) -> None:
    with pytest.raises(OptionError, match=rf"O\({option}\) is given and empty"):
        task(**API_KEY, **{option: value})


def test_an_id_that_would_name_another_path_is_refused(task: Make) -> None:
    with pytest.raises(OptionError, match=r"O\(target_user_id\)"):
        task(**API_KEY, target_user_id="..")


@pytest.mark.parametrize("user", [{"id": "u2", "username": "nino"}, {"id": "u2"}])
def test_a_user_that_does_not_bear_the_name_asked_for_is_not_acted_on(
    user: dict[str, str], service: Service, task: Make
) -> None:
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users?name=nina", body={"user": user})
    here = task(**API_KEY, target_user="nina")
    with pytest.raises(InvalidAnswer, match="another user"):
        Target(here.session, here.values.get)


def test_a_user_that_does_not_have_the_id_asked_for_is_not_acted_on(service: Service, task: Make) -> None:
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users/u2", body={"user": {"id": "u3", "username": "nina"}})
    here = task(**API_KEY, target_user_id="u2")
    with pytest.raises(InvalidAnswer, match="another user"):
        _unused = Target(here.session, here.values.get).mfa


def test_a_user_that_an_administrator_may_not_read_is_not_taken_for_one_without_mfa(
    service: Service, task: Make
) -> None:
    service.expect("GET /v2.0/users/u2", **fault(403, "Not Authorized"))
    here = task(auth_token="given", user_id="u9", target_user_id="u2")
    with pytest.raises(Forbidden):
        _unused = Target(here.session, here.values.get).mfa


def test_a_target_by_name_is_looked_up_once(service: Service, task: Make) -> None:
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users?name=nina", body={"user": {"id": "u2", "username": "Nina"}})
    here = task(**API_KEY, target_user="nina")
    target = Target(here.session, here.values.get)
    assert (target.id, target.user.name) == ("u2", "Nina")
    assert target.record.path == Record(Path(here.values["state_dir"]), service.url, "nina").path


def test_a_target_by_id_is_read_only_if_its_name_is_needed(service: Service, task: Make) -> None:
    here = task(**API_KEY, target_user_id="u2")
    target = Target(here.session, here.values.get)
    assert (target.id, len(service.calls)) == ("u2", 0)
    service.expect(LOGIN, **access("t1"))
    service.expect("GET /v2.0/users/u2", body={"user": {"id": "u2", "username": "nina"}})
    assert target.record.path == Record(Path(here.values["state_dir"]), service.url, "NINA").path


def test_the_account_that_logged_in_needs_no_look_up(service: Service, task: Make) -> None:
    service.expect(LOGIN, **access("t1", name=None))
    here = task(**API_KEY)
    target = Target(here.session, here.values.get)
    assert target.id == "u1"
    assert target.record.path == Record(Path(here.values["state_dir"]), service.url, "jo").path


@pytest.mark.parametrize(
    ("given", "is_self"),
    [
        ({**API_KEY, "target_user": "JO"}, True),
        ({"auth_token": "t", "user_id": "u1", "target_user": "jo"}, True),
        ({"auth_token": "t", "user_id": "u1", "target_user_id": "u1"}, True),
        ({"auth_token": "t", "user_id": "u9", "target_user": "jo"}, False),
        ({"auth_token": "t", "user_id": "u9", "target_user_id": "u1"}, False),
        ({"auth_token": "of another", **API_KEY, "target_user": "jo"}, False),
    ],
)
def test_an_administrator_may_be_its_own_target(
    given: dict[str, str], is_self: bool, service: Service, task: Make
) -> None:
    if "auth_token" not in given:
        service.expect(LOGIN, **access("t1"))
    if name := given.get("target_user"):
        service.expect(f"GET /v2.0/users?name={name}", body={"user": {"id": "u1", "username": "jo"}})
    here = task(**given)
    assert Target(here.session, here.values.get).is_self is is_self


def test_a_connection_beside_another_has_its_token_and_never_logs_in(service: Service, task: Make) -> None:
    service.expect("GET /v2.0/users/u1", **DEAD)
    with task(**PASSWORD).session.beside("a-token") as beside, pytest.raises(TokenRefused):
        beside.user("u1")
