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

from emulator import Emulator

from .helpers import OTP_DEVICE, Service


def test_echo_repeats_in_the_services_own_fault_what_was_sent(service: Service, token: str) -> None:
    service.control.fault("status", status=404, body="echo")
    fault = service.add_device("alice", "n", token).json()["itemNotFound"]
    assert token in fault["message"]
    assert '{"name": "n"}' in fault["message"]


@pytest.mark.parametrize(("status", "name"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_gateway_has_challenges_of_its_own(service: Service, token: str, status: int, name: str) -> None:
    service.control.fault("status", status=status, body="html")
    assert service.add_device("alice", "n", token).headers[name] == 'Basic realm="gateway"'


def test_redirect(service: Service) -> None:
    service.control.fault("status", status=302, body="empty", location="https://login.example.com/")
    answer = service.call("GET", "/users", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://login.example.com/")


@pytest.mark.parametrize("part", ["body", "head"])
def test_dripping_answer_is_slower_than_any_pause_of_it(service: Service, token: str, part: str) -> None:
    service.control.fault("drip", path="/users/", method="GET", seconds=0.002, part=part)
    begin = time.monotonic()
    answer = service.call("GET", f"/users/{service.user_id('alice')}", token=token)
    assert answer.json()["user"]["username"] == "alice"
    size = len(answer.content) + (len(str(answer.headers)) if part == "head" else 0)
    assert time.monotonic() - begin > 0.002 * size


def test_dripping_answer_comes_whole_when_released(service: Service, token: str) -> None:
    rule = service.control.fault("drip", seconds=60)
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.append(service.add_device("alice", "n", token)))
    thread.start()
    service.control.wait_for_fault(rule)
    service.control.release(rule)
    thread.join(10)
    assert answers[0].status_code == 201


def test_endless_answer_has_no_end(service: Service, token: str) -> None:
    service.control.fault("endless", seconds=0)
    with service.add_device("alice", "n", token, stream=True) as answer:
        assert len(answer.raw.read(3_000_000)) == 3_000_000
    assert service.stored("alice") == 1


def test_early_hints_come_before_the_answer(service: Service, token: str) -> None:
    service.control.fault("early_hints")
    answer = service.call("GET", "/users", token=token)
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
        device = service.add_device("alice", "n", token).json()[OTP_DEVICE]
        assert (device["name"], device["verified"]) == ("another", None)
        assert service.control.user("alice")["otp_devices"][0]["name"] == "n"

    def test_about_nothing(self, service: Service, token: str) -> None:
        service.control.fault("changed", members={"id": "x"})
        assert service.put("alice", token, enabled=False).status_code == 204


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An emulator with a certificate, and a client that trusts it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    alice = {"username": "alice", "id": "id-of-alice", "api_key": "alice-key"}  # the same after each reset
    with Emulator(users=[alice], tls=context) as emulator:
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
            secure.add_device("alice", "n", token)
        assert secure.stored("alice") == 1
        assert ("SSL" in str(caught.value)) == (kind == "garbled")
