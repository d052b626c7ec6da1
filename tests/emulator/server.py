# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a server: in the running event loop, or in a thread of its own for tests."""

from __future__ import annotations

import asyncio
import ssl
import threading
from types import TracebackType
from typing import Any

from aiohttp import web

from .behaviour import Behaviour
from .client import Control
from .control import PREFIX
from .control import Control as ControlApi
from .engine import Engine


class Server:
    """The service and its control API on one port. With TLS the control API has a second, plain one on loopback."""

    def __init__(self, engine: Engine, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._engine = engine
        self._host, self._port, self._tls = host, port, tls
        self._runners: list[web.AppRunner] = []
        self.url = ""
        self.control_url = ""

    async def start(self) -> None:
        """Listen; afterwards `url` and `control_url` are known. `OSError` if the port is taken."""
        scheme = "https" if self._tls else "http"
        port = await self._listen(self._app(with_service=True), self._host, self._port, self._tls)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = self.control_url = f"{scheme}://{shown}:{port}"
        if self._tls:
            port = await self._listen(self._app(with_service=False), "127.0.0.1", 0, None)
            self.control_url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Let go of held requests and close all connections."""
        self._engine.faults.clear()
        for runner in self._runners:
            await runner.cleanup()

    def _app(self, *, with_service: bool) -> web.Application:
        app = web.Application()
        ControlApi(self._engine).add_routes(app)
        app.router.add_route("*", PREFIX + "{rest:(/.*)?}", _no_such_control)
        if with_service:
            app.router.add_route("*", "/{rest:.*}", self._engine.serve)
        return app

    async def _listen(self, app: web.Application, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        return int(runner.addresses[0][1])


async def _no_such_control(_request: web.Request) -> web.Response:
    return web.json_response({"error": "no such control"}, status=404)


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
        behaviour: dict[str, Any] | None = None,
        *,
        trouble: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        engine = Engine(users, Behaviour().changed(behaviour or {}), trouble)
        self._server = Server(engine, host, port, tls)
        self._started = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

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
        self._started.wait()
        if self._problem is not None:
            raise RuntimeError("the emulator did not start") from self._problem
        return self

    def stop(self) -> None:
        """Stop the server and its thread."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # told in the thread that waits for the start
            self._problem = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await self._server.start()
        self._started.set()
        await self._stop.wait()
        await self._server.stop()
