# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the control API, for tests in this process or beside another one."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


class ControlError(RuntimeError):
    """The control API refused a request; the message says why."""


class Control:
    """The control API of the emulator at a URL (`Emulator.control_url`, or the URL that the process printed)."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("the control API speaks plain http; beside TLS it has a port of its own")
        self._host, self._port, self._timeout = parts.hostname, parts.port or 80, timeout

    def state(self) -> dict[str, Any]:
        """The whole state, secrets included."""
        return dict(self._send("GET", "state"))

    def user(self, username: str) -> dict[str, Any]:
        """One user of the state; `KeyError` if there is none of that name."""
        for user in self._send("GET", "users"):
            if user["username"] == username:
                return dict(user)
        raise KeyError(username)

    def secrets(self) -> list[str]:
        """Every secret that was ever set, issued or seen, in one list."""
        return [secret for kind in self.state()["secrets"].values() for secret in kind]

    def canaries(self) -> list[str]:
        """E-mail addresses and phone PINs of all users: what an output must not hold, either."""
        return [canary for kind in self.state()["canaries"].values() for canary in kind]

    def users(self, users: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Add users or replace those of the same name; what was made of them, secrets included."""
        return list(self._send("POST", "users", users))

    def requests(self) -> list[dict[str, Any]]:
        """The request log."""
        return list(self._send("GET", "requests"))

    def clear_requests(self) -> None:
        """Forget the request log."""
        self._send("DELETE", "requests")

    def now(self) -> float:
        """The emulator's time in seconds since 1970."""
        return float(self._send("GET", "clock")["now"])

    def freeze(self, at: float | None = None) -> float:
        """Stop the clock, at a time or where it is; the time that it shows now."""
        return self._set_clock(freeze=at)

    def unfreeze(self) -> float:
        """Let the clock run on; the time that it shows now."""
        return self._set_clock(unfreeze=None)

    def move(self, seconds: float) -> float:
        """Move the clock by so many seconds; the time that it shows now."""
        return self._set_clock(move=seconds)

    def skew(self, seconds: float) -> float:
        """Set the distance to the machine's clock; the time that it shows now."""
        return self._set_clock(skew=seconds)

    def _set_clock(self, **change: float | None) -> float:
        return float(self._send("POST", "clock", change)["now"])

    def behavior(self) -> dict[str, Any]:
        """All switches."""
        return dict(self._send("GET", "behavior"))

    def behave(self, **switches: Any) -> dict[str, Any]:
        """Set switches; all of them as they are now."""
        return dict(self._send("POST", "behavior", switches))

    def fault(self, kind: str, **members: Any) -> int:
        """Add a fault rule (`method`, `path`, `nth`, `times`, `when`, ...); its id."""
        return int(self._send("POST", "faults", {"kind": kind, **members})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """All fault rules with `seen`, `fired` and `holding`."""
        return list(self._send("GET", "faults"))

    def wait_for_fault(self, rule_id: int, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until a fault fell on a request (`hold`: until it holds one); the rule. `TimeoutError` if it did not."""
        rule = dict(self._send("GET", f"faults/{rule_id}?wait={seconds}"))
        if not rule["fired"]:
            raise TimeoutError(f"fault {rule_id} did not fire within {seconds} s")
        return rule

    def release(self, rule_id: int) -> None:
        """Let go of what a `hold` holds, and end what `drip` and `endless` draw out."""
        self._send("POST", f"faults/{rule_id}/release")

    def clear_faults(self) -> None:
        """Drop all fault rules and release what is held."""
        self._send("DELETE", "faults")

    def reset(self, users: list[dict[str, Any]] | None = None) -> None:
        """Back to the start: state, log, clock, faults, behavior; with other users if given."""
        self._send("POST", "reset", {} if users is None else {"users": users})

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_emulator/{path}", data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise ControlError(f"{method} {path}: {text}")
        return json.loads(text)
