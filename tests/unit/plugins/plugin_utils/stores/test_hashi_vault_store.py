# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store `hashi_vault`, with a real server: OpenBao in its development mode."""

from __future__ import annotations

import contextlib
import http.server
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.rackspace.identity.plugins.module_utils.api.errors import OptionError
from ansible_collections.rackspace.identity.plugins.module_utils.login.stored import Store, StoreChanged, StoredEntry
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
from ansible_collections.rackspace.identity.tests.unit.plugins.plugin_utils.stores.openbao import ROOT

hvac = pytest.importorskip("hvac")
READ_ONLY = 'path "secret/data/*" { capabilities = ["read"] }'


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
    number = slow._standing(None).number
    opened(tmp_path, config).save(OTHER, None)
    with pytest.raises(StoreChanged):
        slow._write(ENTRY, number)
    assert slow.load() == OTHER


def test_killed_in_the_middle_of_a_save(open_at: OpenAt) -> None:
    assert_kills_do_no_harm(open_at, lambda pid: os.kill(pid, signal.SIGKILL))


@pytest.fixture(name="losing")
def _losing(tmp_path: Path, config: dict[str, Any]) -> Iterator[Store]:
    """The store behind a proxy that passes requests on, and loses the answers to writes."""

    class Losing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = self.passed_on()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            if "/data/" in self.path:
                self.passed_on()
            else:
                self.do_GET()

        def passed_on(self) -> tuple[int, bytes]:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = requests.request(self.command, config["url"] + self.path, data=body, headers=token, timeout=20)
            return answer.status_code, answer.content

        def log_message(self, *_arguments: Any) -> None:
            """Keep quiet."""

    token = {"X-Vault-Token": ROOT}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Losing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield opened(tmp_path, {**config, "url": f"http://127.0.0.1:{server.server_port}"})
        server.shutdown()


def test_a_lost_answer_to_a_write_that_was_done_is_no_failure(store: Store, losing: Store) -> None:
    stored = StoredEntry(losing, lambda _record: pytest.fail("no lock"), lambda _secret: None)
    stored.save(ENTRY)
    assert store.load() == ENTRY
    losing.remove(ENTRY)
    assert store.load() is None


def test_a_write_that_failed_is_not_taken_for_that_of_another_run(store: Store, losing: Store) -> None:
    """Both may write the same, such as the step that they want to send: only one may send it."""
    with pytest.raises(OptionError, match="cannot write"):
        losing.save(ENTRY, None)
    assert store.load() == ENTRY


DELETES = r"store.path: the server deletes the entry in secret/.* by itself, at 20.*delete_version_after"


def test_a_path_whose_versions_the_server_deletes_by_itself_keeps_no_new_entry(
    store: Store, losing: Store, admin: Any, path: str
) -> None:
    admin.secrets.kv.v2.update_metadata(path=path, delete_version_after="1h")
    store.check()  # the right to read that setting is not needed, so it is not known yet
    for one in (store, losing):
        with pytest.raises(OptionError, match=DELETES):
            one.save(ENTRY, None)
        assert store.load() is None
    admin.secrets.kv.v2.update_metadata(path=path, delete_version_after="0s")
    store.check()
    store.save(ENTRY, None)
    assert store.load() == ENTRY


def test_an_engine_that_begins_to_delete_by_itself_leaves_the_former_entry(
    tmp_path: Path, config: dict[str, Any], admin: Any
) -> None:
    with contextlib.suppress(hvac.exceptions.InvalidRequest):
        admin.sys.enable_secrets_engine("kv", path="short", options={"version": "2"})
    store, kv = opened(tmp_path, {**config, "mount": "short"}), admin.secrets.kv.v2
    store.save(ENTRY, None)
    kv.configure(delete_version_after="1h", mount_point="short")
    store.check()
    deletes = DELETES.replace("secret", "short")
    with pytest.raises(OptionError, match=deletes):
        store.save(OTHER, ENTRY)
    assert store.load() == ENTRY
    with pytest.raises(OptionError, match=deletes):
        store.check()
    kv.configure(delete_version_after="0s", mount_point="short")
    store.save(ENTRY, ENTRY)
    store.check()


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
    for mount, options in (("old", {"version": "1"}), ("oldest", None)):
        with contextlib.suppress(hvac.exceptions.InvalidRequest):
            admin.sys.enable_secrets_engine("kv", path=mount, options=options)
    for mount in ("old", "oldest", "cubbyhole", "missing"):
        with pytest.raises(OptionError, match=f"store.mount: {mount} at .* is not a KV engine of version 2"):
            opened(tmp_path, {**config, "mount": mount}).check()


def test_a_namespace_that_is_not_there_is_told(tmp_path: Path, config: dict[str, Any]) -> None:
    store = opened(tmp_path, {**config, "namespace": "missing"})
    for use in (store.check, store.load):
        with pytest.raises(OptionError, match=r"Check .*store.namespace"):
            use()


def test_what_is_not_an_entry_is_refused(admin: Any, path: str, store: Store) -> None:
    admin.secrets.kv.v2.create_or_update_secret(path=path, secret={"secret": [CANARY]})
    with pytest.raises(OptionError, match=f"secret/{path} .*secret is a list") as caught:
        store.load()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", None, []], ids=["a page", "nothing", "a list"])
def test_a_404_that_is_not_the_engines_does_not_say_that_nothing_is_stored(
    tmp_path: Path, config: dict[str, Any], body: Any
) -> None:
    with fixture_server.serving(*[Reply(404, body)] * 2) as server:
        store = opened(tmp_path, {**config, "url": server.url})
        for use in (store.load, lambda: store.save(ENTRY, None)):
            with pytest.raises(OptionError, match=r"the answer is not one of a KV engine"):
                use()


def test_after_a_version_that_was_destroyed_a_new_one_is_stored(store: Store, admin: Any, path: str) -> None:
    store.save(ENTRY, None)
    admin.secrets.kv.v2.destroy_secret_versions(path=path, versions=[1])
    assert store.load() is None
    store.save(OTHER, None)
    assert store.load() == OTHER
