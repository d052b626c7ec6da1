# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real HTTP server on loopback that answers by a script, one entry a request, and keeps what it was asked."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer. `how`: `whole`, `truncated`, or none at all: `reset`, `closed`, `stalled` (until it is given up).

    `raw`: the body is all that is sent, head included; `dripping`: the same, a byte now and then.

    `tunnel`: what a proxy does after a CONNECT.

    `more_headers` are for a name that stands there several times.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "whole"
    more_headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Seen:
    """One request, as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class FixtureServer:
    """Answers the first requests by `replies`, all later ones with 200."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.seen: list[Seen] = []
        self.ended = threading.Event()
        self.url = ""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_unused: object) -> None:
        """Connections break on purpose here: no traceback."""


class Service:
    """A service that is told beforehand what it will be asked, and in which order."""

    def __init__(self, server: FixtureServer) -> None:
        self._server = server
        self.url = server.url
        self.calls = server.seen
        self.expected: list[str] = []

    def expect(self, line: str, status: int = 200, **reply: Any) -> None:
        """The next request, as in `GET /v2.0/users?name=jo`, and what it is answered with (`Reply`)."""
        self.expected.append(line)
        self._server.replies.append(Reply(status, **reply))


@contextmanager
def serving(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[FixtureServer]:
    """Serve until the block ends."""
    fixture = FixtureServer(*replies)
    server = _Server(("127.0.0.1", 0), _handler(fixture))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    fixture.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield fixture
    finally:
        fixture.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fixture: FixtureServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_unused: object) -> None:
            """Say nothing."""

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fixture.seen.append(Seen(self.command, self.path, dict(self.headers), json.loads(raw) if raw else None))
            reply = fixture.replies.pop(0) if fixture.replies else Reply()
            if reply.how == "stalled":
                fixture.ended.wait(5)
            if reply.how == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if reply.how in _WRITTEN:
                _WRITTEN[reply.how](self, reply, fixture)
            self.close_connection = reply.how != "whole"

    for method in ("GET", "PUT", "POST", "DELETE", "CONNECT"):
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def _write(handler: BaseHTTPRequestHandler, reply: Reply, _fixture: FixtureServer) -> None:
    body = reply.body if isinstance(reply.body, bytes) else b"" if reply.body is None else _json(reply.body)
    handler.send_response_only(reply.status)
    headers = {"Date": handler.date_time_string()} | dict(reply.headers)
    for name, value in [*headers.items(), *reply.more_headers]:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) + (100 if reply.how == "truncated" else 0)))
    handler.end_headers()
    handler.wfile.write(body)


def _write_raw(handler: BaseHTTPRequestHandler, reply: Reply, _fixture: FixtureServer) -> None:
    handler.wfile.write(reply.body)


def _drip(handler: BaseHTTPRequestHandler, reply: Reply, fixture: FixtureServer) -> None:
    for byte in reply.body:
        if fixture.ended.wait(0.02):
            return
        handler.wfile.write(bytes([byte]))


def _tunnel(handler: BaseHTTPRequestHandler, _reply: Reply, fixture: FixtureServer) -> None:
    """Pass bytes on to the server that was asked for, and back, until one of the two has no more."""
    host, _colon, port = handler.path.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as server:
        handler.send_response_only(200)
        handler.end_headers()
        other_end = {handler.connection: server, server: handler.connection}
        while not fixture.ended.is_set():
            for end in select.select(list(other_end), [], [], 0.05)[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                other_end[end].sendall(data)


_WRITTEN = {"whole": _write, "truncated": _write, "raw": _write_raw, "dripping": _drip, "tunnel": _tunnel}
