# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the service's JSON, from the shapes of the contract to those that no service should send."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    Conflict,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    NotFound,
    RateLimited,
    SetupRequired,
    TokenRefused,
    Unavailable,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.faults import refusal
from ansible_collections.rackspace.identity.plugins.module_utils.api.model import (
    Access,
    Device,
    Domain,
    Mfa,
    Phone,
    User,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import (
    Answer,
    attribute,
    boolean,
    fault,
    http_date,
    items,
    member,
    parse,
    retry_after,
    root,
    text,
)

ODD: tuple[Any, ...] = (None, [], {}, "", 0, 5, True, "text", [None], {"id": None}, {"id": []}, {"id": True})


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'"\\ud800'])
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    assert parse(body) is None
    assert fault(answer(body)).message == ""


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"RAX-AUTH:factorType": "OTP"}, "OTP"),
        ({"rax-auth:factorType": "OTP"}, "OTP"),
        ({"RAX-AUTH:FACTORTYPE": "OTP"}, "OTP"),
        ({"factorType": "OTP"}, "OTP"),
        ({"other": 1}, None),
        ([], None),
    ],
)
def test_attributes_are_read_without_regard_to_case_and_prefix(data: Any, value: str | None) -> None:
    assert attribute(data, "factorType") == value


@pytest.mark.parametrize(
    ("value", "is_true"),
    [(True, True), ("true", True), ("True ", True), (False, False), ("false", False), (None, False), (1, False)],
)
def test_booleans_come_as_strings_too(value: Any, is_true: bool) -> None:
    assert boolean(value) is is_true


def test_texts_numbers_and_lists() -> None:
    texts: tuple[Any, ...] = ("a", 5, True, None, 1.5, [])
    lists: tuple[Any, ...] = ([1], None, {}, "ab", 5)
    assert [text(value) for value in texts] == ["a", "5", None, None, None, None]
    assert [items({"x": value}, "x") for value in lists] == [[1], [], [], [], []]
    assert member({"A": 1}, "a") == 1


@pytest.mark.parametrize("value", ["", "soon", "Wed, 99 Foo 2026 07:28:00 GMT", "-1", "1.5", "9" * 5000, "\u0663"])
def test_a_retry_after_that_is_neither_seconds_nor_a_date_says_nothing(value: str) -> None:
    assert retry_after(answer({}, 413, **{"Retry-After": value})) is None


NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (" 12 ", 12),
        ("999999999", 86_400),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 31),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("99999999999", 86_400),
        ("9" * 100, 86_400),
        ("00000000012", 12),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_a_retry_after_is_in_seconds_or_a_date_and_bounded(value: str, seconds: int) -> None:
    assert retry_after(answer({}, 413, **{"Retry-After": value, "Date": NOW})) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (7, 7),
        ("7", 7),
        ("2026-10-21T07:28:09Z", 10),
        ("2026-10-21T09:28:09+02:00", 10),
        ("2026-10-21T07:28:09", 10),
        ([], None),
        (None, None),
    ],
)
def test_the_body_of_a_rate_limit_may_say_when_to_come_back(value: Any, seconds: int | None) -> None:
    body = {"overLimit": {"code": 413, "message": "slow down", "retryAfter": value}}
    assert retry_after(answer(body, 413, Date=NOW)) == seconds


def test_the_beginning_of_1970_is_a_date_too() -> None:
    dates = {"Retry-After": "Thu, 01 Jan 1970 00:00:30 GMT", "Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert retry_after(answer({}, 413, **dates)) == 31


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "Wed, 99 Foo 2026 07:28:00 GMT", "1790000000"),
        *("Fri, 31 Dec 99999 23:59:59 GMT", "Wed, 31 Dec 1969 23:00:00 GMT"),
    ],
)
def test_a_date_out_of_every_range_or_that_can_not_be_read_is_none(value: str) -> None:
    assert http_date(value) is None


def test_a_date_is_read_as_seconds() -> None:
    assert http_date("Thu, 01 Jan 1970 00:01:40 GMT") == 100.0


def test_a_date_is_in_gmt_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert http_date("Thu, 01 Jan 1970 00:00:07 -0000") == http_date("Thu, 01 Jan 1970 00:00:07 GMT") == 7
        assert retry_after(answer({"overLimit": {"retryAfter": "2026-10-21T07:28:09"}}, 413, Date=NOW)) == 10
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("body", [b"", b"<html>", {}, [], {"user": []}, {"users": {}}, 5])
def test_a_root_of_another_kind_is_an_invalid_answer(body: Any) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        root(answer(body), "user", dict, "Reading the user")
    assert caught.value.status == 200


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("kind", [Device, Phone, User, Domain, Access])
def test_odd_objects_are_invalid_answers_and_no_defects(kind: Any, data: Any) -> None:
    with pytest.raises(InvalidAnswer):
        kind.read(data)


@pytest.mark.parametrize("data", ODD)
def test_odd_members_of_a_login(data: Any) -> None:
    access = {
        "token": {"id": "t", "tenant": data, "RAX-AUTH:authenticatedBy": data},
        "user": {"id": "u", "roles": data},
    }
    assert Access.read(access).token == "t"
    with pytest.raises(InvalidAnswer):
        Access.read({"token": data, "user": {"id": "u"}} if not isinstance(data, dict) else {"token": data, "user": {}})


def test_state_of_a_user_as_the_guide_prints_it_and_as_the_service_does() -> None:
    guide = {"id": "1", "username": "a", "enabled": "true", "rax-auth:multiFactorEnabled": "true"}
    assert User.read({**guide, "rax-auth:factorType": "SMS", "rax-auth:multiFactorState": "LOCKED"}).mfa == Mfa(
        enabled=True, state="LOCKED", factor_type="SMS", enforcement_level="DEFAULT"
    )
    off = User.read({"id": 1, "name": "a", "RAX-AUTH:factorType": "OTP"})
    assert (off.id, off.name, off.enabled, off.mfa.enabled, off.mfa.factor_type) == ("1", "a", True, False, None)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"badRequest": {"code": 400, "message": "no"}}, Conflict),
        (401, {"unauthorized": {"code": 401, "message": "no"}}, TokenRefused),
        (403, {"forbidden": {"code": 403, "message": "no"}}, Forbidden),
        (403, {"userDisabled": {"code": 403, "message": "no"}}, Forbidden),
        (403, {"forbidden": {"code": 403, "message": "Error code: 'X'; User must setup multi-factor"}}, SetupRequired),
        (404, {"itemNotFound": {"code": 404, "message": "no"}}, NotFound),
        (413, {"overLimit": {"code": 413, "message": "no"}}, RateLimited),
        (418, b"<html>", InvalidAnswer),
        (429, b"", RateLimited),
        (500, {"identityFault": {"code": 500, "message": "no"}}, Unavailable),
        (503, {"serviceUnavailable": {"code": 503, "message": "no"}}, Unavailable),
        (302, b"", InvalidAnswer),
        (407, b"", InvalidAnswer),
        (400, b"<html>", InvalidAnswer),
        (401, b"<html>", InvalidAnswer),
        (403, b"", InvalidAnswer),
        (404, b"<html>", InvalidAnswer),
        (404, {"notFound": {"code": 404, "message": "no such route"}}, InvalidAnswer),
        (404, {"ITEMNOTFOUND": {"code": 404}}, NotFound),
    ],
)
def test_each_status_has_its_exception(status: int, body: Any, kind: type[IdentityError]) -> None:
    error = refusal(answer(body, status, **{"Retry-After": "7"}), "Doing it")
    assert isinstance(error, kind)
    assert error.kind == kind.kind
    assert (error.status, error.retry_after) == (status, 7)
    assert str(error).startswith("Doing it ")
    assert str(error).endswith(".")
    assert "<html>" not in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (404, {}, "O(auth_endpoint) has a wrong path"),
        (403, {}, "a firewall answered in the service's place"),
        (407, {}, "the proxy asks for a user name and a password"),
        (
            302,
            {"Location": "https://login.example.com:8443/t/canary?u=canary"},
            "to https://login.example.com:8443\u2026, w",
        ),
        (302, {"Location": "https://login.example.com/t/canary"}, "to https://login.example.com\u2026, which"),
        (302, {"Location": "https://login.example.com"}, "to https://login.example.com, which"),
        (302, {"Location": "canary://login.example.com"}, "was redirected, which"),
        (302, {"Location": "https://can%61ry canary.example.com"}, "was redirected, which"),
        (302, {"Location": "//login.example.com/canary"}, "was redirected, which"),
        (302, {"Location": "http://[broken"}, "was redirected, which"),
        (302, {"Location": "/canary"}, "was redirected, which"),
    ],
)
def test_what_is_not_the_service_is_named(status: int, headers: dict[str, str], words: str) -> None:
    told = str(refusal(answer(b"<html>", status, **headers), "Doing it"))
    assert words in told
    assert "auth_endpoint" in told or "https_proxy" in told
    assert "canary" not in told


def test_the_words_of_the_service_hold_nothing_that_moves_a_terminal() -> None:
    message = "\x1b[2J\x1b]0;title\x07a\u202eb\u2066\ud800c\x00\x9bd\x1b"
    told = fault(answer({"badRequest": {"code": 400, "message": message}}, 400))
    assert told.message == "a b c d"
