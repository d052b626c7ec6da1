# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of ansible-playbook left behind, read from its screen and from the emulator's request log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_RESULT = re.compile(r"^ok: \[[^]]+\] => (?=\{)", re.MULTILINE)
_FAILURE = re.compile(r"^(?:fatal: \[([^] ]+).*?FAILED!|failed: \[([^] ]+).*?) => (?=\{)", re.MULTILINE)
_RECAP = re.compile(r"^(\S+)\s+: ok=.*changed=(\d+) .*failed=(\d+)", re.MULTILINE)


def is_write(request: dict[str, Any]) -> bool:
    """Whether a request of the emulator's log is one that may change the account. A login is none."""
    return bool(request["method"] != "GET" and request["path"] != "/v2.0/tokens")


@dataclass(frozen=True)
class Run:
    """One run, or what it was for one of its hosts. `screen` is both streams; `requests` is what the emulator saw."""

    rc: int
    screen: str
    requests: list[dict[str, Any]]
    host: str = ""

    def of_host(self, host: str, requests: list[dict[str, Any]]) -> Run:
        """What it was for that host, whose service was asked this."""
        failures = [int(failed) for name, _unused, failed in _RECAP.findall(self.screen) if name == host]
        return Run(int(not failures or any(failures)), self.screen, requests, host)

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """`mfa_otp_result` by host, as the playbook `keep` of the lab printed it."""
        _before, kept, text = self.screen.rpartition("TASK [Keep the results]")
        match = _RESULT.search(text) if kept else None
        return dict(_object(text, match.end())["msg"]) if match else {}

    @property
    def result(self) -> dict[str, Any]:
        """`mfa_otp_result` of the host; what went wrong is the message of the assertion."""
        assert self.rc == 0, self.screen
        results = self.results
        (host,) = [self.host] if self.host else results
        return results[host]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The results of the tasks that failed, as the screen shows them."""
        return [
            _object(self.screen, match.end())
            for match in _FAILURE.finditer(self.screen)
            if self.host in ("", match[1], match[2])
        ]

    @property
    def message(self) -> str:
        """What the failed run says. It says one thing, once or (if a login is looked at twice) again."""
        assert self.rc != 0, self.screen
        messages = {str(failure.get("msg", failure)) for failure in self.failures}
        assert len(messages) == 1, self.screen
        return messages.pop()

    @property
    def error_kind(self) -> str:
        """The `error.kind` of the module that failed; empty if none of ours did."""
        return next((str(failure["error"]["kind"]) for failure in self.failures if "error" in failure), "")

    @property
    def changed_tasks(self) -> int:
        """How many tasks were `changed` by the recap."""
        return max(int(changed) for host, changed, _unused in _RECAP.findall(self.screen) if self.host in ("", host))

    @property
    def writes(self) -> list[str]:
        """The requests that may change an account, as `METHOD path`."""
        return [f"{request['method']} {request['path']}" for request in self.requests if is_write(request)]

    @property
    def passcodes(self) -> list[str]:
        """What became of the passcodes at the second step of logins, in their order."""
        return [one["passcode"] for one in self.requests if one["path"] == "/v2.0/tokens" and one["passcode"]]

    @property
    def refused_passcodes(self) -> int:
        """How many passcodes counted against the account."""
        return sum(outcome in ("refused", "replayed") for outcome in self.passcodes)


def _object(text: str, start: int) -> dict[str, Any]:
    value, _unused = json.JSONDecoder().raw_decode(text, start)
    assert isinstance(value, dict)
    return value
