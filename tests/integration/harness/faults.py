# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of one request, or of its answer: a row for each kind of fault of the emulator."""

from __future__ import annotations

from typing import Any

FAULTS: dict[str, dict[str, Any]] = {
    "lost": {"kind": "lost"},
    "reset": {"kind": "reset"},
    "truncated": {"kind": "truncated"},
    "401": {"kind": "status", "status": 401},
    "413": {"kind": "status", "status": 413},
    "413, again in 1 s": {"kind": "status", "status": 413, "retry_after": 1},
    "429": {"kind": "status", "status": 429},
    "429, again in 1 s": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "500 after the work": {"kind": "status", "status": 500, "when": "after"},
    "502 HTML": {"kind": "status", "status": 502, "body": "html"},
    "502 HTML after the work": {"kind": "status", "status": 502, "body": "html", "when": "after"},
    "503": {"kind": "status", "status": 503},
    "404 HTML": {"kind": "status", "status": 404, "body": "html"},
    "empty body": {"kind": "status", "status": 200, "body": "empty", "when": "after"},
    "wrong shape": {"kind": "misshapen"},
    "drip": {"kind": "drip", "seconds": 0.002},
    "late by 2 s": {"kind": "delay", "seconds": 2.0},
    "hang before the work": {"kind": "hold", "when": "before"},
    "hang after the work": {"kind": "hold", "when": "after"},
    "no end": {"kind": "endless", "seconds": 0.001},
    "broken chunk": {"kind": "broken_chunk"},
    "garbled": {"kind": "garbled"},
    "of another one": {"kind": "changed", "members": {"id": "of-another"}},
    "without an id": {"kind": "changed", "without": ["id"]},
    "an hour off": {"kind": "date", "seconds": 3600},
    "no date": {"kind": "date", "text": ""},
    "103 before it": {"kind": "early_hints"},
}
TIMEOUT = 12
"""Seconds. What hangs, hangs until the client gives up: as with 60 s by default, and sooner."""
