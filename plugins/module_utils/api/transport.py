# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes over HTTP: one session, time limits, repeats, and the service's clock. Private to the collection.

Knows no endpoint and no token. What may be sent again is the caller's to say (contract, "Clocks and networks").
"""

from __future__ import annotations

import enum
import os
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from .clock import ServiceClock, parse_date
from .errors import ConnectionFailed, LostAnswer, OptionError, TlsFailed
from .wire import Answer, retry_after

try:
    import urllib3

    URLLIB3_MISSING: ImportError | None = None
except ImportError as error:
    URLLIB3_MISSING = error

_HEADERS = {"Accept": "application/json", "User-Agent": "rackspace.identity (Ansible collection)"}
_SLOW_DOWN = (413, 429)
_LONGEST_CONNECT = 10.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
_random = random.SystemRandom()


class Repeat(enum.Enum):
    """When a request may be sent again."""

    SAFELY = "it may be carried out twice"
    IF_NOT_DONE = "only where it surely was not carried out: no connection, or a rate limit"
    NEVER = "it may be sent once"


class Transport:
    """One HTTP session to one endpoint. Redirects are not followed, `.netrc` is not read, proxies are honoured.

    :param endpoint: the service's URL without `/v2.0`.
    :param timeout: seconds that a request may take, its repeats and the pauses between them included.
    :param verify: verify the server's certificate: True, False, or the path of a file or a folder of authorities.
    :raises OptionError: the library urllib3 is missing, or the environment names a proxy that can't be used.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
        clock: ServiceClock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if URLLIB3_MISSING:
            raise OptionError(f"The Python library urllib3 is missing: install it for {sys.executable}.")
        self.endpoint = endpoint.rstrip("/")
        self.clock = clock or ServiceClock()
        self.sleep = sleep
        self._timeout = timeout
        self._connections = _connections(self.endpoint, verify)

    def close(self) -> None:
        """Give the connections back."""
        self._connections.clear()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        repeat: Repeat = Repeat.SAFELY,
    ) -> Answer:
        """Send a request and return its answer, whatever its status.

        Raises ConnectionFailed, LostAnswer or TlsFailed where there is none after the repeats that are allowed.
        """
        deadline = self.clock.monotonic() + self._timeout
        url = self.endpoint + path + (f"?{urlencode(params)}" if params else "")
        for pause in self._pauses():
            try:
                answer = self._once(method, url, json, headers or {}, deadline)
            except ConnectionFailed as failure:
                if not _may_repeat(repeat, done=isinstance(failure, LostAnswer)) or not self._wait(pause, deadline):
                    raise
                continue
            if answer.status not in _SLOW_DOWN and answer.status < 500:
                return answer
            if not _may_repeat(repeat, done=answer.status not in _SLOW_DOWN):
                return answer
            if not self._wait(max(pause, retry_after(answer.headers) or 0), deadline):
                return answer
        raise AssertionError("the pauses never end")

    def _once(
        self, method: str, url: str, json: Mapping[str, Any] | None, headers: Mapping[str, str], deadline: float
    ) -> Answer:
        sent = self.clock.monotonic()
        left = max(deadline - sent, 0.1)
        try:
            with warnings.catch_warnings():
                # Who asked for no verification knows; a worker's standard error is no place to say it each time.
                warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
                response = self._connections.request(
                    method,
                    url,
                    json=json,
                    headers={**_HEADERS, **headers},
                    timeout=urllib3.Timeout(connect=min(left, _LONGEST_CONNECT), read=left),
                    redirect=False,
                    retries=False,
                )
        except (urllib3.exceptions.HTTPError, ValueError) as failure:
            # The texts of urllib3 hold paths and headers, and some of them hold a token.
            raise self._translated(failure) from None
        self.clock.observe(parse_date(response.headers), sent, self.clock.monotonic())
        return Answer(response.status, response.headers, response.data)

    def _translated(self, failure: Exception) -> ConnectionFailed | TlsFailed:
        if isinstance(failure, urllib3.exceptions.ProxyError):
            # It says no more than that there is a proxy: one that breaks off after it took a request is told so, too.
            failure = failure.original_error
        if isinstance(failure, urllib3.exceptions.SSLError) and "UNEXPECTED_EOF" not in str(failure):
            return TlsFailed(
                f"TLS with {self.endpoint} failed: its certificate could not be verified, or it does not speak TLS. "
                "Nothing was sent. Pass the authority's certificate as ca_path, or check auth_endpoint."
            )
        if isinstance(failure, ValueError):  # a URL, a host's name or a header
            return ConnectionFailed(
                f"A request to {self.endpoint} can't be written, and nothing was sent: auth_endpoint, the proxy's "
                "address or auth_token holds a character, such as a line break, that has no place in it."
            )
        if _was_not_sent(failure):
            return ConnectionFailed(
                f"No connection to {self.endpoint}: nothing was sent. Check auth_endpoint, the network and the proxy."
            )
        return LostAnswer(
            f"The connection to {self.endpoint} broke, or no answer came in time. The request may have been carried "
            "out; run the task again to find out."
        )

    def _wait(self, pause: float, deadline: float) -> bool:
        """Pause before the next try; False, without a pause, where the time for it is over."""
        if self.clock.monotonic() + pause >= deadline:
            return False
        self.sleep(pause)
        return True

    @staticmethod
    def _pauses() -> Iterator[float]:
        pause = _FIRST_PAUSE
        while True:
            # Many forks are refused at the same moment: they should not come back at the same moment.
            yield pause * _random.uniform(0.75, 1.25)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _may_repeat(repeat: Repeat, *, done: bool) -> bool:
    """May it be sent again, where it may have been carried out (`done`) or surely was not?"""
    return repeat is Repeat.SAFELY or (repeat is Repeat.IF_NOT_DONE and not done)


def _was_not_sent(failure: Exception) -> bool:
    """No connection was made: names that don't resolve, refused connections, proxies that open no tunnel."""
    if isinstance(failure, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)):
        return True
    # What a connection breaks with is an OSError, too: this one has no type of its own, but always these words.
    return isinstance(failure, OSError) and str(failure).startswith("Tunnel connection failed")


def _connections(endpoint: str, verify: bool | str) -> urllib3.PoolManager:
    """The connections to the endpoint, by the proxy that the environment names for it."""
    tls: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED" if verify else "CERT_NONE"}
    if isinstance(verify, str):
        tls["ca_cert_dir" if Path(verify).is_dir() else "ca_certs"] = verify
    proxy = _proxy(endpoint)
    if not proxy:
        return urllib3.PoolManager(**tls)
    try:
        credentials = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=unquote(credentials)) if credentials else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **tls)
    except ValueError:  # its text holds the address, which may hold a password
        raise OptionError(
            "The environment names a proxy (https_proxy, http_proxy or all_proxy) whose address can't be used: it has "
            "to be http:// or https:// with a host. Mend it, or name the service's host in no_proxy."
        ) from None


def _proxy(endpoint: str) -> str | None:
    names = {name.lower() for name in os.environ} - {"no_proxy"}
    if sys.platform == "linux" and not any(name.endswith("_proxy") for name in names):
        return None  # as on most machines: what follows takes an ordinary module as long to load as the request
    from urllib.request import getproxies, proxy_bypass

    url = urlsplit(endpoint)
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
