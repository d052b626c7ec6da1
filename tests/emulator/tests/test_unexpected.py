# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not expected: every answer is JSON with the emulator's own `Date`, and nothing is stored by accident."""

from __future__ import annotations

import json
import socket
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator import Emulator, routes
from emulator.call import Call

from .helpers import Service, assert_refused


def exchange(service: Service, request: bytes) -> tuple[bytes, bytes]:
    """The head and the body that come back for these bytes."""
    address = urlsplit(service.emulator.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _unused, body = received.partition(b"\r\n\r\n")
    return head, body


def assert_json_with_own_date(service: Service, head: bytes, body: bytes) -> dict[str, Any]:
    """JSON, and the `Date` of the emulator's clock."""
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert lines["Content-Type"] == "application/json"
    assert parsedate_to_datetime(lines["Date"]).timestamp() == service.control.now()
    return dict(json.loads(body))


# What a server has not read when it refuses is reset, and the answer may be lost with it: so each comes at one blow.
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"\x16\x03\x01 no HTTP\r\n\r\n", id="bytes"),
        pytest.param(b"GET /v2.0/users HTTP/1.1\r\nno header\r\n\r\n", id="header-without-colon"),
        pytest.param(b"POST /v2.0/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", id="length"),
        pytest.param(b"GET /v2.0/users HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20000 + b"\r\n\r\n", id="long-header"),
        pytest.param(b"GET " + b"/x" * 10000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="long-path"),
    ],
)
def test_request_that_is_no_http(service: Service, request_: bytes) -> None:
    head, body = exchange(service, request_)
    assert head.startswith(b"HTTP/1.")
    assert_json_with_own_date(service, head, body)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("OPTIONS * HTTP/1.1", 404),
        ("GET http://elsewhere/v2.0/users HTTP/1.1", 401),
        ("GET //v2.0/users HTTP/1.1", 404),
        ("GET /v2.0/users/%ED%A0%80 HTTP/1.1", 401),
        ("GET /v2.0/users?name=%ED%A0%80&name=%FF HTTP/1.1", 401),
        ("GET /v2.0/users HTTP/1.0", 401),
        ("GET /v2.0/users HTTP/1.1\r\nExpect: wonders", 417),
        ("GET /v2.0/users HTTP/1.1\r\nX-Auth-Token: \xff\xfe", 401),
    ],
)
def test_odd_request_line(service: Service, line: str, status: int) -> None:
    head, body = exchange(service, f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
    assert head.split()[1] == str(status).encode()
    assert next(iter(assert_json_with_own_date(service, head, body).values()))["code"] == status


def test_body_is_asked_for_when_the_client_waits(service: Service) -> None:
    body = b'{"auth": {}}'
    request = b"POST /v2.0/tokens HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
    request += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    head, rest = exchange(service, request)
    assert head == b"HTTP/1.1 100 Continue"
    assert rest.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r'{"RAX-AUTH:otpDevice": {"name": "a\ud800b"}}', id="half-of-a-pair"),
        pytest.param(r'{"RAX-AUTH:otpDevice": {"na\udfffme": "n"}}', id="half-of-a-pair-in-a-key"),
        pytest.param('{"RAX-AUTH:otpDevice": {"name": NaN}}', id="nan"),
        pytest.param('{"RAX-AUTH:otpDevice": {"name": -Infinity}}', id="infinity"),
        pytest.param('{"RAX-AUTH:otpDevice": {"name": %s}}' % ("9" * 5000), id="long-number"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_text_that_is_no_text_is_refused_before_anything_is_stored(service: Service, text: str) -> None:
    path, headers = service.mfa("alice", "/otp-devices"), {"Content-Type": "application/json"}
    answer = service.call("POST", path, None, service.key_token("alice"), headers, data=text)
    assert_refused(answer, 400, "badRequest")
    assert service.stored("alice") == 0


def test_whole_pair_is_text(service: Service) -> None:
    assert service.create("alice", "\N{LOCK}")["name"] == "\N{LOCK}"


def test_body_that_is_too_large_is_refused(service: Service) -> None:
    answer = service.call("POST", "/tokens", {"auth": "x" * 2_000_000})
    assert_refused(answer, 413, "overLimit")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == service.control.now()


def test_error_of_the_emulator_itself_is_the_fault_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_call: Call) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(routes, "ROUTES", (routes.Route("GET", "/v2.0/users", broken),))
    with Emulator() as emulator:
        service = Service(emulator)
        service.control.freeze(1_900_000_000)
        answer = service.call("GET", "/users")
        assert_refused(answer, 500, "identityFault")
        assert answer.headers["Content-Type"] == "application/json"
        assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == 1_900_000_000
        assert service.control.requests()[-1]["status"] == 500
        assert "ZeroDivisionError" in service.control.state()["unexpected"][0]


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ("", True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/html, application/json;q=0.1", True),
        ("application/*", True),
        ("*/*;q=0.5", True),
        ("text/html, */*", True),
        ("application/xml", False),
        ("text/*", False),
        ("application/json;q=0", False),
        ("application/json;q=0, */*", False),
        ("*/*;q=0", False),
        ("application/json;q=much", False),
        ("application/jsonp", False),
        ("application/vnd.example+json", False),
    ],
)
def test_accept_by_its_rules(service: Service, accept: str, accepted: bool) -> None:
    answer = service.call("GET", "/users", token=service.key_token("alice"), headers={"Accept": accept})
    if accepted:
        assert answer.status_code == 200
    else:
        assert_refused(answer, 406, "notAcceptable")
