# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the service's JSON: keys without regard to case, booleans also as strings. Private to the collection.

Pure functions; source: contract, the opening lines and "Faults".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .errors import InvalidAnswer

_LONGEST_MESSAGE = 300


class Answer(NamedTuple):
    """One answer of the service. `headers` are read without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fault(NamedTuple):
    """A fault of the contract: its name, such as `itemNotFound`, and its message. Both empty where the body is none."""

    name: str = ""
    message: str = ""

    def says(self, *parts: str) -> bool:
        """Does the message hold one of these? The service varies prefixes and full stops: match a part."""
        return any(part.casefold() in self.message.casefold() for part in parts)


def parse(body: bytes) -> Any:
    """The JSON of a body, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def member(data: Any, name: str) -> Any:
    """A member of an object by its name without regard to case; None where there is none."""
    if not isinstance(data, Mapping):
        return None
    if name in data:
        return data[name]
    wanted = name.casefold()
    return next((value for key, value in data.items() if key.casefold() == wanted), None)


def items(data: Any, name: str) -> list[Any]:
    """A member that is a list; an empty one where it is missing, null, or no list."""
    value = member(data, name)
    return value if isinstance(value, list) else []


def attribute(data: Any, name: str) -> Any:
    """A user attribute by its name, with or without the prefix `RAX-AUTH:`."""
    value = member(data, f"RAX-AUTH:{name}")
    return member(data, name) if value is None else value


def boolean(value: Any) -> bool:
    """A boolean, also where it is printed as a string. Anything else, and nothing at all, is false."""
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


def text(value: Any) -> str | None:
    """A string, also where a number came (ids); None for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def required(value: str | None, what: str) -> str:
    """That string, or InvalidAnswer that says what is missing."""
    if not value:
        raise InvalidAnswer(f"The service's answer has no {what}. Is auth_endpoint an Identity v2.0 service?")
    return value


def root(answer: Answer, name: str, kind: type, doing: str) -> Any:
    """The value under the answer's root key, which must be of that type; InvalidAnswer otherwise."""
    value = member(parse(answer.body), name)
    if not isinstance(value, kind):
        raise InvalidAnswer(
            f"{doing} was answered with HTTP status {answer.status} and a body that the API does not know. "
            "Check auth_endpoint, and that no gateway or proxy answers in its place.",
            status=answer.status,
        )
    return value


def fault(answer: Answer) -> Fault:
    """The fault that an answer carries; an empty one for HTML, an empty body and anything else that is no fault."""
    data = parse(answer.body)
    if not isinstance(data, Mapping) or len(data) != 1:
        return Fault()
    name, value = next(iter(data.items()))
    message = member(value, "message")
    if not isinstance(message, str):
        return Fault(name)
    return Fault(name, re.sub(r"\s+", " ", message).strip()[:_LONGEST_MESSAGE])


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds of `Retry-After`; None where it is missing or a date."""
    value = headers.get("Retry-After", "").strip()
    return int(value) if value.isdecimal() else None
