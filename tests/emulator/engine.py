# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request's way through the emulator: log, faults, nuisances, strict reading, work, answer."""

from __future__ import annotations

import contextlib
import json
import traceback
from dataclasses import replace
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from . import seed
from .behavior import Behavior
from .call import Call, Entry
from .faults import FaultRule, Faults
from .gateway import gateway_answer
from .media import check_media_types
from .mishaps import NoAnswer, cut, linger, send_badly, send_early_hints, with_changes
from .nuisances import RateLimit, Trouble, retry_after_text
from .routes import resolve
from .state import World
from .wire import Answer, Refusal, key_names, parse, refusal_answer, styled

_TOKENS = "/v2.0/tokens/"
_DEVICE_LISTS = ("/otp-devices", "/multi-factor/devices")
_EVERY_LIST = 10**9


class Engine:
    """The service: one world, its faults and nuisances, and the log of what was asked."""

    def __init__(
        self, users: list[Any] | None = None, behavior: Behavior | None = None, trouble: int | None = None
    ) -> None:
        self.world = World(behavior)
        self.faults = Faults()
        self.log: list[Entry] = []
        self.unexpected: list[str] = []
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
        self.unexpected.clear()
        self.rate_limit = RateLimit()
        self.trouble = None if self._trouble_seed is None else Trouble(self._trouble_seed)
        self.world.clear()
        seed.plant(self.world, self._users)

    def behave(self, switches: dict[str, Any]) -> None:
        """Set switches; counters that belong to one start anew with it."""
        self.world.behavior = self.world.behavior.changed(switches)
        if "empty_device_lists" in switches:
            for user in self.world.users.values():
                user.empty_lists_served = 0
        if switches.keys() & {"rate_limit", "rate_limit_every"}:
            self.rate_limit = RateLimit()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request of the service."""
        entry = self._begin(request)
        try:
            raw = await request.read()
            with contextlib.suppress(Refusal):  # no JSON: no names
                entry.keys = key_names(parse(raw)) if raw else []
            rules = self.faults.for_request(request.method, request.rel_url.raw_path)
            entry.fault = "+".join(rule.kind for rule in rules) or None
            answer = await self._before(rules, request)
            if answer is None:
                answer = self._work(request, entry, raw)
            entry.status = answer.status
            return await self._after(rules, request, self.response(answer))
        except NoAnswer:
            return web.Response()
        except web.HTTPException as error:  # the framework's own refusals
            return self.refuse(error.status, error.reason, entry)
        except (ConnectionError, web.RequestPayloadError):  # the client is gone
            raise
        except Exception:  # whatever it is, the client gets the service's fault for it
            self.unexpected.append(traceback.format_exc())
            return self.refuse(500, "Unexpected error", entry)

    def refuse(self, status: int, message: str, entry: Entry | None = None) -> web.Response:
        """The service's fault for what never reached a handler, or broke one."""
        if entry is not None:
            entry.status = status
        return self.response(refusal_answer(Refusal(status, message), self.world.behavior))

    def _begin(self, request: web.BaseRequest) -> Entry:
        path = request.rel_url.raw_path
        if path.startswith(_TOKENS):
            path = _TOKENS + "{token}"
        entry = Entry(len(self.log) + 1, self.world.clock.now(), request.method, path, request.rel_url.raw_query_string)
        self.log.append(entry)
        return entry

    async def _before(self, rules: list[FaultRule], request: web.BaseRequest) -> Answer | None:
        """Faults before the work; the answer of a status that stands in for it."""
        await linger(rules, "before", request)
        for rule in rules:
            if rule.kind == "reset" and rule.when == "before":
                raise cut(request, reset=True)
            if rule.kind == "status" and rule.when == "before":
                return self._status_answer(rule, await _repeated(request))
        return None

    async def _after(
        self, rules: list[FaultRule], request: web.BaseRequest, response: web.Response
    ) -> web.StreamResponse:
        """Faults after the work, on its way back."""
        await linger(rules, "after", request)
        await send_early_hints(rules, request)
        for rule in rules:
            if rule.kind == "lost" or (rule.kind == "reset" and rule.when == "after"):
                raise cut(request, reset=rule.kind == "reset")
            if rule.kind == "misshapen":
                text = '{"unexpected": []}' if rule.text is None else rule.text
                response = self.response(Answer(200, text.encode()))
            elif rule.kind == "status" and rule.when == "after":
                response = self.response(self._status_answer(rule, await _repeated(request)))
            elif rule.kind == "changed" and isinstance(response.body, bytes):
                response.body = with_changes(response.body, rule)
            elif rule.kind == "date":
                # aiohttp would add its own `Date` to an answer without one, so it is emptied
                off = self.world.clock.http_date(rule.seconds or 0.0)
                response.headers["Date"] = off if rule.text is None else rule.text
        for rule in rules:
            await send_badly(rule, request, response)
        return response

    def _status_answer(self, rule: FaultRule, request: str) -> Answer:
        headers = []
        if rule.retry_after is not None:
            text = retry_after_text(rule.retry_after, rule.retry_after_form, self.world.clock.now())
            headers.append(("Retry-After", text))
        if rule.location is not None:
            headers.append(("Location", rule.location))
        return gateway_answer(rule.status, rule.body, headers, request)

    def _work(self, request: web.BaseRequest, entry: Entry, raw: bytes) -> Answer:
        """The refusal of a nuisance, or what the handler says."""
        behavior = self.world.behavior
        if self.trouble is not None:
            behavior = self.trouble.vary(behavior)
        try:
            nuisance = self._nuisance(request, entry, behavior)
            if nuisance is not None:
                return nuisance
            behavior = self._with_hidden_devices(request, behavior)
            route, params = resolve(request.method, request.rel_url.raw_path)
            entry.route = route.template
            check_media_types(request, raw)
            base_url = f"{request.scheme}://{request.host}"
            answer = route.handler(
                Call(self.world, behavior, entry, base_url, params, request.query, request.headers, raw)
            )
        except Refusal as refusal:
            answer = refusal_answer(refusal, behavior)
        return replace(answer, body=styled(answer.body, behavior.key_style))

    def _with_hidden_devices(self, request: web.BaseRequest, behavior: Behavior) -> Behavior:
        """Trouble's empty lists, decided only for requests that are answered: so no two of them follow each other."""
        path = request.rel_url.raw_path
        is_list = request.method == "GET" and path.endswith(_DEVICE_LISTS)
        if self.trouble and is_list and self.trouble.hides_devices(request.method, path):
            return replace(behavior, empty_device_lists=_EVERY_LIST)
        return behavior

    def _nuisance(self, request: web.BaseRequest, entry: Entry, behavior: Behavior) -> Answer | None:
        """What a gateway answers in the place of the service; the refusals of a rate limit are raised."""
        now = self.world.clock.now()
        met: Refusal | Answer | None = self.rate_limit.refusal(behavior, now)
        name = "rate_limit"
        if met is None and self.trouble is not None:
            met = self.trouble.refusal(request.method, request.rel_url.raw_path, now)
            name = "trouble"
        if met is not None:
            entry.fault = entry.fault or name
        if isinstance(met, Refusal):
            raise met
        return met

    def response(self, answer: Answer) -> web.Response:
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


async def _repeated(request: web.BaseRequest) -> str:
    """All of a request that may be secret."""
    token = request.headers.get("X-Auth-Token", "")
    session = request.headers.get("X-SessionId", "")
    body = (await request.read()).decode(errors="replace")
    return f"{request.rel_url} {body} {token} {session}"
