# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP rules of the design, over real sockets: what is sent again and what is not, and what no error text says."""

from __future__ import annotations

import socket
from contextlib import nullcontext

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api import transport as transport_module
from ansible_collections.rackspace.identity.plugins.module_utils.api.connections import Exchange
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    LostAnswer,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat, Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.api.transports import (
    CANARY,
    LOST,
    PATH,
    assert_tells_nothing,
    closed_port,
    transport_to,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

SLOW_DOWN = {"413": Reply(413), "429": Reply(429), "413 with Retry-After": Reply(413, headers={"Retry-After": "7"})}
BROKEN = {
    "500": Reply(500, {"identityFault": {"code": 500, "message": "no"}}),
    "502 in HTML": Reply(502, b"<html>Bad gateway</html>"),
    "503 with Retry-After": Reply(503, headers={"Retry-After": "7"}),
}
TROUBLE = SLOW_DOWN | BROKEN | LOST


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_may_be_carried_out_twice_is_sent_until_it_is_answered(trouble: str) -> None:
    reply = TROUBLE[trouble]
    with serving(reply, reply, Reply(200, {"done": True})) as server:
        answer = transport_to(server.url).send("PUT", "/x", json={"a": 1}, repeat=Repeat.SAFELY)
    assert (answer.status, answer.body) == (200, b'{"done": true}')
    assert [(seen.method, seen.body) for seen in server.seen] == [("PUT", {"a": 1})] * 3


@pytest.mark.parametrize("repeat", [Repeat.IF_NOT_DONE, Repeat.NEVER], ids=lambda repeat: repeat.name)
@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_may_have_been_done_is_sent_again_after_a_rate_limit_alone(trouble: str, repeat: Repeat) -> None:
    again = trouble in SLOW_DOWN and repeat is Repeat.IF_NOT_DONE
    end = pytest.raises(LostAnswer) if trouble in LOST else nullcontext()
    with end, serving(TROUBLE[trouble], Reply(201)) as server:
        answer = transport_to(server.url).send("POST", "/x", repeat=repeat)
        assert answer.status == (201 if again else TROUBLE[trouble].status)
    assert len(server.seen) == 1 + again


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 415])
def test_every_other_status_is_the_answer(status: int) -> None:
    told = {"aFault": {"code": status, "message": "no"}} if status >= 400 else None
    with serving(Reply(status, told)) as server:
        assert transport_to(server.url).send("GET", "/x").status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("repeat", "again"), [(Repeat.SAFELY, True), (Repeat.IF_NOT_DONE, True), (Repeat.NEVER, False)]
)
def test_a_refused_connection_was_not_sent(repeat: Repeat, again: bool) -> None:
    moments = Moments()
    with pytest.raises(ConnectionFailed) as caught:
        transport_to(f"http://127.0.0.1:{closed_port()}", moments, timeout=5).send("POST", PATH, repeat=repeat)
    assert not isinstance(caught.value, LostAnswer)
    assert bool(moments.slept) is again


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:{port}", "https://127.0.0.1:{port}", "http://no-such.invalid"])
def test_a_service_that_is_not_there_is_given_up_after_ten_seconds(endpoint: str) -> None:
    moments = Moments()
    transport = transport_to(endpoint.format(port=closed_port()), moments)
    with pytest.raises(ConnectionFailed, match="auth_endpoint"):
        transport.send("GET", "/x")
    assert 2 < sum(moments.slept) < 10


def test_a_service_that_breaks_off_is_asked_for_as_long_as_the_time_limit_says() -> None:
    moments = Moments()
    with serving(*[LOST["closed"]] * 50) as server, pytest.raises(LostAnswer):
        transport_to(server.url, moments).send("GET", "/x")
    assert sum(moments.slept) > 10


@pytest.mark.parametrize(("repeat", "seconds"), [(Repeat.SAFELY, 30.0), (Repeat.IF_NOT_DONE, 60.0)])
def test_what_may_be_sent_once_may_take_all_the_time(
    repeat: Repeat, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []
    begin = Exchange.begin

    def noting(exchange: Exchange, seconds: float) -> None:
        begun.append(seconds)
        begin(exchange, seconds)

    monkeypatch.setattr(Exchange, "begin", noting)
    with serving() as server:
        transport_to(server.url).send("GET", "/x", repeat=repeat)
    assert begun == [seconds]


def test_a_name_that_can_not_be_encoded_is_asked_for_all_the_same() -> None:
    with serving() as server:
        transport_to(server.url).send("GET", "/users", params={"name": "\ud800"})
    assert [seen.path for seen in server.seen] == ["/users?name=%3F"]


def test_pauses_are_told_when_a_request_takes_longer_than_five_seconds() -> None:
    moments, told = Moments(), list[str]()
    with serving(*[Reply(503)] * 5, Reply(200)) as server:
        transport_to(server.url, moments, tell=told.append).send("GET", PATH)
    assert len(moments.slept) == 5
    assert [line.partition(", for ")[0] for line in told] == [
        f"The service answered with HTTP status 503. Trying again in {pause:.0f} s" for pause in moments.slept[3:]
    ]
    assert CANARY not in "".join(told)


@pytest.mark.parametrize("seconds", [4, 5])
def test_what_the_service_asks_for_is_told_from_five_seconds_on(seconds: int) -> None:
    told: list[str] = []
    with serving(Reply(429, headers={"Retry-After": str(seconds)}), Reply(200)) as server:
        transport_to(server.url, tell=told.append).send("GET", PATH)
    line = "The service answered with HTTP status 429. Trying again in 5 s, for 60 s at most."
    assert told == ([line] if seconds == 5 else [])


def test_a_service_that_is_not_there_is_told_with_the_cause() -> None:
    told: list[str] = []
    with pytest.raises(ConnectionFailed) as caught:
        transport_to(f"http://127.0.0.1:{closed_port()}", tell=told.append).send("GET", PATH)
    assert told
    assert told[0].startswith(f"{caught.value.message} Trying again in ")
    assert CANARY not in "".join(told)


def test_the_pauses_grow_and_end_with_the_time_limit() -> None:
    moments = Moments()
    with serving(*[Reply(503)] * 50) as server:
        assert transport_to(server.url, moments).send("GET", "/x").status == 503
    assert sum(moments.slept) < 60
    assert len(server.seen) == len(moments.slept) + 1 >= 9
    assert 0.3 < moments.slept[0] < 0.7
    assert all(5 < pause <= 10 for pause in moments.slept[5:])


@pytest.mark.parametrize("status", [413, 429, 503])
def test_retry_after_is_waited_for(status: int) -> None:
    moments = Moments()
    with serving(Reply(status, headers={"Retry-After": "7"})) as server:
        assert transport_to(server.url, moments).send("GET", "/x").status == 200
    assert moments.slept == [7]


def test_retry_after_beyond_the_time_limit_is_the_answer_at_once() -> None:
    moments = Moments()
    with serving(Reply(429, headers={"Retry-After": "61"})) as server:
        answer = transport_to(server.url, moments).send("GET", "/x")
    assert (answer.status, answer.headers["retry-after"], moments.slept) == (429, "61", [])


def test_what_no_repeat_helps_is_not_repeated_until_the_timeout() -> None:
    moments = Moments()
    with serving(*[Reply(413, b"<html>")] * 50) as server:
        assert transport_to(server.url, moments, timeout=600.0).send("GET", "/x").status == 413
    assert len(server.seen) == 4
    assert sum(moments.slept) < 10


def test_the_tries_are_bounded_whatever_the_timeout() -> None:
    with serving(*[Reply(503)] * 50) as server:
        assert transport_to(server.url, timeout=86_400.0).send("GET", "/x").status == 503
    assert len(server.seen) == 20


def test_an_answer_that_does_not_come_in_time_is_lost() -> None:
    with serving(Reply(how="stalled")) as server, pytest.raises(LostAnswer):
        transport_to(server.url, timeout=0.2).send("GET", "/x")
    assert len(server.seen) == 1


def test_what_hangs_leaves_time_for_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "_SHORTEST_TRY", 0.1)
    with serving(Reply(how="stalled"), Reply(200, {"a": 1})) as server:
        transport = Transport(server.url, timeout=1.5, sleep=lambda _seconds: None)
        assert transport.send("GET", "/x").status == 200
    assert len(server.seen) == 2


@pytest.mark.parametrize("body", [b"<html>", b"", b" \n"], ids=["a page", "empty", "blank"])
@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize(("repeat", "tries"), [(Repeat.SAFELY, 2), (Repeat.IF_NOT_DONE, 1), (Repeat.NEVER, 1)])
def test_a_page_of_a_gateway_is_doubted_once(status: int, repeat: Repeat, tries: int, body: bytes) -> None:
    with serving(*[Reply(status, body)] * 3) as server:
        assert transport_to(server.url).send("POST", "/x", repeat=repeat).status == status
    assert len(server.seen) == tries


def test_redirects_are_not_followed() -> None:
    with serving() as elsewhere, serving(Reply(302, headers={"Location": f"{elsewhere.url}/taken"})) as server:
        assert transport_to(server.url).send("GET", "/x", headers={"X-Auth-Token": CANARY}).status == 302
    assert (len(server.seen), elsewhere.seen) == (1, [])


def test_the_service_is_told_what_the_contract_asks_for() -> None:
    with serving() as server:
        transport_to(server.url).send("POST", "/x", json={"a": "ü"}, params={"name": "a b&c"})
    (seen,) = server.seen
    assert (seen.headers["Accept"], seen.headers["Content-Type"]) == ("application/json", "application/json")
    assert (seen.path, seen.body) == ("/x?name=a+b%26c", {"a": "ü"})


@pytest.fixture(name="connected")
def _connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that connections are made to."""
    connected: list[tuple[str, int]] = []
    original = socket.socket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return connected


@pytest.mark.parametrize(("fresh", "connections"), [((False, False, False), 1), ((False, True, False), 2)])
def test_one_connection_is_kept_unless_a_fresh_one_is_asked_for(
    connected: list[tuple[str, int]], fresh: tuple[bool, ...], connections: int
) -> None:
    with serving() as server:
        transport = transport_to(server.url)
        for is_fresh in fresh:
            transport.send("GET", "/x", fresh=is_fresh)
        transport.close()
    assert len(connected) == connections


@pytest.mark.parametrize(
    ("first", "repeat", "connections"),
    [
        (Reply(200), Repeat.IF_NOT_DONE, 1),
        (LOST["closed"], Repeat.IF_NOT_DONE, 3),
        (LOST["closed"], Repeat.NEVER, 3),
        (LOST["closed"], Repeat.SAFELY, 2),
    ],
    ids=["no trouble", "if it was not done", "once", "it may be repeated"],
)
def test_after_a_lost_answer_what_may_be_sent_once_has_a_connection_of_its_own(
    connected: list[tuple[str, int]], first: Reply, repeat: Repeat, connections: int
) -> None:
    """Something on the way may break each connection when it is used again."""
    with serving(first) as server:
        transport = transport_to(server.url)
        transport.send("GET", "/x")
        transport.send("POST", "/x", repeat=repeat)
        transport.close()
    assert len(connected) == connections


def test_each_answer_tells_the_time_also_one_that_is_repeated() -> None:
    moments = Moments(now=500.0)
    with serving(Reply(503), Reply(400)) as server:
        transport = transport_to(server.url, moments)
        transport.send("GET", "/x")
    assert transport.clock.known
    earliest, latest = transport.clock.now()
    assert 1_700_000_000 < earliest <= latest <= earliest + 1


def test_cookies_are_not_kept() -> None:
    with serving(Reply(200, headers={"Set-Cookie": f"a={CANARY}; Path=/"})) as server:
        transport = transport_to(server.url)
        transport.send("GET", "/x")
        transport.send("GET", "/x")
    assert ["Cookie" in seen.headers for seen in server.seen] == [False, False]


@pytest.mark.parametrize("trouble", LOST)
def test_the_error_of_a_lost_answer_tells_no_token(trouble: str) -> None:
    with serving(LOST[trouble]) as server, pytest.raises(LostAnswer, match="may have been carried out") as caught:
        transport_to(server.url).send("GET", PATH, headers={"X-Auth-Token": CANARY}, repeat=Repeat.NEVER)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:{port}", "nothing was sent"),
        ("http://no-such-host.invalid", "http://no-such-host.invalid does not resolve: nothing was sent"),
        ("http://127.0.0.1:99999", "nothing was sent"),
        ("http://a..b", "nothing was sent"),
        ("ftp://a", "nothing was sent"),
    ],
)
def test_the_error_of_an_endpoint_that_is_not_there_tells_no_token(endpoint: str, words: str) -> None:
    transport = transport_to(endpoint.format(port=closed_port()), timeout=0.1)
    with pytest.raises(ConnectionFailed, match=words) as caught:
        transport.send("GET", PATH)
    assert_tells_nothing(caught.value)
    assert not isinstance(caught.value, LostAnswer)


@pytest.mark.parametrize("token", [f"{CANARY}\n", f"{CANARY}\r\nX-Other: a", f"{CANARY}中"])
def test_a_token_that_is_no_header_is_an_error_that_does_not_repeat_it(token: str) -> None:
    with serving() as server, pytest.raises(ConnectionFailed, match="line break") as caught:
        transport_to(server.url, timeout=0.1).send("GET", "/x", headers={"X-Auth-Token": token})
    assert_tells_nothing(caught.value)
    assert server.seen == []
