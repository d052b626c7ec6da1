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

BEGINNINGS = {"json": '{"', "html": "<html>", "empty": "", "foreign": '{"error"'}
TYPES = {"json": "application/json", "html": "text/html", "empty": None, "foreign": "application/json"}


def assert_answer(answer: requests.Response, status: int, body: str) -> None:
    """That status with that body; only the service's own fault says anything of the matter."""
    assert answer.status_code == status
    assert "Date" in answer.headers
    assert answer.headers.get("Content-Type") == TYPES[body]
    assert answer.text.startswith(BEGINNINGS[body])
    assert bool(answer.text) == (body != "empty")
    if body == "json":
        assert next(iter(answer.json().values()))["code"] == status


@pytest.mark.parametrize("body", BEGINNINGS)
@pytest.mark.parametrize("status", [401, 403, 404, 407, 413, 429, 500, 502, 503])
def test_status(service: Service, token: str, status: int, body: str) -> None:
    service.control.fault("status", status=status, body=body)
    assert_answer(service.add_device("alice", "n", token), status, body)
    assert service.stored("alice") == 0


@pytest.mark.parametrize("body", BEGINNINGS)
def test_status_after_the_work(service: Service, token: str, body: str) -> None:
    service.control.fault("status", status=502, body=body, when="after")
    assert_answer(service.add_device("alice", "n", token), 502, body)
    assert service.stored("alice") == 1


@pytest.mark.parametrize(("form", "text"), [("seconds", "30"), ("date", "Sun, 17 Mar 2030 17:47:15 GMT")])
def test_status_with_retry_after(service: Service, token: str, form: str, text: str) -> None:
    service.control.fault("status", retry_after=30, retry_after_form=form)
    assert service.add_device("alice", "n", token).headers["Retry-After"] == text


@pytest.mark.parametrize(
    ("fault", "problem", "words", "count"),
    [
        ({"kind": "reset"}, requests.ConnectionError, "reset", 0),
        ({"kind": "reset", "when": "after"}, requests.ConnectionError, "reset", 1),
        ({"kind": "lost"}, requests.ConnectionError, None, 1),
        ({"kind": "garbled"}, requests.ConnectionError, None, 1),
        ({"kind": "truncated"}, requests.exceptions.ChunkedEncodingError, "IncompleteRead", 1),
        ({"kind": "broken_chunk"}, requests.exceptions.ChunkedEncodingError, None, 1),
    ],
    ids=["reset", "reset-after", "lost", "garbled", "truncated", "broken_chunk"],
)
def test_connection_breaks_before_or_after_the_work(
    service: Service, token: str, fault: dict[str, str], problem: type[Exception], words: str | None, count: int
) -> None:
    service.control.fault(**fault)
    with pytest.raises(problem, match=words):
        service.add_device("alice", "n", token)
    assert service.stored("alice") == count
    assert service.control.requests()[-1]["status"] == (201 if count else None)


def test_truncated_answer_without_a_body_is_lost(service: Service, token: str) -> None:
    service.control.fault("truncated")
    with pytest.raises(requests.ConnectionError):
        service.put("alice", token, enabled=False)


@pytest.mark.parametrize("text", ['{"unexpected": []}', "[]", "null", '{"RAX-AUTH:otpDevice": null}', "no json"])
def test_misshapen_answer_comes_after_the_work(service: Service, token: str, text: str) -> None:
    service.control.fault("misshapen", text=text)
    answer = service.add_device("alice", "n", token)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["Content-Type"] == "application/json"
    assert service.stored("alice") == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay_takes_real_time(service: Service, token: str, when: str) -> None:
    service.control.fault("delay", seconds=0.1, when=when)
    begin = time.monotonic()
    assert service.add_device("alice", "n", token).status_code == 201
    assert time.monotonic() - begin >= 0.1


class TestHold:
    """An answer that waits."""

    @pytest.fixture
    def background(self, service: Service, token: str) -> Iterator[threading.Thread]:
        """A creation in another thread, with its answer in `self.answers`."""
        self.answers: list[Any] = []
        thread = threading.Thread(target=lambda: self.answers.append(service.add_device("alice", "n", token)))
        yield thread
        service.control.clear_faults()
        thread.join()

    @pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
    def test_until_it_is_released(self, service: Service, background: threading.Thread, when: str, count: int) -> None:
        rule = service.control.fault("hold", method="POST", when=when)
        background.start()
        assert service.control.wait_for_fault(rule)["holding"] == 1
        assert service.stored("alice") == count
        assert not self.answers
        service.control.release(rule)
        background.join(10)
        assert self.answers[0].status_code == 201
        assert service.stored("alice") == 1
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
        with pytest.raises(requests.Timeout):
            service.add_device("alice", "n", token, timeout=0.1)
        deadline = time.monotonic() + 5
        while service.control.faults()[0]["holding"] and time.monotonic() < deadline:
            pass
        assert service.control.wait_for_fault(rule)["holding"] == 0
        assert service.stored("alice") == count


class TestSelection:
    """Which requests a rule meets."""

    def statuses(self, service: Service, token: str, count: int) -> list[int]:
        """What so many creations and as many lists answer."""
        path = service.mfa("alice", "/otp-devices")
        answers = []
        for _unused in range(count):
            answers += [service.add_device("alice", "n", token), service.call("GET", path, token=token)]
        return [answer.status_code for answer in answers]

    @pytest.mark.parametrize(
        ("members", "statuses"),
        [
            ({}, [503, 200, 201, 200]),
            ({"nth": 2, "times": 3}, [201, 503, 503, 503, 201, 200]),
            ({"nth": 3, "times": 0}, [201, 200, 503, 503, 503, 503]),
        ],
        ids=["first-by-default", "times-in-a-row", "zero-times-is-for-ever"],
    )
    def test_nth_and_times(self, service: Service, token: str, members: dict[str, int], statuses: list[int]) -> None:
        service.control.fault("status", **members)
        assert self.statuses(service, token, len(statuses) // 2) == statuses

    def test_nth_of_a_method(self, service: Service, token: str) -> None:
        service.control.fault("status", method="GET", nth=2)
        assert self.statuses(service, token, 3) == [201, 200, 201, 503, 201, 200]
        rule = service.control.faults()[0]
        assert (rule["seen"], rule["fired"]) == (3, 1)

    def test_methods_are_whole_expressions(self, service: Service, token: str) -> None:
        service.control.fault("status", method="POST|DELETE", times=0)
        service.control.fault("status", method="GE", times=0)
        assert self.statuses(service, token, 2) == [503, 200, 503, 200]

    def test_path_is_searched(self, service: Service, token: str) -> None:
        service.control.fault("status", path="/tokens$")
        assert self.statuses(service, token, 1) == [201, 200]
        assert service.by_api_key("alice").status_code == 503

    def test_control_api_is_never_hit(self, service: Service) -> None:
        service.control.fault("status", times=0)
        assert service.control.faults()[0]["seen"] == 0

    def test_log_names_the_fault(self, service: Service, token: str) -> None:
        service.control.fault("delay", seconds=0)
        service.control.fault("status")
        service.add_device("alice", "n", token)
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
        {"kind": "status", "status": 103},
        {"kind": "status", "status": 600},
        {"kind": "status", "retry_after_form": "words"},
        {"kind": "status", "part": "tail"},
        {"kind": "status", "without": [1]},
        {"kind": "status", "members": 1},
        {"kind": "date", "seconds": 1e15},
    ],
    ids=str,
)
def test_wrong_rule_is_refused(service: Service, members: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        service.control.fault(**members)
    assert service.control.faults() == []
