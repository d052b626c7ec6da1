# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `hashi_vault`, with a real server: OpenBao in its development mode."""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils import fixture_server
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.fixture_server import Reply
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.helpers import (
    CANARY,
    ENTRY,
    OTHER,
    OpenAt,
    StoreContract,
    assert_kills_do_no_harm,
    opened,
)

hvac = pytest.importorskip("hvac")
BAO = shutil.which("bao", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH')}")
pytestmark = pytest.mark.skipif(not BAO, reason="the program bao (OpenBao) is not here")
ROOT = f"{CANARY}-root"
READ_ONLY = 'path "secret/data/*" { capabilities = ["read"] }'
WRITE = 'path "secret/data/*" { capabilities = ["create", "read", "update"] }'


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """A server of our own; yields its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(BAO), "server", "-dev", f"-dev-listen-address={address}", f"-dev-root-token-id={ROOT}"]
    with subprocess.Popen(
        [*command, "-dev-no-store-token"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        url = f"http://{address}"
        client = hvac.Client(url=url, token=ROOT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                # Ready is when the engine answers, which is a little after the port does.
                client.secrets.kv.v2.read_configuration()
                break
            time.sleep(0.05)
        try:
            yield url
        finally:
            server.terminate()


@pytest.fixture(scope="module", name="url")
def _url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(name="admin")
def _admin(url: str) -> Any:
    return hvac.Client(url=url, token=ROOT)


@pytest.fixture(name="path")
def _path(request: pytest.FixtureRequest) -> str:
    """A path that no other test uses."""
    return f"rackspace/{abs(hash(request.node.nodeid))}"


@pytest.fixture(name="config")
def _config(url: str, path: str) -> dict[str, Any]:
    return {"type": "hashi_vault", "url": url, "path": path, "token": ROOT}


@pytest.fixture(name="open_at")
def _open_at(tmp_path: Path, config: dict[str, Any]) -> OpenAt:
    return lambda name: opened(tmp_path, {**config, "path": f"{config['path']}/{name}"})


@pytest.fixture(name="store")
def _store(tmp_path: Path, config: dict[str, Any]) -> Store:
    return opened(tmp_path, config)


class TestContract(StoreContract):
    place = "secret/rackspace/.*/ada at http"
    races = 10


def token_for(admin: Any, policy: str) -> str:
    name = f"policy-{abs(hash(policy))}"
    admin.sys.create_or_update_policy(name=name, policy=policy)
    token: str = admin.auth.token.create(policies=[name])["auth"]["client_token"]
    return token


def test_what_was_deleted_by_hand_counts_as_nothing(store: Store, admin: Any, path: str) -> None:
    store.save(ENTRY, None)
    admin.secrets.kv.v2.delete_latest_version_of_secret(path=path)
    assert store.load() is None
    store.save(OTHER, None)
    assert store.load() == OTHER


def test_a_save_between_reading_and_writing_wins(tmp_path: Path, config: dict[str, Any]) -> None:
    """The server compares versions, so what was read a moment ago is no license."""
    slow: Any = opened(tmp_path, config)
    version = slow._version_of(None)
    opened(tmp_path, config).save(OTHER, None)
    with pytest.raises(StoreChanged):
        slow._write(ENTRY, version)
    assert slow.load() == OTHER


def test_killed_in_the_middle_of_a_save(open_at: OpenAt) -> None:
    assert_kills_do_no_harm(open_at, lambda pid: os.kill(pid, signal.SIGKILL))


def test_a_lost_answer_to_a_write_that_was_done_is_no_failure(
    tmp_path: Path, config: dict[str, Any], store: Store
) -> None:
    class Losing(http.server.BaseHTTPRequestHandler):
        """Passes requests on to the server, and loses the answers to writes."""

        def do_GET(self) -> None:
            status, content = self.passed_on()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.passed_on()

        def passed_on(self) -> tuple[int, bytes]:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = requests.request(self.command, config["url"] + self.path, data=body, headers=token, timeout=20)
            return answer.status_code, answer.content

        def log_message(self, *_arguments: Any) -> None:
            """Keep quiet."""

    token = {"X-Vault-Token": ROOT}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Losing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened(tmp_path, {**config, "url": f"http://127.0.0.1:{server.server_port}"}).save(ENTRY, None)
        server.shutdown()
    assert store.load() == ENTRY


def test_a_login_by_approle(tmp_path: Path, config: dict[str, Any], admin: Any) -> None:
    with contextlib.suppress(hvac.exceptions.InvalidRequest):
        admin.sys.enable_auth_method("approle")
    admin.sys.create_or_update_policy(name="writer", policy=WRITE)
    admin.auth.approle.create_or_update_approle("mfa", token_policies=["writer"])
    role_id = admin.auth.approle.read_role_id("mfa")["data"]["role_id"]
    secret_id = admin.auth.approle.generate_secret_id("mfa")["data"]["secret_id"]
    del config["token"]
    given = {**config, "auth": "approle"}
    store = opened(tmp_path, {**given, "role_id": role_id, "secret_id": secret_id})
    store.check()
    store.save(ENTRY, None)
    store.remove(ENTRY)  # without the right to delete, too
    assert store.load() is None
    environ = {"VAULT_ROLE_ID": role_id, "VAULT_SECRET_ID": secret_id}
    assert opened(tmp_path, given, environ).load() is None
    with pytest.raises(OptionError, match=r"cannot log in for .*: the server refused it") as caught:
        opened(tmp_path, {**given, "role_id": role_id, "secret_id": CANARY}).load()
    assert CANARY not in str(caught.value)


def test_the_environment_of_the_task_counts(tmp_path: Path, path: str, url: str) -> None:
    unset = {"no_proxy": "", "NO_PROXY": ""}  # whatever this process has
    environ = {"VAULT_ADDR": url, "VAULT_TOKEN": ROOT, "http_proxy": "http://127.0.0.1:9", **unset}
    given = {"type": "hashi_vault", "path": path}
    with pytest.raises(OptionError, match="there is no connection"):
        opened(tmp_path, given, environ).load()
    assert opened(tmp_path, given, {**environ, "no_proxy": "127.0.0.1"}).load() is None


def test_what_the_token_must_not_do_is_told_before_anything_is_sent(
    tmp_path: Path, config: dict[str, Any], admin: Any
) -> None:
    reader = opened(tmp_path, {**config, "token": token_for(admin, READ_ONLY)})
    assert reader.load() is None
    with pytest.raises(OptionError, match=r"store.path: the login has no right to write secret/rackspace"):
        reader.check()
    with pytest.raises(OptionError, match="permission denied"):
        reader.save(ENTRY, None)
    for token in (token_for(admin, 'path "other/*" { capabilities = ["read"] }'), CANARY):
        nobody = opened(tmp_path, {**config, "token": token})
        with pytest.raises(OptionError, match="permission denied") as caught:
            nobody.check()
        assert CANARY not in str(caught.value)


def test_a_mount_that_is_not_kv_2_is_told_before_anything_is_sent(
    tmp_path: Path, config: dict[str, Any], admin: Any
) -> None:
    with contextlib.suppress(hvac.exceptions.InvalidRequest):
        admin.sys.enable_secrets_engine("kv", path="old", options={"version": "1"})
    for mount in ("old", "missing"):
        with pytest.raises(OptionError, match=f"store.mount: {mount} at .* is not a KV engine of version 2"):
            opened(tmp_path, {**config, "mount": mount}).check()


def test_what_is_not_an_entry_is_refused(admin: Any, path: str, store: Store) -> None:
    admin.secrets.kv.v2.create_or_update_secret(path=path, secret={"secret": [CANARY]})
    with pytest.raises(OptionError, match=f"secret/{path} .*secret is a list") as caught:
        store.load()
    assert CANARY not in str(caught.value)


def test_a_server_that_is_not_there_or_no_tls_server(tmp_path: Path, config: dict[str, Any], url: str) -> None:
    with pytest.raises(OptionError, match=r"store.url: cannot look .*there is no connection"):
        opened(tmp_path, {**config, "url": "http://127.0.0.1:9"}).check()
    with pytest.raises(OptionError, match=r"TLS failed"):
        opened(tmp_path, {**config, "url": url.replace("http://", "https://")}).check()
    with pytest.raises(OptionError, match=r"Check store.ca_path"):
        opened(tmp_path, {**config, "url": url.replace("http", "https"), "ca_path": "/missing"}).check()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, {"data": {"version": 7}}), (204, None), (307, b"<html>")],
    ids=["a page", "the answer to another write", "nothing", "a redirect"],
)
def test_a_server_that_is_no_vault(tmp_path: Path, config: dict[str, Any], status: int, body: Any) -> None:
    elsewhere = {"Location": f"{config['url']}/v1/secret/data/{config['path']}"} if status == 307 else {}
    page = Reply(status, body, elsewhere)
    with fixture_server.serving(*[page] * 8) as server:
        store: Any = opened(tmp_path, {**config, "url": server.url})
        for use in (store.check, store.load, lambda: store.save(ENTRY, None), lambda: store._write(ENTRY, 0)):
            with pytest.raises(OptionError, match=r"the answer is not one of a KV engine"):
                use()


@pytest.mark.parametrize("body", [b"<html>", None, []], ids=["a page", "nothing", "a list"])
def test_a_404_that_is_not_the_engines_does_not_say_that_nothing_is_stored(
    tmp_path: Path, config: dict[str, Any], body: Any
) -> None:
    with fixture_server.serving(*[Reply(404, body)] * 2) as server:
        store = opened(tmp_path, {**config, "url": server.url})
        for use in (store.load, lambda: store.save(ENTRY, None)):
            with pytest.raises(OptionError, match=r"the answer is not one of a KV engine"):
                use()


def test_another_400_than_that_of_the_version_is_no_other_run(tmp_path: Path, config: dict[str, Any]) -> None:
    of_json = {"Content-Type": "application/json"}
    refused = Reply(400, {"errors": ["check-and-set parameter required for this call"]}, of_json)
    nothing = Reply(404, {"errors": []}, of_json)
    words = r"cannot write .*: the server refused it \(InvalidRequest\)"
    with fixture_server.serving(nothing, refused, nothing) as server, pytest.raises(OptionError, match=words):
        opened(tmp_path, {**config, "url": server.url}).save(ENTRY, None)


def test_after_a_version_that_was_destroyed_a_new_one_is_stored(store: Store, admin: Any, path: str) -> None:
    store.save(ENTRY, None)
    admin.secrets.kv.v2.destroy_secret_versions(path=path, versions=[1])
    assert store.load() is None
    store.save(OTHER, None)
    assert store.load() == OTHER


def test_a_sealed_server(tmp_path: Path, config: dict[str, Any]) -> None:
    with serving() as url:
        store = opened(tmp_path, {**config, "url": url})
        store.check()
        hvac.Client(url=url, token=ROOT).sys.seal()
        with pytest.raises(OptionError, match="sealed or down"):
            store.load()


def test_a_library_that_is_missing_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(OptionError, match=r"store.type: hashi_vault needs the Python library hvac.*pip install hvac"):
        store.check()
