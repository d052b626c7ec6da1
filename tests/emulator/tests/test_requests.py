# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contract, head and Faults: requests are read strictly, and refusals have one shape."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from .helpers import PASSWORD, Service, assert_refused

CREDENTIALS = {"username": "alice", "password": "alice-pw"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no-root"),
        pytest.param([], id="list"),
        pytest.param({"Auth": {PASSWORD: CREDENTIALS}}, id="root-in-other-case"),
        pytest.param({"auth": {PASSWORD: CREDENTIALS}, "more": 1}, id="second-root"),
        pytest.param({"auth": []}, id="root-is-a-list"),
        pytest.param({"auth": {PASSWORD: CREDENTIALS, "more": 1}}, id="unknown-member"),
        pytest.param({"auth": {PASSWORD: {**CREDENTIALS, "more": 1}}}, id="unknown-inner-member"),
        pytest.param({"auth": {"passwordcredentials": CREDENTIALS}}, id="member-in-other-case"),
        pytest.param({"auth": {PASSWORD: {"username": "alice"}}}, id="no-password"),
        pytest.param({"auth": {PASSWORD: {"username": "alice", "password": 1}}}, id="password-is-a-number"),
        pytest.param({"auth": {PASSWORD: {"username": " ", "password": "x"}}}, id="blank-name"),
        pytest.param({"auth": {}}, id="no-credentials"),
    ],
)
def test_wrong_body_is_refused(service: Service, body: Any) -> None:
    assert_refused(service.call("POST", "/tokens", body), 400, "badRequest")


@pytest.mark.parametrize(
    "text", ["", "{", '{"auth": {}, "auth": {}}', "\xff"], ids=["empty", "open", "double", "bytes"]
)
def test_body_that_is_no_json_is_refused(service: Service, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = service.call("POST", "/tokens", headers=headers, data=text.encode("latin-1"))
    assert_refused(answer, 400, "badRequest", "Invalid json")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_other_content_type_is_refused(service: Service, media_type: str) -> None:
    answer = service.call("POST", "/tokens", headers={"Content-Type": media_type}, data="{}")
    assert_refused(answer, 415, "badMediaType")


def test_content_type_may_have_a_charset(service: Service) -> None:
    body = {"auth": {PASSWORD: CREDENTIALS}}
    answer = service.call("POST", "/tokens", body, headers={"Content-Type": "application/json; charset=UTF-8"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/tokens"), ("PUT", "/tokens/x"), ("POST", "/users"), ("PATCH", "/users/x"), ("HEAD", "/users")],
)
def test_other_method_is_refused(service: Service, method: str, path: str) -> None:
    answer = service.call(method, path)
    assert answer.status_code == 405
    assert "Allow" in answer.headers


@pytest.mark.parametrize("path", ["/", "/Users", "/users/", "/users/x/rax-auth/multi-factor", "/users/x/y"])
def test_unknown_path_is_not_found(service: Service, path: str) -> None:
    assert_refused(service.call("GET", path, token=service.key_token("admin")), 404, "itemNotFound")


@pytest.mark.parametrize("token", [None, "wrong"], ids=["missing", "unknown"])
@pytest.mark.parametrize("path", ["/users", "/tokens/x", "/RAX-AUTH/domains/100"])
def test_call_without_a_live_token_is_unauthorized(service: Service, path: str, token: str | None) -> None:
    assert_refused(service.call("GET", path, token=token), 401, "unauthorized", "No valid token")


def test_every_answer_carries_the_date_of_the_service(service: Service) -> None:
    service.control.freeze(1_900_000_000.9)
    for answer in (service.call("GET", "/nowhere"), service.by_api_key("alice"), service.call("GET", "/users")):
        assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["Date"])
        assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == 1_900_000_000


def test_messages_may_have_a_prefix(service: Service) -> None:
    service.control.behave(error_prefix=True)
    assert_refused(service.call("GET", "/users"), 401, "unauthorized", "Error code: 'EMU-401'; No valid token")


@pytest.mark.parametrize(("style", "end"), [("always", "required."), ("never", "required"), ("documented", "required")])
def test_messages_end_with_or_without_a_full_stop(service: Service, style: str, end: str) -> None:
    service.enroll("alice")
    service.control.behave(full_stop=style)
    message = service.by_password("alice").json()["unauthorized"]["message"]
    assert message.endswith(end)


@pytest.mark.parametrize("limit", ["413", "429", "413_bare", "429_bare"])
def test_rate_limit_refuses_every_nth_request_before_the_work(service: Service, token: str, limit: str) -> None:
    service.control.behave(rate_limit=limit, rate_limit_every=2, retry_after=7)
    answers = [service.add_device("alice", "n", token) for _unused in range(4)]
    assert [answer.status_code for answer in answers] == [201, int(limit[:3]), 201, int(limit[:3])]
    assert service.stored("alice") == 2
    assert answers[1].headers.get("Retry-After") == (None if limit.endswith("bare") else "7")
    assert list(answers[1].json()) == ["overLimit"]
    assert [entry["fault"] for entry in service.control.requests()[-2:]] == [None, "rate_limit"]


@pytest.mark.parametrize(
    ("form", "header", "member"),
    [
        ("seconds", "7", None),
        ("date", "Sun, 17 Mar 2030 17:46:52 GMT", None),
        ("body", None, 7),
        ("body_date", None, "2030-03-17T17:46:52+00:00"),
    ],
)
def test_rate_limit_tells_in_one_of_four_forms_when_to_try_again(
    service: Service, form: str, header: str | None, member: object
) -> None:
    service.control.behave(rate_limit="413", rate_limit_every=2, retry_after=7, retry_after_form=form)
    answer = [service.call("GET", "/users") for _unused in range(2)][1]
    assert answer.headers.get("Retry-After") == header
    assert answer.json()["overLimit"].get("retryAfter") == member


def test_documented_style_writes_keys_in_lower_case_and_booleans_as_text(service: Service) -> None:
    service.control.behave(key_style="documented")
    user = service.shown_user("alice")
    assert user["enabled"] == "true"
    assert user["rax-auth:multiFactorEnabled"] == "false"
    assert not [key for key in user if key.startswith("RAX")]
