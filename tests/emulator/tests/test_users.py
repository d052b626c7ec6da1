# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, Operations and Settings: users, their list with its pages, and the MFA state read from them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
import requests

from emulator import BEHAVIORS

from .helpers import LEVEL, USERS, Service, assert_refused, next_query

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


@pytest.mark.parametrize(
    ("style", "relation"),
    [
        ("double_quotes", '"next"'),
        ("single_quotes", "'next'"),
        ("unquoted", "next"),
        ("two_relations", '"prev next"'),
        ("one_header", '"next"'),
        ("several_headers", '"next"'),
    ],
)
@pytest.mark.parametrize("base", BEHAVIORS["link_base"])
def test_link_to_the_next_page_has_many_forms(service: Service, style: str, relation: str, base: str) -> None:
    service.control.behave(page_size=3, link_style=style, link_base=base)
    token = service.key_token("admin")
    answer = service.call("GET", "/users", token=token)
    links = answer.raw.headers.getlist("Link")
    assert len(links) == (3 if style == "several_headers" else 1)
    assert re.search(rf"[?&]marker=\w+>; rel={relation}(,|$)", links[1 if style == "several_headers" else 0])
    assert ("identity-internal.example.com/cloud" in links[0]) == (base == "foreign")
    sizes = [len(answer.json()["users"])]
    while (query := next_query(answer)) is not None:
        answer = service.call("GET", f"/users{query}", token=token)
        sizes.append(len(answer.json()["users"]))
    assert sizes == [3, 3, 2]


def test_marker_whose_user_is_gone_is_not_found(service: Service) -> None:
    service.control.behave(page_size=2)
    token = service.key_token("admin")
    answer = service.call("GET", "/users", token=token)
    service.control.reset([user for user in USERS if user["username"] == "admin"])
    gone = service.call("GET", f"/users{next_query(answer)}", token=service.key_token("admin"))
    assert_refused(gone, 404, "itemNotFound")


@pytest.mark.parametrize("greatest", [100, 10])
def test_limit_above_the_greatest_is_refused_for_good(service: Service, greatest: int) -> None:
    service.control.behave(greatest_limit=greatest)
    token = service.key_token("admin")
    assert service.call("GET", f"/users?limit={greatest}", token=token).status_code == 200
    for _unused in range(2):
        answer = service.call("GET", f"/users?limit={greatest + 1}", token=token)
        assert_refused(answer, 413, "overLimit")
        assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "limit=%C2%B2", "size=3"])
def test_wrong_query_is_refused(service: Service, query: str) -> None:
    assert_refused(service.call("GET", f"/users?{query}", token=service.key_token("admin")), 400, "badRequest")


@pytest.mark.parametrize("name", ["alice", "ALICE", "o&d d+ü"])
def test_user_by_name(service: Service, name: str) -> None:
    service.control.users([{"username": "o&d d+ü", "domain_id": "100"}])
    answer = service.call("GET", f"/users?name={quote(name)}", token=service.key_token("admin"))
    assert answer.json()["user"]["username"] == name.lower()


@pytest.mark.parametrize(("name", "status", "fault"), [("nobody", 404, "itemNotFound"), ("eve", 403, "forbidden")])
def test_unknown_or_foreign_name_is_refused(service: Service, name: str, status: int, fault: str) -> None:
    assert_refused(service.call("GET", f"/users?name={name}", token=service.key_token("admin")), status, fault)


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
    service.put("alice", service.key_token("admin"), **{LEVEL: "OPTIONAL"})
    user = service.shown_user("alice")
    assert user["RAX-AUTH:multiFactorEnabled"] is True
    assert user["RAX-AUTH:multiFactorState"] == "ACTIVE"
    assert user["RAX-AUTH:factorType"] == "OTP"
    assert user[f"RAX-AUTH:{LEVEL}"] == "OPTIONAL"


def test_factor_type_may_be_absent_while_on(service: Service) -> None:
    service.enroll("alice")
    service.control.behave(missing_factor_type=True)
    user = service.shown_user("alice")
    assert "RAX-AUTH:factorType" not in user
    assert user["RAX-AUTH:multiFactorState"] == "ACTIVE"


def test_state_may_be_absent_until_the_account_has_been_locked(service: Service) -> None:
    service.enroll("alice")
    service.control.behave(missing_mfa_state="until_locked")
    assert "RAX-AUTH:multiFactorState" not in service.shown_user("alice")
    service.fail_logins("alice", 3)
    assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "LOCKED"
    service.put("alice", service.key_token("admin"), unlock=True)
    assert service.shown_user("alice")["RAX-AUTH:multiFactorState"] == "ACTIVE"


@pytest.mark.parametrize("path", ["/users/{id}", "/users?name=alice", "/users"])
def test_own_record_holds_a_secret_that_is_none_of_ours(service: Service, path: str) -> None:
    pin = service.control.user("alice")["phone_pin"]
    full = path.format(id=service.user_id("alice"))
    assert pin in service.call("GET", full, token=service.key_token("alice")).text
    assert pin not in service.call("GET", full, token=service.key_token("admin")).text
    assert pin in service.control.secrets()
    assert {pin, "alice@example.com"} <= set(service.control.canaries())
