# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a server: in the running event loop, or in a thread of its own for tests."""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import Any

from aiohttp import web

from .behavior import Behavior
from .client import Control
from .control import PREFIX
from .control import Control as ControlApi
from .engine import Engine


class Server:
    """The service and its control API on one port. With TLS the control API has a second, plain one on loopback."""

    def __init__(self, engine: Engine, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._engine = engine
        self._host, self._port, self._tls = host, port, tls
        self._runners: list[web.ServerRunner] = []
        self.url = ""
        self.control_url = ""

    async def start(self) -> None:
        """Listen; afterwards `url` and `control_url` are known. `OSError` if the port is taken."""
        scheme = "https" if self._tls else "http"
        port = await self._listen(with_service=True, host=self._host, port=self._port, tls=self._tls)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = self.control_url = f"{scheme}://{shown}:{port}"
        if self._tls:
            port = await self._listen(with_service=False, host="127.0.0.1", port=0, tls=None)
            self.control_url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Let go of held requests and close all connections."""
        self._engine.faults.clear()
        for runner in self._runners:
            await runner.cleanup()

    async def _listen(self, *, with_service: bool, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        runner = web.ServerRunner(_Connections(self._engine, with_service=with_service), shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        return int(runner.addresses[0][1])


class _Connections(web.Server):
    """What answers the connections of one port. No router of the framework: it would answer on its own at times."""

    def __init__(self, engine: Engine, *, with_service: bool) -> None:
        self._engine, self._control, self._with_service = engine, ControlApi(engine), with_service
        super().__init__(self._answer)

    def __call__(self) -> web.RequestHandler:
        return _Connection(self._engine, self)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if f"{request.path}/".startswith(f"{PREFIX}/") or not self._with_service:
            return await self._control.answer(request)
        expected = request.headers.get("Expect")
        if expected is not None:
            if expected.lower() != "100-continue":
                return self._engine.refuse(417, "Expectation failed")
            if request.transport is not None:
                request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._engine.serve(request)


class _Connection(web.RequestHandler):
    """One connection. What is no HTTP is answered like all else: with JSON and the emulator's own `Date`."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine, server: web.Server) -> None:
        super().__init__(server, loop=asyncio.get_running_loop())
        self._engine = engine

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be read."""
        if request.writer.output_size > 0:
            raise ConnectionError(message) from exc  # the answer has begun
        response = self._engine.refuse(status, "The request is not HTTP" if status < 500 else "Unexpected error")
        response.force_close()
        return response


def tls_context(certfile: str, keyfile: str | None = None) -> ssl.SSLContext:
    """A server's TLS context from a certificate and its key. `OSError` or `ssl.SSLError` for unusable files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile, keyfile)
    return context


class Emulator:
    """A context manager: the emulator in a thread, on a free port of loopback.

    with Emulator(users=[{"username": "alice", "password": "..."}]) as emulator:
        requests.post(emulator.url + "/v2.0/tokens", json=...)
        emulator.control.requests()
    """

    def __init__(
        self,
        users: list[dict[str, Any]] | None = None,
        behavior: dict[str, Any] | None = None,
        *,
        trouble: int | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        engine = Engine(users, Behavior().changed(behavior or {}), trouble)
        self._server = Server(engine, "127.0.0.1", port, tls)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator", daemon=True)

    @property
    def url(self) -> str:
        """Where the service answers."""
        return self._server.url

    @property
    def control_url(self) -> str:
        """Where the control API answers: the same, or a plain port beside a TLS one."""
        return self._server.control_url

    @property
    def control(self) -> Control:
        """A client of the control API."""
        return Control(self.control_url)

    def start(self) -> Emulator:
        """Start the thread and wait until the port is open."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()
        except Exception as error:
            self.stop()
            raise RuntimeError("the emulator did not start") from error
        return self

    def stop(self) -> None:
        """Stop the server and its thread."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, *unused: object) -> None:
        self.stop()
