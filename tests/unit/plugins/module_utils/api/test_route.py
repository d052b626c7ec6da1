# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies and authorities by an environment that is handed in."""

from __future__ import annotations

import ssl
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.api.route import authorities, proxies

HOST = "https://identity.example.com"
PROXY = "http://proxy.example.com:3128"


def test_each_scheme_has_its_proxy_and_lower_case_counts_more() -> None:
    environ = {
        "https_proxy": PROXY,
        "HTTPS_PROXY": "http://other",
        "http_proxy": "http://plain",
        "all_proxy": "http://all",
    }
    assert proxies(HOST, environ) == {"https": PROXY}
    assert proxies("http://a", environ) == {"http": "http://plain"}
    assert proxies(HOST, {"ALL_PROXY": "proxy:3128"}) == {"https": "http://proxy:3128"}
    assert proxies(HOST, {"http_proxy": PROXY}) == {}
    assert proxies(HOST, {"https_proxy": " "}) == {}


@pytest.mark.parametrize(
    ("endpoint", "exempt", "is_exempt"),
    [
        (HOST, "*", True),
        (HOST, "example.com", True),
        (HOST, ".example.com", True),
        (HOST, "*.example.com", True),
        (HOST, "IDENTITY.example.com.", True),
        (HOST, "a.example,identity.example.com", True),
        (f"{HOST}.", "identity.example.com", True),
        (HOST, "identity.example.com:443", True),
        (HOST, "identity.example.com:80", False),
        (HOST, "ample.com", False),
        (HOST, "example.co", False),
        (HOST, ",., *.", False),
        (HOST, "10.0.0.0/8", False),
        ("http://10.1.2.3:5000", "10.0.0.0/8", True),
        ("http://10.1.2.3:5000", "10.1.2.3", True),
        ("http://10.1.2.3:5000", "10.1.2.3:5000", True),
        ("http://10.1.2.3:5000", "10.1.2.3:80", False),
        ("http://10.1.2.3:5000", "11.0.0.0/8, 10.0.0.0/99", False),
        ("http://[fd00::1]:5000", "fd00::/8", True),
        ("http://[fd00::1]:5000", "[fd00::1]", True),
        ("http://[fd00::1]:5000", "[fd00::1]:5000", True),
        ("http://[fd00::1]:5000", "fd00::1", True),
        ("http://[fd00::1]:5000", "fd00::2", False),
    ],
)
def test_no_proxy(endpoint: str, exempt: str, is_exempt: bool) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        assert proxies(endpoint, {"all_proxy": PROXY, name: exempt}) == (
            {} if is_exempt else {endpoint.partition(":")[0]: PROXY}
        )


@pytest.mark.parametrize(
    "address", ["socks5://canary@a", "http://", "http://canary@:80", "http://a:canary", "http://[a", "ftp://a"]
)
def test_a_proxy_that_can_not_be_used_is_an_error_that_does_not_repeat_it(address: str) -> None:
    with pytest.raises(OptionError, match=r"https_proxy.*no_proxy") as caught:
        proxies(HOST, {"https_proxy": address})
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_authorities_come_from_the_environment_in_one_order(tmp_path: Path) -> None:
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environ = {name: str(tmp_path / name) for name in names}
    for name in names:
        (tmp_path / name).mkdir()
    for name in names:
        assert authorities(environ) == str(tmp_path / name)
        del environ[name]
    assert authorities(environ) == authorities({"SSL_CERT_FILE": ""})
    with pytest.raises(OptionError, match=r"CURL_CA_BUNDLE.*does not exist"):
        authorities({"CURL_CA_BUNDLE": str(tmp_path / "missing")})


def test_else_the_authorities_are_those_of_the_system_or_of_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty folder has none; and what the library brings along is never nothing."""
    file, folder = tmp_path / "cert.pem", tmp_path / "certs"
    system = SimpleNamespace(openssl_cafile=str(file), openssl_capath=str(folder))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: system)
    assert authorities({}) is True
    folder.mkdir()
    assert authorities({}) is True
    (folder / "1234abcd.0").touch()
    assert authorities({}) == str(folder)
    file.touch()
    assert authorities({}) == str(file)
