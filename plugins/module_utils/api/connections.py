# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A `requests` session whose connections know their deadline and how far a request came. Private to the collection.

`requests` bounds each read, so a server that sends one byte now and then holds a task for as long as it likes. Here
every read, also of the headers, gets no more than what is left of the request's time. The connection also notes when
a request begins to be sent: the exceptions of the library do not tell whether the service may have carried it out.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import http.client
import io
import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from .errors import InvalidAnswer

if TYPE_CHECKING:
    from socket import socket

_CHATTY = ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry")
_MOST_INTERIM = 10
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_PIECE = 1 << 14
_LONGEST_LINE = 1 << 16
_WITHOUT_BODY = (204, 304)
_talking = contextvars.ContextVar("rackspace_identity_talking", default=False)


class Exchange:
    """One request on its way: when it must be over, how large its answer may be, and whether any of it was sent."""

    def __init__(self) -> None:
        self._deadline = 0.0
        self.most_bytes = 0
        self.was_sent = False
        self.is_connecting = False

    def begin(self, seconds: float) -> None:
        """Start a request that may take so many seconds."""
        self._deadline = time.monotonic() + seconds
        self.was_sent = self.is_connecting = False

    def left(self) -> float:
        """Return the seconds that are left.

        :raises TimeoutError: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _TimedReader(io.RawIOBase):
    """Reads from a socket, each time with what is left of the request's time."""

    def __init__(self, sock: socket, exchange: Exchange) -> None:
        super().__init__()
        self._sock = sock
        self._exchange = exchange
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._exchange.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reader(io.BufferedReader):
    """Notes when there is no further line, and reads none without end."""

    is_at_end = False

    def readline(self, size: int | None = -1, /) -> bytes:
        is_bounded = size is not None and size >= 0
        line = super().readline(size if is_bounded else _LONGEST_LINE + 1)
        self.is_at_end = not line
        if not is_bounded and len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
            raise http.client.LineTooLong("line of a chunk")  # urllib3 before 2.6 gives no size
        return line


class _Response(http.client.HTTPResponse):
    """An answer that is read in time, without the 1xx answers before it."""

    carried: Exchange

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self._head = self.fp = _Reader(_TimedReader(sock, self.carried))

    def begin(self) -> None:
        super().begin()
        if self._head.is_at_end:  # http.client takes half a head for a whole one
            raise http.client.RemoteDisconnected("in the middle of the head")
        for _interim in range(_MOST_INTERIM):
            if not 100 <= self.status < 200:
                break
            # Of the interim answers (103 and others) http.client skips only 100.
            vars(self).update(headers=None, msg=None)
            super().begin()


try:
    import requests
    import requests.adapters
    import urllib3.connection
    import urllib3.connectionpool
    import urllib3.exceptions
except ImportError as error:
    REQUESTS_MISSING: ImportError | None = error
else:
    REQUESTS_MISSING = None

    TROUBLE = (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError)
    """What a request may end in. The library's own exceptions are of these, and some are none of its own."""

    class _HttpConnection(urllib3.connection.HTTPConnection):
        """A connection whose exchange notes what is sent, and bounds what is read."""

        def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._exchange = exchange

            class Response(_Response):
                carried = exchange

            self.response_class = Response

        def connect(self) -> None:
            self._exchange.is_connecting = True
            super().connect()
            self._exchange.is_connecting = False

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            if not self._exchange.is_connecting:  # else it is the request for a tunnel
                self._exchange.was_sent = True
            super().send(data)

    class _HttpsConnection(_HttpConnection, urllib3.connection.HTTPSConnection):
        """The same with TLS."""

    class _HttpPool(urllib3.connectionpool.HTTPConnectionPool):
        def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.ConnectionCls: Any = functools.partial(_HttpConnection, exchange=exchange)

    class _HttpsPool(urllib3.connectionpool.HTTPSConnectionPool):
        def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.ConnectionCls: Any = functools.partial(_HttpsConnection, exchange=exchange)

    class _Adapter(requests.adapters.HTTPAdapter):
        """Makes connections of the kinds above, and repeats nothing by itself."""

        def __init__(self, exchange: Exchange) -> None:
            self._pools = {
                "http": functools.partial(_HttpPool, exchange=exchange),
                "https": functools.partial(_HttpsPool, exchange=exchange),
            }
            super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = self._pools

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = self._pools
            return manager

    class _Session(requests.Session):
        """Leaves a redirect alone: `requests` prepares the next request also of one that is not to be followed.

        For that it reads the body whole, however large, and fails where the address can't be read.
        """

        def get_redirect_target(self, _resp: requests.Response) -> str | None:
            return None


def open_session(exchange: Exchange, headers: Mapping[str, str], proxies: Mapping[str, str]) -> requests.Session:
    """Return a session that reads nothing of the environment, keeps no cookie and logs no URL."""
    session = _Session()
    session.trust_env = False  # no .netrc either
    session.headers.update(headers)
    session.proxies.update(proxies)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(exchange)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    for name in _CHATTY:
        logging.getLogger(name).addFilter(_is_not_ours)  # the same one again changes nothing
    return session


class Quiet:
    """While it is entered, urllib3 logs nothing in this thread: its lines hold URLs, and some URLs hold a token."""

    def __enter__(self) -> None:
        self._before = _talking.set(True)

    def __exit__(self, *_unused: object) -> None:
        _talking.reset(self._before)


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Show no warning of the library: who asked for no verification knows, and each request would say so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        yield


def body_of(response: requests.Response, most_bytes: int) -> bytes:
    """Return the body, unpacked piece by piece: a small answer may unpack to gigabytes.

    :raises InvalidAnswer: it is too large, or packed in a way that was not asked for.
    """
    if response.headers.get("Content-Encoding", "").strip().lower() not in _ENCODINGS:
        raise InvalidAnswer(
            "The answer is packed in a way that was not asked for. Check O(auth_endpoint) and the proxy."
        )
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > most_bytes:
            raise InvalidAnswer(
                f"The answer is larger than {most_bytes >> 20} MiB. Check O(auth_endpoint), and that no gateway or "
                "proxy answers in its place.",
                status=response.status_code,
            )
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and response.status_code not in _WITHOUT_BODY and response.raw.tell() < int(length):
        raise http.client.IncompleteRead(b"")  # urllib3 before 2.0 does not look
    return bytes(body)


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not _talking.get()
