# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the service's JSON: keys without regard to case, booleans also as strings. Private to the collection.

Pure functions; source: contract, the opening lines and "Faults".
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from . import texts
from .errors import InvalidAnswer

_NUMBER = re.compile(r"[0-9]{1,100}")
"""Bounded: Python refuses to read thousands of digits."""
_LONGEST_PAUSE = 86_400
"""Seconds; who says more is not believed."""


class Answer(NamedTuple):
    """One answer of the service. `headers` are read without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Any 2xx is one, if the body fits (contract, "Faults")."""
        return 200 <= self.status < 300


class Fault(NamedTuple):
    """A fault of the contract: its name, such as `itemNotFound`, and its message. Both empty if the body is not one."""

    name: str = ""
    message: str = ""

    def says(self, *parts: str) -> bool:
        """Does the message hold one of these? The service varies prefixes and full stops: match a part."""
        return any(part.casefold() in self.message.casefold() for part in parts)

    def named(self, *names: str) -> bool:
        """Is it the service's own fault of one of these names? A gateway's page, whatever its status, is none."""
        return self.name.casefold() in {name.casefold() for name in names}


def parse(body: bytes) -> Any:
    """The JSON of a body, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def member(data: Any, name: str) -> Any:
    """A member of an object by its name without regard to case; None if there is none."""
    if not isinstance(data, Mapping):
        return None
    if name in data:
        return data[name]
    wanted = name.casefold()
    return next((value for key, value in data.items() if key.casefold() == wanted), None)


def items(data: Any, name: str) -> list[Any]:
    """A member that is a list; an empty one if it is missing, null, or not a list."""
    value = member(data, name)
    return value if isinstance(value, list) else []


def attribute(data: Any, name: str) -> Any:
    """A user attribute by its name, with or without the prefix `RAX-AUTH:`."""
    value = member(data, f"RAX-AUTH:{name}")
    return member(data, name) if value is None else value


def boolean(value: Any) -> bool:
    """A boolean, also if it is printed as a string. Anything else, and nothing at all, is false."""
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


def is_whole(value: Any) -> bool:
    """Is it a whole number? True and false, which Python counts among them, are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def text(value: Any) -> str | None:
    """A string, also if a number came (ids); None for anything else."""
    return str(value) if isinstance(value, str) or is_whole(value) else None


def shown(value: Any) -> str | None:
    """A string that can be shown; None for anything else and for an empty one."""
    found = text(value)
    return texts.name(found) if found else None


def root(answer: Answer, name: str, kind: type, doing: str) -> Any:
    """The value under the answer's root key, which must be of that type; InvalidAnswer otherwise."""
    value = member(parse(answer.body), name)
    if not isinstance(value, kind):
        raise unknown_body(answer, doing)
    return value


def is_of_success(body: bytes) -> bool:
    """Can it be the body of a success? Not a page, with which a firewall answers anything, and not a fault."""
    if not body.strip():
        return True
    data = parse(body)
    told = _named_fault(data)[1]
    return isinstance(data, dict) and any(member(told, name) is None for name in ("code", "message"))


def unknown_body(answer: Answer, doing: str) -> InvalidAnswer:
    """The exception for a success whose body is none: it is unknown whether it was carried out."""
    told = fault(answer).message
    return InvalidAnswer(
        f"{doing} was answered with HTTP status {answer.status} and a body that the API does not know. "
        "Check O(auth_endpoint), and that no gateway, proxy or firewall answers in the service's place."
        + texts.said(told, "The body says"),
        status=answer.status,
        service_message=told or None,
    )


def fault(answer: Answer) -> Fault:
    """The fault that an answer carries; an empty one for HTML, an empty body and anything else that is no fault."""
    name, told = _named_fault(parse(answer.body))
    words = member(told, "message")
    return Fault(texts.name(name), texts.message(words) if isinstance(words, str) else "")


def _named_fault(data: Any) -> tuple[str, Any]:
    if not isinstance(data, dict) or len(data) != 1:
        return "", None
    name, told = next(iter(data.items()))
    return (name, told) if isinstance(told, dict) else ("", None)


def retry_after(answer: Answer) -> int | None:
    """The seconds after which to come back: `Retry-After` as a number or a date, else `retryAfter` of the fault."""
    value = answer.headers.get("Retry-After", "").strip()
    if not value:
        value = text(member(_named_fault(parse(answer.body))[1], "retryAfter")) or ""
    if _NUMBER.fullmatch(value):
        return min(int(value), _LONGEST_PAUSE)
    moment, now = http_date(value), http_date(answer.headers.get("Date", ""))
    if moment is None:
        moment = iso_date(value)
    if moment is None:
        return None
    return max(0, min(int(moment - (time.time() if now is None else now)) + 1, _LONGEST_PAUSE))


def http_date(value: str) -> float | None:
    """A date of HTTP in seconds since 1970; None for what is none, and for one before 1970."""
    try:
        moment = parsedate_to_datetime(value)
        # HTTP knows no other zone than GMT, whatever it says.
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return seconds if seconds >= 0 else None


def iso_text(moment: datetime) -> str:
    """A moment in UTC as a date of ISO 8601, which `iso_date` reads."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def iso_date(value: str) -> float | None:
    """A date of ISO 8601 in seconds since 1970; UTC when it names no zone. None for what is none."""
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
