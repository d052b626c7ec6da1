# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes over HTTP: one session, time limits, repeats, and the service's clock. Private to the collection.

Knows no endpoint and no token. What may be sent again is the caller's to say (contract, "Clocks and networks").
"""

from __future__ import annotations

import enum
import functools
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from . import connections
from .clock import ServiceClock
from .connections import REQUESTS_MISSING, Exchange, Quiet, body_of, open_session, without_warnings
from .errors import ConnectionFailed, LostAnswer, OptionError
from .route import authorities, proxies
from .wire import Answer, parse, retry_after

if TYPE_CHECKING:
    import requests

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",  # not more: what these unpack to can be bounded
    "User-Agent": "rackspace.identity (Ansible collection)",
}
_SLOW_DOWN = (413, 429)
_LONGEST_CONNECT = 10.0
"""Seconds after which a connection that can't be made is given up, repeats included."""
_MOST_TRIES = 20
_MOST_TRIES_413 = 4
"""Of a request that is refused as too much without a word on when to come back: no repeat may ever help."""
_MOST_TRIES_PAGE = 2
"""Of a request that a page of a gateway answers: a gateway recovers, a wrong address does not."""
_SHORTEST_TRY = 5.0
"""Seconds. A try that may be repeated gets half of the time that is left, or this: another one must be possible."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
_LONG = 5.0
"""Seconds of one request, pauses included, after which everyone is told of the pauses."""
_random = random.SystemRandom()


class Repeat(enum.Enum):
    """When a request may be sent again."""

    SAFELY = "it may be carried out twice"
    IF_NOT_DONE = "only if it was surely not carried out: no connection, or a rate limit"
    NEVER = "it may be sent once"


class Transport:
    """One HTTP session to one endpoint. Redirects are not followed, `.netrc` is not read, proxies are honored.

    :param endpoint: the service's URL without `/v2.0`.
    :param timeout: seconds that a request may take, its repeats and the pauses between them included.
    :param verify: verify the server's certificate: True, False, or the path of a file or a folder of authorities.
    :param environ: the variables that name proxies and, when `verify` is True, authorities.
    :param tell: shows what takes long at normal verbosity.
    :raises OptionError: the library requests is missing, or the environment names what can't be used.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
        environ: Mapping[str, str] | None = None,
        clock: ServiceClock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        if REQUESTS_MISSING:
            raise OptionError(
                "The Python library requests is missing, or too old (2.28 is needed). Run: "
                f"{sys.executable} -m pip install 'requests>=2.28'"
            )
        self.endpoint = endpoint.rstrip("/")
        self.clock = clock or ServiceClock()
        self.sleep = sleep
        self.doubts = 0
        """How many tries may have been carried out although their answers did not say so."""
        self._tell = tell
        self._timeout = timeout
        self._exchange = Exchange()
        self._proxies = proxies(self.endpoint, environ or {})
        self._verify = authorities(environ or {}) if verify is True and self.endpoint.startswith("https:") else verify

    @functools.cached_property
    def _session(self) -> requests.Session:
        """Opened by the first request: a task may need none."""
        return open_session(self._exchange, _HEADERS, self._proxies)

    def close(self) -> None:
        """Give the connections back; the next request makes new ones."""
        if "_session" in vars(self):
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
        fresh: bool = False,
        most_bytes: int = 1 << 20,
    ) -> Answer:
        """Send a request and return its answer, whatever its status.

        :param fresh: on a connection of its own. One that was kept may be closed by the service at this very moment,
            and then nobody knows whether the request was carried out.
        :param most_bytes: of the answer's body, unpacked.
        :raises ConnectionFailed, LostAnswer, TlsFailed: there is no answer after the repeats that are allowed.
        :raises InvalidAnswer: the answer is too large, or packed in a way that was not asked for.
        """
        began = self.clock.monotonic()
        deadline = began + self._timeout
        self._exchange.most_bytes = most_bytes
        # What can't be encoded finds no user; that an answer is about another one, the client notices.
        url = self.endpoint + path + (f"?{urlencode(params, errors='replace')}" if params else "")
        for number, pause in enumerate(self._pauses(), start=1):
            # What answers for the service may break each kept connection: after a doubt none is trusted with a write.
            if fresh or (self.doubts and repeat is not Repeat.SAFELY):
                self.close()
            try:
                answer = self._once(method, url, json, headers or {}, self._until(repeat, deadline))
            except ConnectionFailed as failure:
                is_lost, why = isinstance(failure, LostAnswer), failure.message
                self.doubts += is_lost
                until = deadline if is_lost else min(deadline, began + _LONGEST_CONNECT)
                if not _may_repeat(repeat, done=is_lost) or not self._wait(number, pause, began, until, why):
                    raise
                continue
            self.doubts += answer.status >= 500 or _is_page(answer)
            if not _may_repeat_after(answer, repeat, number):
                return answer
            why = f"The service answered with HTTP status {answer.status}."
            if not self._wait(number, max(pause, retry_after(answer) or 0), began, deadline, why):
                return answer
        raise AssertionError("the pauses never end")

    def _until(self, repeat: Repeat, deadline: float) -> float:
        """When to give a try up."""
        now = self.clock.monotonic()
        left = deadline - now
        return now + max(left / 2, min(left, _SHORTEST_TRY)) if repeat is Repeat.SAFELY else deadline

    def _once(
        self,
        method: str,
        url: str,
        json: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        deadline: float,
    ) -> Answer:
        sent = self.clock.monotonic()
        left = max(deadline - sent, 0.1)
        self._exchange.begin(left)
        try:
            with Quiet(), nullcontext() if self._verify else without_warnings():
                response = self._session.request(
                    method,
                    url,
                    json=json,
                    headers=dict(headers),
                    timeout=(min(left, _LONGEST_CONNECT), left),
                    allow_redirects=False,
                    verify=self._verify,
                    stream=True,
                )
                received = self.clock.monotonic()
                with response:
                    body = body_of(response, self._exchange.most_bytes)
        except connections.TROUBLE as failure:
            from .breaks import explain  # most requests have an answer

            raise explain(failure, self._exchange, self.endpoint, by_proxy=bool(self._proxies)) from None
        self.clock.read(response.headers, sent, received)
        return Answer(response.status_code, response.headers, body)

    def _wait(self, number: int, pause: float, began: float, until: float, why: str) -> bool:
        """Pause before the next try; False, without a pause, when the time or the tries for it are used up."""
        now = self.clock.monotonic()
        if number >= _MOST_TRIES or now + pause >= until:
            return False
        if now + pause - began >= _LONG:
            self._tell(f"{why} Trying again in {pause:.0f} s, for {until - now:.0f} s at most.")
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
    """May it be sent again, when it may have been carried out (`done`) or surely was not?"""
    return repeat is Repeat.SAFELY or (repeat is Repeat.IF_NOT_DONE and not done)


def _may_repeat_after(answer: Answer, repeat: Repeat, number: int) -> bool:
    """May it be sent again after this answer to the try of that number?"""
    if _is_page(answer):
        return number < _MOST_TRIES_PAGE and repeat is Repeat.SAFELY
    is_refused_as_too_much = answer.status in _SLOW_DOWN
    if not is_refused_as_too_much and answer.status < 500:
        return False
    if answer.status == 413 and retry_after(answer) is None and number >= _MOST_TRIES_413:
        return False
    return _may_repeat(repeat, done=not is_refused_as_too_much)


def _is_page(answer: Answer) -> bool:
    """Is it a page of a gateway, also an empty one, which says nothing of what was asked for (contract, "Faults")?"""
    is_refusal = 400 <= answer.status < 500 and answer.status not in _SLOW_DOWN
    return is_refusal and not isinstance(parse(answer.body), dict)
