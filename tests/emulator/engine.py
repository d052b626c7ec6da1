# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request's way through the emulator: log, faults, nuisances, strict reading, work, answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from . import seed
from .behaviour import Behaviour
from .call import Call, Entry
from .faults import FaultRule, Faults
from .nuisances import RateLimit, Trouble
from .routes import resolve
from .state import World
from .wire import Answer, Refusal, key_names, parse, refusal_answer, styled

_HTML = b"<html><head><title>Bad gateway</title></head><body><h1>The gateway has a bad day</h1></body></html>"
_TOKENS = "/v2.0/tokens/"
_DEVICE_LISTS = ("/otp-devices", "/multi-factor/devices")
_EVERY_LIST = 10**9


class _NoAnswer(Exception):
    """The connection ends here, without an answer."""


class Engine:
    """The service: one world, its faults and nuisances, and the log of what was asked."""

    def __init__(
        self, users: list[Any] | None = None, behaviour: Behaviour | None = None, trouble: int | None = None
    ) -> None:
        self.world = World(behaviour)
        self.faults = Faults()
        self.log: list[Entry] = []
        self._users = users or []
        self._trouble_seed = trouble
        self.reset()

    def reset(self, users: list[Any] | None = None) -> None:
        """Back to the start, with the users of the start or with others."""
        if users is not None:
            seed.plant(World(), users)
            self._users = users
        self.faults.clear()
        self.log.clear()
        self.rate_limit = RateLimit()
        self.trouble = None if self._trouble_seed is None else Trouble(self._trouble_seed)
        self.world.clear()
        seed.plant(self.world, self._users)

    def behave(self, switches: dict[str, Any]) -> None:
        """Set switches; counters that belong to one start anew with it."""
        self.world.behaviour = self.world.behaviour.changed(switches)
        if "empty_device_lists" in switches:
            for user in self.world.users.values():
                user.empty_lists_served = 0
        if switches.keys() & {"rate_limit", "rate_limit_every"}:
            self.rate_limit = RateLimit()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of the service."""
        raw = await request.read()
        entry = self._begin(request, raw)
        rules = self.faults.for_request(request.method, request.rel_url.raw_path)
        entry.fault = "+".join(rule.kind for rule in rules) or None
        try:
            answer = await self._before(rules, request)
            answer = answer or self._work(request, entry, raw)
            entry.status = answer.status
            return await self._after(rules, request, self._response(answer))
        except _NoAnswer:
            return web.Response()

    def _begin(self, request: web.Request, raw: bytes) -> Entry:
        path = request.rel_url.raw_path
        if path.startswith(_TOKENS):
            path = _TOKENS + "{token}"
        entry = Entry(len(self.log) + 1, self.world.clock.now(), request.method, path, request.rel_url.raw_query_string)
        with contextlib.suppress(Refusal):  # no JSON: no names
            entry.keys = key_names(parse(raw)) if raw else []
        self.log.append(entry)
        return entry

    async def _before(self, rules: list[FaultRule], request: web.Request) -> Answer | None:
        """Faults before the work; the answer of a status that stands in for it."""
        await _linger(rules, "before", request)
        for rule in rules:
            if rule.kind == "reset":
                raise _cut(request, reset=True)
            if rule.kind == "status" and rule.when == "before":
                return _status_answer(rule)
        return None

    async def _after(self, rules: list[FaultRule], request: web.Request, response: web.Response) -> web.StreamResponse:
        """Faults after the work, on its way back."""
        await _linger(rules, "after", request)
        for rule in rules:
            if rule.kind == "lost":
                raise _cut(request, reset=False)
            if rule.kind == "truncated":
                await _send_half(request, response)
                raise _cut(request, reset=False)
            if rule.kind == "misshapen":
                return self._response(Answer(200, rule.text.encode()))
            if rule.kind == "status" and rule.when == "after":
                return self._response(_status_answer(rule))
        return response

    def _work(self, request: web.Request, entry: Entry, raw: bytes) -> Answer:
        """The refusal of a nuisance, or what the handler says."""
        behaviour = self.world.behaviour
        if self.trouble is not None:
            behaviour = self.trouble.vary(behaviour)
        try:
            self._refuse_by_nuisance(request, entry, behaviour)
            behaviour = self._with_hidden_devices(request, behaviour)
            route, params = resolve(request.method, request.rel_url.raw_path)
            entry.route = route.template
            _check_media_types(request, raw)
            answer = route.handler(self._call(request, entry, raw, params, behaviour))
        except Refusal as refusal:
            answer = refusal_answer(refusal, behaviour)
        return replace(answer, body=styled(answer.body, behaviour.key_style))

    def _with_hidden_devices(self, request: web.Request, behaviour: Behaviour) -> Behaviour:
        """Trouble's empty lists, decided only for requests that are answered: so no two of them follow each other."""
        path = request.rel_url.raw_path
        is_list = request.method == "GET" and path.endswith(_DEVICE_LISTS)
        if self.trouble and is_list and self.trouble.hides_devices(request.method, path):
            return replace(behaviour, empty_device_lists=_EVERY_LIST)
        return behaviour

    def _refuse_by_nuisance(self, request: web.Request, entry: Entry, behaviour: Behaviour) -> None:
        refusal = self.rate_limit.refusal(behaviour)
        name = "rate_limit"
        if refusal is None and self.trouble is not None:
            refusal = self.trouble.refusal(request.method, request.rel_url.raw_path)
            name = "trouble"
        if refusal is not None:
            entry.fault = entry.fault or name
            raise refusal

    def _call(
        self, request: web.Request, entry: Entry, raw: bytes, params: dict[str, str], behaviour: Behaviour
    ) -> Call:
        return Call(
            world=self.world,
            behaviour=behaviour,
            entry=entry,
            base_url=f"{request.scheme}://{request.host}",
            params=params,
            query=request.query,
            headers=request.headers,
            raw=raw,
        )

    def _response(self, answer: Answer) -> web.Response:
        """An answer with the emulator's own `Date`."""
        headers = CIMultiDict(answer.headers)
        headers["Date"] = self.world.clock.http_date()
        body: bytes | None = None
        if isinstance(answer.body, bytes):
            body = answer.body
        elif answer.body is not None:
            body = json.dumps(answer.body).encode()
        if body and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        return web.Response(status=answer.status, body=body, headers=headers)

    def log_entries(self) -> list[dict[str, Any]]:
        """The request log as data."""
        return [asdict(entry) for entry in self.log]


def _check_media_types(request: web.Request, raw: bytes) -> None:
    """JSON in and JSON out, nothing else (contract, head)."""
    if raw and request.content_type != "application/json":
        raise Refusal(415, "Unsupported media type")
    accepted = request.headers.get("Accept", "*/*").lower()
    if not any(kind in accepted for kind in ("application/json", "application/*", "*/*")):
        raise Refusal(406, "Not acceptable")


def _status_answer(rule: FaultRule) -> Answer:
    headers = [] if rule.retry_after is None else [("Retry-After", str(rule.retry_after))]
    if rule.body == "html":
        return Answer(rule.status, _HTML, [*headers, ("Content-Type", "text/html")])
    if rule.body == "empty":
        return Answer(rule.status, None, headers)
    refusal = Refusal(rule.status, "A fault on demand")
    return Answer(rule.status, {refusal.name: {"code": rule.status, "message": refusal.message}}, headers)


async def _linger(rules: list[FaultRule], when: str, request: web.Request) -> None:
    """Delays and holds of one moment; a client that went away in the meantime gets nothing more done."""

    def client_is_there() -> bool:
        return request.transport is not None and not request.transport.is_closing()

    for rule in rules:
        if rule.kind == "delay" and rule.when == when:
            await asyncio.sleep(rule.seconds)
        if rule.kind == "hold" and rule.when == when and not await rule.hold(client_is_there):
            raise _NoAnswer


def _cut(request: web.Request, *, reset: bool) -> _NoAnswer:
    """End the connection: by a reset (RST), or closed without an answer as a dying gateway does."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if reset and connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return _NoAnswer()


async def _send_half(request: web.Request, response: web.Response) -> None:
    """The head with the true length and half of the body. An answer without a body is lost whole."""
    whole = response.body
    if not isinstance(whole, bytes) or not whole:
        return
    partial = web.StreamResponse(status=response.status, headers=response.headers)
    partial.content_length = len(whole)
    await partial.prepare(request)
    await partial.write(whole[: len(whole) // 2])
    # Let the event loop hand the bytes to the socket before the connection is cut.
    await asyncio.sleep(0)
