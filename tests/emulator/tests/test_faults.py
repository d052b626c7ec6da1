# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: each kind, and which requests it meets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator import ControlError

from .helpers import Service

ROOT = "RAX-AUTH:otpDevice"


@pytest.fixture
def token(service: Service) -> str:
    """A token of Alice, given before any fault."""
    return service.key_token("alice")


def create(service: Service, token: str) -> requests.Response:
    """Make a device: the request that must not be sent twice."""
    return service.call("POST", service.mfa("alice", "/otp-devices"), {ROOT: {"name": "n"}}, token)


def stored(service: Service) -> int:
    """How many devices there are."""
    return len(service.control.user("alice")["otp_devices"])


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
@pytest.mark.parametrize("status", [413, 429, 500, 502, 503])
def test_status(service: Service, token: str, status: int, body: str, when: str, count: int) -> None:
    service.control.fault("status", status=status, body=body, when=when)
    answer = create(service, token)
    assert answer.status_code == status
    assert "Date" in answer.headers
    if body == "json":
        assert next(iter(answer.json().values()))["code"] == status
    elif body == "html":
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.text.startswith("<html>")
    else:
        assert answer.content == b""
    assert stored(service) == count


def test_status_with_retry_after(service: Service, token: str) -> None:
    service.control.fault("status", status=503, retry_after=9)
    assert create(service, token).headers["Retry-After"] == "9"


def test_reset_comes_before_the_work(service: Service, token: str) -> None:
    service.control.fault("reset")
    with pytest.raises(requests.ConnectionError, match="reset"):
        create(service, token)
    assert stored(service) == 0
    assert service.control.requests()[-1]["status"] is None


def test_lost_answer_comes_after_the_work(service: Service, token: str) -> None:
    service.control.fault("lost")
    with pytest.raises(requests.ConnectionError):
        create(service, token)
    assert stored(service) == 1
    assert service.control.requests()[-1]["status"] == 201


def test_truncated_answer_comes_after_the_work(service: Service, token: str) -> None:
    service.control.fault("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        create(service, token)
    assert stored(service) == 1


def test_truncated_answer_without_a_body_is_lost(service: Service, token: str) -> None:
    service.control.fault("truncated")
    with pytest.raises(requests.ConnectionError):
        service.put("alice", token, enabled=False)


@pytest.mark.parametrize("text", ['{"unexpected": []}', "[]", "null", '{"RAX-AUTH:otpDevice": null}', "no json"])
def test_misshapen_answer_comes_after_the_work(service: Service, token: str, text: str) -> None:
    service.control.fault("misshapen", text=text)
    answer = create(service, token)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["Content-Type"] == "application/json"
    assert stored(service) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay_takes_real_time(service: Service, token: str, when: str) -> None:
    service.control.fault("delay", seconds=0.1, when=when)
    begin = time.monotonic()
    assert create(service, token).status_code == 201
    assert time.monotonic() - begin >= 0.1


class TestHold:
    """An answer that waits."""

    @pytest.fixture
    def background(self, service: Service, token: str) -> Iterator[threading.Thread]:
        """A creation in another thread, with its answer in `service.held`."""
        self.answers: list[Any] = []
        body, path = {ROOT: {"name": "n"}}, service.mfa("alice", "/otp-devices")

        def send() -> None:
            url = f"{service.emulator.url}/v2.0{path}"
            self.answers.append(requests.post(url, json=body, headers={"X-Auth-Token": token}, timeout=20))

        thread = threading.Thread(target=send)
        yield thread
        service.control.clear_faults()
        thread.join()

    @pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
    def test_until_it_is_released(self, service: Service, background: threading.Thread, when: str, count: int) -> None:
        rule = service.control.fault("hold", method="POST", when=when)
        background.start()
        assert service.control.wait_for_fault(rule)["holding"] == 1
        assert stored(service) == count
        assert not self.answers
        service.control.release(rule)
        background.join(10)
        assert self.answers[0].status_code == 201
        assert stored(service) == 1
        assert service.control.faults()[0]["holding"] == 0

    def test_until_all_faults_are_cleared(self, service: Service, background: threading.Thread) -> None:
        rule = service.control.fault("hold", method="POST")
        background.start()
        service.control.wait_for_fault(rule)
        service.control.clear_faults()
        background.join(10)
        assert self.answers[0].status_code == 201

    @pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
    def test_until_the_client_goes_away(self, service: Service, token: str, when: str, count: int) -> None:
        rule = service.control.fault("hold", when=when)
        url = f"{service.emulator.url}/v2.0{service.mfa('alice', '/otp-devices')}"
        with pytest.raises(requests.Timeout):
            requests.post(url, json={ROOT: {"name": "n"}}, headers={"X-Auth-Token": token}, timeout=0.1)
        deadline = time.monotonic() + 5
        while service.control.faults()[0]["holding"] and time.monotonic() < deadline:
            pass
        assert service.control.wait_for_fault(rule)["holding"] == 0
        assert stored(service) == count


class TestSelection:
    """Which requests a rule meets."""

    def statuses(self, service: Service, token: str, count: int) -> list[int]:
        """What so many creations and as many lists answer."""
        path = service.mfa("alice", "/otp-devices")
        answers = []
        for _unused in range(count):
            answers += [create(service, token), service.call("GET", path, token=token)]
        return [answer.status_code for answer in answers]

    def test_first_by_default(self, service: Service, token: str) -> None:
        service.control.fault("status")
        assert self.statuses(service, token, 2) == [503, 200, 201, 200]

    def test_nth_of_a_method(self, service: Service, token: str) -> None:
        service.control.fault("status", method="GET", nth=2)
        assert self.statuses(service, token, 3) == [201, 200, 201, 503, 201, 200]

    def test_methods_are_whole_expressions(self, service: Service, token: str) -> None:
        service.control.fault("status", method="POST|DELETE", times=0)
        service.control.fault("status", method="GE", times=0)
        assert self.statuses(service, token, 2) == [503, 200, 503, 200]

    def test_times_in_a_row(self, service: Service, token: str) -> None:
        service.control.fault("status", nth=2, times=3)
        assert self.statuses(service, token, 3) == [201, 503, 503, 503, 201, 200]

    def test_zero_times_is_for_ever(self, service: Service, token: str) -> None:
        service.control.fault("status", nth=3, times=0)
        assert self.statuses(service, token, 3) == [201, 200, 503, 503, 503, 503]

    def test_path_is_searched(self, service: Service, token: str) -> None:
        service.control.fault("status", path="/tokens$")
        assert self.statuses(service, token, 1) == [201, 200]
        assert service.by_api_key("alice").status_code == 503

    def test_control_api_is_never_hit(self, service: Service) -> None:
        service.control.fault("status", times=0)
        assert service.control.faults()[0]["seen"] == 0

    def test_counts_are_told(self, service: Service, token: str) -> None:
        service.control.fault("status", method="GET", nth=2)
        self.statuses(service, token, 3)
        rule = service.control.faults()[0]
        assert (rule["seen"], rule["fired"]) == (3, 1)

    def test_log_names_the_fault(self, service: Service, token: str) -> None:
        service.control.fault("delay", seconds=0)
        service.control.fault("status")
        create(service, token)
        assert service.control.requests()[-1]["fault"] == "delay+status"


def test_waiting_for_a_fault_that_does_not_come_ends(service: Service) -> None:
    rule = service.control.fault("status")
    with pytest.raises(TimeoutError):
        service.control.wait_for_fault(rule, 0.05)


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "explosion"},
        {"kind": "status", "when": "later"},
        {"kind": "status", "body": "xml"},
        {"kind": "status", "nth": 0},
        {"kind": "status", "times": -1},
        {"kind": "status", "status": "503"},
        {"kind": "status", "path": "("},
        {"kind": "status", "nht": 1},
    ],
    ids=str,
)
def test_wrong_rule_is_refused(service: Service, members: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        service.control.fault(**members)
    assert service.control.faults() == []
