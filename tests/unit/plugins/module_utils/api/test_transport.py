# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP rules of the design, over real sockets: what is sent again and what is not, and what no error text says."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import time
import traceback
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.rackspace.identity.plugins.module_utils.api import transport as transport_module
from ansible_collections.rackspace.identity.plugins.module_utils.api.clock import ServiceClock
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    IdentityError,
    InvalidAnswer,
    LostAnswer,
    OptionError,
    TlsFailed,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat, Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

CANARY = "canary-token"
PATH = f"/v2.0/tokens/{CANARY}"
SLOW_DOWN = {"413": Reply(413), "429": Reply(429), "413 with Retry-After": Reply(413, headers={"Retry-After": "7"})}
BROKEN = {
    "500": Reply(500, {"identityFault": {"code": 500, "message": "no"}}),
    "502 in HTML": Reply(502, b"<html>Bad gateway</html>"),
    "503 with Retry-After": Reply(503, headers={"Retry-After": "7"}),
}
LOST = {how: Reply(200, {"a": 1}, how=how) for how in ("reset", "closed", "truncated")}


def transport_to(url: str, moments: Moments | None = None, **how: Any) -> Transport:
    moments = moments or Moments()
    return Transport(url, clock=ServiceClock(moments.monotonic), sleep=moments.sleep, **{"timeout": 60.0, **how})


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("trouble", [*SLOW_DOWN, *BROKEN, *LOST])
def test_what_may_be_carried_out_twice_is_sent_until_it_is_answered(trouble: str, method: str) -> None:
    reply = (SLOW_DOWN | BROKEN | LOST)[trouble]
    with serving(reply, reply, Reply(200, {"done": True})) as server:
        answer = transport_to(server.url).send(method, "/x", json={"a": 1}, repeat=Repeat.SAFELY)
    assert (answer.status, answer.body) == (200, b'{"done": true}')
    assert [(seen.method, seen.body) for seen in server.seen] == [(method, {"a": 1})] * 3


@pytest.mark.parametrize("trouble", SLOW_DOWN)
def test_a_creation_is_sent_again_after_a_rate_limit(trouble: str) -> None:
    with serving(SLOW_DOWN[trouble], Reply(201)) as server:
        assert transport_to(server.url).send("POST", "/x", repeat=Repeat.IF_NOT_DONE).status == 201
    assert len(server.seen) == 2


@pytest.mark.parametrize("repeat", [Repeat.IF_NOT_DONE, Repeat.NEVER], ids=lambda repeat: repeat.name)
@pytest.mark.parametrize("trouble", BROKEN)
def test_what_may_have_been_done_is_not_sent_again_after_a_5xx(trouble: str, repeat: Repeat) -> None:
    with serving(BROKEN[trouble]) as server:
        assert transport_to(server.url).send("POST", "/x", repeat=repeat).status == BROKEN[trouble].status
    assert len(server.seen) == 1


@pytest.mark.parametrize("repeat", [Repeat.IF_NOT_DONE, Repeat.NEVER], ids=lambda repeat: repeat.name)
@pytest.mark.parametrize("trouble", LOST)
def test_what_may_have_been_done_is_not_sent_again_after_a_lost_answer(trouble: str, repeat: Repeat) -> None:
    with serving(LOST[trouble]) as server, pytest.raises(LostAnswer):
        transport_to(server.url).send("POST", "/x", repeat=repeat)
    assert len(server.seen) == 1


@pytest.mark.parametrize("trouble", SLOW_DOWN)
def test_what_may_be_sent_once_is_not_sent_again_even_after_a_rate_limit(trouble: str) -> None:
    with serving(SLOW_DOWN[trouble]) as server:
        assert transport_to(server.url).send("POST", "/x", repeat=Repeat.NEVER).status == SLOW_DOWN[trouble].status
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 415])
def test_every_other_status_is_the_answer(status: int) -> None:
    with serving(Reply(status)) as server:
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


def test_a_retry_after_without_end_is_no_defect() -> None:
    with serving(Reply(429, headers={"Retry-After": "9" * 5000})) as server:
        assert transport_to(server.url).send("GET", "/x").status == 200


def test_retry_after_as_a_date_is_counted_from_the_date_of_the_answer() -> None:
    moments = Moments()
    now, then = "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:09 GMT"
    with serving(Reply(429, headers={"Date": now, "Retry-After": then})) as server:
        assert transport_to(server.url, moments).send("GET", "/x").status == 200
    assert moments.slept == [10]


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


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize(("repeat", "tries"), [(Repeat.SAFELY, 2), (Repeat.IF_NOT_DONE, 1), (Repeat.NEVER, 1)])
def test_a_page_of_a_gateway_is_doubted_once(status: int, repeat: Repeat, tries: int) -> None:
    with serving(*[Reply(status, b"<html>")] * 3) as server:
        assert transport_to(server.url).send("POST", "/x", repeat=repeat).status == status
    assert len(server.seen) == tries


def test_redirects_are_not_followed() -> None:
    with serving() as elsewhere, serving(Reply(302, headers={"Location": f"{elsewhere.url}/taken"})) as server:
        assert transport_to(server.url).send("GET", "/x", headers={"X-Auth-Token": CANARY}).status == 302
    assert (len(server.seen), elsewhere.seen) == (1, [])


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login jo password from-netrc\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as server:
        transport_to(server.url).send("GET", "/x")
    assert ["Authorization" in seen.headers for seen in server.seen] == [False]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_is_honored(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://the.process.invalid")
    with serving() as proxy:
        transport_to("http://identity.example.com", environ={name: proxy.url}).send("GET", "/x")
    assert [seen.path for seen in proxy.seen] == ["http://identity.example.com/x"]


def test_the_environment_of_the_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://the.process.invalid")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with serving() as server:
        assert transport_to(server.url).send("GET", "/x").status == 200


def test_a_proxy_may_be_an_address_alone_and_is_told_who_asks() -> None:
    with serving() as proxy:
        environ = {"http_proxy": proxy.url.replace("http://", "jo:pass%40word@")}
        transport_to("http://identity.example.com", environ=environ).send("GET", "/x")
    (seen,) = proxy.seen
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["proxy-authorization"] == "Basic " + b64encode(b"jo:pass@word").decode()


def test_no_proxy_is_honored() -> None:
    with serving() as proxy, serving() as server:
        transport_to(server.url, environ={"http_proxy": proxy.url, "NO_PROXY": "127.0.0.0/8"}).send("GET", "/x")
    assert (proxy.seen, len(server.seen)) == ([], 1)


@pytest.mark.parametrize("endpoint", ["http://identity.example.com", "https://identity.example.com"])
def test_a_proxy_that_is_down_means_that_nothing_was_sent(endpoint: str) -> None:
    address = f"http://jo:{CANARY}@127.0.0.1:{closed_port()}"
    with pytest.raises(ConnectionFailed, match=r"proxy.*refused.*https_proxy") as caught:
        transport_to(endpoint, timeout=0.1, environ={"all_proxy": address}).send("GET", "/x")
    assert not isinstance(caught.value, LostAnswer)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize(("status", "words"), [(403, "opens no connection"), (407, "a user name and a password")])
def test_a_proxy_that_opens_no_tunnel_means_that_nothing_was_sent(status: int, words: str) -> None:
    with serving(Reply(status)) as proxy:
        transport = transport_to("https://identity.example.com", timeout=0.1, environ={"https_proxy": proxy.url})
        with pytest.raises(ConnectionFailed, match=words) as caught:
            transport.send("GET", PATH)
    assert [seen.method for seen in proxy.seen] == ["CONNECT"]
    assert not isinstance(caught.value, LostAnswer)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize("trouble", LOST)
def test_an_answer_that_is_lost_behind_a_proxy_is_lost(trouble: str) -> None:
    with serving(LOST[trouble]) as proxy, pytest.raises(LostAnswer):
        transport_to("http://identity.example.com", environ={"http_proxy": proxy.url}).send(
            "POST", PATH, repeat=Repeat.IF_NOT_DONE
        )
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("address", [f"socks5://jo:{CANARY}@127.0.0.1", f"http://jo:{CANARY}@:x", "ftp://127.0.0.1"])
def test_a_proxy_that_can_not_be_used_is_an_error_that_does_not_repeat_it(address: str) -> None:
    with pytest.raises(OptionError, match="no_proxy") as caught:
        transport_to("http://identity.example.com", environ={"http_proxy": address})
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_the_service_is_told_what_the_contract_asks_for() -> None:
    with serving() as server:
        transport_to(server.url).send("POST", "/x", json={"a": "ü"}, params={"name": "a b&c"})
    (seen,) = server.seen
    assert (seen.headers["Accept"], seen.headers["Content-Type"]) == ("application/json", "application/json")
    assert (seen.path, seen.body) == ("/x?name=a+b%26c", {"a": "ü"})


@pytest.mark.parametrize(("fresh", "connections"), [((False, False, False), 1), ((False, True, False), 2)])
def test_one_connection_is_kept_unless_a_fresh_one_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, fresh: tuple[bool, ...], connections: int
) -> None:
    connected = []
    original = socket.socket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with serving() as server:
        transport = transport_to(server.url)
        for is_fresh in fresh:
            transport.send("GET", "/x", fresh=is_fresh)
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


HEAD = b"HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 10:00:00 GMT\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNREADABLE = {
    "a broken chunk size": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "an unfinished chunk": CHUNKED + b"5\r\n{}",
    "no chunk at all": CHUNKED,
    "no gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone",
    "half a gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + gzip.compress(b"x" * 90)[:20],
    "no HTTP": b"SSH-2.0-OpenSSH_9.7\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nDat",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
    "a line without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
}


@pytest.mark.parametrize("repeat", [Repeat.IF_NOT_DONE, Repeat.NEVER], ids=lambda repeat: repeat.name)
@pytest.mark.parametrize("trouble", UNREADABLE)
def test_an_answer_that_can_not_be_read_is_a_lost_one(trouble: str, repeat: Repeat) -> None:
    with serving(Reply(how="raw", body=UNREADABLE[trouble])) as server, pytest.raises(LostAnswer) as caught:
        transport_to(server.url).send("POST", PATH, repeat=repeat)
    assert len(server.seen) == 1
    assert_tells_nothing(caught.value)


DRIPPING = {
    "its head": HEAD + b"X: y\r\n" * 50,
    "its body": HEAD + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000,
    "its chunks": CHUNKED + b"1\r\nx\r\n" * 100,
    "its status": b"HTTP/1.1 200 " + b"O" * 500,
    "nothing but interim answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20,
}


@pytest.mark.parametrize("part", DRIPPING)
def test_an_answer_that_drips_ends_with_the_time_limit(part: str) -> None:
    began = time.monotonic()
    with serving(Reply(how="dripping", body=DRIPPING[part])) as server:
        with pytest.raises(LostAnswer):
            transport_to(server.url, timeout=0.4).send("POST", "/x", repeat=Repeat.NEVER)
        assert time.monotonic() - began < 1


def test_a_proxy_that_drips_ends_with_the_time_limit() -> None:
    began = time.monotonic()
    with serving(Reply(how="dripping", body=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50)) as proxy:
        transport = transport_to("https://identity.example.com", timeout=0.4, environ={"all_proxy": proxy.url})
        with pytest.raises(ConnectionFailed, match="nothing was sent"):
            transport.send("POST", "/x", repeat=Repeat.NEVER)
        assert time.monotonic() - began < 1


@pytest.mark.parametrize("how", ["plain", "gzip", "deflate"])
def test_an_answer_without_end_is_an_invalid_one(how: str) -> None:
    body = b" " * (2 << 20)
    packed = {"plain": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}[how]
    headers = {} if how == "plain" else {"Content-Encoding": how}
    with serving(Reply(200, packed, headers=headers), Reply(200, packed, headers=headers)) as server:
        with pytest.raises(InvalidAnswer, match="larger than 1 MiB"):
            transport_to(server.url).send("GET", "/x")
        assert transport_to(server.url).send("GET", "/x", most_bytes=16 << 20).body == body
    assert len(server.seen) == 2


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "nonsense"])
def test_a_packing_that_was_not_asked_for_is_refused(encoding: str) -> None:
    reply = Reply(200, b"x", headers={"Content-Encoding": encoding})
    with serving(reply) as server, pytest.raises(InvalidAnswer, match="not asked for"):
        transport_to(server.url).send("GET", "/x")


def test_interim_answers_are_skipped() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    last = HEAD + b"Content-Length: 2\r\n\r\n{}"
    with serving(Reply(how="raw", body=hints + last)) as server:
        answer = transport_to(server.url).send("GET", "/x")
    assert (answer.status, answer.body, "Link" in answer.headers) == (200, b"{}", False)


@pytest.mark.parametrize("head", [b"no colon\r\n", b": no name\r\n", b"\r\n"], ids=["line", "name", "body"])
def test_no_log_holds_a_token(head: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    broken = b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 0\r\n\r\n"
    with serving(Reply(how="raw", body=broken), *LOST.values(), Reply(503)) as server:
        transport_to(server.url).send("GET", PATH)
    assert server.seen
    assert CANARY not in caplog.text


def test_other_users_of_the_library_log_as_before(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving() as server:
        transport_to(server.url)
        requests.get(f"{server.url}/other", timeout=5)
    assert "/other" in caplog.text


def test_cookies_are_not_kept() -> None:
    with serving(Reply(200, headers={"Set-Cookie": f"a={CANARY}; Path=/"})) as server:
        transport = transport_to(server.url)
        transport.send("GET", "/x")
        transport.send("GET", "/x")
    assert ["Cookie" in seen.headers for seen in server.seen] == [False, False]


def assert_tells_nothing(error: IdentityError) -> None:
    """No token, no path, no words of another library; nor by the chain, which newer cores print."""
    told = "".join([*traceback.format_exception(error), repr(error), str(error.as_failure())])
    assert CANARY not in told
    assert "/v2.0" not in told
    assert "urllib3" not in str(error)
    assert "requests" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize("trouble", LOST)
def test_the_error_of_a_lost_answer_tells_no_token(trouble: str) -> None:
    with serving(LOST[trouble]) as server, pytest.raises(LostAnswer, match="may have been carried out") as caught:
        transport_to(server.url).send("GET", PATH, headers={"X-Auth-Token": CANARY}, repeat=Repeat.NEVER)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:{port}", "http://no-such-host.invalid", "http://127.0.0.1:99999", "http://a..b", "ftp://a"],
)
def test_the_error_of_an_endpoint_that_is_not_there_tells_no_token(endpoint: str) -> None:
    transport = transport_to(endpoint.format(port=closed_port()), timeout=0.1)
    with pytest.raises(ConnectionFailed, match="nothing was sent") as caught:
        transport.send("GET", PATH)
    assert_tells_nothing(caught.value)
    assert not isinstance(caught.value, LostAnswer)


@pytest.mark.parametrize("token", [f"{CANARY}\n", f"{CANARY}\r\nX-Other: a", f"{CANARY}中"])
def test_a_token_that_is_no_header_is_an_error_that_does_not_repeat_it(token: str) -> None:
    with serving() as server, pytest.raises(ConnectionFailed, match="line break") as caught:
        transport_to(server.url, timeout=0.1).send("GET", "/x", headers={"X-Auth-Token": token})
    assert_tells_nothing(caught.value)
    assert server.seen == []


def test_tls_with_a_service_that_speaks_none_is_not_tried_again() -> None:
    moments = Moments()
    with serving() as server, pytest.raises(TlsFailed, match="does not speak TLS") as caught:
        transport_to(server.url.replace("http:", "https:"), moments).send("GET", PATH)
    assert (moments.slept, server.seen) == ([], [])
    assert_tells_nothing(caught.value)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[ssl.SSLContext, str]]:
    trustme = pytest.importorskip("trustme")

    def issue(name: str) -> tuple[ssl.SSLContext, str]:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        path = tmp_path_factory.mktemp("ca") / "ca.pem"
        authority.cert_pem.write_to_path(path)
        return context, str(path)

    return issue


def test_a_certificate_is_verified(certificates: Callable[[str], tuple[ssl.SSLContext, str]]) -> None:
    context, authority = certificates("127.0.0.1")
    moments = Moments()
    with serving(tls=context) as server:
        with pytest.raises(TlsFailed, match="could not be verified") as caught:
            transport_to(server.url, moments).send("GET", PATH)
        assert (moments.slept, server.seen) == ([], [])
        assert_tells_nothing(caught.value)
        assert transport_to(server.url, verify=authority).send("GET", "/x").status == 200


def test_a_certificate_that_need_not_be_verified_is_no_cause_for_a_warning(
    certificates: Callable[[str], tuple[ssl.SSLContext, str]], recwarn: pytest.WarningsRecorder
) -> None:
    context, _authority = certificates("elsewhere.example.com")
    with serving(tls=context) as server:
        assert transport_to(server.url, verify=False).send("GET", "/x").status == 200
    assert recwarn.list == []


def test_a_certificate_of_another_name_is_refused(
    certificates: Callable[[str], tuple[ssl.SSLContext, str]],
) -> None:
    context, authority = certificates("elsewhere.example.com")
    with serving(tls=context) as server, pytest.raises(TlsFailed):
        transport_to(server.url, verify=authority).send("GET", "/x")
    assert server.seen == []
