# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of one request in memory, or of its answer: a row for each kind that the contract names ("Faults").

A fault is called with `ask`, which has the service do its work and returns the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from requests.structures import CaseInsensitiveDict

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    InvalidAnswer,
    LostAnswer,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.wire import Answer

Ask = Callable[[], Answer]
Fault = Callable[[Ask], Answer]
_PAGE = b"<html><body>gateway</body></html>"


def none(ask: Ask) -> Answer:
    """Nothing goes wrong."""
    return ask()


def lost(ask: Ask) -> Answer:
    """The work was done, and its answer never comes."""
    ask()
    raise LostAnswer("The answer was lost.")


def _lost_before(_ask: Ask) -> Answer:
    raise LostAnswer("There was no answer in time.")


def _reset(_ask: Ask) -> Answer:
    raise ConnectionFailed("Nothing was sent.")


def _endless(ask: Ask) -> Answer:
    ask()
    raise InvalidAnswer("The answer is too large.")


def before(status: int, body: bytes = b"", retry_after: str = "") -> Fault:
    """Refuse it with a status; the service never saw it."""
    headers = CaseInsensitiveDict({"Retry-After": retry_after} if retry_after else {})
    return lambda _ask: Answer(status, headers, body)


def after(status: int, body: bytes = b"") -> Fault:
    """The work was done, and the answer is another one."""
    return lambda ask: ask()._replace(status=status, body=body)


def success(body: bytes) -> Fault:
    """A success of another shape, for what was done."""
    return after(200, body)


def telling(**members: Any) -> Fault:
    """The work was done, and the answer says something else of the device that it is about."""

    def tell(ask: Ask) -> Answer:
        answer = ask()
        (name, told), *_others = json.loads(answer.body).items()
        return answer._replace(body=json.dumps({name: {**told, **members}}).encode())

    return tell


def _renamed(ask: Ask) -> Answer:
    return _with_ids(ask, lambda _id: "of-another")


def _unnamed(ask: Ask) -> Answer:
    return _with_ids(ask, lambda _id: None)


def _with_ids(ask: Ask, become: Callable[[str], str | None]) -> Answer:
    answer = ask()
    told = json.loads(answer.body) if answer.body else None
    return answer._replace(body=json.dumps(_changed(told, become)).encode()) if told else answer


def _changed(told: Any, become: Callable[[str], str | None]) -> Any:
    if isinstance(told, list):
        return [_changed(item, become) for item in told]
    if not isinstance(told, dict):
        return told
    changed = {key: become(value) if key == "id" else _changed(value, become) for key, value in told.items()}
    return {key: value for key, value in changed.items() if value is not None}


BODIES = {
    "empty body": b"",
    "null": b"null",
    "a list": b"[]",
    "other members": b'{"unexpected": []}',
    "a page": b"<html>",
    "other types": b'{"user": {}, "access": [], "RAX-AUTH:otpDevice": 1}',
    "garbled": b"{" * 99,
}
"""Of answers that are not the service's."""
FAULTS: dict[str, Fault] = {
    "lost": lost,
    "lost before the work": _lost_before,
    "reset": _reset,
    "401": before(401),
    "413": before(413),
    "413, again in 1 s": before(413, retry_after="1"),
    "429": before(429),
    "429, again in 1 s": before(429, retry_after="1"),
    "500": before(500),
    "500 after the work": after(500),
    "502 HTML": before(502, _PAGE),
    "502 HTML after the work": after(502, _PAGE),
    "503": before(503),
    "503 after the work": after(503),
    "404 HTML": before(404, _PAGE),
    "no end": _endless,
    "of another one": _renamed,
    "without an id": _unnamed,
    **{name: success(body) for name, body in BODIES.items()},
}
