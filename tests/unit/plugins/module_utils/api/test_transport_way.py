# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the service: proxies, and what else the environment says."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import (
    ConnectionFailed,
    LostAnswer,
)
from ansible_collections.rackspace.identity.plugins.module_utils.api.transport import Repeat
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.api.transports import (
    CANARY,
    LOST,
    PATH,
    assert_tells_nothing,
    closed_port,
    transport_to,
)
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply, serving


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login jo password from-netrc\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as server:
        transport_to(server.url).send("GET", "/x")
    assert ["Authorization" in seen.headers for seen in server.seen] == [False]


def test_the_environment_of_the_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://the.process.invalid")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with serving() as server:
        assert transport_to(server.url).send("GET", "/x").status == 200


def test_a_proxy_is_honored_and_told_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://the.process.invalid")
    with serving() as proxy:
        environ = {"http_proxy": proxy.url.replace("http://", "jo:pass%40word@")}
        transport_to("http://identity.example.com", environ=environ).send("GET", "/x")
    (seen,) = proxy.seen
    assert seen.path == "http://identity.example.com/x"
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["proxy-authorization"] == "Basic " + b64encode(b"jo:pass@word").decode()


@pytest.mark.parametrize("endpoint", ["http://identity.example.com", "https://identity.example.com"])
def test_a_proxy_that_is_down_means_that_nothing_was_sent(endpoint: str) -> None:
    address = f"http://jo:{CANARY}@127.0.0.1:{closed_port()}"
    with pytest.raises(ConnectionFailed, match=r"proxy.*refused.*https_proxy") as caught:
        transport_to(endpoint, timeout=0.1, environ={"all_proxy": address}).send("GET", "/x")
    assert not isinstance(caught.value, LostAnswer)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize(("status", "words"), [(403, "opens no connection"), (407, "a user name and a password")])
def test_a_proxy_that_opens_no_tunnel_means_that_nothing_was_sent(status: int, words: str) -> None:
    with serving(Reply(status)) as proxy:
        transport = transport_to("https://identity.example.com", timeout=0.1, environ={"https_proxy": proxy.url})
        with pytest.raises(ConnectionFailed, match=words) as caught:
            transport.send("GET", PATH)
    assert [seen.method for seen in proxy.seen] == ["CONNECT"]
    assert not isinstance(caught.value, LostAnswer)
    assert_tells_nothing(caught.value)


@pytest.mark.parametrize("trouble", LOST)
def test_an_answer_that_is_lost_behind_a_proxy_is_lost(trouble: str) -> None:
    with serving(LOST[trouble]) as proxy, pytest.raises(LostAnswer):
        transport_to("http://identity.example.com", environ={"http_proxy": proxy.url}).send(
            "POST", PATH, repeat=Repeat.IF_NOT_DONE
        )
    assert len(proxy.seen) == 1
