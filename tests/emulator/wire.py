# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire: answers, faults, and requests that are read strictly (contract, Faults)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .behavior import Behavior

_NAMES = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    406: "notAcceptable",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    500: "identityFault",
    502: "badGateway",
    503: "serviceUnavailable",
}


class Refusal(Exception):
    """A request that is refused: status, message, and the name of the fault if the status has two."""

    def __init__(self, status: int, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.name = name or _NAMES.get(status, "identityFault")
        self.headers: list[tuple[str, str]] = []
        self.members: dict[str, Any] = {}


@dataclass
class Answer:
    """What a handler gives back; `body` is data that becomes JSON, None is no body."""

    status: int = 200
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)


def refusal_answer(refusal: Refusal, behavior: Behavior) -> Answer:
    """A refusal as an answer, in the style that the behavior asks for."""
    message = refusal.message
    if behavior.full_stop != "documented":
        message = message.rstrip(".") + ("." if behavior.full_stop == "always" else "")
    if behavior.error_prefix:
        message = f"Error code: 'EMU-{refusal.status:03}'; {message}"
    body = {refusal.name: {"code": refusal.status, "message": message, **refusal.members}}
    return Answer(refusal.status, body, refusal.headers)


def styled(data: Any, key_style: str) -> Any:
    """An answer's data as the service or as the guide writes it (`rax-auth:` and "true")."""
    if key_style == "service":
        return data
    if isinstance(data, Mapping):
        return {key.replace("RAX-AUTH:", "rax-auth:", 1): styled(value, key_style) for key, value in data.items()}
    if isinstance(data, list):
        return [styled(value, key_style) for value in data]
    if isinstance(data, bool):
        return str(data).lower()
    return data


def parse(raw: bytes) -> Any:
    """The JSON of a body (RFC 8259): no doubled member, since two readers would see two requests, and no `NaN`.

    Half of a surrogate pair is refused, too: it is no text, and no answer could repeat it.
    """
    try:
        data = json.loads(raw, object_pairs_hook=_without_doubles, parse_constant=_no_number)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "Invalid json request body") from None
    return data


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("doubled member")
    return members


def checked(given: dict[str, Any], allowed: Mapping[str, type]) -> dict[str, Any]:
    """An object with known members of the right types only. A bool is no number here."""
    for name, value in given.items():
        if name not in allowed:
            raise Refusal(400, f"Invalid json request body: unknown member {name}")
        if not isinstance(value, allowed[name]) or isinstance(value, bool) is not (allowed[name] is bool):
            raise Refusal(400, f"Invalid json request body: {name} has the wrong type")
    return given


def key_names(data: Any) -> list[str]:
    """The names of all keys of a body in order, for the request log: never a value."""
    if isinstance(data, dict):
        return [name for key, value in data.items() for name in (key, *key_names(value))]
    if isinstance(data, list):
        return [name for value in data for name in key_names(value)]
    return []
