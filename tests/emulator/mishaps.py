# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an answer on its way: faults before the work, and those that strike when it is done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from typing import Any

from aiohttp import web

from .faults import FaultRule
from .gateway import phrase

_BLANKS = b" " * 16384
_NO_RECORD = b"\x00\x01no TLS record, and no HTTP\r\n\r\n"
_EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </v2.0>; rel=preload\r\n\r\n"


class NoAnswer(Exception):
    """The connection ends here; nothing more is sent."""


async def linger(rules: list[FaultRule], when: str, request: web.BaseRequest) -> None:
    """Delays and holds of one moment; a client that went away in the meantime gets nothing more done."""

    def client_is_there() -> bool:
        return request.transport is not None and not request.transport.is_closing()

    for rule in rules:
        if rule.kind == "delay" and rule.when == when:
            await asyncio.sleep(rule.pause)
        if rule.kind == "hold" and rule.when == when and not await rule.hold(client_is_there):
            raise NoAnswer


def cut(request: web.BaseRequest, *, reset: bool) -> NoAnswer:
    """End the connection: by a reset (RST), or closed without an answer as a dying gateway does."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if reset and connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return NoAnswer()


async def send_badly(rule: FaultRule, request: web.BaseRequest, response: web.Response) -> None:
    """Send the answer as the rule spoils it, and end the connection; `NoAnswer` if one was spoiled."""
    senders = {"drip": _drip, "endless": _endless, "truncated": _half, "broken_chunk": _break_chunk, "garbled": _garble}
    if rule.kind not in senders:
        return
    with contextlib.suppress(ConnectionError):
        await senders[rule.kind](rule, request, response)
    if rule.kind == "garbled":
        raise cut(request, reset=False)
    if request.transport is not None:
        request.transport.close()  # only after all that was written
    raise NoAnswer


def _content(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def _head(response: web.Response, **more: str) -> bytes:
    """The head of an answer, which is the last one on its connection."""
    lines = [f"HTTP/1.1 {response.status} {phrase(response.status)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items() if name != "Content-Length"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


async def _flushed(request: web.BaseRequest, data: bytes) -> None:
    """Hand bytes to the connection and let the event loop send them."""
    if request.transport is not None and not request.transport.is_closing():
        request.transport.write(data)
    await asyncio.sleep(0)


async def _drip(rule: FaultRule, request: web.BaseRequest, response: web.Response) -> None:
    """One byte after the other, from the head or from the body on; whole at once when the rule is released."""
    body = _content(response)
    head = _head(response, Content_Length=str(len(body)))
    whole, sent = head + body, len(head) if rule.part == "body" else 0
    await _flushed(request, whole[:sent])
    while sent < len(whole) and request.transport is not None and not request.transport.is_closing():
        end = len(whole) if rule.released.is_set() else sent + 1
        await _flushed(request, whole[sent:end])
        sent = end
        await rule.rest()


async def _endless(rule: FaultRule, request: web.BaseRequest, response: web.Response) -> None:
    """The body without its last byte, then blanks until the client goes or the rule is released."""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.headers.popall("Content-Length", None)
    stream.enable_chunked_encoding()
    await stream.prepare(request)
    await stream.write(_content(response)[:-1] or b"{")
    while not rule.released.is_set():
        await stream.write(_BLANKS)
        await rule.rest()


async def _half(_rule: FaultRule, request: web.BaseRequest, response: web.Response) -> None:
    """The head with the true length and half of the body. An answer without a body is lost whole."""
    body = _content(response)
    if body:
        await _flushed(request, _head(response, Content_Length=str(len(body))) + body[: len(body) // 2])


async def _break_chunk(_rule: FaultRule, request: web.BaseRequest, response: web.Response) -> None:
    """Half of the body as a chunk, then a chunk whose size is no number. Lost whole without a body."""
    body = _content(response)
    if body:
        half = body[: len(body) // 2] or body
        chunk = b"%x\r\n%s\r\n" % (len(half), half)
        await _flushed(request, _head(response, Transfer_Encoding="chunked") + chunk + b"no size\r\n")


async def _garble(_rule: FaultRule, request: web.BaseRequest, _response: web.Response) -> None:
    """Bytes beneath TLS that are no record of it; without TLS bytes that are no HTTP."""
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    if connection is not None:
        os.write(connection.fileno(), _NO_RECORD)


async def send_early_hints(rules: list[FaultRule], request: web.BaseRequest) -> None:
    """An interim answer before the real one (RFC 8297)."""
    if any(rule.kind == "early_hints" for rule in rules):
        await _flushed(request, _EARLY_HINTS)


def with_changes(body: bytes, rule: FaultRule) -> bytes:
    """An answer's JSON with members of these names given other values or taken out, at any depth and in any case."""
    wanted = {name.casefold(): value for name, value in rule.members.items()}
    gone = {name.casefold() for name in rule.without}

    def changed(data: Any) -> Any:
        if isinstance(data, list):
            return [changed(value) for value in data]
        if not isinstance(data, dict):
            return data
        kept = {key: value for key, value in data.items() if key.casefold() not in gone}
        return {key: wanted.get(key.casefold(), changed(value)) for key, value in kept.items()}

    return json.dumps(changed(json.loads(body))).encode() if body.startswith((b"{", b"[")) else body
