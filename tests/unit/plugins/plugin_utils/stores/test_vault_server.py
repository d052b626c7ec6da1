# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of HashiCorp Vault or OpenBao: the way to it, the login, and its refusals in words."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import fixture_server
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import CANARY, ENTRY, opened
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.openbao import ROOT, serving

hvac = pytest.importorskip("hvac")
REFUSED = r"store.auth: http.* refused the login. Check store.namespace, .*AppRole .*role_id .* more than once"
WRITE = 'path "secret/data/*" { capabilities = ["create", "read", "update"] }'


@pytest.fixture(name="login")
def _login(config: dict[str, Any], admin: Any) -> Callable[..., dict[str, Any]]:
    """Have the server know an AppRole that may write; return how a store logs in by it."""

    def login(**limits: int) -> dict[str, Any]:
        with contextlib.suppress(hvac.exceptions.InvalidRequest):
            admin.sys.enable_auth_method("approle")
        admin.sys.create_or_update_policy(name="writer", policy=WRITE)
        unlimited = {"secret_id_num_uses": 0, "token_num_uses": 0}
        admin.auth.approle.create_or_update_approle("mfa", token_policies=["writer"], **{**unlimited, **limits})
        role_id = admin.auth.approle.read_role_id("mfa")["data"]["role_id"]
        secret_id = admin.auth.approle.generate_secret_id("mfa")["data"]["secret_id"]
        given = {key: value for key, value in config.items() if key != "token"}
        return {**given, "auth": "approle", "role_id": role_id, "secret_id": secret_id}

    return login


def test_a_login_by_approle(tmp_path: Path, login: Callable[..., dict[str, Any]]) -> None:
    given = login(token_num_uses=50)
    store = opened(tmp_path, given)
    store.check()
    store.save(ENTRY, None)
    store.remove(ENTRY)  # without the right to delete, too
    assert store.load() is None
    environ = {f"VAULT_{name.upper()}": given.pop(name) for name in ("role_id", "secret_id")}
    assert opened(tmp_path, given, environ).load() is None


def test_a_login_by_approle_that_is_refused(tmp_path: Path, login: Callable[..., dict[str, Any]], admin: Any) -> None:
    given = login(secret_id_num_uses=1)
    opened(tmp_path, given).check()
    with pytest.raises(OptionError, match=REFUSED):
        opened(tmp_path, given).check()
    with pytest.raises(OptionError, match=REFUSED) as caught:
        opened(tmp_path, {**given, "secret_id": CANARY}).load()
    assert CANARY not in str(caught.value)
    admin.sys.disable_auth_method("approle")
    with pytest.raises(OptionError, match=REFUSED):
        opened(tmp_path, given).check()


def test_a_token_that_may_be_used_up_in_the_middle_is_refused(
    tmp_path: Path, login: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(OptionError, match=r"store.auth: the token .* 49 times, .* token_num_uses .* at least 50\.$"):
        opened(tmp_path, login(token_num_uses=49)).check()


def test_the_environment_of_the_task_counts(tmp_path: Path, path: str, url: str) -> None:
    unset = {"no_proxy": "", "NO_PROXY": ""}  # whatever this process has
    environ = {"VAULT_ADDR": url, "VAULT_TOKEN": ROOT, "http_proxy": "http://127.0.0.1:9", **unset}
    given = {"type": "hashi_vault", "path": path}
    with pytest.raises(OptionError, match="there is no connection"):
        opened(tmp_path, given, environ).load()
    assert opened(tmp_path, given, {**environ, "no_proxy": "127.0.0.1"}).load() is None


def test_a_server_that_is_not_there_or_no_tls_server(tmp_path: Path, config: dict[str, Any], url: str) -> None:
    with pytest.raises(OptionError, match=r"store.url: cannot look .*there is no connection"):
        opened(tmp_path, {**config, "url": "http://127.0.0.1:9"}).check()
    with pytest.raises(OptionError, match=r"TLS failed"):
        opened(tmp_path, {**config, "url": url.replace("http://", "https://")}).check()
    with pytest.raises(OptionError, match=r"Check store.ca_path"):
        opened(tmp_path, {**config, "url": url.replace("http", "https"), "ca_path": "/missing"}).check()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, {"data": {"version": 7}}),
        (200, b'{"data": {"data": {}, "version": 1e999, "metadata": {"version": 1e999}}}'),
        (200, b'{"data":' + b"[" * 200_000),
        (204, None),
        (300, b"<html>"),
    ],
    ids=["a page", "the answer to another write", "no number", "a deep one", "nothing", "a choice"],
)
def test_a_server_that_is_no_vault(tmp_path: Path, config: dict[str, Any], status: int, body: Any) -> None:
    refuse_all(tmp_path, config, Reply(status, body), "the answer is not one of a KV engine")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (307, None, "the answer is a redirect, .* Set store.url to the active node"),
        (400, {"errors": ["a wrong request"]}, "the server refused the request"),
        (401, None, "the token was refused"),
        (403, {"errors": ["permission denied"]}, "permission denied. .*the policy of the login"),
        (412, {"errors": ["required index state not present"]}, "an error. Run this again"),
        (429, {"errors": ["too many"]}, "a rate limit. Run this again later"),
        (472, None, "an error. .*whether store.url is its active node"),
        (500, {"errors": [CANARY]}, "an error. Run this again"),
        (502, b"<html>", "an error. Run this again"),
        (503, {"errors": ["Vault is sealed"]}, "the server is sealed or down"),
    ],
)
def test_what_a_server_refuses_is_told_in_words(
    tmp_path: Path, config: dict[str, Any], status: int, body: Any, words: str
) -> None:
    elsewhere = {"Location": f"{config['url']}/v1/secret/data/{config['path']}"} if status == 307 else {}
    refuse_all(tmp_path, config, Reply(status, body, {"Content-Type": "application/json", **elsewhere}), words)


def refuse_all(tmp_path: Path, config: dict[str, Any], reply: Reply, words: str) -> None:
    """Use a server that gives one and the same answer to everything, and expect these words."""
    with fixture_server.serving(*[reply] * 8) as server:
        store: Any = opened(tmp_path, {**config, "url": server.url})
        for use in (store.check, store.load, lambda: store.save(ENTRY, None), lambda: store._write(ENTRY, 0)):
            with pytest.raises(OptionError, match=f"store.url: cannot .*: .*{words}") as caught:
                use()
            assert CANARY not in str(caught.value)


def test_a_sealed_server(tmp_path: Path, config: dict[str, Any]) -> None:
    with serving() as url:
        store = opened(tmp_path, {**config, "url": url})
        store.check()
        hvac.Client(url=url, token=ROOT).sys.seal()
        with pytest.raises(OptionError, match="sealed or down"):
            store.load()


def test_a_library_that_is_missing_is_told(
    tmp_path: Path, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(OptionError, match=r"store.type: hashi_vault needs the Python library hvac.*pip install hvac"):
        opened(tmp_path, config).check()
