# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS and its failures over real sockets, each in its own words."""

from __future__ import annotations

import datetime
import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    IdentityError,
    LostAnswer,
    TlsFailed,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat, Transport
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving

trustme = pytest.importorskip("trustme")
LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


class Site:
    """A server's TLS, and the file with its authority."""

    def __init__(self, folder: Path, name: str = "127.0.0.1", **certificate: object) -> None:
        self.authority = trustme.CA()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name, **certificate).configure_cert(self.tls)
        self.file = str(folder / "authority.pem")
        self.authority.cert_pem.write_to_path(self.file)


def failure(url: str, **how: Any) -> IdentityError:
    with pytest.raises(IdentityError) as caught:
        Transport(url, timeout=2, sleep=lambda _seconds: None, **how).send("POST", "/x", repeat=Repeat.NEVER)
    if isinstance(caught.value, TlsFailed):
        assert any(cause in str(caught.value) for cause in ("O(auth_endpoint)", "O(ca_path)", "clock"))
    return caught.value


def test_an_unknown_authority(tmp_path: Path) -> None:
    with serving(tls=Site(tmp_path).tls) as server:
        error = failure(server.url)
    assert isinstance(error, TlsFailed)
    assert "could not be verified: its authority is unknown. Nothing was sent." in str(error)


def test_another_name(tmp_path: Path) -> None:
    site = Site(tmp_path, "elsewhere.example.com")
    with serving(tls=site.tls) as server:
        error = failure(server.url, verify=site.file)
    assert isinstance(error, TlsFailed)
    assert "could not be verified: it was issued for another host name." in str(error)


def test_an_expired_certificate(tmp_path: Path) -> None:
    site = Site(tmp_path, not_after=LONG_AGO)
    with serving(tls=site.tls) as server:
        error = failure(server.url, verify=site.file)
    assert isinstance(error, TlsFailed)
    assert "could not be verified: it has expired. Nothing was sent. Renew it" in str(error)


def test_no_tls() -> None:
    with serving() as server:
        error = failure(server.url.replace("http:", "https:"))
    assert isinstance(error, TlsFailed)
    assert "does not speak TLS" in str(error)


def test_tls_that_is_not_expected(tmp_path: Path) -> None:
    with serving(tls=Site(tmp_path).tls) as server:
        error = failure(server.url.replace("https:", "http:"))
    assert isinstance(error, LostAnswer)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda version: version.name)
def test_a_client_certificate_that_is_asked_for(tmp_path: Path, version: ssl.TLSVersion) -> None:
    site = Site(tmp_path)
    site.tls.verify_mode = ssl.CERT_REQUIRED
    site.tls.load_verify_locations(site.file)
    site.tls.maximum_version = version
    with serving(tls=site.tls) as server:
        error = failure(server.url, verify=site.file)
    assert server.seen == []
    if version is ssl.TLSVersion.TLSv1_3 and isinstance(error, LostAnswer):
        return  # the request was on its way, and the reset overtook the alert
    assert isinstance(error, TlsFailed)
    assert "asks for a client certificate" in str(error)


def test_a_version_of_tls_that_is_too_old(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        site.tls.minimum_version = site.tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(tls=site.tls) as server:
        error = failure(server.url, verify=site.file)
    assert isinstance(error, TlsFailed)
    assert "no version of TLS that is safe" in str(error)


def test_a_file_of_authorities_that_is_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing", encoding="utf-8")
    with serving(tls=Site(tmp_path).tls) as server:
        error = failure(server.url, verify=str(empty))
    assert isinstance(error, TlsFailed)
    assert "holds no certificate that can be read" in str(error)


@pytest.mark.parametrize("how", ["reset", "closed", "truncated"])
def test_tls_that_breaks_after_the_work_is_a_lost_answer(tmp_path: Path, how: str) -> None:
    site = Site(tmp_path)
    with serving(Reply(201, {"a": 1}, how=how), tls=site.tls) as server:
        assert isinstance(failure(server.url, verify=site.file), LostAnswer)
    assert len(server.seen) == 1


def test_authorities_of_the_environment_are_used_and_an_option_counts_more(tmp_path: Path) -> None:
    site, other = Site(tmp_path), tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with serving(tls=site.tls) as server:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            assert Transport(server.url, environ={name: site.file}).send("GET", "/x").status == 200
            assert isinstance(failure(server.url, environ={name: str(other)}), TlsFailed)
            environ = {name: str(other)}
            assert Transport(server.url, environ=environ, verify=site.file).send("GET", "/x").status == 200


def test_a_name_that_does_not_resolve() -> None:
    error = failure("https://no-such-host.invalid")
    assert isinstance(error, ConnectionFailed)
    assert not isinstance(error, LostAnswer)
    assert "does not resolve: nothing was sent" in str(error)
