# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Operations and Settings: users, their list with its pages, and the MFA state read from them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from .helpers import Service, assert_refused

DOMAIN = {"admin", "second-admin", "manager", "second-manager", "alice", "bob", "fed", "gone"}


def names(users: list[dict[str, Any]]) -> list[str]:
    """The names in a list."""
    return [user["username"] for user in users]


def follow(service: Service, answer: requests.Response, token: str) -> list[list[str]]:
    """The names on each page."""
    pages = [names(answer.json()["users"])]
    while "next" in answer.links:
        answer = service.http.get(answer.links["next"]["url"], headers={"X-Auth-Token": token})
        pages.append(names(answer.json()["users"]))
        assert len(pages) < 50
    return pages


@pytest.mark.parametrize(
    ("caller", "expected"),
    [("admin", DOMAIN), ("manager", {"alice", "bob", "fed", "gone"}), ("alice", {"alice"}), ("eve", {"eve"})],
)
def test_list_shows_whom_the_caller_administers(service: Service, caller: str, expected: set[str]) -> None:
    answer = service.call("GET", "/users", token=service.key_token(caller))
    assert set(names(answer.json()["users"])) == expected
    assert "Link" not in answer.headers


@pytest.mark.parametrize("empty", [False, True], ids=["full-pages", "empty-pages"])
@pytest.mark.parametrize("size", [1, 2, 3, 8, 100])
def test_pages_hold_each_user_once(service: Service, size: int, empty: bool) -> None:
    service.control.behave(page_size=size, empty_pages=empty)
    token = service.key_token("admin")
    pages = follow(service, service.call("GET", "/users", token=token), token)
    assert sorted(name for page in pages for name in page) == sorted(DOMAIN)
    assert all(len(page) <= size for page in pages)
    assert ([] in pages) == (empty and size < len(DOMAIN))


def test_limit_makes_pages_shorter_and_goes_on_in_the_link(service: Service) -> None:
    token = service.key_token("admin")
    pages = follow(service, service.call("GET", "/users?limit=3", token=token), token)
    assert [len(page) for page in pages] == [3, 3, 2]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "limit=%C2%B2", "size=3"])
def test_wrong_query_is_refused(service: Service, query: str) -> None:
    assert_refused(service.call("GET", f"/users?{query}", token=service.key_token("admin")), 400, "badRequest")


@pytest.mark.parametrize("name", ["alice", "ALICE"])
def test_user_by_name(service: Service, name: str) -> None:
    answer = service.call("GET", f"/users?name={name}", token=service.key_token("admin"))
    assert answer.json()["user"]["username"] == "alice"


def test_user_by_odd_name(service: Service) -> None:
    service.control.users([{"username": "o&d d+ü", "domain_id": "100"}])
    answer = service.call("GET", f"/users?name={quote('o&d d+ü')}", token=service.key_token("admin"))
    assert answer.json()["user"]["username"] == "o&d d+ü"


def test_unknown_name_is_not_found(service: Service) -> None:
    assert_refused(service.call("GET", "/users?name=nobody", token=service.key_token("admin")), 404, "itemNotFound")


def test_name_of_another_domain_is_forbidden(service: Service) -> None:
    assert_refused(service.call("GET", "/users?name=eve", token=service.key_token("admin")), 403, "forbidden")


def test_user_without_mfa(service: Service) -> None:
    assert service.shown_user("alice") == {
        "id": service.user_id("alice"),
        "username": "alice",
        "email": "alice@example.com",
        "enabled": True,
        "RAX-AUTH:domainId": "100",
        "RAX-AUTH:multiFactorEnabled": False,
        "RAX-AUTH:phonePin": service.control.user("alice")["phone_pin"],
    }


def test_missing_flag_means_off(service: Service) -> None:
    service.control.behave(missing_mfa_flag=True)
    assert "RAX-AUTH:multiFactorEnabled" not in service.shown_user("alice")
    service.enroll("alice")
    assert service.shown_user("alice")["RAX-AUTH:multiFactorEnabled"] is True


def test_user_with_mfa(service: Service) -> None:
    service.enroll("alice")
    service.put("alice", service.key_token("admin"), userMultiFactorEnforcementLevel="OPTIONAL")
    user = service.shown_user("alice")
    assert user["RAX-AUTH:multiFactorEnabled"] is True
    assert user["RAX-AUTH:multiFactorState"] == "ACTIVE"
    assert user["RAX-AUTH:factorType"] == "OTP"
    assert user["RAX-AUTH:userMultiFactorEnforcementLevel"] == "OPTIONAL"
