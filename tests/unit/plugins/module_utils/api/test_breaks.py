# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS with real servers: whom it trusts, each way in which it fails in its own words, and the way through a proxy."""

from __future__ import annotations

import datetime
import shutil
import socket
import ssl
import subprocess
import warnings
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.breaks import explain
from ansible_collections.rackspace.identity.plugins.module_utils.api.connections import Exchange
from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    IdentityError,
    LostAnswer,
    TlsFailed,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.api.transports import (
    CANARY,
    PATH,
    assert_tells_nothing,
    transport_to,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.simulated import Moments

trustme = pytest.importorskip("trustme")
LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


class Site:
    """A server's TLS, and the file with its authority."""

    def __init__(self, folder: Path, name: str = "127.0.0.1", **certificate: object) -> None:
        authority = trustme.CA()
        self.folder = folder
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, **certificate).configure_cert(self.tls)
        self.file = str(folder / "authority.pem")
        authority.cert_pem.write_to_path(self.file)

    def file_of_another(self) -> str:
        """A file with an authority that the server's certificate is not from."""
        path = str(self.folder / "another.pem")
        trustme.CA().cert_pem.write_to_path(path)
        return path

    def file_of_none(self) -> str:
        path = self.folder / "none.pem"
        path.write_text("nothing", encoding="utf-8")
        return str(path)

    def in_a_folder(self) -> str:
        """A folder with the authority under the name by which OpenSSL looks for it."""
        if not shutil.which("openssl"):
            pytest.skip("the name in the folder is made by openssl")
        command = ["openssl", "x509", "-noout", "-hash", "-in", self.file]
        name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        folder = self.folder / "authorities"
        folder.mkdir()
        shutil.copy(self.file, folder / f"{name}.0")
        return str(folder)


def site(name: str = "127.0.0.1", **dates: datetime.datetime) -> Callable[[Path], Site]:
    return lambda folder: Site(folder, name, **dates)


def old_version(folder: Path) -> Site:
    here = Site(folder)
    here.tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        here.tls.minimum_version = here.tls.maximum_version = ssl.TLSVersion.TLSv1_1
    return here


def asks_for_certificate(version: ssl.TLSVersion) -> Callable[[Path], Site]:
    def make(folder: Path) -> Site:
        here = Site(folder)
        here.tls.verify_mode = ssl.CERT_REQUIRED
        here.tls.load_verify_locations(here.file)
        here.tls.maximum_version = version
        return here

    return make


Verify = Callable[[Site], Any]
TRUST: dict[str, Verify] = {
    "a file": lambda here: here.file,
    "a folder": lambda here: here.in_a_folder(),
    "not verified": lambda _here: False,
}
REFUSED: dict[str, tuple[Callable[[Path], Site], Verify, str]] = {
    "unknown authority": (site(), lambda _here: True, "be verified: its authority is unknown. Nothing was sent."),
    "another authority": (site(), Site.file_of_another, "could not be verified: its authority is unknown."),
    "other name": (site("other.example.com"), TRUST["a file"], "could not be verified: it was issued for another host"),
    "expired": (site(not_after=LONG_AGO), TRUST["a file"], "be verified: it has expired. Nothing was sent. Renew it"),
    "TLS 1.1": (old_version, TRUST["a file"], "no version of TLS that is safe"),
    "client certificate": (asks_for_certificate(ssl.TLSVersion.TLSv1_2), TRUST["a file"], "asks for a client certif"),
    "no authority in the file": (site(), Site.file_of_none, "holds no certificate that can be read"),
}


def failure(url: str, *, may_overtake: bool = False, **how: Any) -> IdentityError:
    """What a request ends in that is not repeated, and whose error tells nothing.

    :param may_overtake: a reset may come before the refusal, and is a lost answer: then it is repeated.
    """
    moments = Moments()
    with pytest.raises(IdentityError) as caught:
        transport_to(url, moments, timeout=2.0, **how).send("GET", PATH)
    assert_tells_nothing(caught.value)
    if isinstance(caught.value, TlsFailed):
        assert any(cause in str(caught.value) for cause in ("O(auth_endpoint)", "O(ca_path)", "clock"))
        assert moments.slept == [] or may_overtake
    return caught.value


@pytest.mark.parametrize("case", REFUSED)
def test_what_tls_refuses_is_told_and_nothing_arrives(case: str, tmp_path: Path) -> None:
    make, verify, words = REFUSED[case]
    here = make(tmp_path)
    with serving(tls=here.tls) as server:
        error = failure(server.url, verify=verify(here))
    assert server.seen == []
    assert isinstance(error, TlsFailed)
    assert words in str(error)
    assert server.url in str(error)


def test_what_is_not_verified_is_not_refused_and_gives_no_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with serving(tls=Site(tmp_path, "other.example.com", not_after=LONG_AGO).tls) as server:
        assert transport_to(server.url, verify=False).send("GET", "/x").status == 200
    assert recwarn.list == []


@pytest.mark.parametrize("case", TRUST)
@pytest.mark.parametrize("login", ["", f"jo:{CANARY}%40@"], ids=["no password", "a password"])
@pytest.mark.parametrize("by_proxy", [False, True], ids=["directly", "by a proxy"])
def test_who_is_trusted(case: str, login: str, by_proxy: bool, tmp_path: Path) -> None:
    here = Site(tmp_path)
    verify = TRUST[case](here)
    with serving(tls=here.tls) as server, serving(Reply(how="tunnel")) as proxy:
        environ = {"https_proxy": proxy.url.replace("http://", f"http://{login}")} if by_proxy else {}
        transport = transport_to(server.url, verify=verify, environ=environ)
        assert transport.send("GET", "/x").status == 200
        transport.close()
    assert [seen.path for seen in server.seen] == ["/x"]
    assert "Proxy-Authorization" not in server.seen[0].headers
    assert [seen.method for seen in proxy.seen] == ["CONNECT"] * by_proxy
    basic = "Basic " + b64encode(f"jo:{CANARY}@".encode()).decode() if login else None
    assert [seen.headers.get("Proxy-Authorization") for seen in proxy.seen] == [basic] * by_proxy


def test_a_certificate_is_verified_through_a_proxy(tmp_path: Path) -> None:
    here = Site(tmp_path)
    with serving(tls=here.tls) as server, serving(Reply(how="tunnel")) as proxy:
        environ = {"https_proxy": proxy.url.replace("http://", f"http://jo:{CANARY}@")}
        assert isinstance(failure(server.url, verify=here.file_of_another(), environ=environ), TlsFailed)
    assert (len(proxy.seen), server.seen) == (1, [])


def test_no_tls() -> None:
    with serving() as server:
        error = failure(server.url.replace("http:", "https:"))
    assert isinstance(error, TlsFailed)
    assert "does not speak TLS" in str(error)
    assert server.seen == []


def test_tls_that_is_not_expected(tmp_path: Path) -> None:
    with serving(tls=Site(tmp_path).tls) as server:
        error = failure(server.url.replace("https:", "http:"))
    assert isinstance(error, LostAnswer)


def test_a_client_certificate_that_is_asked_for_by_tls_1_3(tmp_path: Path) -> None:
    here = asks_for_certificate(ssl.TLSVersion.TLSv1_3)(tmp_path)
    with serving(tls=here.tls) as server:
        error = failure(server.url, verify=here.file, may_overtake=True)
    assert server.seen == []
    # The request is on its way when the refusal comes, and a reset may overtake it.
    assert isinstance(error, LostAnswer) or "asks for a client certificate" in str(error)


def test_a_request_that_was_refused_for_want_of_a_certificate_was_not_carried_out() -> None:
    exchange = Exchange()
    exchange.was_sent = True
    for reason, kind in (("TLSV13_ALERT_CERTIFICATE_REQUIRED", TlsFailed), ("OTHER", LostAnswer), (None, LostAnswer)):
        refusal = ssl.SSLError()
        refusal.reason = reason  # type: ignore[assignment]
        assert isinstance(explain(refusal, exchange, "https://a.example", by_proxy=False), kind)


def test_a_cause_is_found_beside_another_one() -> None:
    failure = OSError(OSError("its own cause"), socket.gaierror("not known"))
    assert "does not resolve" in str(explain(failure, Exchange(), "https://a.example", by_proxy=False))


@pytest.mark.parametrize("how", ["reset", "closed", "truncated"])
def test_tls_that_breaks_after_the_work_is_a_lost_answer(tmp_path: Path, how: str) -> None:
    here = Site(tmp_path)
    with serving(Reply(201, {"a": 1}, how=how), tls=here.tls) as server, pytest.raises(LostAnswer):
        transport_to(server.url, verify=here.file).send("POST", "/x", repeat=Repeat.IF_NOT_DONE)
    assert len(server.seen) == 1


def test_authorities_of_the_environment_are_used_and_an_option_counts_more(tmp_path: Path) -> None:
    here = Site(tmp_path)
    another, folder = here.file_of_another(), here.in_a_folder()
    with serving(tls=here.tls) as server:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            assert transport_to(server.url, environ={name: here.file}).send("GET", "/x").status == 200
            assert isinstance(failure(server.url, environ={name: another}), TlsFailed)
            environ = {name: another}
            assert transport_to(server.url, environ=environ, verify=here.file).send("GET", "/x").status == 200
        assert transport_to(server.url, environ={"SSL_CERT_DIR": folder}).send("GET", "/x").status == 200
