# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: one emulator in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import random
import signal
import sys
from pathlib import Path
from typing import NoReturn

from . import seed
from .engine import Engine
from .misuse import Misuse
from .server import Server, tls_context

_LAST_PORT = 65535


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Misuse is told on stderr in one line."""
    options = _parse(arguments)
    try:
        tls = tls_context(options.certfile, options.keyfile) if options.certfile else None
        users = seed.read_file(options.seed) if options.seed else []
        engine = Engine(users, trouble=options.trouble)
        asyncio.run(_serve(Server(engine, options.host, options.port, tls), options))
    except (Misuse, OSError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """In one line; the usage is told by --help."""
        self.exit(2, f"emulator: {message}\n")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python3 tests/emulator",
        description="Emulate the multi-factor API of Rackspace Identity v2.0 for tests. It keeps everything in memory.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on; 0 takes a free one (default)")
    parser.add_argument("--allow-remote", action="store_true", help="allow a --host that is not loopback")
    parser.add_argument("--seed", metavar="FILE", help="JSON list of users")
    trouble_help = "add allowed nuisances at random; 'random' draws a seed"
    parser.add_argument("--trouble", metavar="SEED", type=_trouble_seed, help=trouble_help)
    parser.add_argument("--certfile", metavar="FILE", help="serve TLS with this certificate (PEM)")
    parser.add_argument("--keyfile", metavar="FILE", help="the certificate's key, if it is not in the same file")
    parser.add_argument("--url-file", metavar="FILE", help="write the URL to this file, too")
    options = parser.parse_args(arguments)
    if not options.allow_remote and not _is_loopback(options.host):
        parser.error(f"{options.host} is not loopback; say --allow-remote if you mean it")
    if options.keyfile and not options.certfile:
        parser.error("--keyfile needs --certfile")
    return options


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"it takes a whole number up to {_LAST_PORT}")
    return int(text)


def _trouble_seed(text: str) -> int:
    if text == "random":
        return random.SystemRandom().randrange(10**6)
    if not text.isdigit():
        raise argparse.ArgumentTypeError("it takes a whole number or 'random'")
    return int(text)


async def _serve(server: Server, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await server.start()
    if options.trouble is not None:
        print(f"trouble seed: {options.trouble}", file=sys.stderr, flush=True)
    if options.url_file:
        Path(options.url_file).write_text(server.url + "\n", encoding="utf-8")
    print(server.url, flush=True)
    if server.control_url != server.url:
        print(f"control API: {server.control_url}", file=sys.stderr, flush=True)
    await stop.wait()
    await server.stop()
