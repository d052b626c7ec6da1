# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong on the way to the service, each thing over real sockets. `test_troubleshooting.py` runs them."""

from __future__ import annotations

import datetime
import socket
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.modules import rax_mfa_domain, rax_mfa_info
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.account import AccountService
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.bench import Controller, Shelf
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

trustme = pytest.importorskip("trustme")
MANY = 20
"""As often as it may be asked again within a second."""
PAGE = Reply(200, b"<html>Welcome</html>")
LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
SERVICE = "https://identity.example.com"


def fault(status: int, name: str, message: str, **headers: str) -> Reply:
    return Reply(status, {name: {"code": status, "message": message}}, headers)


def ask(folder: Path, url: str = SERVICE, *, environ: dict[str, str] | None = None, **options: Any) -> None:
    """Log in there and look at the account."""
    here = Controller(AccountService(Moments()), Shelf(), folder / "state", environ=environ or {})
    here.call(rax_mfa_info, **{"auth_endpoint": url, "store": None, "timeout": 1, "max_wait": 1, **options})


def answered(*replies: Reply, **options: Any) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        with serving(*replies) as server:
            ask(folder, server.url, **options)

    return run


def by_proxy(reply: Reply, url: str = SERVICE) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        with serving(*[reply] * MANY) as proxy:
            ask(folder, url, environ={"https_proxy": proxy.url, "http_proxy": proxy.url}, allow_http=True)

    return run


def over_tls(
    name: str = "127.0.0.1", *, change: Callable[[ssl.SSLContext, str], None] | None = None, **certificate: Any
) -> Callable[[Path], None]:
    """:param change: changes what the server asks of its clients; it is told the file with its authority."""

    def run(folder: Path) -> None:
        authority, file = trustme.CA(), str(folder / "authority.pem")
        authority.cert_pem.write_to_path(file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, **certificate).configure_cert(context)
        if change:
            change(context, file)
        with serving(tls=context) as server:
            ask(folder, server.url, ca_path=file)

    return run


def unknown_authority(folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(tls=context) as server:
        ask(folder, server.url)


def certificate_asked_for(context: ssl.SSLContext, file: str) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # with 1.3 the refusal may come after the request was sent


def old_version(context: ssl.SSLContext, _file: str) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1


def no_tls(folder: Path, **options: Any) -> None:
    with serving() as server:
        ask(folder, server.url.replace("http:", "https:"), **options)


def no_authorities(folder: Path) -> None:
    empty = folder / "authorities.pem"
    empty.write_text("nothing", encoding="utf-8")
    no_tls(folder, ca_path=str(empty))


def refused(folder: Path, *, by_proxy: bool = False) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        if by_proxy:
            ask(folder, environ={"https_proxy": f"http://{nobody}"})
        else:
            ask(folder, f"https://{nobody}")


def silent(folder: Path) -> None:
    """The kernel makes the connection, and no program answers the handshake of TLS."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        ask(folder, f"https://127.0.0.1:{listening.getsockname()[1]}")


def mandated(folder: Path) -> None:
    domain = {"RAX-AUTH:domain": {"id": "1", "domainMultiFactorEnforcementLevel": "RACKSPACE_MANDATED"}}
    with serving(Reply(200, domain)) as server:
        here = Controller(AccountService(Moments()), Shelf(), folder / "state")
        here.call(rax_mfa_domain, auth_endpoint=server.url, domain_id="1", enforcement_level="OPTIONAL", **TOKEN)


TOKEN: dict[str, Any] = {"auth_token": "token", "user_id": "1", "username": None, "password": None}
LOCKED = fault(401, "unauthorized", "User account has been locked due to too many failed multi-factor attempts.")
OTHERS = {"access": {"token": {"id": "token"}, "user": {"id": "2", "name": "someone-else"}}}
BLOCKED = Reply(403, b"<html>Blocked</html>")
TWICE = 2
"""A page in place of an answer is asked for once more."""

ON_THE_WAY: dict[str, Callable[[Path], None]] = {
    "name-does-not-resolve": lambda folder: ask(folder, "https://no-such-host.invalid"),
    "connection-refused": refused,
    "no-answer-in-time": silent,
    "answer-lost": answered(*[Reply(how="closed")] * MANY),
    "proxy-refused": lambda folder: refused(folder, by_proxy=True),
    "proxy-asks-for-a-login": by_proxy(Reply(407)),
    "proxy-opens-no-connection": by_proxy(Reply(403)),
    "unknown-authority": unknown_authority,
    "certificate-of-another-host": over_tls("elsewhere.example.com"),
    "certificate-expired": over_tls(not_after=LONG_AGO),
    "client-certificate": over_tls(change=certificate_asked_for),
    "old-tls": over_tls(change=old_version),
    "no-tls": no_tls,
    "no-authorities": no_authorities,
    "wrong-path": answered(*[Reply(404, b"<html>Not Found</html>")] * TWICE),
    "redirect": answered(Reply(301, headers={"Location": "https://portal.example.com/login?token=x"})),
    "proxy-answers-407": by_proxy(Reply(407), "http://identity.example.com"),
    "firewall-refuses-login": answered(*[BLOCKED] * TWICE),
    "firewall-refuses-request": answered(*[BLOCKED] * TWICE, **TOKEN),
    "page-for-an-answer": answered(PAGE),
    "status-unknown": answered(*[Reply(418)] * TWICE),
    "another-user": answered(Reply(200, OTHERS)),
    "service-down": answered(*[Reply(503)] * MANY),
    "too-many-requests": answered(*[Reply(429, headers={"Retry-After": "30"})] * MANY),
    "user-disabled": answered(fault(403, "userDisabled", "User is disabled.")),
    "not-allowed": answered(fault(403, "forbidden", "Not Authorized"), **TOKEN),
    "level-mandated": mandated,
    "token-refused": answered(fault(401, "unauthorized", "No valid token provided."), **TOKEN),
    "locked": answered(LOCKED),
    "setup-required": answered(fault(403, "forbidden", "User must setup multi-factor")),
}
