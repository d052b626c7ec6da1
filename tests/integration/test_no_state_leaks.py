# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is left of one task for the next, of one item for the next, of one set of options for the next.

Each table alternates what a task may be given, and says what comes of each row. It is played as a loop, whose items
share a process, and as tasks. Who was asked, and how, is told by the request logs of the emulators and by the proxies.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from integration.harness.plays import Call, Outcome, Player, Step, api_key, call, do, named, plays, user

from emulator import Emulator, tls_context

Row = tuple[dict[str, Any], str]
"""Options, and what comes of them: whom the result is about, the kind of failure, or the first words of its message."""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ON = {"devices": [{"id": "d1", "name": "phone", "secret": SECRET, "verified": True}], "mfa": {"enabled": True}}
USERS = [
    user("alice"),
    user("bob"),
    user("carol"),
    user("dave", **ON),
    user("admin", role="user-admin"),
]
ALICE, BOB, DAVE, ADMIN = (
    {"username": name, way: f"{{{{ {way}s.{name} }}}}"}
    for name, way in (
        ("alice", "password"),
        ("bob", "api_key"),
        ("dave", "password"),
        ("admin", "api_key"),
    )
)

pytestmark = pytest.mark.matrix


def looped(module: str, items: Sequence[dict[str, Any]]) -> Call:
    """A loop over sets of options; what a set leaves out, the task leaves out. An item itself, which is shown, is a
    number."""
    names = {name for item in items for name in item}
    options = {name: f"{{{{ sets[item].{name} | default(omit) }}}}" for name in sorted(names)}
    # An omitted option is not taken from the module defaults of the play, either.
    options["auth_endpoint"] = "{{ sets[item].auth_endpoint | default(url) }}"
    return Call(module, options, keywords={"loop": list(range(len(items))), "vars": {"sets": list(items)}})


def alternating(module: str, rows: Sequence[tuple[dict[str, Any], Any]], *between: Step) -> list[Step]:
    """The rows as items of a loop, and as tasks."""
    items = [options for options, _unused in rows]
    return [looped(module, items), *between, *(call(module, **options) for options in items)]


def results_of(outcomes: Sequence[Outcome]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Results of the items, and of the tasks."""
    return outcomes[0].result["results"], [outcome.result for outcome in outcomes[1:]]


def assert_said(outcomes: Sequence[Outcome], rows: Sequence[Row]) -> None:
    """What came of the items is what was wanted, and so is what came of the tasks."""
    for results in results_of(outcomes):
        for number, (result, (_unused, wanted)) in enumerate(zip(results, rows, strict=True)):
            assert said(result).startswith(wanted), (number, result)


def said(result: dict[str, Any]) -> str:
    """Whom the result is about; else the kind of failure, or what is told (which may hold a name, too)."""
    kind = (result.get("error") or {}).get("kind")
    return str(result["user"]["name"] if "user" in result else kind or f"told: {result['msg']}")


def test_who_logs_in_where_and_acts_on_whom(tmp_path: Path, play: Player) -> None:
    ini = f"[rackspace_cloud]\nusername = carol\napi_key = {api_key('carol')}\n"
    (tmp_path / "carol.ini").write_text(ini, encoding="utf-8")
    other_password = "canary-alice-elsewhere"
    as_other = {"username": "alice", "password": "{{ other_password }}"}
    with Emulator(users=[user("alice") | {"password": other_password}]) as other:
        elsewhere = {"auth_endpoint": other.url}
        rows: list[Row] = [
            (ALICE, "alice"),
            ({**ALICE, **elsewhere}, "bad_credentials"),
            ({**as_other, **elsewhere}, "alice"),
            (as_other, "bad_credentials"),
            (ALICE, "alice"),
            ({**BOB, "target_user_id": "id-of-alice"}, "forbidden"),
            (BOB, "bob"),
            ({**ADMIN, "target_user": "bob"}, "bob"),
            (ADMIN, "admin"),
            ({**ADMIN, "target_user_id": "id-of-alice"}, "alice"),
            ({**ADMIN, "target_user": "nobody"}, "not_found"),
            (ADMIN, "admin"),
            ({"auth_token": "{{ login.token.id }}"}, "bob"),
            ({"auth_token": "canary-no-token"}, "bad_credentials"),
            # Relative to the playbook, in whatever folder an item before it worked.
            ({"credentials_file": "../../carol.ini"}, "carol"),
            ({"credentials_file": "../../nobody.ini"}, "told: credentials_file: ../../nobody.ini can't be read"),
            ({}, "admin"),
            ({"username": "alice"}, "told: No way to log in"),
            ({"credentials_file": "../../carol.ini"}, "carol"),
            ({**BOB, "timeout": "soon"}, "told: argument 'timeout'"),
            ({}, "admin"),
            ({"credentials_file": "../../carol.ini", "timeout": 0.3}, "connection"),
            ({"credentials_file": "../../carol.ini"}, "carol"),
            ({"credentials_file": "../../carol.ini", "timeout": 0.3}, "connection"),
            (DAVE, "passcode_required"),
            ({**DAVE, "passcode": "{{ wrong_code }}"}, "passcode_refused"),
            (DAVE, "passcode_required"),
            ({**DAVE, "otp_secret": {"secret": SECRET, "step_offset": 0}}, "dave"),
            (DAVE, "passcode_required"),
        ]
        steps = [
            do("fault", kind="delay", seconds=0.6, method="GET", path="users/id-of-carol$", times=0),
            named("login", call("rax_auth_token", **BOB)),
            *alternating("rax_mfa_info", rows, do("move", seconds=61)),
        ]
        played = play(
            steps,
            users=USERS,
            vars={"other_password": other_password, "wrong_code": "000000"},
            environ={"RAX_USERNAME": "admin", "RAX_API_KEY": api_key("admin")},
        )
        logins = [entry["status"] for entry in other.control.requests() if entry["path"] == "/v2.0/tokens"]
    _login, loop, *tasks = played.outcomes
    assert_said([loop, *tasks], rows)
    assert logins == [401, 200] * 2
    assert [bool(task.requests) for task in tasks[:5]] == [True, False, False, True, True]
    assert not played.leaked
    assert other_password not in played.output


def test_a_password_masks_the_words_of_its_own_item_alone(tmp_path: Path) -> None:
    """The passwords are words that results are full of, and the public name of one device is the other's password."""
    devices = [{"id": f"id-of-{name}", "name": name, "verified": True} for name in ("laptop", "desktop")]
    users = [user(name, devices=devices) for name in ("alice", "bob", "carol")]
    users[0]["password"], users[1]["password"] = "laptop", "desktop"
    alice, bob, carol = (
        {"username": who, "password": f"{{{{ passwords.{who} }}}}"} for who in ("alice", "bob", "carol")
    )
    masked = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    rows = [
        (alice, ["desktop", masked]),
        (bob, [masked, "laptop"]),
        (carol, ["desktop", "laptop"]),
        ({**carol, "password": "{{ wrong_password }}"}, []),
        (alice, ["desktop", masked]),
    ]
    steps = alternating("rax_otp_device_info", rows)
    # A password that is a device's name, too, is on the screen, of course.
    (played,) = plays(tmp_path, steps, ["here"], users=users, vars={"wrong_password": "canary-wrong"})
    for results in results_of(played.outcomes):
        names = [[device["name"] for device in result.get("otp_devices", [])] for result in results]
        assert names == [wanted for _unused, wanted in rows]
    assert "canary" not in played.output


class Authority:
    """An authority of one server, and the file that names it."""

    def __init__(self, folder: Path, name: str) -> None:
        authority = trustme.CA()
        self.file = folder / f"{name}.pem"
        authority.cert_pem.write_to_path(self.file)
        served = folder / f"{name}-served.pem"
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(served)
        self.tls = tls_context(str(served))


@pytest.mark.thorough
def test_whom_tls_trusts(tmp_path: Path, play: Player) -> None:
    one, two = (Authority(tmp_path, name) for name in ("one", "two"))
    with Emulator(users=USERS, tls=one.tls) as first, Emulator(users=USERS, tls=two.tls) as second:
        at_first, at_second = ({**BOB, "auth_endpoint": each.url} for each in (first, second))
        rows: list[Row] = [
            (at_first, "tls"),
            ({**at_first, "ca_path": str(one.file)}, "bob"),
            (at_first, "tls"),
            ({**at_first, "ca_path": str(two.file)}, "tls"),
            ({**at_second, "ca_path": str(two.file)}, "bob"),
            ({**at_first, "validate_certs": False}, "bob"),
            (at_first, "tls"),
            ({**at_second, "ca_path": str(one.file)}, "tls"),
            ({**at_first, "ca_path": str(one.file)}, "bob"),
            ({**at_first, "ca_path": str(tmp_path / "none.pem")}, "told: ca_path: there is no file"),
            (BOB, "bob"),
        ]
        played = play(alternating("rax_mfa_info", rows), users=USERS)
        logins = [sum(entry["path"] == "/v2.0/tokens" for entry in each.control.requests()) for each in (first, second)]
    assert_said(played.outcomes, rows)
    assert logins == [3 * 2, 1 * 2]
    # The tasks that verify do not warn. The words of the two that do not are shown and logged, by newer cores once.
    assert " ".join(played.output.split()).count("validate_certs is false") in (2, 4)
    results = [result for results in results_of(played.outcomes) for result in results]
    warned = ["validate_certs is false" in str(result.get("warnings")) for result in results]
    off = [options.get("validate_certs") is False for options, _who in rows] * 2
    # The oldest core takes some of them out of the registered results.
    assert all(is_off for is_off, is_warned in zip(off, warned, strict=True) if is_warned)
    # As an ordinary module, whose standard error is not seen, a module in the controller says nothing there.
    assert "InsecureRequestWarning" not in played.output
    assert not played.leaked


class Proxies:
    """Small HTTP proxies on loopback, and one list of what they were asked for: which one, method, path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    @contextmanager
    def serving(self, name: str) -> Iterator[str]:
        """The URL of one more of them."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(name))
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self, name: str) -> type[BaseHTTPRequestHandler]:
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_unused: object) -> None:
                """Say nothing."""

            def pass_on(self) -> None:
                target = urlsplit(self.path)
                asked.append((name, self.command, target.path))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {key: value for key, value in self.headers.items() if "connection" not in key.lower()}
                connection = HTTPConnection("127.0.0.1", target.port or 80)
                connection.request(self.command, target._replace(scheme="", netloc="").geturl(), body, headers)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                self.send_response_only(answer.status)
                for key, value in answer.headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

        for method in ("GET", "POST"):
            setattr(Handler, f"do_{method}", Handler.pass_on)
        return Handler


@pytest.mark.thorough
def test_the_environment_of_a_task_is_its_own(tmp_path: Path, play: Player) -> None:
    """What a task has of its own is data for its session; those between them have the environment of the playbook."""
    one, two = (Authority(tmp_path, name) for name in ("one", "two"))
    proxies = Proxies()
    by_name = {"auth_endpoint": "{{ url | replace('127.0.0.1', 'localhost') }}"}
    with (
        Emulator(users=USERS, tls=one.tls) as other,
        proxies.serving("the playbook's") as proxy,
        proxies.serving("a task's") as own_proxy,
    ):
        over_tls = {"auth_endpoint": other.url}
        as_alice = {"RAX_USERNAME": "alice", "RAX_API_KEY": "{{ api_keys.alice }}"}
        by_password = {
            "RAX_USERNAME": "",
            "RAX_API_KEY": "",
            "OS_USERNAME": "bob",
            "OS_PASSWORD": "{{ passwords.bob }}",
        }
        rows: list[tuple[dict[str, Any], dict[str, str], str, str]] = [
            ({}, {}, "carol", ""),
            (by_name, {}, "carol", "the playbook's"),
            (by_name, {"http_proxy": own_proxy, **as_alice}, "alice", "a task's"),
            (by_name, {}, "carol", "the playbook's"),
            ({}, {"http_proxy": own_proxy, "no_proxy": ""}, "carol", "a task's"),
            ({}, {}, "carol", ""),
            (by_name, {"no_proxy": "localhost"}, "carol", ""),
            ({**by_name, **BOB}, {}, "bob", "the playbook's"),
            ({}, by_password, "bob", ""),
            ({}, {}, "carol", ""),
            (over_tls, {}, "carol", ""),
            (over_tls, {"SSL_CERT_FILE": str(two.file)}, "tls", ""),
            (over_tls, {}, "carol", ""),
            ({**over_tls, "ca_path": str(two.file)}, {}, "tls", ""),
            (over_tls, {}, "carol", ""),
        ]
        steps = [
            Call("rax_mfa_info", options, keywords={"environment": environment} if environment else {})
            for options, environment, _who, _by in rows
        ]
        environ = {
            "http_proxy": proxy,
            "no_proxy": "127.0.0.1",
            "RAX_USERNAME": "carol",
            "RAX_API_KEY": api_key("carol"),
            "SSL_CERT_FILE": str(one.file),
        }
        played = play(steps, users=USERS, environ=environ)
    through: list[tuple[str, str, str]] = []
    for outcome, (options, environment, who, proxy_name) in zip(played.outcomes, rows, strict=True):
        assert said(outcome.result) == who, (options, environment)
        through += [(proxy_name, entry["method"], entry["path"]) for entry in outcome.requests if proxy_name]
    assert proxies.asked == through
    assert through
    assert not played.leaked
