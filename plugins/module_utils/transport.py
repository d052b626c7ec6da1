# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes over HTTP: one session, time limits, repeats, and the service's clock. Private to the collection.

Knows no endpoint and no token. What may be sent again is the caller's to say (contract, "Clocks and networks").
"""

from __future__ import annotations

import enum
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .clock import ServiceClock, parse_date
from .errors import ConnectionFailed, LostAnswer, OptionError, TlsFailed
from .wire import Answer, retry_after

try:
    import requests

    REQUESTS_MISSING: ImportError | None = None
except ImportError as error:
    REQUESTS_MISSING = error

USER_AGENT = "rackspace.identity (Ansible collection)"
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
    :param verify: verify the server's certificate: True, False, or the path of a bundle of authorities.
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
        if REQUESTS_MISSING:
            raise OptionError(f"The Python library requests is missing: install it for {sys.executable}.")
        self.endpoint = endpoint.rstrip("/")
        self.clock = clock or ServiceClock()
        self.sleep = sleep
        self._timeout = timeout
        self._verify = verify
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})
        # An explicit "no authentication": otherwise requests looks for the host in ~/.netrc.
        self._session.auth = lambda request: request

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

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
        for pause in self._pauses():
            try:
                answer = self._once(method, path, json, headers, params, deadline)
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
        self,
        method: str,
        path: str,
        json: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        deadline: float,
    ) -> Answer:
        sent = self.clock.monotonic()
        left = max(deadline - sent, 0.1)
        try:
            with warnings.catch_warnings():
                # Who asked for no verification knows; a worker's standard error is no place to say it each time.
                warnings.filterwarnings("ignore", message="Unverified HTTPS request")
                response = self._session.request(
                    method,
                    self.endpoint + path,
                    json=json,
                    headers=headers,
                    params=params,
                    timeout=(min(left, _LONGEST_CONNECT), left),
                    allow_redirects=False,
                    verify=self._verify,
                )
        except (requests.RequestException, ValueError) as failure:
            # The texts of requests hold whole URLs, and some URLs of the service hold a token.
            raise self._translated(failure) from None
        self.clock.observe(parse_date(response.headers), sent, self.clock.monotonic())
        return Answer(response.status_code, response.headers, response.content)

    def _translated(self, failure: requests.RequestException | ValueError) -> ConnectionFailed | TlsFailed:
        if isinstance(failure, requests.exceptions.SSLError) and "UNEXPECTED_EOF" not in str(failure):
            return TlsFailed(
                f"TLS with {self.endpoint} failed: its certificate could not be verified, or it does not speak TLS. "
                "Nothing was sent. Pass the authority's certificate as ca_path, or check auth_endpoint."
            )
        if isinstance(failure, ValueError):  # InvalidURL, InvalidHeader, UnicodeError and the like
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


def _was_not_sent(failure: requests.RequestException) -> bool:
    """No connection was made: names that don't resolve, refused connections, proxies that don't answer."""
    if isinstance(failure, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
