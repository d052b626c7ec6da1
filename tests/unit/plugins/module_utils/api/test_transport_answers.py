# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are read: in time, not too large, and with nothing of them in a log."""

from __future__ import annotations

import gzip
import logging
import time
import zlib

import pytest
import requests

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    InvalidAnswer,
    LostAnswer,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.faults import refusal
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.api.transports import (
    CANARY,
    LOST,
    PATH,
    assert_tells_nothing,
    transport_to,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving

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


@pytest.mark.parametrize("status", [200, 302])
def test_an_answer_is_given_up_as_soon_as_it_is_too_large(status: int) -> None:
    """The connection breaks after it: who had read on would have lost the answer."""
    head = HEAD.replace(b"200", str(status).encode()) + b"Location: /y\r\n"
    endless = head + b"Content-Length: 9999999999\r\n\r\n" + b" " * (2 << 20)
    with serving(Reply(how="raw", body=endless)) as server, pytest.raises(InvalidAnswer) as caught:
        transport_to(server.url).send("GET", "/x")
    assert caught.value.status == status


@pytest.mark.parametrize("location", [b"https://[::1/", b"https://host:99999999/", b"https://\xff\xfe/", b"http:// /"])
def test_a_redirect_to_no_address_is_a_redirect(location: bytes) -> None:
    raw = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    with serving(Reply(how="raw", body=raw)) as server:
        answer = transport_to(server.url).send("POST", "/x", repeat=Repeat.NEVER)
    assert "was redirected" in refusal(answer, "Trying").message


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
