# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that spoil an answer on its way, and what a gateway puts in its place."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests
import trustme

from emulator import ControlError, Emulator

from .helpers import Service

ROOT = "RAX-AUTH:otpDevice"
BEGINNINGS = {"html": "<html>", "empty": "", "foreign": '{"error"'}
GATEWAY = [404, 401, 403, 407, 413, 429, 500, 502, 503]


@pytest.fixture
def token(service: Service) -> str:
    """A token of Alice, given before any fault."""
    return service.key_token("alice")


def create(service: Service, token: str, timeout: float = 20) -> requests.Response:
    """Make a device: the request that must not be sent twice."""
    url = f"{service.emulator.url}/v2.0{service.mfa('alice', '/otp-devices')}"
    headers = {"X-Auth-Token": token}
    return service.http.post(url, json={ROOT: {"name": "n"}}, headers=headers, timeout=timeout)


def stored(service: Service) -> int:
    """How many devices there are."""
    return len(service.control.user("alice")["otp_devices"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("body", ["html", "empty", "foreign"])
@pytest.mark.parametrize("status", GATEWAY)
def test_gateway_answers_any_status_and_says_nothing_of_the_matter(
    service: Service, token: str, status: int, body: str, when: str
) -> None:
    service.control.fault("status", status=status, body=body, when=when)
    answer = create(service, token)
    assert answer.status_code == status
    assert "Date" in answer.headers
    assert answer.text.startswith(BEGINNINGS[body])
    assert bool(answer.text) == (body != "empty")
    assert stored(service) == (when == "after")


def test_echo_repeats_in_the_services_own_fault_what_was_sent(service: Service, token: str) -> None:
    service.control.fault("status", status=404, body="echo")
    fault = create(service, token).json()["itemNotFound"]
    assert token in fault["message"]
    assert '{"name": "n"}' in fault["message"]


@pytest.mark.parametrize(("status", "name"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_gateway_has_challenges_of_its_own(service: Service, token: str, status: int, name: str) -> None:
    service.control.fault("status", status=status, body="html")
    assert create(service, token).headers[name] == 'Basic realm="gateway"'


def test_redirect(service: Service) -> None:
    service.control.fault("status", status=302, body="empty", location="https://login.example.com/")
    answer = service.http.get(f"{service.emulator.url}/v2.0/users", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://login.example.com/")


def test_retry_after_as_a_date(service: Service, token: str) -> None:
    service.control.fault("status", status=413, retry_after=30, retry_after_form="date")
    answer = create(service, token)
    dates = [parsedate_to_datetime(answer.headers[name]).timestamp() for name in ("Retry-After", "Date")]
    assert dates[0] - dates[1] == 30


def test_413_that_no_retry_mends(service: Service, token: str) -> None:
    service.control.fault("status", status=413, times=0)
    assert {create(service, token).status_code for _unused in range(3)} == {413}


def test_reset_may_come_after_the_work(service: Service, token: str) -> None:
    service.control.fault("reset", when="after")
    with pytest.raises(requests.ConnectionError, match="reset"):
        create(service, token)
    assert stored(service) == 1


@pytest.mark.parametrize("part", ["body", "head"])
def test_dripping_answer_is_slower_than_any_pause_of_it(service: Service, token: str, part: str) -> None:
    service.control.fault("drip", path="/users/", method="GET", seconds=0.002, part=part)
    begin = time.monotonic()
    url = f"{service.emulator.url}/v2.0/users/{service.user_id('alice')}"
    answer = service.http.get(url, headers={"X-Auth-Token": token}, timeout=5)
    assert answer.json()["user"]["username"] == "alice"
    size = len(answer.content) + (len(str(answer.headers)) if part == "head" else 0)
    assert time.monotonic() - begin > 0.002 * size


def test_dripping_answer_comes_whole_when_released(service: Service, token: str) -> None:
    rule = service.control.fault("drip", seconds=60)
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.append(create(service, token)))
    thread.start()
    service.control.wait_for_fault(rule)
    service.control.release(rule)
    thread.join(10)
    assert answers[0].status_code == 201


def test_endless_answer_has_no_end(service: Service, token: str) -> None:
    service.control.fault("endless", seconds=0)
    url = f"{service.emulator.url}/v2.0{service.mfa('alice', '/otp-devices')}"
    headers = {"X-Auth-Token": token}
    with service.http.post(url, json={ROOT: {"name": "n"}}, headers=headers, stream=True, timeout=5) as answer:
        assert len(answer.raw.read(3_000_000)) == 3_000_000
    assert stored(service) == 1


def test_broken_chunk_is_a_lost_answer(service: Service, token: str) -> None:
    service.control.fault("broken_chunk")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(service, token)
    assert stored(service) == 1


def test_garbled_answer_is_no_http(service: Service, token: str) -> None:
    service.control.fault("garbled")
    with pytest.raises(requests.ConnectionError):
        create(service, token)
    assert stored(service) == 1


def test_early_hints_come_before_the_answer(service: Service, token: str) -> None:
    service.control.fault("early_hints")
    answer = service.http.get(f"{service.emulator.url}/v2.0/users", headers={"X-Auth-Token": token}, timeout=5)
    assert answer.status_code in (103, 200), "Python's own client takes the interim answer for the final one"
    assert service.control.requests()[-1]["status"] == 200


class TestDate:
    """A `Date` that is wrong in the next answer alone."""

    def date(self, service: Service) -> str:
        """The `Date` of an answer."""
        return service.call("GET", "/users").headers["Date"]

    @pytest.mark.parametrize("seconds", [-31_536_000, 31_536_000, 40])
    def test_is_off_by_so_much(self, service: Service, seconds: int) -> None:
        service.control.fault("date", seconds=seconds)
        first, second = (parsedate_to_datetime(self.date(service)).timestamp() for _unused in range(2))
        assert (first - service.control.now(), second) == (seconds, service.control.now())

    @pytest.mark.parametrize("text", ["", "yesterday"])
    def test_is_none(self, service: Service, text: str) -> None:
        service.control.fault("date", text=text)
        assert self.date(service) == text

    def test_is_wrong_on_the_page_of_a_gateway_too(self, service: Service) -> None:
        service.control.fault("date", seconds=500)
        service.control.fault("status", body="html")
        assert parsedate_to_datetime(self.date(service)).timestamp() == service.control.now() + 500


class TestLies:
    """An answer that names another user or device, or leaves something out."""

    def test_about_the_user(self, service: Service, token: str) -> None:
        service.control.fault("changed", members={"id": "other", "username": "mallory"}, without=["EMAIL"])
        path = f"/users/{service.user_id('alice')}"
        told, true = (service.call("GET", path, token=token).json()["user"] for _unused in range(2))
        assert (told["id"], told["username"]) == ("other", "mallory")
        assert set(true) - set(told) == {"email"}
        assert true["username"] == "alice"

    def test_about_the_device(self, service: Service, token: str) -> None:
        service.control.fault("changed", members={"name": "another", "verified": None})
        device = create(service, token).json()[ROOT]
        assert (device["name"], device["verified"]) == ("another", None)
        assert service.control.user("alice")["otp_devices"][0]["name"] == "n"

    def test_about_nothing(self, service: Service, token: str) -> None:
        service.control.fault("changed", members={"id": "x"})
        assert service.put("alice", token, enabled=False).status_code == 204


@pytest.mark.parametrize(
    "members",
    [
        {"status": 103},
        {"status": 600},
        {"retry_after_form": "words"},
        {"part": "tail"},
        {"without": [1]},
        {"members": 1},
    ],
    ids=str,
)
def test_wrong_member_is_refused(service: Service, members: dict[str, object]) -> None:
    with pytest.raises(ControlError):
        service.control.fault("status", **members)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An emulator with a certificate, and a client that trusts it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    with Emulator(users=[{"username": "alice"}], tls=context) as emulator:
        service = Service(emulator)
        service.http.verify = str(path)
        yield service


class TestTls:
    """The same beneath TLS: an answer that is lost after the work was done."""

    @pytest.mark.parametrize("kind", ["garbled", "lost", "truncated", "broken_chunk"])
    def test_answer_is_lost(self, secure: Service, kind: str) -> None:
        secure.control.reset()
        token = secure.key_token("alice")
        secure.control.fault(kind)
        with pytest.raises(requests.RequestException) as caught:
            create(secure, token, 5)
        assert stored(secure) == 1
        assert ("SSL" in str(caught.value)) == (kind == "garbled")
