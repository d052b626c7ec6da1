# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Operations and Settings: the policy of a domain."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .helpers import LEVEL as USER_LEVEL
from .helpers import Service, assert_refused

LEVEL = "domainMultiFactorEnforcementLevel"


def put(service: Service, caller: str, level: Any, domain: str = "100") -> Any:
    """Set a domain's level."""
    body = {"RAX-AUTH:multiFactorDomain": {LEVEL: level}}
    return service.call("PUT", f"/RAX-AUTH/domains/{domain}/multi-factor", body, service.key_token(caller))


def read(service: Service, caller: str, domain: str = "100") -> Any:
    """Read a domain."""
    return service.call("GET", f"/RAX-AUTH/domains/{domain}", token=service.key_token(caller))


def level_of(service: Service) -> str:
    """The domain's level."""
    return str(service.control.state()["domains"]["100"])


@pytest.fixture
def optional(service: Service) -> Service:
    """The administrator's own level is OPTIONAL."""
    service.put("admin", **{USER_LEVEL: "OPTIONAL"})
    return service


@pytest.mark.parametrize("caller", ["admin", "manager"])
def test_is_read_by_those_who_administer(service: Service, caller: str) -> None:
    told = read(service, caller).json()["RAX-AUTH:domain"]
    assert told == {"id": "100", "name": "100", "enabled": True, LEVEL: "OPTIONAL"}


@pytest.mark.parametrize("caller", ["alice", "eve"])
def test_is_not_read_by_others(service: Service, caller: str) -> None:
    assert_refused(read(service, caller), 403, "forbidden")


def test_unknown_domain_is_not_found(optional: Service) -> None:
    assert_refused(read(optional, "admin", "999"), 404, "itemNotFound")
    assert_refused(put(optional, "admin", "REQUIRED", "999"), 404, "itemNotFound")


def test_is_set_by_an_administrator_whose_level_is_optional(optional: Service) -> None:
    for _unused in range(2):
        assert put(optional, "admin", "REQUIRED").status_code == 204
    assert level_of(optional) == "REQUIRED"
    assert put(optional, "admin", "OPTIONAL").status_code == 204
    assert level_of(optional) == "OPTIONAL"


def test_is_set_by_an_administrator_with_mfa(service: Service) -> None:
    service.enroll("admin")
    assert put(service, "admin", "REQUIRED").status_code == 204


def test_is_not_set_by_an_administrator_with_neither(service: Service) -> None:
    assert_refused(put(service, "admin", "REQUIRED"), 403, "forbidden")
    assert level_of(service) == "OPTIONAL"


@pytest.mark.parametrize("caller", ["manager", "alice", "eve"])
def test_is_not_set_by_others(service: Service, caller: str) -> None:
    service.put(caller, service.key_token(caller), **{USER_LEVEL: "OPTIONAL"})
    assert_refused(put(service, caller, "REQUIRED"), 403, "forbidden")


@pytest.mark.parametrize("level", ["DEFAULT", "required", "", 1, None])
def test_unknown_level_is_refused(optional: Service, level: Any) -> None:
    assert_refused(put(optional, "admin", level), 400, "badRequest")


def test_mandate_is_not_the_customers_to_give_or_take(optional: Service) -> None:
    assert_refused(put(optional, "admin", "RACKSPACE_MANDATED"), 403, "forbidden")
    optional.control.users([{"username": "n", "domain_id": "100", "domain_enforcement_level": "RACKSPACE_MANDATED"}])
    assert_refused(put(optional, "admin", "OPTIONAL"), 403, "forbidden")
    assert put(optional, "admin", "RACKSPACE_MANDATED").status_code == 204


def test_level_may_be_absent(optional: Service) -> None:
    optional.control.behave(missing_domain_level=True)
    assert read(optional, "admin").json()["RAX-AUTH:domain"] == {"id": "100", "name": "100", "enabled": True}


@pytest.mark.parametrize("path", ["dedicated:12", "dedicated%3A12"])
def test_id_may_have_a_colon(service: Service, path: str) -> None:
    admin = {"username": "colon", "role": "user-admin", "domain_id": "dedicated:12", "enforcement_level": "OPTIONAL"}
    service.control.users([admin])
    assert service.by_api_key("colon").json()["access"]["user"]["RAX-AUTH:domainId"] == "dedicated:12"
    assert read(service, "colon", path).json()["RAX-AUTH:domain"]["id"] == "dedicated:12"
    assert put(service, "colon", "REQUIRED", path).status_code == 204


@pytest.mark.parametrize(
    ("form", "expected"), [("digits", r"\d{6}"), ("dedicated", r"dedicated:\d+"), ("dp", r"dp:\d+")]
)
def test_form_of_ids(service: Service, form: str, expected: str) -> None:
    service.control.behave(domain_ids=form)
    assert re.fullmatch(expected, service.control.users([{"username": "new"}])[0]["domain_id"])


def test_success_may_be_a_200(optional: Service) -> None:
    optional.control.behave(settings_status=200)
    assert [put(optional, "admin", "REQUIRED").status_code for _unused in range(2)] == [200, 200]
